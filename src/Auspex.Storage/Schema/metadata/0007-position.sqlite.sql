-- Sites and assets that were there before.
insert into operator_position (organization, id, site, name, key_name, revision, created_at, updated_at)
select organization, id, id, name, key_name, 1, created_at, created_at from tree_node where kind = 'site';

insert into operator_position_node (organization, position, node) select organization, id, id from tree_node where kind = 'site';

insert into frame_name (organization, name, asset, kind) select organization, external_name, id, 'key' from tree_node where external_name is not null;
