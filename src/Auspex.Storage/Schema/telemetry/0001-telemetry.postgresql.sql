-- Chunks are compressed; a second compressor costs time and saves nothing.
alter table telemetry_journal alter column body set storage external;
alter table telemetry_chunk alter column body set storage external;
-- Names compare as bytes, as they do in SQLite and in the program.
alter table telemetry_chunk alter column asset type text collate "C";
