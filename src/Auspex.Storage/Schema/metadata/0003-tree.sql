-- Sites, areas, lines and assets: one tree, whose ids never change. key_name is the name as names are compared.
create table tree_node (
  organization text not null references organization (id) on delete cascade,
  id text not null,
  parent text,
  kind text not null check (kind in ('site', 'area', 'line', 'asset')),
  name text not null,
  key_name text not null,
  external_name text,
  asset_class text,
  facts text not null,
  revision bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (organization, id),
  foreign key (organization, parent) references tree_node (organization, id),
  check ((kind = 'site') = (parent is null))
);
create unique index tree_node_sibling on tree_node (organization, coalesce(parent, ''), key_name);
create unique index tree_node_external on tree_node (organization, external_name) where external_name is not null;
create index tree_node_of_parent on tree_node (organization, parent);
create index tree_node_by_name on tree_node (organization, kind, key_name, id);
create index tree_node_by_creation on tree_node (organization, kind, created_at, id);

-- Where a node was before, with the names of then: parents may be gone.
create table tree_move (
  organization text not null,
  node text not null,
  id text not null,
  from_parent text not null,
  from_path text not null,
  to_parent text not null,
  to_path text not null,
  moved_at bigint not null,
  moved_by text not null,
  primary key (organization, node, id),
  foreign key (organization, node) references tree_node (organization, id) on delete cascade
);

-- Answers to creates that carried an Idempotency-Key, kept for a day.
create table given_answer (
  organization text not null references organization (id) on delete cascade,
  caller text not null,
  request_key text not null,
  request_hash text not null,
  location text not null,
  revision bigint not null,
  body text not null,
  created_at bigint not null,
  primary key (organization, caller, request_key)
);
create index given_answer_by_age on given_answer (organization, created_at);
