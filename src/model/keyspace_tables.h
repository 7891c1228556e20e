/* The tables of keys and expiries of a database, as columns of data. */
#ifndef MODEL_KEYSPACE_TABLES_H
#define MODEL_KEYSPACE_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "slot_names.h"

struct keyspace_tables {
    const char *source;
    bool is_hashtable;        /* Valkey 8.1+: 64-byte buckets with children; else a dict */
    bool uses_hint;           /* presized by the file's RESIZEDB */
    uint8_t shrinks_below;    /* percent of entries to buckets' places below which cron shrinks a table */
    bool empty_expires_table; /* RESIZEDB with 0 expiries still makes a table of 4 slots */
    bool doubles_when_full;   /* a table that is exactly full when the load ends is doubled by the next cron */
    bool colliding_entries;   /* 16-byte entries where buckets collide; else the key's own entry is in its shell */
    bool expires_with_keys;   /* the expires table's structure is there also without expiries */
    uint16_t keys_struct; /* made with the first key: dict or hashtable with its metadata; 0: part of the database */
    uint16_t expires_struct;
    uint16_t further_database;    /* structures of each database but the first, made on demand */
    bool cluster_slot_tables;     /* cluster: one table per slot */
    bool slot_info_makes_expires; /* cluster: a slot-info record makes the slot's expires table */
    bool all_slots_at_start;      /* cluster: tables of all slots are there without slot info */
    enum slot_index slot_index;   /* cluster, one table: how the keys of a slot are found, unless by their entries */
    uint8_t field_index_head;     /* Redis 7.4+: radix tree head of the index of hashes by field expiry; 0: none */
    bool lists_producer_streams;  /* Redis 8.8: a dict of the streams that have idempotent producers */
    uint16_t library_bytes;       /* a function library beside its code, measured; 0: the release has none */
    uint16_t function_bytes;      /* each of its functions, measured */
    bool counts_lua_vm;           /* used_memory has what the Lua interpreter of functions holds, under jemalloc */
    uint16_t field_table_struct;  /* Valkey 9.0+: table of the keys with volatile fields; 0: none */
};

extern const struct keyspace_tables tables_redis_2_8, tables_redis_3_0, tables_redis_3_2, tables_redis_4_0,
    tables_redis_7_0, tables_redis_7_4, tables_redis_8_0, tables_redis_8_2, tables_redis_8_4, tables_redis_8_8,
    tables_valkey_7_2, tables_valkey_8_0, tables_valkey_8_1, tables_valkey_9_0, tables_valkey_9_1;

#endif
