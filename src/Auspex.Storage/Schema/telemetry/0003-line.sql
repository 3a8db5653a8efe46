-- How far the live line has judged a partition's frames: the last journal row whose effects are stored.
create table line_cursor (
  organization text not null,
  part bigint not null,
  sequence bigint not null,
  primary key (organization, part)
);

-- What a model's features remember of an asset's whole life, as it was when the journal row had been judged; the rest is made again from its frames.
create table feature_checkpoint (
  organization text not null,
  asset text not null,
  features text not null,
  sequence bigint not null,
  body bytea not null,
  primary key (organization, asset, features)
);
