insert into telemetry_asset (organization, asset) select distinct organization, asset from telemetry_chunk;
update telemetry_partition set packed_to_ms =
  coalesce((select max(c.to_ms) from telemetry_chunk c where c.organization = telemetry_partition.organization), 0);
