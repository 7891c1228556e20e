/* Any calls on a shape, as a hostile snapshot would make them: claimed lengths without bytes, counts that do not fit,
 * calls in an order that no value has. Every server's cost must come out, and its parts must add up. */
#include <stdlib.h>
#include <string.h>

#include "model/shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int fine)
{
    if (!fine)
        abort();
}

struct bytes {
    const uint8_t *at, *end;
};

static uint64_t take(struct bytes *in)
{
    uint64_t value = 0;
    size_t left = (size_t)(in->end - in->at), len = 0;
    if (left == 0)
        return 0;
    static const uint8_t widths[8] = {0, 0, 0, 1, 1, 2, 4, 8};
    uint8_t first = *in->at++;
    len = widths[first >> 5];
    left--;
    len = len < left ? len : left;
    memcpy(&value, in->at, len);
    in->at += len;
    return len ? value : first & 31;
}

static struct shape_text take_text(struct bytes *in)
{
    uint64_t kind = take(in);
    struct shape_text text = {.len = take(in)};
    if (kind & 1) {
        text.is_integer = true;
        text.stored_as_integer = kind & 2;
        text.integer = (int64_t)take(in);
        text.len = 1 + text.len % 20;
    }
    return text;
}

static double take_score(struct bytes *in)
{
    uint64_t bits = take(in);
    double score;
    memcpy(&score, &bits, sizeof score);
    return score;
}

/* All of a short text, as much of another as there is. */
static void show_bytes(struct shape *shape, const struct bytes *in, uint64_t len)
{
    static const uint8_t zeros[10000];
    size_t left = (size_t)(in->end - in->at);
    if (len <= sizeof zeros && left < len)
        shape_list_bytes(shape, zeros, (size_t)len);
    else
        shape_list_bytes(shape, in->at, left < len ? left : (size_t)len);
}

static void add_element(struct shape *shape, struct bytes *in)
{
    struct shape_text a = take_text(in), b;
    uint64_t how;
    switch (shape_type(shape)) {
    case OBJECT_STRING:
        shape_string(shape, &a, take(in) & 1);
        break;
    case OBJECT_LIST:
        how = take(in);
        if (how % 4 == 0)
            shape_list_node(shape, take(in), take(in) & 1, take(in));
        if (how & 4)
            show_bytes(shape, in, a.len);
        shape_list_element(shape, &a);
        break;
    case OBJECT_SET:
        shape_set_member(shape, &a);
        break;
    case OBJECT_ZSET:
        shape_zset_member(shape, &a, take_score(in));
        break;
    case OBJECT_HASH:
        b = take_text(in);
        shape_hash_field(shape, &a, &b, (int64_t)take(in));
        break;
    default:
        break;
    }
}

static void check_costs(const struct plan *plan, const struct shape *shape, const struct key_facts *key)
{
    for (size_t view = 0; view < plan_view_count(plan); view++) {
        struct cost_line line[8];
        struct cost_lines lines = {line, 0, 8};
        struct cost cost, explained;
        struct packing packing;
        model_cost(plan, view, NULL, shape, key, &cost);
        model_explain(plan, view, shape, key, &explained, &lines);
        model_packing(plan, view, NULL, shape, key, &packing);
        uint64_t parts = 0, held = 0;
        for (int i = 0; i < COST_PART_COUNT; i++)
            parts += cost.part[i];
        for (size_t i = 0; i < lines.count; i++)
            held += line[i].held;
        need(parts == cost.size_in_bytes && explained.size_in_bytes == cost.size_in_bytes);
        need(held == cost.size_in_bytes);
    }
}

static struct plan *plan_of_all(void)
{
    size_t count;
    const struct server_model *servers = server_models(&count);
    struct plan_view views[PLAN_MAX_VIEWS];
    for (size_t i = 0; i < count; i++) {
        views[i] = (struct plan_view){&servers[i], allocator_get((enum allocator_id)(i % ALLOCATOR_COUNT)),
                                      *servers[i].defaults};
        views[i].settings.value[SETTING_LIST_COMPRESS_DEPTH] = (int64_t)(i % 3);
    }
    return plan_new(views, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = {data, data + size};
    static struct plan *plan; /* immutable, and dear to make */
    if (!plan)
        plan = plan_of_all();
    struct shape *shape = shape_new(plan);
    while (in.at < in.end) {
        enum object_type type = (enum object_type)(take(&in) % (OBJECT_HASH + 1));
        uint64_t elements = take(&in) % 300;
        shape_begin(shape, type, (enum shape_origin)(take(&in) % ORIGIN_COUNT), take(&in));
        if (take(&in) & 1)
            shape_blob(shape, take(&in), (unsigned)take(&in) & 8);
        for (uint64_t i = 0; i < elements && in.at < in.end; i++)
            add_element(shape, &in);
        shape_end(shape, take(&in));
        struct key_facts key = {.name_len = take(&in), .has_expiry = take(&in) & 1, .metadata_classes = take(&in) & 7};
        check_costs(plan, shape, &key);
    }
    shape_free(shape);
    return 0;
}
