-- Databases of an organization that frames are read from. What opens the connection is sealed with the organization's data key. The progress is of an epoch: a change
-- of what is read begins another, and who still reads the one before can no longer move it.
create table data_source (
  organization text not null references organization (id) on delete cascade,
  id text not null,
  name text not null,
  key_name text not null,
  sealed text not null,
  mapping text not null,
  poll_seconds bigint not null,
  overlap_seconds bigint not null,
  paused bigint not null,
  epoch bigint not null,
  progress text not null,
  status text not null,
  revision bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (organization, id)
);
create unique index data_source_name on data_source (organization, key_name);
