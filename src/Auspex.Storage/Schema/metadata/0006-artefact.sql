-- The key that seals an organization's artefacts, itself sealed with the master key. Once it is gone, so is what it sealed.
create table data_key (
  organization text not null primary key references organization (id) on delete cascade,
  sealed text not null,
  created_at bigint not null
);

-- What an organization keeps in files of the data folder: model packages, reports. A version is never changed. Length and hash are those of the content, not of the sealed file.
create table artefact (
  organization text not null references organization (id) on delete cascade,
  id text not null,
  version bigint not null check (version > 0),
  kind text not null,
  name text not null,
  size bigint not null,
  hash text not null,
  file text not null,
  created_at bigint not null,
  created_by text not null,
  primary key (organization, id, version)
);
create index artefact_of_kind on artefact (organization, kind, id, version);
