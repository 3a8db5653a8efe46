-- SQLite keeps bytes as they are under any type name.

-- One row a commit and partition: all its frames in arrival order. It goes when the chunks that hold them are stored.
create table telemetry_journal (
  organization text not null,
  part bigint not null,
  sequence bigint not null,
  frames bigint not null,
  body bytea not null,
  primary key (organization, part, sequence)
);

-- The last journal row of a partition that is packed: sequences go on from it.
create table telemetry_partition (
  organization text not null,
  part bigint not null,
  packed_sequence bigint not null,
  primary key (organization, part)
);

-- Frames of one asset, column by column. Chunks of an asset do not overlap.
create table telemetry_chunk (
  organization text not null,
  asset text not null,
  from_ms bigint not null,
  to_ms bigint not null,
  frames bigint not null,
  body bytea not null,
  primary key (organization, asset, from_ms)
);
create index telemetry_chunk_end on telemetry_chunk (organization, asset, to_ms);

create table telemetry_retention (
  organization text not null primary key,
  days bigint not null check (days > 0)
);
