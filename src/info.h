/* Reads the text that INFO prints (redis-cli INFO > FILE): any sections, of any release of Redis or Valkey, whole or
 * `INFO memory` alone. Every field that is known has one row: its name, what kind of value it has, what it means. */
#ifndef INFO_H
#define INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum info_kind {
    INFO_BYTES,
    INFO_COUNT,
    INFO_RATIO,
    INFO_PERCENT, /* "89.58%" */
    INFO_TIME,    /* seconds since 1970 */
    INFO_TEXT,
    INFO_REPEATED /* another field in other words: read, not shown */
};

/* id, name, kind, in section Memory, what it means. The order is that of INFO. */
#define INFO_FIELDS(X)                                                                                                 \
    X(REDIS_VERSION, "redis_version", TEXT, false, "release of Redis, or the one that Valkey is compatible with")      \
    X(SERVER_NAME, "server_name", TEXT, false, "the server's name, where it is not Redis")                             \
    X(VALKEY_VERSION, "valkey_version", TEXT, false, "release of Valkey")                                              \
    X(UPTIME, "uptime_in_seconds", COUNT, false, "since the server was started")                                       \
    X(CONNECTED_CLIENTS, "connected_clients", COUNT, false, "connections of clients")                                  \
    X(USED_MEMORY, "used_memory", BYTES, true, "all that the server's allocator holds for it")                         \
    X(USED_MEMORY_RSS, "used_memory_rss", BYTES, true, "what the process has in RAM")                                  \
    X(USED_MEMORY_PEAK, "used_memory_peak", BYTES, true, "the most that used_memory has been")                         \
    X(USED_MEMORY_PEAK_TIME, "used_memory_peak_time", TIME, true, "when that was")                                     \
    X(USED_MEMORY_PEAK_PERC, "used_memory_peak_perc", PERCENT, true, "used_memory against its peak")                   \
    X(USED_MEMORY_OVERHEAD, "used_memory_overhead", BYTES, true, "startup, buffers, tables and entries of keys")       \
    X(USED_MEMORY_STARTUP, "used_memory_startup", BYTES, true, "used_memory of the empty server")                      \
    X(USED_MEMORY_DATASET, "used_memory_dataset", BYTES, true, "used_memory without that overhead")                    \
    X(USED_MEMORY_DATASET_PERC, "used_memory_dataset_perc", PERCENT, true, "its share, startup left out")              \
    X(ALLOCATOR_ALLOCATED, "allocator_allocated", BYTES, true, "what the allocator has handed out")                    \
    X(ALLOCATOR_ACTIVE, "allocator_active", BYTES, true, "pages with at least one such block")                         \
    X(ALLOCATOR_RESIDENT, "allocator_resident", BYTES, true, "those, and free pages not given back yet")               \
    X(ALLOCATOR_MUZZY, "allocator_muzzy", BYTES, true, "given back, but the system has not taken them yet")            \
    X(TOTAL_SYSTEM_MEMORY, "total_system_memory", BYTES, true, "RAM of the machine (not of its container)")            \
    X(USED_MEMORY_LUA, "used_memory_lua", BYTES, true, "memory of the Lua engine for EVAL")                            \
    X(USED_MEMORY_VM_EVAL, "used_memory_vm_eval", BYTES, true, "memory of the engine for EVAL")                        \
    X(USED_MEMORY_SCRIPTS_EVAL, "used_memory_scripts_eval", BYTES, true, "texts of cached scripts")                    \
    X(NUMBER_OF_CACHED_SCRIPTS, "number_of_cached_scripts", COUNT, true, "scripts that EVAL and SCRIPT LOAD left")     \
    X(NUMBER_OF_FUNCTIONS, "number_of_functions", COUNT, true, "functions in all libraries")                           \
    X(NUMBER_OF_LIBRARIES, "number_of_libraries", COUNT, true, "libraries of functions")                               \
    X(USED_MEMORY_VM_FUNCTIONS, "used_memory_vm_functions", BYTES, true, "memory of the engine for functions")         \
    X(USED_MEMORY_VM_TOTAL, "used_memory_vm_total", BYTES, true, "memory of both engines; not in used_memory")         \
    X(USED_MEMORY_FUNCTIONS, "used_memory_functions", BYTES, true, "tables of function libraries")                     \
    X(USED_MEMORY_SCRIPTS, "used_memory_scripts", BYTES, true, "cached scripts and function libraries")                \
    X(MAXMEMORY, "maxmemory", BYTES, true, "the limit; 0: none")                                                       \
    X(MAXMEMORY_POLICY, "maxmemory_policy", TEXT, true, "what is evicted at the limit")                                \
    X(ALLOCATOR_FRAG_RATIO, "allocator_frag_ratio", RATIO, true, "active / allocated: holes between blocks")           \
    X(ALLOCATOR_FRAG_BYTES, "allocator_frag_bytes", BYTES, true, "those holes: what defragmentation can reach")        \
    X(ALLOCATOR_RSS_RATIO, "allocator_rss_ratio", RATIO, true, "resident / active: free pages kept")                   \
    X(ALLOCATOR_RSS_BYTES, "allocator_rss_bytes", BYTES, true, "those pages: what MEMORY PURGE gives back")            \
    X(RSS_OVERHEAD_RATIO, "rss_overhead_ratio", RATIO, true, "rss / resident: the process beside its heap")            \
    X(RSS_OVERHEAD_BYTES, "rss_overhead_bytes", BYTES, true, "program, libraries, stacks, Lua; below 0: swapped")      \
    X(MEM_FRAGMENTATION_RATIO, "mem_fragmentation_ratio", RATIO, true, "used_memory_rss / used_memory")                \
    X(MEM_FRAGMENTATION_BYTES, "mem_fragmentation_bytes", BYTES, true, "their difference")                             \
    X(MEM_NOT_COUNTED, "mem_not_counted_for_evict", BYTES, true, "buffers that maxmemory does not count")              \
    X(MEM_OVERHEAD_REHASHING, "mem_overhead_db_hashtable_rehashing", BYTES, true, "old tables while keys move")        \
    X(MEM_REPLICATION_BACKLOG, "mem_replication_backlog", BYTES, true, "history kept for replicas that come back")     \
    X(MEM_TOTAL_REPLICATION, "mem_total_replication_buffers", BYTES, true, "backlog and replicas' buffers together")   \
    X(MEM_REPLICA_FULL_SYNC, "mem_replica_full_sync_buffer", BYTES, true, "what a replica buffers while it syncs")     \
    X(MEM_REPLICAS_REPL_BUFFER, "mem_replicas_repl_buffer", BYTES, true, "likewise, in Valkey")                        \
    X(MEM_CLIENTS_SLAVES, "mem_clients_slaves", BYTES, true, "buffers of replicas")                                    \
    X(MEM_CLIENTS_NORMAL, "mem_clients_normal", BYTES, true, "buffers of clients; large: slow readers")                \
    X(MEM_CLIENTS_SHARED, "mem_clients_normal_shared", BYTES, true, "of it shared with keys")                          \
    X(MEM_CLIENTS_UNSHARED, "mem_clients_normal_unshared", BYTES, true, "of it their own")                             \
    X(MEM_CLUSTER_LINKS, "mem_cluster_links", BYTES, true, "buffers to other nodes")                                   \
    X(MEM_CLUSTER_IMPORT, "mem_cluster_slot_import", BYTES, true, "buffers of slots coming in")                        \
    X(MEM_CLUSTER_EXPORT, "mem_cluster_slot_export", BYTES, true, "buffers of slots going out")                        \
    X(MEM_CLUSTER_OUT, "mem_cluster_slot_migration_output_buffer", BYTES, true, "buffers of slots going out")          \
    X(MEM_CLUSTER_IN, "mem_cluster_slot_migration_input_buffer", BYTES, true, "buffers of slots coming in")            \
    X(MEM_CLUSTER_IN_PEAK, "mem_cluster_slot_migration_input_buffer_peak", BYTES, true, "the most that was")           \
    X(MEM_AOF_BUFFER, "mem_aof_buffer", BYTES, true, "commands not yet written to the AOF")                            \
    X(MEM_ALLOCATOR, "mem_allocator", TEXT, true, "the server's allocator")                                            \
    X(ACTIVE_DEFRAG_RUNNING, "active_defrag_running", COUNT, true, "CPU % that defragmentation takes; 0: idle")        \
    X(LAZYFREE_PENDING, "lazyfree_pending_objects", COUNT, true, "deleted objects still to be freed")                  \
    X(LAZYFREED, "lazyfreed_objects", COUNT, true, "objects freed in the background so far")                           \
    X(RDB_BGSAVE_STATUS, "rdb_last_bgsave_status", TEXT, false, "whether the last snapshot was written")               \
    X(EXPIRED_KEYS, "expired_keys", COUNT, false, "keys that expired since the start")                                 \
    X(EVICTED_KEYS, "evicted_keys", COUNT, false, "keys that the limit cost since the start")                          \
    X(EVICTED_CLIENTS, "evicted_clients", COUNT, false, "clients cut off for their buffers")                           \
    X(ROLE, "role", TEXT, false, "master or slave")                                                                    \
    X(CONNECTED_SLAVES, "connected_slaves", COUNT, false, "replicas")                                                  \
    X(REPL_BACKLOG_SIZE, "repl_backlog_size", BYTES, false, "repl-backlog-size as set")                                \
    X(USED_MEMORY_HUMAN, "used_memory_human", REPEATED, true, "")                                                      \
    X(USED_MEMORY_RSS_HUMAN, "used_memory_rss_human", REPEATED, true, "")                                              \
    X(USED_MEMORY_PEAK_HUMAN, "used_memory_peak_human", REPEATED, true, "")                                            \
    X(TOTAL_SYSTEM_MEMORY_HUMAN, "total_system_memory_human", REPEATED, true, "")                                      \
    X(USED_MEMORY_LUA_HUMAN, "used_memory_lua_human", REPEATED, true, "")                                              \
    X(USED_MEMORY_VM_TOTAL_HUMAN, "used_memory_vm_total_human", REPEATED, true, "")                                    \
    X(USED_MEMORY_SCRIPTS_HUMAN, "used_memory_scripts_human", REPEATED, true, "")                                      \
    X(MAXMEMORY_HUMAN, "maxmemory_human", REPEATED, true, "")

enum info_field {
#define X(id, name, kind, memory, help) INFO_##id,
    INFO_FIELDS(X)
#undef X
        INFO_FIELD_COUNT
};

struct info_field_row {
    const char *name;
    enum info_kind kind;
    bool is_memory;   /* of section Memory */
    const char *help; /* a few words */
};

const struct info_field_row *info_field_row(enum info_field field);

enum { INFO_TEXT_MAX = 48, INFO_NAME_MAX = 48, INFO_MAX_DATABASES = 1024, INFO_MAX_UNKNOWN = 64 };

struct info_value {
    bool present;
    int64_t integer;          /* BYTES (some may be negative), COUNT, TIME */
    double number;            /* RATIO, PERCENT (0..100); of the others the same as `integer` */
    char text[INFO_TEXT_MAX]; /* as it stands there, printable ASCII only */
};

/* A line of section Keyspace. */
struct info_database {
    uint64_t db, keys, expires, avg_ttl_ms;
};

/* A field of section Memory that has no row. */
struct info_unknown {
    char name[INFO_NAME_MAX], text[INFO_TEXT_MAX];
};

struct info {
    struct info_value value[INFO_FIELD_COUNT];
    struct info_database database[INFO_MAX_DATABASES];
    size_t database_count; /* further ones are left out */
    bool has_keyspace;     /* the section was there, perhaps empty */
    struct info_unknown unknown[INFO_MAX_UNKNOWN];
    size_t unknown_count; /* all of them; the first INFO_MAX_UNKNOWN are kept */
    size_t malformed;     /* known fields whose value is none */
};

/* Reads `len` bytes of any content; of a field that occurs twice the last one counts. Returns false when not one known
 * field is there. */
bool info_parse(struct info *info, const char *text, size_t len);

static inline bool info_has(const struct info *info, enum info_field field)
{
    return info->value[field].present;
}

/* 0 when it is absent or negative. */
static inline uint64_t info_bytes(const struct info *info, enum info_field field)
{
    int64_t value = info->value[field].integer;
    return info->value[field].present && value > 0 ? (uint64_t)value : 0;
}

/* 0 when it is absent. */
static inline double info_number(const struct info *info, enum info_field field)
{
    return info->value[field].present ? info->value[field].number : 0;
}

#endif
