-- Compatibility runs. See 00001 for how values are stored. auto is the partner and version of a run that an announcement
-- asked for, null for others: there is one such run for each.

-- +goose Up
create table runs (
  id       text   not null primary key,
  partner  text   not null,
  version  text   not null,
  auto     text   unique,
  live     bigint not null,
  asked_ms bigint not null,
  body     text   not null
);

create index runs_live on runs (asked_ms) where live = 1;

create index runs_partner on runs (partner, asked_ms);
