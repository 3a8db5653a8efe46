create table user_account (
  id text not null primary key,
  email text not null unique,
  name text not null,
  password_hash text not null,
  must_change_password bigint not null default 0,
  super_admin bigint not null default 0,
  disabled bigint not null default 0,
  created_at bigint not null
);

create table membership (
  organization text not null references organization (id) on delete cascade,
  user_id text not null references user_account (id) on delete cascade,
  role text not null check (role in ('viewer', 'operator', 'engineer', 'admin')),
  created_at bigint not null,
  primary key (organization, user_id)
);
create index membership_of_user on membership (user_id);

create table invitation (
  organization text not null references organization (id) on delete cascade,
  id text not null,
  email text not null,
  role text not null check (role in ('viewer', 'operator', 'engineer', 'admin')),
  token_hash text not null unique,
  invited_by text not null,
  created_at bigint not null,
  expires_at bigint not null,
  accepted_at bigint,
  primary key (organization, id)
);

-- One sign-in. Its refresh token changes with each use; the one before it, seen again, ends the session.
create table session (
  id text not null primary key,
  user_id text not null references user_account (id) on delete cascade,
  refresh_hash text not null unique,
  previous_refresh_hash text,
  created_at bigint not null,
  used_at bigint not null,
  expires_at bigint not null,
  ended_at bigint,
  end_reason text
);
create index session_of_user on session (user_id);
create index session_by_previous on session (previous_refresh_hash);

create table api_key (
  organization text not null references organization (id) on delete cascade,
  id text not null,
  name text not null,
  secret_hash text not null,
  scopes text not null,
  created_by text not null,
  created_at bigint not null,
  expires_at bigint not null,
  revoked_at bigint,
  last_used_at bigint,
  primary key (organization, id),
  unique (id)
);

-- Keys that sign access tokens; the private part is sealed with the master key.
create table signing_key (
  id text not null primary key,
  sealed text not null,
  created_at bigint not null,
  retired_at bigint
);

create table audit_entry (
  organization text not null,
  sequence bigint not null,
  user_id text not null,
  action text not null,
  resource text not null,
  occurred_at bigint not null,
  metadata text not null,
  previous_hash text not null,
  hash text not null,
  primary key (organization, sequence)
);
