-- The countdown to announced dates. See 00001 for how values are stored.

-- +goose Up
create table countdowns (
  partner   text   not null,
  source    text   not null,
  key       text   not null,
  effective text   not null,
  known_ms  bigint not null,
  reminded  bigint not null,
  primary key (partner, source, key, effective)
);

insert into countdowns (partner, source, key, effective, known_ms, reminded)
  select partner, source, key, effective, first_seen_ms, 0 from entries where effective <> '';

create table handled (
  partner    text   not null,
  source     text   not null,
  key        text   not null,
  handler    text   not null,
  handled_ms bigint not null,
  primary key (partner, source, key)
);
