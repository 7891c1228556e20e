/* Random hashes, sorted sets and sets, made again as often as needed from their seed. */
#ifndef COLLECT_OBJECTS_H
#define COLLECT_OBJECTS_H

#include "collect_random.h"
#include "model/server.h"
#include "model/shape.h"

enum { MAX_ELEMENTS = 9000 };

struct object {
    enum object_type type;
    enum shape_origin origin;
    uint64_t count, seed;
    unsigned long_one_in; /* one element in so many is longer than usual; 0: none */
    bool integers;        /* most elements are */
};

/* A packed origin of a file that the server can load: listpacks came with RDB 10, those of sets with 11. */
static inline enum shape_origin object_packed_origin(const struct server_model *server, const struct object *object)
{
    enum { FIRST_LISTPACK = 10, FIRST_SET_LISTPACK = 11 };
    if (object->type == OBJECT_SET && object->integers)
        return ORIGIN_INTSET;
    if (object->type == OBJECT_SET)
        return server->rdb_version >= FIRST_SET_LISTPACK ? ORIGIN_LISTPACK : ORIGIN_ELEMENTS;
    return server->rdb_version >= FIRST_LISTPACK && object->seed % 2 ? ORIGIN_LISTPACK : ORIGIN_ZIPLIST;
}

static inline struct object object_random(const struct server_model *server, uint64_t *seed)
{
    static const enum object_type type[] = {OBJECT_HASH, OBJECT_ZSET, OBJECT_SET};
    struct object object = {.type = type[next_random(seed) % 3], .origin = ORIGIN_ELEMENTS};
    object.count = 1 + next_size(seed, next_random(seed) % 8 ? 11 : 14) % MAX_ELEMENTS;
    object.seed = next_random(seed);
    object.integers = next_random(seed) % 3 == 0;
    object.long_one_in = next_random(seed) % 2 ? 1 + next_random(seed) % 600 : 0;
    if (next_random(seed) % 2 && object.count < 3000)
        object.origin = object_packed_origin(server, &object);
    if (object.origin == ORIGIN_INTSET)
        object.long_one_in = 0;
    return object;
}

static inline struct shape_text object_text(const struct object *object, uint64_t *seed, uint64_t i)
{
    struct shape_text text = {.len = 1 + next_random(seed) % 40};
    bool may_be_text = object->origin != ORIGIN_INTSET;
    if (object->integers && (!may_be_text || next_random(seed) % 2000)) {
        char digits[24];
        int len = snprintf(digits, sizeof digits, "%u", (unsigned)(i * 7 + 1000));
        return shape_text_of((const uint8_t *)digits, (uint64_t)len);
    }
    if (object->long_one_in && next_random(seed) % object->long_one_in == 0)
        text.len = 1 + next_random(seed) % 1500;
    return text;
}

static inline void object_add_element(struct shape *shape, const struct object *object, uint64_t *seed, uint64_t i)
{
    struct shape_text text = object_text(object, seed, i);
    if (object->type == OBJECT_HASH) {
        struct shape_text value = object_text(object, seed, i + 1);
        shape_hash_field(shape, &text, &value, 0);
    } else if (object->type == OBJECT_ZSET) {
        shape_zset_member(shape, &text, (double)i);
    } else {
        shape_set_member(shape, &text);
    }
}

static inline struct record object_build(struct shape *shape, const struct object *object, const struct plan *plan)
{
    uint64_t seed = object->seed;
    bool is_packed = object->origin != ORIGIN_ELEMENTS;
    shape_begin(shape, object->type, object->origin, is_packed ? 0 : object->count);
    if (is_packed)
        shape_blob(shape, 7 + object->count * 30, object->origin == ORIGIN_INTSET ? 4 : 0);
    for (uint64_t i = 0; i < object->count; i++)
        object_add_element(shape, object, &seed, i);
    shape_end(shape, object->count * 20);
    struct record record = record_named("key", 3, 0);
    record.type = object->type;
    record.shape = shape;
    record.facts.name_len = 3;
    record.elements = shape_elements(shape);
    record.longest = shape_longest(shape);
    model_cost(plan, 0, NULL, shape, &record.facts, &record.cost);
    return record;
}

static inline struct plan *plan_of(const struct server_model *server)
{
    struct plan_view view = {server, allocator_get(server->allocator), *server->defaults};
    return plan_new(&view, 1);
}

#endif
