#include "field_expiry.h"

#include <stdlib.h>

#include "chance.h"
#include "dict_growth.h"
#include "ebuckets.h"
#include "grow.h"
#include "shape_internal.h"
#include "table_size.h"
#include "tally.h"
#include "value_parts.h"
#include "vset.h"

/* The indexes as last played through. */
struct field_expiry_play {
    struct ebuckets ebuckets;
    struct ebuckets_sum ebuckets_sum;
    struct vset vset;
    struct vset_sum vset_sum;
    bool has_ebuckets, has_vset;
    uint64_t sorted; /* logged fields that ebuckets took in order of expiry */
    const struct plan *plan;
};

void field_expiry_init(struct field_expiry_shape *fields, const struct plan *plan)
{
    size_t unused = 0;
    *fields = (struct field_expiry_shape){.play = grow(NULL, &unused, 1, sizeof *fields->play)};
    *fields->play = (struct field_expiry_play){.plan = plan};
    ebuckets_init(&fields->play->ebuckets, plan->classes, plan->allocator_count);
    vset_init(&fields->play->vset);
}

void field_expiry_release(struct field_expiry_shape *fields)
{
    ebuckets_release(&fields->play->ebuckets);
    vset_release(&fields->play->vset);
    free(fields->play);
    free(fields->logged);
    *fields = (struct field_expiry_shape){0};
}

void field_expiry_begin(struct field_expiry_shape *fields)
{
    fields->count = 0;
    fields->earliest_at_ms = 0;
    fields->logged_count = 0;
    fields->is_playing = false;
    fields->play->has_ebuckets = fields->play->has_vset = false;
}

static void play_ebuckets(struct field_expiry_play *play, const struct field_expiry_logged *logged, size_t count)
{
    ebuckets_clear(&play->ebuckets);
    for (size_t i = 0; i < count; i++)
        ebuckets_add(&play->ebuckets, logged[i].expire_at_ms);
}

static void play_vset(struct field_expiry_play *play, const struct field_expiry_logged *logged, size_t count)
{
    vset_clear(&play->vset);
    for (size_t i = 0; i < count; i++)
        vset_add(&play->vset, logged[i].expire_at_ms);
}

void field_expiry_add(struct field_expiry_shape *fields, uint64_t index, int64_t expire_at_ms)
{
    if (fields->count++ == 0 || expire_at_ms < fields->earliest_at_ms)
        fields->earliest_at_ms = expire_at_ms;
    if (fields->logged_count < FIELD_EXPIRY_MAX_LOGGED) {
        fields->logged =
            grow(fields->logged, &fields->logged_capacity, fields->logged_count + 1, sizeof *fields->logged);
        fields->logged[fields->logged_count++] = (struct field_expiry_logged){index, expire_at_ms};
        return;
    }
    if (!fields->is_playing) {
        fields->is_playing = true;
        play_ebuckets(fields->play, fields->logged, fields->logged_count);
        play_vset(fields->play, fields->logged, fields->logged_count);
    }
    ebuckets_add(&fields->play->ebuckets, expire_at_ms);
    vset_add(&fields->play->vset, expire_at_ms);
}

bool field_expiry_is_coarse(const struct field_expiry_shape *fields)
{
    const struct field_expiry_play *play = fields->play;
    return fields->is_playing && (play->ebuckets.items > play->ebuckets.played || play->vset.items > play->vset.played);
}

/* ---- Redis ---- */

static int compare_expiries(const void *a, const void *b)
{
    const struct field_expiry_logged *x = a, *y = b;
    if (x->expire_at_ms != y->expire_at_ms)
        return x->expire_at_ms < y->expire_at_ms ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Plays the log with its first `sorted` fields in order of expiry. */
static void play_sorted(struct field_expiry_play *play, const struct field_expiry_logged *logged, size_t count,
                        size_t sorted)
{
    size_t unused = 0;
    struct field_expiry_logged *order = grow(NULL, &unused, count, sizeof *order);
    for (size_t i = 0; i < count; i++)
        order[i] = logged[i];
    qsort(order, sorted, sizeof *order, compare_expiries);
    play_ebuckets(play, order, count);
    free(order);
}

static const struct ebuckets_sum *ebuckets_played(const struct field_expiry_shape *fields, uint64_t sorted_fields)
{
    struct field_expiry_play *play = fields->play;
    size_t sorted = 0;
    while (!fields->is_playing && sorted < fields->logged_count && fields->logged[sorted].index < sorted_fields)
        sorted++;
    if (play->has_ebuckets && play->sorted == sorted)
        return &play->ebuckets_sum;
    if (sorted > 1)
        play_sorted(play, fields->logged, fields->logged_count, sorted);
    else if (!fields->is_playing)
        play_ebuckets(play, fields->logged, fields->logged_count);
    ebuckets_measure(&play->ebuckets, &play->ebuckets_sum);
    play->has_ebuckets = true;
    play->sorted = sorted;
    return &play->ebuckets_sum;
}

void ebuckets_cost(const struct cost_context *c, struct tally *t, uint64_t sorted_fields)
{
    const struct field_expiry_shape *fields = &c->shape->field_expiry;
    if (fields->count <= EBUCKETS_SEGMENT_ITEMS)
        return;
    const struct ebuckets_sum *sum = ebuckets_played(fields, sorted_fields);
    uint64_t head = rax_header_bytes(c->server) + EBUCKETS_COUNTER_BYTES;
    uint64_t first = EBUCKETS_FIRST_SEGMENT_BYTES, next = EBUCKETS_NEXT_SEGMENT_BYTES;
    tally_add(t, COST_TABLE, "field expiry index", 0, 1, head, held(c, head));
    tally_add(t, COST_TABLE, "field expiry index: radix tree nodes", 0, sum->tree.nodes, sum->tree.asked,
              sum->tree.held[c->view->allocator]);
    tally_add(t, COST_TABLE, "field expiry index: buckets", 0, sum->first_segments, sum->first_segments * first,
              sum->first_segments * held(c, first));
    tally_add(t, COST_TABLE, "field expiry index: further segments", 0, sum->next_segments, sum->next_segments * next,
              sum->next_segments * held(c, next));
}

/* ---- Valkey ---- */

/* Tables of a vset are never presized (valkey 9.0 src/vset.c hashtableCreate, hashtableAdd). */
static const struct growth_rule vset_table_growth = {.is_hashtable = true};

static const struct vset_sum *vset_played(const struct field_expiry_shape *fields)
{
    struct field_expiry_play *play = fields->play;
    if (!play->has_vset) {
        if (!fields->is_playing)
            play_vset(play, fields->logged, fields->logged_count);
        vset_measure(&play->vset, play->plan->classes, play->plan->allocator_count, &play->vset_sum);
        play->has_vset = true;
    }
    return &play->vset_sum;
}

/* Buckets of all tables: held, and the asked bytes that MEMORY USAGE counts. Child buckets by their expectation. */
static void add_tables(const struct cost_context *c, struct tally *t, const struct vset *vset, uint64_t struct_bytes)
{
    uint64_t tables = 0, arrays = 0, asked = 0, array_held = 0, children = 0, at_count;
    size_t at = 0;
    while ((at_count = vset_next_table(vset, &at)) > 0) {
        struct dict_growth table;
        dict_growth_init(&table, &vset_table_growth);
        dict_growth_insert(&table, at_count);
        tables++;
        for (unsigned i = 0; i < 2 && table.size[i]; i++) {
            uint64_t bytes = table.size[i] * HASHTABLE_BUCKET_BYTES;
            arrays++;
            asked += bytes;
            array_held += held(c, bytes);
        }
        children += chance_chained(at_count, table.size[1] ? table.size[1] : table.size[0]);
    }
    uint64_t chained = chance_bytes(children, HASHTABLE_BUCKET_BYTES);
    tally_add(t, COST_TABLE, "field expiry index: hash tables", 0, tables, tables * struct_bytes,
              tables * held(c, struct_bytes));
    tally_add(t, COST_TABLE, "field expiry index: hash table buckets", 0, arrays, asked, array_held);
    tally_add(t, COST_TABLE, "field expiry index: chained buckets (expected)", 0, chained / HASHTABLE_BUCKET_BYTES,
              chained, chance_bytes(children, held(c, HASHTABLE_BUCKET_BYTES)));
    tally_usage(t, tables * struct_bytes + asked + chained);
}

static void add_vectors(const struct cost_context *c, struct tally *t, const struct vset_sum *sum)
{
    uint64_t count = 0, asked = 0, vector_held = 0;
    uint64_t pair = vset_vector_bytes(2);
    for (unsigned len = 1; len <= VSET_VECTOR_MAX; len++) {
        uint64_t bytes = vset_vector_bytes(len);
        if (sum->vectors[len] == 0)
            continue;
        count += sum->vectors[len];
        asked += sum->vectors[len] * bytes;
        vector_held += sum->vectors[len] * held(c, bytes);
    }
    tally_add(t, COST_TABLE, "field expiry index: vectors", 0, count, asked, vector_held);
    tally_usage(t, vector_held - sum->fresh_pairs * (held(c, pair) - pair));
}

void vset_cost(const struct cost_context *c, struct tally *t, uint64_t struct_bytes)
{
    const struct field_expiry_shape *fields = &c->shape->field_expiry;
    if (fields->count <= 1)
        return;
    const struct vset_sum *sum = vset_played(fields);
    add_vectors(c, t, sum);
    if (!sum->has_tree)
        return;
    uint64_t nodes_held = sum->tree.held[c->view->allocator], rax_header = rax_header_bytes(c->server);
    tally_add(t, COST_TABLE, "field expiry index", 0, 1, rax_header, held(c, rax_header));
    tally_add(t, COST_TABLE, "field expiry index: radix tree nodes", 0, sum->tree.nodes, sum->tree.asked, nodes_held);
    tally_usage(t, held(c, rax_header) + nodes_held);
    if (sum->tables)
        add_tables(c, t, &fields->play->vset, struct_bytes);
}
