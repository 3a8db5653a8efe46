-- What an operator watches: a named set of nodes with its people. The one made with a site has the site's id, and goes with it.
create table operator_position (
  organization text not null references organization (id) on delete cascade,
  id text not null,
  site text,
  name text not null,
  key_name text not null,
  revision bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (organization, id),
  foreign key (organization, site) references tree_node (organization, id) on delete cascade
);
create unique index operator_position_name on operator_position (organization, key_name);
create index operator_position_of_site on operator_position (organization, site);

create table operator_position_node (
  organization text not null,
  position text not null,
  node text not null,
  primary key (organization, position, node),
  foreign key (organization, position) references operator_position (organization, id) on delete cascade,
  foreign key (organization, node) references tree_node (organization, id) on delete cascade
);
create index operator_position_of_node on operator_position_node (organization, node);

create table operator_position_person (
  organization text not null,
  position text not null,
  user_id text not null,
  primary key (organization, position, user_id),
  foreign key (organization, position) references operator_position (organization, id) on delete cascade,
  foreign key (organization, user_id) references membership (organization, user_id) on delete cascade
);
create index operator_position_of_person on operator_position_person (organization, user_id);

-- How somebody looks at a screen. A super admin who is no member has views too.
create table saved_view (
  organization text not null references organization (id) on delete cascade,
  id text not null,
  user_id text not null references user_account (id) on delete cascade,
  screen text not null,
  name text not null,
  key_name text not null,
  body text not null,
  shared bigint not null,
  revision bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (organization, id)
);
create unique index saved_view_name on saved_view (organization, user_id, screen, key_name);
create index saved_view_by_name on saved_view (organization, screen, key_name, id);
create index saved_view_of_user on saved_view (user_id);

-- How and when somebody wants to be told.
create table notification_setting (
  organization text not null references organization (id) on delete cascade,
  user_id text not null references user_account (id) on delete cascade,
  body text not null,
  revision bigint not null,
  updated_at bigint not null,
  primary key (organization, user_id)
);
create index notification_setting_of_user on notification_setting (user_id);

-- Names under which frames come, beside ids and external names. Of kind key it is the name the asset's frames are kept under, for life; an asset without one
-- keeps them under its id. Others came before somebody said of which asset they are: their frames are being copied, or are copied.
create table frame_name (
  organization text not null references organization (id) on delete cascade,
  name text not null,
  asset text not null,
  kind text not null check (kind in ('key', 'copying', 'copied')),
  primary key (organization, name),
  foreign key (organization, asset) references tree_node (organization, id) on delete cascade
);
create unique index frame_name_key on frame_name (organization, asset) where kind = 'key';
create index frame_name_of_asset on frame_name (organization, asset);

-- Names of signals that frames carried: so many are taken of an organization, and no more.
create table frame_signal (
  organization text not null references organization (id) on delete cascade,
  name text not null,
  first_seen_at bigint not null,
  primary key (organization, name)
);

create index plant_event_of_kind on plant_event (organization, kind, started_at, id);
create index plant_event_of_component on plant_event (organization, component, started_at, id);
