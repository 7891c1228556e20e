#include "keyspace_part.h"
#include "grow.h"

#include <stdlib.h>
#include <string.h>

#include "shape_internal.h"

/* ---- history: each row says what changed --------------------------------------------------------------------------
 */

const struct keyspace_part keyspace_redis_2_8 = {
    .source = "redis 2.8.24 src/dict.h, src/sds.h, src/redis.h",
    .layout = SHELL_SEPARATE,
    .name = &sds_2_8,
    .counted = &sds_2_8,
    .entry_bytes = 24,
    .expires_entry = 24,
    .tables = &tables_redis_2_8,
};

/* Cluster mode. */
const struct keyspace_part keyspace_redis_3_0 = {
    .source = "redis 3.0.7 src/dict.h, src/sds.h, src/redis.h",
    .layout = SHELL_SEPARATE,
    .name = &sds_2_8,
    .counted = &sds_2_8,
    .entry_bytes = 24,
    .expires_entry = 24,
    .tables = &tables_redis_3_0,
};

/* Shorter string headers. */
const struct keyspace_part keyspace_redis_3_2 = {
    .source = "redis 3.2.13 src/dict.h, src/sds.h",
    .layout = SHELL_SEPARATE,
    .name = &sds_3_2,
    .counted = &sds_3_2,
    .entry_bytes = 24,
    .expires_entry = 24,
    .tables = &tables_redis_3_2,
};

/* MEMORY USAGE; it measures the command's argument instead of the key. */
const struct keyspace_part keyspace_redis_4_0 = {
    .source = "redis 4.0.14 src/object.c memoryCommand",
    .layout = SHELL_SEPARATE,
    .name = &sds_3_2,
    .counted = &sds_argument,
    .entry_bytes = 24,
    .expires_entry = 24,
    .tables = &tables_redis_4_0,
};

const struct keyspace_part keyspace_redis_5_0 = {
    .source = "redis 5.0.14 src/object.c memoryCommand",
    .layout = SHELL_SEPARATE,
    .name = &sds_3_2,
    .counted = &sds_3_2,
    .entry_bytes = 24,
    .expires_entry = 24,
    .tables = &tables_redis_4_0,
};

/* MEMORY USAGE counts the name as held. */
const struct keyspace_part keyspace_redis_6_0 = {
    .source = "redis 6.0.20, 6.2.16 src/object.c memoryCommand (sdsZmallocSize)",
    .layout = SHELL_SEPARATE,
    .name = &sds_3_2,
    .counted = &sds_3_2,
    .name_counted = COUNTED_HELD,
    .entry_bytes = 24,
    .expires_entry = 24,
    .tables = &tables_redis_4_0,
};

/* Cluster: keys of a slot are linked through their entries. */
const struct keyspace_part keyspace_redis_7_0 = {
    .source = "redis 7.0.15 src/dict.h, src/cluster.h clusterDictEntryMetadata",
    .layout = SHELL_SEPARATE,
    .name = &sds_3_2,
    .counted = &sds_3_2,
    .name_counted = COUNTED_HELD,
    .entry_bytes = 24,
    .entry_cluster = 16,
    .counted_cluster = 16,
    .expires_entry = 24,
    .tables = &tables_redis_7_0,
};

/* MEMORY USAGE adds the size of the dict's metadata instead of the entry's. */
const struct keyspace_part keyspace_redis_7_2 = {
    .source = "redis 7.2.12 src/object.c memoryCommand",
    .layout = SHELL_SEPARATE,
    .name = &sds_3_2,
    .counted = &sds_3_2,
    .name_counted = COUNTED_HELD,
    .entry_bytes = 24,
    .entry_cluster = 16,
    .counted_cluster = 8,
    .expires_entry = 24,
    .tables = &tables_redis_7_0,
};

/* One table per slot instead. */
const struct keyspace_part keyspace_redis_7_4 = {
    .source = "redis 7.4.7 src/kvstore.c",
    .layout = SHELL_SEPARATE,
    .name = &sds_3_2,
    .counted = &sds_3_2,
    .name_counted = COUNTED_HELD,
    .entry_bytes = 24,
    .expires_entry = 24,
    .tables = &tables_redis_7_4,
};

const struct keyspace_part keyspace_redis_8_0 = {
    .source = "redis 8.0.5 src/kvstore.c, src/object.c",
    .layout = SHELL_SEPARATE,
    .name = &sds_3_2,
    .counted = &sds_3_2,
    .name_counted = COUNTED_HELD,
    .entry_bytes = 24,
    .expires_entry = 24,
    .module_without_object = true,
    .tables = &tables_redis_8_0,
};

/* Key, expiry and object header in one block, and no entry. */
const struct keyspace_part keyspace_redis_8_2 = {
    .source = "redis 8.2.3 src/object.c kvobjCreate",
    .layout = SHELL_KVOBJ,
    .name = &sds_embedded,
    .takes_spare_slot = true,
    .tables = &tables_redis_8_2,
};

/* MEMORY USAGE answers from counters of asked bytes. */
const struct keyspace_part keyspace_redis_8_4 = {
    .source = "redis 8.4.0 src/object.c kvobjCreate, kvobjAllocSize",
    .layout = SHELL_KVOBJ,
    .name = &sds_embedded,
    .takes_spare_slot = true,
    .counts_asked = true,
    .tables = &tables_redis_8_4,
};

/* The expiry before the header, key metadata beside it; counted as held. */
const struct keyspace_part keyspace_redis_8_6 = {
    .source = "redis/redis 3339b753b (8.6) src/object.c kvobjCreate, src/keymeta.c",
    .layout = SHELL_KVOBJ,
    .name = &sds_embedded,
    .tables = &tables_redis_8_4,
};

const struct keyspace_part keyspace_redis_8_8 = {
    .source = "redis/redis 2e46d2e73 (8.8) src/object.c, src/kvstore.c",
    .layout = SHELL_KVOBJ,
    .name = &sds_embedded,
    .tables = &tables_redis_8_8,
};

/* As Redis 7.2. */
const struct keyspace_part keyspace_valkey_7_2 = {
    .source = "valkey 7.2.13 src/dict.c, src/object.c",
    .layout = SHELL_SEPARATE,
    .name = &sds_3_2,
    .counted = &sds_3_2,
    .name_counted = COUNTED_HELD,
    .entry_bytes = 24,
    .entry_cluster = 16,
    .counted_cluster = 8,
    .expires_entry = 24,
    .tables = &tables_valkey_7_2,
};

/* The name inside the entry, behind a byte that tells its header. */
const struct keyspace_part keyspace_valkey_8_0 = {
    .source = "valkey 8.0.9 src/dict.c dictEntryEmbedded",
    .layout = SHELL_ENTRY,
    .name = &sds_8_2,
    .counted = &sds_8_2,
    .name_counted = COUNTED_HELD,
    .entry_bytes = 17,
    .expires_entry = 24,
    .tables = &tables_valkey_8_0,
};

/* Name and expiry inside the object, and no entry. */
const struct keyspace_part keyspace_valkey_8_1 = {
    .source = "valkey 8.1.7 src/object.c createObjectWithKeyAndExpire",
    .layout = SHELL_OBJECT,
    .name = &sds_embedded,
    .takes_spare_slot = true,
    .tables = &tables_valkey_8_1,
};

const struct keyspace_part keyspace_valkey_9_0 = {
    .source = "valkey 9.0.4 src/object.c, src/db.c",
    .layout = SHELL_OBJECT,
    .name = &sds_embedded,
    .takes_spare_slot = true,
    .tables = &tables_valkey_9_0,
};

const struct keyspace_part keyspace_valkey_9_1 = {
    .source = "valkey 9.1.0 src/object.c, src/kvstore.c",
    .layout = SHELL_OBJECT,
    .name = &sds_embedded,
    .takes_spare_slot = true,
    .tables = &tables_valkey_9_1,
};

/* ---- arithmetic ---------------------------------------------------------------------------------------------------
 */

enum { LONG_NAME = 128 }; /* names from here on always bring an expiry slot: kvobjCreate, KEY_SIZE_TO_INCLUDE_EXPIRE */

static uint64_t shell_separate(const struct cost_context *c, struct tally *t, const struct keyspace_part *part)
{
    uint64_t len = c->key->name_len, name = sds_request(part->name, len), name_held = held(c, name);
    bool cluster = c->settings->value[SETTING_CLUSTER_ENABLED];
    uint64_t entry = part->entry_bytes + (cluster ? part->entry_cluster : 0);
    tally_add(t, COST_KEY_NAME, "key name", 0, 1, name, name_held);
    tally_move(t, COST_KEY_NAME, COST_ENTRY, name - len);
    tally_add(t, COST_ENTRY, "keyspace entry", 0, 1, entry, held(c, entry));
    uint64_t counted = part->name_counted == COUNTED_HELD ? name_held : sds_request(part->counted, len);
    return counted + part->entry_bytes + (cluster ? part->counted_cluster : 0);
}

static uint64_t shell_entry(const struct cost_context *c, struct tally *t, const struct keyspace_part *part)
{
    uint64_t len = c->key->name_len, entry = part->entry_bytes + sds_request(part->name, len);
    tally_add(t, COST_KEY_NAME, "keyspace entry with the key name", 0, 1, entry, held(c, entry));
    tally_move(t, COST_KEY_NAME, COST_ENTRY, entry - len);
    return held(c, entry);
}

static uint64_t name_in_object(const struct keyspace_part *part, uint64_t len)
{
    return OBJECT_HEADER_BYTES + 1 + sds_request(part->name, len);
}

uint64_t kvobj_request(const struct cost_context *c)
{
    const struct keyspace_part *part = c->server->keyspace;
    uint64_t request = name_in_object(part, c->key->name_len);
    if (!part->takes_spare_slot)
        request += EXPIRY_SLOT_BYTES * (uint64_t)c->key->metadata_classes;
    if (c->key->has_expiry || c->key->name_len >= LONG_NAME)
        return request + EXPIRY_SLOT_BYTES;
    if (part->takes_spare_slot && held(c, request) >= request + EXPIRY_SLOT_BYTES)
        request += EXPIRY_SLOT_BYTES;
    return request;
}

/* Valkey: built without expiry first, and again with one when there is no slot for it. */
static uint64_t object_request(const struct cost_context *c)
{
    uint64_t request = name_in_object(c->server->keyspace, c->key->name_len);
    if (c->key->name_len >= LONG_NAME)
        return request + EXPIRY_SLOT_BYTES;
    bool has_slot = held(c, request) >= request + EXPIRY_SLOT_BYTES;
    return c->key->has_expiry && !has_slot ? request + EXPIRY_SLOT_BYTES : request;
}

void shell_block(const struct cost_context *c, struct tally *t, uint64_t request, uint64_t payload)
{
    uint64_t len = c->key->name_len;
    tally_add(t, COST_ENTRY, "object with key name", 0, 1, request, held(c, request));
    tally_move(t, COST_ENTRY, COST_KEY_NAME, len);
    tally_move(t, COST_ENTRY, COST_PAYLOAD, payload);
    if (c->key->has_expiry && request - len - payload >= OBJECT_HEADER_BYTES + EXPIRY_SLOT_BYTES)
        tally_move(t, COST_ENTRY, COST_EXPIRES, EXPIRY_SLOT_BYTES);
}

static bool is_module(const struct cost_context *c)
{
    return c->shape->type == OBJECT_MODULE || c->shape->type == OBJECT_VECTORSET;
}

static void shell_expires(const struct cost_context *c, struct tally *t, const struct keyspace_part *part)
{
    if (c->key->has_expiry)
        tally_add(t, COST_EXPIRES, "expires entry", 0, 1, part->expires_entry, held(c, part->expires_entry));
}

static uint64_t shell_beside(const struct cost_context *c, struct tally *t, enum shell_kind kind)
{
    const struct keyspace_part *part = c->server->keyspace;
    if (kind == SHELL_WITH_OBJECT) {
        tally_add(t, COST_ENTRY, "object", 0, 1, OBJECT_HEADER_BYTES, held(c, OBJECT_HEADER_BYTES));
        tally_usage(t, part->module_without_object && is_module(c) ? 0 : OBJECT_HEADER_BYTES);
    }
    shell_expires(c, t, part);
    return part->layout == SHELL_ENTRY ? shell_entry(c, t, part) : shell_separate(c, t, part);
}

uint64_t keyspace_shell_compute(const struct cost_context *c, struct tally *t, enum shell_kind kind)
{
    const struct keyspace_part *part = c->server->keyspace;
    tally_start(t);
    if (part->layout == SHELL_SEPARATE || part->layout == SHELL_ENTRY)
        return shell_beside(c, t, kind);
    uint64_t request = part->layout == SHELL_KVOBJ ? kvobj_request(c) : object_request(c);
    shell_block(c, t, request, 0);
    tally_usage(t, part->counts_asked && !is_module(c) ? request : held(c, request));
    return 0;
}

struct shell_memos *shell_memos_new(const struct plan *plan, const struct planned_view *view)
{
    struct shell_memos *shells = allocate(1, sizeof *shells);
    struct shape *value = allocate(1, sizeof *value); /* any value that is no module's */
    struct cost_context c = {.plan = plan,
                             .view = view,
                             .server = view->view.server,
                             .classes = view->classes,
                             .settings = &view->view.settings,
                             .shape = value};
    for (unsigned i = 0; i < SHELL_KINDS * 2 * (SHELL_NAME_MAX + 1); i++) {
        unsigned kind = i & 1, has_expiry = i >> 1 & 1, len = i >> 2;
        struct key_facts key = {.name_len = len, .has_expiry = has_expiry};
        struct shell_memo *memo = &shells->memo[kind][has_expiry][len];
        struct cost cost;
        struct tally t;
        tally_init(&t, &cost, NULL);
        c.key = &key;
        memo->behind = keyspace_shell_compute(&c, &t, (enum shell_kind)kind);
        memo->held = t.held;
        memo->before = t.usage;
        memcpy(memo->part, cost.part, sizeof memo->part);
    }
    free(value);
    return shells;
}
