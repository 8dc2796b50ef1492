-- The last certificate of each partner's integration. See 00001 for how values are stored.

-- +goose Up
create table certificates (
  partner     text   not null primary key,
  at_ms       bigint not null,
  certificate text   not null
);
