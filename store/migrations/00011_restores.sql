-- When a backup was put in the place of this database, and up to which moment that backup knows. See 00001 for how values
-- are stored.

-- +goose Up
create table restores (
  at_ms   bigint not null primary key,
  upto_ms bigint not null
) clustered;
