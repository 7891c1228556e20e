#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "nearest.h"

enum value_kind { VALUE_NUMBER, VALUE_BYTES, VALUE_YES_NO, VALUE_POLICY };

/* Names, aliases and ranges: redis 2.8 .. 8.4 and valkey 7.2 .. 9.1 src/config.c; 8.6 and 8.8: their CONFIG GET. */
static const struct row {
    struct setting_info info;
    enum value_kind kind;
} rows[SETTING_COUNT] = {
    [SETTING_HASH_MAX_ENTRIES] = {{"hash-max-listpack-entries",
                                   {"hash-max-ziplist-entries"},
                                   0,
                                   INT64_MAX,
                                   false,
                                   "fields up to which a hash stays packed"}},
    [SETTING_HASH_MAX_VALUE] = {{"hash-max-listpack-value",
                                 {"hash-max-ziplist-value"},
                                 0,
                                 INT64_MAX,
                                 true,
                                 "longest field or value of a packed hash"},
                                VALUE_BYTES},
    [SETTING_ZSET_MAX_ENTRIES] = {{"zset-max-listpack-entries",
                                   {"zset-max-ziplist-entries"},
                                   0,
                                   INT64_MAX,
                                   false,
                                   "members up to which a sorted set stays packed"}},
    [SETTING_ZSET_MAX_VALUE] = {{"zset-max-listpack-value",
                                 {"zset-max-ziplist-value"},
                                 0,
                                 INT64_MAX,
                                 true,
                                 "longest member of a packed sorted set"},
                                VALUE_BYTES},
    [SETTING_SET_MAX_INTSET] =
        {{"set-max-intset-entries", {NULL}, 0, INT64_MAX, false, "integers up to which a set is an intset"}},
    [SETTING_SET_MAX_ENTRIES] =
        {{"set-max-listpack-entries", {NULL}, 0, INT64_MAX, false, "members up to which a set stays packed (7.2+)"}},
    [SETTING_SET_MAX_VALUE] =
        {{"set-max-listpack-value", {NULL}, 0, INT64_MAX, true, "longest member of a packed set (7.2+)"}, VALUE_BYTES},
    [SETTING_LIST_MAX_SIZE] = {{"list-max-listpack-size",
                                {"list-max-ziplist-size"},
                                INT32_MIN,
                                INT32_MAX,
                                false,
                                "entries of a list node; -1 .. -5: 4, 8, 16, 32, 64 KiB"}},
    [SETTING_LIST_COMPRESS_DEPTH] =
        {{"list-compress-depth", {NULL}, 0, INT32_MAX, false, "list nodes at each end that stay uncompressed; 0: all"}},
    [SETTING_LIST_MAX_ENTRIES] = {{"list-max-ziplist-entries",
                                   {NULL},
                                   0,
                                   INT64_MAX,
                                   false,
                                   "elements up to which a list stays packed (before 3.2)"}},
    [SETTING_LIST_MAX_VALUE] =
        {{"list-max-ziplist-value", {NULL}, 0, INT64_MAX, true, "longest element of a packed list (before 3.2)"},
         VALUE_BYTES},
    [SETTING_STREAM_NODE_MAX_BYTES] = {{"stream-node-max-bytes", {NULL}, 0, INT64_MAX, true, "bytes of a stream node"},
                                       VALUE_BYTES},
    [SETTING_STREAM_NODE_MAX_ENTRIES] =
        {{"stream-node-max-entries", {NULL}, 0, INT64_MAX, false, "entries of a stream node"}},
    [SETTING_HLL_SPARSE_MAX_BYTES] =
        {{"hll-sparse-max-bytes", {NULL}, 0, INT64_MAX, true, "bytes up to which a HyperLogLog stays sparse"},
         VALUE_BYTES},
    [SETTING_MAXMEMORY] = {{"maxmemory", {NULL}, 0, INT64_MAX, true, "memory limit; 0: none"}, VALUE_BYTES},
    [SETTING_MAXMEMORY_POLICY] =
        {{"maxmemory-policy", {NULL}, 0, POLICY_COUNT - 1, false, "what is evicted at the limit"}, VALUE_POLICY},
    [SETTING_CLUSTER_ENABLED] = {{"cluster-enabled", {NULL}, 0, 1, false, "whether the server is a cluster node"},
                                 VALUE_YES_NO},
    [SETTING_ARRAY_SLICE_SIZE] = {{"array-slice-size", {NULL}, 1, INT32_MAX, false, "slots of an array slice (8.8)"}},
    [SETTING_ARRAY_SPARSE_KMAX] =
        {{"array-sparse-kmax", {NULL}, 0, INT32_MAX, false, "elements up to which an array slice is sparse (8.8)"}},
    [SETTING_ARRAY_SPARSE_KMIN] = {{"array-sparse-kmin",
                                    {NULL},
                                    0,
                                    INT32_MAX,
                                    false,
                                    "elements below which a dense array slice becomes sparse again (8.8)"}},
    [SETTING_STREAM_IDMP_DURATION] = {{"stream-idmp-duration",
                                       {NULL},
                                       0,
                                       INT64_MAX,
                                       false,
                                       "seconds that a stream remembers idempotency ids (8.6)"}},
    [SETTING_STREAM_IDMP_MAXSIZE] = {{"stream-idmp-maxsize",
                                      {NULL},
                                      0,
                                      INT64_MAX,
                                      false,
                                      "idempotency ids that a stream remembers per producer (8.6)"}},
};

static const char *const policies[POLICY_COUNT] = {
    [POLICY_NOEVICTION] = "noeviction",           [POLICY_ALLKEYS_LRU] = "allkeys-lru",
    [POLICY_VOLATILE_LRU] = "volatile-lru",       [POLICY_ALLKEYS_LFU] = "allkeys-lfu",
    [POLICY_VOLATILE_LFU] = "volatile-lfu",       [POLICY_ALLKEYS_RANDOM] = "allkeys-random",
    [POLICY_VOLATILE_RANDOM] = "volatile-random", [POLICY_VOLATILE_TTL] = "volatile-ttl",
    [POLICY_ALLKEYS_LRM] = "allkeys-lrm",         [POLICY_VOLATILE_LRM] = "volatile-lrm",
};

static const char *const yes_no[2] = {"no", "yes"};

/* redis src/util.c memtoull: k is 1000, kb is 1024. Largest unit first, as setting_format prints. */
static const struct {
    const char *suffix;
    int64_t factor;
} units[] = {
    {"gb", 1 << 30}, {"mb", 1 << 20}, {"kb", 1 << 10}, {"g", 1000000000},
    {"m", 1000000},  {"k", 1000},     {"b", 1},        {"", 1},
};

const struct setting_info *setting_info(enum setting setting)
{
    return &rows[setting].info;
}

static bool find(const char *name, enum setting *found)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        const struct setting_info *info = &rows[i].info;
        bool is_it = strcasecmp(info->name, name) == 0;
        for (size_t a = 0; a < 2 && info->aliases[a]; a++)
            is_it |= strcasecmp(info->aliases[a], name) == 0;
        if (is_it) {
            *found = (enum setting)i;
            return true;
        }
    }
    return false;
}

static bool parse_number(const char *text, bool with_unit, int64_t *value)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || errno || isspace((unsigned char)text[0]))
        return false;
    if (!with_unit) {
        *value = number;
        return *end == '\0';
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcasecmp(end, units[i].suffix) == 0)
            return !__builtin_mul_overflow((int64_t)number, units[i].factor, value);
    return false;
}

static bool parse_word(const char *text, const char *const words[], int count, int64_t *value)
{
    for (int i = 0; i < count; i++) {
        if (strcasecmp(text, words[i]) == 0) {
            *value = i;
            return true;
        }
    }
    return false;
}

static bool parse_value(const struct row *row, const char *text, int64_t *value)
{
    bool ok = false;
    switch (row->kind) {
    case VALUE_NUMBER:
        ok = parse_number(text, false, value);
        break;
    case VALUE_BYTES:
        ok = parse_number(text, true, value);
        break;
    case VALUE_YES_NO:
        ok = parse_word(text, yes_no, 2, value);
        break;
    case VALUE_POLICY:
        ok = parse_word(text, policies, POLICY_COUNT, value);
        break;
    }
    return ok && *value >= row->info.minimum && *value <= row->info.maximum;
}

enum setting_result settings_set(struct settings *settings, const char *name, const char *value, enum setting *which)
{
    enum setting setting;
    if (!find(name, &setting))
        return SETTING_UNKNOWN;
    if (which)
        *which = setting;
    int64_t parsed;
    if (!parse_value(&rows[setting], value, &parsed))
        return SETTING_BAD_VALUE;
    settings->value[setting] = parsed;
    return SETTING_OK;
}

const char *setting_nearest(const char *name)
{
    struct nearest nearest;
    nearest_init(&nearest, name);
    for (int i = 0; i < SETTING_COUNT; i++) {
        const struct setting_info *info = &rows[i].info;
        nearest_offer(&nearest, info->name);
        for (size_t a = 0; a < 2 && info->aliases[a]; a++)
            nearest_offer(&nearest, info->aliases[a]);
    }
    return nearest.best;
}

const char *setting_format(enum setting setting, int64_t value, char *buffer, size_t size)
{
    const struct row *row = &rows[setting];
    if (row->kind == VALUE_POLICY && value >= 0 && value < POLICY_COUNT) {
        snprintf(buffer, size, "%s", policies[value]);
        return buffer;
    }
    if (row->kind == VALUE_YES_NO) {
        snprintf(buffer, size, "%s", yes_no[value != 0]);
        return buffer;
    }
    if (row->kind == VALUE_BYTES && value > 0) {
        for (size_t i = 0; i < 3; i++) {
            if (value % units[i].factor == 0) {
                snprintf(buffer, size, "%" PRId64 "%s", value / units[i].factor, units[i].suffix);
                return buffer;
            }
        }
    }
    snprintf(buffer, size, "%" PRId64, value);
    return buffer;
}
