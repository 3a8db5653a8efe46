-- What predictions claimed, and what became of it. One claim an asset and component at a time; a claim that is settled stays as it is.
create table predictive_alert (
  organization text not null references organization (id) on delete cascade,
  id text not null,
  asset text not null,
  component text not null,
  model_version text not null,
  raised_at bigint not null,
  probability double precision not null,
  highest_probability double precision not null,
  confidence double precision,
  time_to_failure double precision,
  closed_at bigint,
  outcome text not null check (outcome in ('open', 'hit', 'late', 'false', 'averted')),
  failure_at bigint,
  settled_at bigint,
  is_accurate bigint,
  feedback_at bigint,
  feedback_by text,
  feedback_note text,
  primary key (organization, id),
  foreign key (organization, asset) references tree_node (organization, id) on delete cascade
);
create unique index predictive_alert_claim on predictive_alert (organization, asset, component, raised_at);
create index predictive_alert_by_time on predictive_alert (organization, raised_at, id);
create index predictive_alert_of_component on predictive_alert (organization, component, raised_at, id);
create index predictive_alert_open on predictive_alert (organization, asset) where outcome = 'open';

-- Which failures were foretold. A failure that repeats one inside its recovery is no failure of its own.
create table failure_outcome (
  organization text not null references organization (id) on delete cascade,
  asset text not null,
  component text not null,
  started_at bigint not null,
  verdict text not null check (verdict in ('caught', 'missed', 'notJudgeable', 'outsidePeriod', 'repeated')),
  model_version text,
  alert_raised_at bigint,
  settled_at bigint not null,
  primary key (organization, asset, component, started_at),
  foreign key (organization, asset) references tree_node (organization, id) on delete cascade
);
create index failure_outcome_by_time on failure_outcome (organization, started_at);

-- How far an asset's predictions are settled, and the usual time between two of them.
create table settle_cursor (
  organization text not null references organization (id) on delete cascade,
  asset text not null,
  first_at bigint not null,
  seen_until bigint not null,
  period_ms double precision not null,
  primary key (organization, asset),
  foreign key (organization, asset) references tree_node (organization, id) on delete cascade
);

-- For how long a version has judged, summed over its assets, by day of the judged frames (days since 1970, UTC).
create table judged_day (
  organization text not null references organization (id) on delete cascade,
  model_version text not null,
  day bigint not null,
  judged_ms double precision not null,
  primary key (organization, model_version, day)
);
