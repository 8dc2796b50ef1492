-- What Slack has brought and may bring again, to any replica: who took it on, and until when nobody else does. See 00001 for
-- how values are stored.

-- +goose Up
create table events (
  id       text   not null primary key,
  owner    text   not null,
  until_ms bigint not null
) clustered;

create index events_until on events (until_ms);
