#include "keyspace_tables.h"

/* Function libraries, read off used_memory: redis 7.0.15 with 1 to 20 functions and up to 10 KB of code. What later
 * releases hold beyond that, redis 7.4.7 to 8.8, is the interpreter's (src/script.c luaAlloc). */
enum { LIBRARY_7_0 = 176, FUNCTION_7_0 = 192 };

const struct keyspace_tables tables_redis_2_8 = {
    .source = "redis 2.8.24 src/dict.c",
};

const struct keyspace_tables tables_redis_3_0 = {
    .source = "redis 3.0.7 src/dict.c; cluster: src/db.c slotToKeyAdd, a skip list",
    .slot_index = SLOT_INDEX_LIST,
};

const struct keyspace_tables tables_redis_3_2 = {
    .source = "redis 3.2.13 src/dict.c, src/rdb.c; cluster: src/db.c slotToKeyAdd, a skip list",
    .uses_hint = true,
    .shrinks_below = 10,
    .empty_expires_table = true,
    .slot_index = SLOT_INDEX_LIST,
};

const struct keyspace_tables tables_redis_4_0 = {
    .source = "redis 4.0.14 .. 6.2.16 src/dict.c, src/rdb.c; cluster: src/db.c slotToKeyUpdateKey, a radix tree",
    .uses_hint = true,
    .shrinks_below = 10,
    .empty_expires_table = true,
    .slot_index = SLOT_INDEX_TREE,
};

const struct keyspace_tables tables_redis_7_0 = {
    .source = "redis 7.0.15, 7.2.12 src/dict.c, src/rdb.c",
    .uses_hint = true,
    .shrinks_below = 10,
    .empty_expires_table = true,
    .library_bytes = LIBRARY_7_0,
    .function_bytes = FUNCTION_7_0,
};

const struct keyspace_tables tables_redis_7_4 = {
    .source = "redis 7.4.7 src/kvstore.c, src/dict.c",
    .doubles_when_full = true,
    .keys_struct = 64,
    .expires_struct = 64,
    .cluster_slot_tables = true,
    .field_index_head = 24,
    .library_bytes = LIBRARY_7_0,
    .function_bytes = FUNCTION_7_0,
    .counts_lua_vm = true,
};

const struct keyspace_tables tables_redis_8_0 = {
    .source = "redis 8.0.5 src/kvstore.c: dict with a histogram of key sizes",
    .doubles_when_full = true,
    .keys_struct = 56 + 2408,
    .expires_struct = 56 + 8,
    .cluster_slot_tables = true,
    .field_index_head = 24,
    .library_bytes = LIBRARY_7_0,
    .function_bytes = FUNCTION_7_0,
    .counts_lua_vm = true,
};

const struct keyspace_tables tables_redis_8_2 = {
    .source = "redis 8.2.3 src/kvstore.c, src/dict.c: keys without entries",
    .doubles_when_full = true,
    .colliding_entries = true,
    .keys_struct = 56 + 2408,
    .expires_struct = 56 + 8,
    .cluster_slot_tables = true,
    .field_index_head = 24,
    .library_bytes = LIBRARY_7_0,
    .function_bytes = FUNCTION_7_0,
    .counts_lua_vm = true,
};

const struct keyspace_tables tables_redis_8_4 = {
    .source = "redis 8.4.0 src/kvstore.c, src/estore.c; 8.6 (redis/redis 3339b753b): 2440 bytes of metadata in the "
              "same class",
    .doubles_when_full = true,
    .colliding_entries = true,
    .keys_struct = 56 + 2416,
    .expires_struct = 56 + 8,
    .cluster_slot_tables = true,
    .slot_info_makes_expires = true,
    .field_index_head = 32,
    .library_bytes = LIBRARY_7_0,
    .function_bytes = FUNCTION_7_0,
    .counts_lua_vm = true,
};

const struct keyspace_tables tables_redis_8_8 = {
    .source = "redis/redis 2e46d2e73 (8.8) src/kvstore.c",
    .uses_hint = true,
    .shrinks_below = 12,
    .doubles_when_full = true,
    .colliding_entries = true,
    .expires_with_keys = true,
    .keys_struct = 56 + 40,
    .expires_struct = 56 + 8,
    .cluster_slot_tables = true,
    .slot_info_makes_expires = true,
    .all_slots_at_start = true,
    .lists_producer_streams = true, /* src/t_stream.c streamKeyLoaded: stream_idmp_keys */
    .field_index_head = 32,
    .library_bytes = LIBRARY_7_0,
    .function_bytes = FUNCTION_7_0,
    .counts_lua_vm = true,
};

const struct keyspace_tables tables_valkey_7_2 = {
    .source = "valkey 7.2.13 src/dict.c, src/rdb.c",
    .uses_hint = true,
    .shrinks_below = 10,
    .empty_expires_table = true,
    .library_bytes = LIBRARY_7_0,
    .function_bytes = FUNCTION_7_0,
};

const struct keyspace_tables tables_valkey_8_0 = {
    .source = "valkey 8.0.9 src/kvstore.c: dicts made on demand",
    .uses_hint = true,
    .shrinks_below = 10,
    .keys_struct = 72,
    .expires_struct = 72,
    .cluster_slot_tables = true,
    .library_bytes = LIBRARY_7_0,
    .function_bytes = FUNCTION_7_0,
};

const struct keyspace_tables tables_valkey_8_1 = {
    .source = "valkey 8.1.7 src/hashtable.c, src/kvstore.c",
    .is_hashtable = true,
    .uses_hint = true,
    .shrinks_below = 13,
    .keys_struct = 88,
    .expires_struct = 88,
    .cluster_slot_tables = true,
    .library_bytes = LIBRARY_7_0,
    .function_bytes = FUNCTION_7_0,
};

const struct keyspace_tables tables_valkey_9_0 = {
    .source = "valkey 9.0.4 src/hashtable.c, src/kvstore.c, src/db.c: databases made on demand (1064 measured)",
    .is_hashtable = true,
    .uses_hint = true,
    .shrinks_below = 13,
    .keys_struct = 88,
    .expires_struct = 88,
    .further_database = 1064,
    .cluster_slot_tables = true,
    .field_table_struct = 88,
    .library_bytes = LIBRARY_7_0,
    .function_bytes = FUNCTION_7_0,
};

const struct keyspace_tables tables_valkey_9_1 = {
    .source = "valkey 9.1.0 src/hashtable.c, src/kvstore.c",
    .is_hashtable = true,
    .uses_hint = true,
    .shrinks_below = 13,
    .keys_struct = 96,
    .expires_struct = 96,
    .further_database = 1064,
    .cluster_slot_tables = true,
    .field_table_struct = 96,
    .library_bytes = LIBRARY_7_0,
    .function_bytes = FUNCTION_7_0,
};
