-- Models of an organization. A version is never changed; of each task at most one is active, and which one it took the place of is kept.
create table model_version (
  organization text not null references organization (id) on delete cascade,
  version text not null,
  number bigint not null,
  task text not null check (task in ('failure', 'rul', 'anomaly')),
  stage text not null check (stage in ('candidate', 'shadow', 'active', 'archived')),
  name text not null,
  artefact text not null,
  features text not null,
  label text not null,
  predecessor text,
  created_at bigint not null,
  created_by text not null,
  deployed_at bigint,
  primary key (organization, version)
);
create unique index model_version_active on model_version (organization, task) where stage = 'active';
create unique index model_version_number on model_version (organization, number);
