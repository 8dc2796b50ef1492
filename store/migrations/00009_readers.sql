-- Which Sparkys may go on beside a newer one, during an upgrade of replicas one by one: those that know the tables of
-- version oldest, or newer ones. A migration that adds leaves it as it is. One that takes something away, which a Sparky of
-- the version before may still ask for, adds a row with the oldest version that does not.

-- +goose Up
create table readers (
  oldest bigint not null primary key
) clustered;

insert into readers (oldest) values (9);
