-- The last reading of sources whose entries come of comparing it with the next. See 00001 for how values are stored.

-- +goose Up
create table documents (
  partner  text  not null,
  source   text  not null,
  document bytea not null,
  primary key (partner, source)
);
