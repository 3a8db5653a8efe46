-- What people, sources and imports recorded of assets beside their readings.
create table plant_event (
  organization text not null references organization (id) on delete cascade,
  id text not null,
  asset text not null,
  kind text not null check (kind in ('failure', 'maintenance', 'error', 'note')),
  started_at bigint not null,
  ended_at bigint,
  component text,
  failure_mode text,
  routine bigint,
  activity text,
  number text,
  code text,
  note text,
  revision bigint not null,
  created_at bigint not null,
  created_by text not null,
  updated_at bigint not null,
  primary key (organization, id),
  foreign key (organization, asset) references tree_node (organization, id) on delete cascade
);
create index plant_event_by_time on plant_event (organization, started_at, id);
create index plant_event_of_asset on plant_event (organization, asset, started_at, id);

-- Files of an asset. Their content is sealed with the master key and bound to organization and id.
create table document (
  organization text not null references organization (id) on delete cascade,
  id text not null,
  asset text not null,
  name text not null,
  media_type text not null,
  size bigint not null,
  hash text not null,
  content text not null,
  created_at bigint not null,
  created_by text not null,
  primary key (organization, id),
  foreign key (organization, asset) references tree_node (organization, id) on delete cascade
);
create index document_of_asset on document (organization, asset, created_at, id);
