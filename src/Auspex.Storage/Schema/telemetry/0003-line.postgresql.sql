-- Names compare as bytes, as they do in SQLite and in the program.
alter table feature_checkpoint alter column asset type text collate "C";
