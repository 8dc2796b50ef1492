-- What probes found, and the incidents that came of it. See 00001 for how values are stored. Beside its words, "bigint
-- identity" numbers rows by itself, and a table that ends in ") clustered;" is kept in the order of its key where the
-- database can do that.

-- +goose Up
create table probes (
  id         bigint identity not null primary key,
  partner    text   not null,
  probe      text   not null,
  last_ms    bigint not null,
  pass_ms    bigint not null,
  fail_ms    bigint not null,
  failing_ms bigint not null,
  last       text   not null,
  pass       text   not null,
  fail       text   not null,
  unique (partner, probe)
);

create table results (
  at_ms   bigint  not null,
  probe   integer not null,
  took_us integer not null,
  class   text    not null,
  primary key (probe, at_ms)
) clustered;

create table hours (
  probe  integer not null,
  hour   integer not null,
  runs   integer not null,
  passed integer not null,
  spread bytea   not null,
  primary key (probe, hour)
) clustered;

create table incidents (
  id        text   not null primary key,
  partner   text   not null,
  kind      text   not null,
  state     text   not null,
  live      bigint not null,
  opened_ms bigint not null,
  ended_ms  bigint not null,
  ticket    text   not null,
  post      text   not null,
  body      text   not null
);

create index incidents_live on incidents (partner) where live = 1;

create index incidents_over on incidents (partner, ended_ms) where live = 0;

create index incidents_ticket on incidents (ticket) where ticket <> '';

create index incidents_post on incidents (post) where post <> '';

create table probe_states (
  partner  text   not null,
  probe    text   not null,
  saved_ms bigint not null,
  body     text   not null,
  primary key (partner, probe)
);

create table mutes (
  partner  text   not null primary key,
  until_ms bigint not null,
  body     text   not null
);

create table configs (
  partner     text   not null primary key,
  fingerprint text   not null,
  parts       text   not null,
  since_ms    bigint not null,
  changed     text   not null
);
