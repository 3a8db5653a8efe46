-- What servers over one PostgreSQL have let in, second by second, so that their limits are one.
create table request_count (
  server text not null,
  round bigint not null,
  subject text not null,
  requests bigint not null,
  said_at bigint not null,
  primary key (server, round, subject)
);
create index request_count_said on request_count (said_at);
