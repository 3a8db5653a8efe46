-- Rows that were refused, as they were sent, until they are mapped again or deleted; of each organization so many at most.
create table quarantine_row (
  organization text not null,
  id text not null,
  hash text not null,
  door text not null,
  form text not null check (form in ('json', 'line')),
  line_precision text,
  sender text not null,
  sender_name text,
  asset text,
  field text not null,
  reason text not null,
  body text not null,
  whole bigint not null,
  size bigint not null,
  first_at bigint not null,
  last_at bigint not null,
  times bigint not null,
  primary key (organization, id)
);
create unique index quarantine_row_hash on quarantine_row (organization, hash);

-- How full the quarantine is, and how many rows it had no room for.
create table quarantine_total (
  organization text not null primary key,
  kept bigint not null,
  bytes bigint not null,
  dropped bigint not null
);
