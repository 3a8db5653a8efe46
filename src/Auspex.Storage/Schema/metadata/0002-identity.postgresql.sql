grant select, insert, update, delete on user_account, session, signing_key to auspex_system;

-- Members see each other's name and address, and nothing of a stranger.
alter table user_account enable row level security;
alter table user_account force row level security;
create policy member on user_account for select to auspex_app using (exists (
  select from membership m where m.user_id = user_account.id and m.organization = current_setting('auspex.organization', true)));
create policy installation on user_account to auspex_system using (true) with check (true);
grant select (id, email, name, disabled, created_at) on user_account to auspex_app;
