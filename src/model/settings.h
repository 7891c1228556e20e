/* The configuration settings that move memory, under the names of redis.conf. One row a setting (settings.c). */
#ifndef MODEL_SETTINGS_H
#define MODEL_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting {
    SETTING_HASH_MAX_ENTRIES, /* hash-max-listpack-entries; -ziplist- is an alias for each of these */
    SETTING_HASH_MAX_VALUE,
    SETTING_ZSET_MAX_ENTRIES,
    SETTING_ZSET_MAX_VALUE,
    SETTING_SET_MAX_INTSET,
    SETTING_SET_MAX_ENTRIES, /* set-max-listpack-entries */
    SETTING_SET_MAX_VALUE,
    SETTING_LIST_MAX_SIZE, /* list-max-listpack-size */
    SETTING_LIST_COMPRESS_DEPTH,
    SETTING_LIST_MAX_ENTRIES, /* list-max-ziplist-entries, before 3.2 */
    SETTING_LIST_MAX_VALUE,
    SETTING_STREAM_NODE_MAX_BYTES,
    SETTING_STREAM_NODE_MAX_ENTRIES,
    SETTING_HLL_SPARSE_MAX_BYTES,
    SETTING_MAXMEMORY,
    SETTING_MAXMEMORY_POLICY, /* an enum maxmemory_policy */
    SETTING_CLUSTER_ENABLED,
    SETTING_ARRAY_SLICE_SIZE,
    SETTING_ARRAY_SPARSE_KMAX,
    SETTING_ARRAY_SPARSE_KMIN,
    SETTING_STREAM_IDMP_DURATION,
    SETTING_STREAM_IDMP_MAXSIZE,
    SETTING_COUNT
};

enum maxmemory_policy {
    POLICY_NOEVICTION,
    POLICY_ALLKEYS_LRU,
    POLICY_VOLATILE_LRU,
    POLICY_ALLKEYS_LFU,
    POLICY_VOLATILE_LFU,
    POLICY_ALLKEYS_RANDOM,
    POLICY_VOLATILE_RANDOM,
    POLICY_VOLATILE_TTL,
    POLICY_ALLKEYS_LRM,
    POLICY_VOLATILE_LRM,
    POLICY_COUNT
};

struct settings {
    int64_t value[SETTING_COUNT];
};

struct setting_info {
    const char *name;       /* today's name in redis.conf */
    const char *aliases[2]; /* older names, else NULL */
    int64_t minimum, maximum;
    bool is_bytes; /* takes k, kb, mb, ... */
    const char *help;
};

const struct setting_info *setting_info(enum setting setting);

enum setting_result { SETTING_OK, SETTING_UNKNOWN, SETTING_BAD_VALUE };

/* Sets one setting from text as in redis.conf (any of its names, case-insensitive). Nothing changes on failure.
 * `*which` (may be NULL) tells the setting. */
enum setting_result settings_set(struct settings *settings, const char *name, const char *value, enum setting *which);
/* The known name (setting or alias) nearest to a misspelt one; NULL when none is near. */
const char *setting_nearest(const char *name);

/* Reads a redis.conf, or what redis-cli prints of CONFIG GET: takes the settings above, ignores every other directive,
 * follows no include. `seen` (may be NULL) gets a true per setting that the file holds. On a bad value returns false
 * and writes one line ("line 12: ...") into `message`. */
bool settings_read_conf(struct settings *settings, const char *text, size_t len, bool seen[SETTING_COUNT],
                        char *message, size_t message_size);

/* The first argument of any directive of such a text, of its last line; false when there is none. */
bool conf_directive(const char *text, size_t len, const char *name, char *value, size_t size);

/* The text of a value as redis.conf has it, into `buffer`. */
const char *setting_format(enum setting setting, int64_t value, char *buffer, size_t size);

/* The commands that set on a running server what `lines` of redis.conf say ("name value", newline-separated): CONFIG
 * SET for each. */
void settings_commands(const char *lines, char *commands, size_t size);

#endif
