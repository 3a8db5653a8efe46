alter table telemetry_piece alter column body set storage external;
alter table telemetry_piece alter column first_asset type text collate "C", alter column last_asset type text collate "C";
alter table telemetry_asset alter column asset type text collate "C";

-- A store that holds frames has its walls already: its owner sees the rows only while row-level security is not forced.
do $$ begin
  if (select relforcerowsecurity from pg_class where oid = 'telemetry_chunk'::regclass) then
    alter table telemetry_chunk no force row level security;
    alter table telemetry_partition no force row level security;
    insert into telemetry_asset (organization, asset) select distinct organization, asset from telemetry_chunk;
    update telemetry_partition set packed_to_ms =
      coalesce((select max(c.to_ms) from telemetry_chunk c where c.organization = telemetry_partition.organization), 0);
    alter table telemetry_chunk force row level security;
    alter table telemetry_partition force row level security;
  end if;
end $$;
