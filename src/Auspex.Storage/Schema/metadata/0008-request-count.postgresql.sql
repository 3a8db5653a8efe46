grant select, insert, delete on request_count to auspex_system;
