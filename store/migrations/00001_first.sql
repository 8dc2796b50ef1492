-- One text for both databases: times are integer milliseconds since 1970 UTC with 0 for none, JSON is text, yes and no
-- are 1 and 0. ddl.go gives each database its own words for bigint and bytea.

-- +goose Up
create table sources (
  partner       text   not null,
  source        text   not null,
  etag          text   not null,
  last_modified text   not null,
  body_hash     text   not null,
  format        text   not null,
  baseline_ms   bigint not null,
  tried_ms      bigint not null,
  read_ms       bigint not null,
  problem       text   not null,
  failing_ms    bigint not null,
  moved         text   not null,
  skipped       bigint not null,
  listed        bigint not null,
  told          bigint not null,
  primary key (partner, source)
);

create table entries (
  partner       text   not null,
  source        text   not null,
  key           text   not null,
  hash          text   not null,
  title         text   not null,
  body          text   not null,
  link          text   not null,
  published_ms  bigint not null,
  tags          text   not null,
  deadline      text   not null,
  kinds         text   not null,
  beta_version  text   not null,
  effective     text   not null,
  summary       text   not null,
  first_seen_ms bigint not null,
  at_ms         bigint not null,
  primary key (partner, source, key)
);

create index entries_at on entries (at_ms, partner);

create index entries_hash on entries (partner, hash);

create index entries_effective on entries (effective) where effective <> '';

create table statuses (
  partner  text   not null primary key,
  status   text   not null,
  good     text   not null,
  level    text   not null,
  since_ms bigint not null
);

create table effects (
  key         text   not null primary key,
  kind        text   not null,
  payload     text   not null,
  picture     bigint not null,
  state       text   not null,
  revision    bigint not null,
  recorded_ms bigint not null,
  after_ms    bigint not null,
  due_ms      bigint not null,
  owner       text   not null,
  claim       bigint not null,
  attempts    bigint not null,
  started_ms  bigint not null,
  unsettled   bigint not null,
  failing_ms  bigint not null,
  troubled    bigint not null,
  problem     text   not null,
  result      bytea,
  done_ms     bigint not null
);

create index effects_open on effects (kind, due_ms) where state <> 'done';

create index effects_done on effects (done_ms) where state = 'done';

create table leases (
  name       text   not null primary key,
  owner      text   not null,
  epoch      bigint not null,
  expires_ms bigint not null
);

create table jobs (
  name   text   not null primary key,
  due_ms bigint not null
);
