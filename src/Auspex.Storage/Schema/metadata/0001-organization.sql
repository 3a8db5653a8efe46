create table organization (
  id text not null primary key,
  name text not null unique,
  time_zone text not null,
  state text not null check (state in ('active', 'disabled')),
  created_at bigint not null
);
