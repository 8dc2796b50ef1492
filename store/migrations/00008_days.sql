-- Results of probes by the day, counted from 1970, when their hours are old. See 00001 and 00002 for how values are stored.

-- +goose Up
create table days (
  probe  integer not null,
  day    integer not null,
  runs   integer not null,
  passed integer not null,
  spread bytea   not null,
  primary key (probe, day)
) clustered;

alter table probes drop column pass;

alter table probes drop column fail;
