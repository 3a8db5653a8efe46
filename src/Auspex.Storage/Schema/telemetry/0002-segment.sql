-- Frames of many assets that were packed together, because each of them had only a few: sorted runs, merged into larger ones, and into chunks where an asset has
-- gathered enough. A piece without its segment is what a merge that was cut off left behind.
create table telemetry_segment (
  organization text not null,
  part bigint not null,
  segment bigint not null,
  tier bigint not null,
  from_ms bigint not null,
  to_ms bigint not null,
  frames bigint not null,
  primary key (organization, part, segment)
);

-- Some assets of a segment, by name; all frames an asset has in it are in one piece.
create table telemetry_piece (
  organization text not null,
  part bigint not null,
  segment bigint not null,
  first_asset text not null,
  last_asset text not null,
  from_ms bigint not null,
  to_ms bigint not null,
  frames bigint not null,
  body bytea not null,
  primary key (organization, part, segment, first_asset)
);

-- Assets that have packed frames.
create table telemetry_asset (
  organization text not null,
  asset text not null,
  primary key (organization, asset)
);
-- No packed frame of the partition is later.
alter table telemetry_partition add column packed_to_ms bigint not null default 0;
