-- What is expected of readings: of every asset, of the assets of a class, or of one asset; all that fit an asset count.
create table quality_rule (
  organization text not null references organization (id) on delete cascade,
  id text not null,
  name text not null,
  kind text not null check (kind in ('range', 'rate', 'freshness', 'completeness', 'flat', 'states', 'expression')),
  signal text,
  asset_class text,
  asset text,
  verdict text not null check (verdict in ('bad', 'uncertain')),
  enabled bigint not null,
  body text not null,
  revision bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (organization, id),
  foreign key (organization, asset) references tree_node (organization, id) on delete cascade,
  check (asset is null or asset_class is null)
);
create index quality_rule_by_name on quality_rule (organization, name, id);
create index quality_rule_of_asset on quality_rule (organization, asset);
