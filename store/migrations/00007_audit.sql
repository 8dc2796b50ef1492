-- Who did what. See 00001 and 00002 for how values are stored. id tells in which order acts were kept.

-- +goose Up
create table audit (
  id      bigint identity not null primary key,
  at_ms   bigint not null,
  partner text   not null,
  actor   text   not null,
  origin  text   not null,
  did     text   not null,
  target  text   not null,
  reason  text   not null
);

create index audit_partner on audit (partner, id);

create index audit_at on audit (at_ms);
