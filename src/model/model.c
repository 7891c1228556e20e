/* The cost of one key under one view, and of both its forms. */
#include "hash_part.h"
#include "keyspace_part.h"
#include "list_part.h"
#include "set_part.h"
#include "shape_internal.h"
#include "string_part.h"
#include "value_parts.h"
#include "zset_part.h"

static void set_value(const struct cost_context *c, struct tally *t)
{
    struct loaded loaded;
    set_load(c, &loaded);
    set_cost(c, t, &loaded);
}

static void zset_value(const struct cost_context *c, struct tally *t)
{
    struct loaded loaded;
    zset_load(c, &loaded);
    zset_cost(c, t, &loaded);
}

static void hash_value(const struct cost_context *c, struct tally *t)
{
    struct loaded loaded;
    hash_load(c, &loaded);
    hash_cost(c, t, &loaded);
}

static void stream_value(const struct cost_context *c, struct tally *t)
{
    t->encoding = ENCODING_STREAM;
    if (c->server->stream)
        stream_cost(c, t);
}

static void array_value(const struct cost_context *c, struct tally *t)
{
    t->encoding = ENCODING_SLICED_ARRAY;
    if (c->server->array)
        array_cost(c, t);
}

static void vectorset_value(const struct cost_context *c, struct tally *t)
{
    t->encoding = ENCODING_VECTORSET;
    if (c->server->vectorset)
        vectorset_cost(c, t);
}

static void module_value(const struct cost_context *c, struct tally *t)
{
    t->encoding = ENCODING_MODULE;
    module_cost(c, t);
}

/* Values beside their key's shell; strings are one with it. */
static void (*const values[OBJECT_TYPE_COUNT])(const struct cost_context *c, struct tally *t) = {
    [OBJECT_LIST] = list_cost,
    [OBJECT_SET] = set_value,
    [OBJECT_ZSET] = zset_value,
    [OBJECT_HASH] = hash_value,
    [OBJECT_STREAM] = stream_value,
    [OBJECT_ARRAY] = array_value,
    [OBJECT_VECTORSET] = vectorset_value,
    [OBJECT_MODULE] = module_value,
};

static struct cost_context context_for(const struct plan *plan, size_t view, const struct settings *settings,
                                       const struct shape *shape, const struct key_facts *key)
{
    const struct planned_view *planned = &plan->view[view];
    const struct settings *own = &planned->view.settings;
    bool is_module = shape->type == OBJECT_MODULE || shape->type == OBJECT_VECTORSET;
    bool same_cluster = !settings || settings->value[SETTING_CLUSTER_ENABLED] == own->value[SETTING_CLUSTER_ENABLED];
    return (struct cost_context){.plan = plan,
                                 .view = planned,
                                 .server = planned->view.server,
                                 .classes = planned->classes,
                                 .settings = settings ? settings : own,
                                 .shells = is_module || !same_cluster ? NULL : planned->shells,
                                 .shape = shape,
                                 .key = key};
}

static void cost_in(const struct cost_context *c, struct cost *cost, struct cost_lines *lines)
{
    struct tally t;
    tally_init(&t, cost, lines);
    if (c->shape->type == OBJECT_STRING) {
        string_cost(c, &t);
    } else {
        uint64_t behind = keyspace_shell(c, &t, SHELL_WITH_OBJECT);
        values[c->shape->type](c, &t);
        tally_usage(&t, behind);
    }
    if (c->view->lacks >> c->shape->type & 1) {
        *cost = (struct cost){.encoding = t.encoding};
        if (lines)
            lines->count = 0;
        return;
    }
    cost->size_in_bytes = t.held;
    cost->memory_usage = c->server->has_memory_usage ? t.usage : 0;
    cost->encoding = t.encoding;
}

void model_cost(const struct plan *plan, size_t view, const struct settings *settings, const struct shape *shape,
                const struct key_facts *key, struct cost *cost)
{
    struct cost_context c = context_for(plan, view, settings, shape, key);
    cost_in(&c, cost, NULL);
}

uint64_t model_expiry_bytes(const struct plan *plan, size_t view, const struct shape *shape,
                            const struct key_facts *key, uint64_t without)
{
    const struct planned_view *planned = &plan->view[view];
    uint64_t entry = planned->view.server->keyspace->expires_entry;
    if (entry)
        return size_classes_held(planned->classes, entry);
    struct key_facts expiring = *key;
    struct cost cost;
    expiring.has_expiry = true;
    model_cost(plan, view, NULL, shape, &expiring, &cost);
    return cost.size_in_bytes - without;
}

void model_explain(const struct plan *plan, size_t view, const struct shape *shape, const struct key_facts *key,
                   struct cost *cost, struct cost_lines *lines)
{
    struct cost_context c = context_for(plan, view, NULL, shape, key);
    cost_in(&c, cost, lines);
}

uint64_t model_pending_bytes(const struct plan *plan, size_t view, const struct shape *shape)
{
    const struct key_facts key = {.name_len = 0};
    struct cost_context c = context_for(plan, view, NULL, shape, &key);
    return shape->type == OBJECT_STREAM ? stream_pending_bytes(&c) : 0;
}

/* ---- both forms ----------------------------------------------------------------------------------------------------
 */

/* The types that a threshold decides about. */
static const struct {
    void (*load)(const struct cost_context *c, struct loaded *loaded);
    void (*cost)(const struct cost_context *c, struct tally *t, const struct loaded *loaded);
} packable[OBJECT_TYPE_COUNT] = {
    [OBJECT_SET] = {set_load, set_cost},
    [OBJECT_ZSET] = {zset_load, zset_cost},
    [OBJECT_HASH] = {hash_load, hash_cost},
};

static bool is_table(const struct loaded *loaded)
{
    return loaded->encoding == ENCODING_HASHTABLE || loaded->encoding == ENCODING_SKIPLIST;
}

bool model_packing(const struct plan *plan, size_t view, const struct settings *settings, const struct shape *shape,
                   const struct key_facts *key, struct packing *packing)
{
    enum object_type type = shape->type;
    if (!packable[type].load)
        return false;
    struct cost_context c = context_for(plan, view, settings, shape, key);
    struct loaded now, other;
    packable[type].load(&c, &now);
    *packing = (struct packing){.reason = now.reason};
    if (now.reason != UNPACKED_NOT) {
        packing->limit_setting = now.limit_setting;
        packing->limit = c.settings->value[now.limit_setting];
        packing->actual = now.actual;
    }
    struct cost unused; /* of the tallies only their sums are wanted */
    struct tally shell;
    tally_init(&shell, &unused, NULL);
    keyspace_shell(&c, &shell, SHELL_WITH_OBJECT);
    struct tally now_tally = shell, other_tally = shell;
    packable[type].cost(&c, &now_tally, &now);
    c.settings = is_table(&now) ? &plan->everything_packed : &plan->nothing_packed;
    packable[type].load(&c, &other);
    bool has_other = is_table(&other) != is_table(&now);
    if (has_other)
        packable[type].cost(&c, &other_tally, &other);
    const struct loaded *packed = is_table(&now) ? (has_other ? &other : NULL) : &now;
    packing->packed_len = packed ? packed->packed_len : 0;
    packing->packed_encoding = packed ? packed->encoding : now.encoding;
    packing->packed_bytes = packed == &now ? now_tally.held : packed ? other_tally.held : 0;
    packing->table_bytes = is_table(&now) ? now_tally.held : has_other ? other_tally.held : 0;
    return true;
}

bool model_list_packing(const struct plan *plan, size_t view, const struct shape *shape, const struct key_facts *key,
                        struct packing *packing, bool *limit_is_bytes)
{
    struct cost_context c = context_for(plan, view, NULL, shape, key);
    *packing = (struct packing){.reason = UNPACKED_NOT};
    return shape->type == OBJECT_LIST && list_packing(&c, packing, limit_is_bytes);
}
