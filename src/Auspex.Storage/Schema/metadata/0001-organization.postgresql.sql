-- An organization sees itself.
alter table organization enable row level security;
alter table organization force row level security;
create policy own on organization to auspex_app using (id = current_setting('auspex.organization', true));
create policy installation on organization to auspex_system using (true) with check (true);
grant select on organization to auspex_app;
grant select, insert, update, delete on organization to auspex_system;
