-- What is recorded: of every asset, of the assets of a class, or of one asset; the nearest counts.
create table signal (
  organization text not null references organization (id) on delete cascade,
  id text not null,
  asset_class text,
  asset text,
  name text not null,
  label text not null,
  unit text,
  kind text not null check (kind in ('continuous', 'boolean', 'counter', 'state')),
  role text not null check (role in ('reading', 'operatingSetting', 'fact')),
  states text not null,
  revision bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (organization, id),
  foreign key (organization, asset) references tree_node (organization, id) on delete cascade,
  check (asset is null or asset_class is null)
);
create unique index signal_name on signal (organization, name, coalesce(asset, ''), coalesce(asset_class, ''));
create index signal_of_asset on signal (organization, asset);

-- All revisions of the organization's configuration; the last one counts, and where there is none, the defaults.
create table configuration (
  organization text not null references organization (id) on delete cascade,
  section text not null,
  revision bigint not null,
  body text not null,
  changed_at bigint not null,
  changed_by text not null,
  primary key (organization, section, revision)
);
