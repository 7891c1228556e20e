/* Arrays (Redis 8.8). MEMORY USAGE counts what is held: a counter in the array itself runs along. */
#include "shape_internal.h"
#include "tally.h"
#include "value_parts.h"

struct array_part {
    const char *source;
    uint8_t array_bytes; /* sizeof redisArray */
};

const struct array_part array_redis_8_8 = {
    .source = "redis 8.8 (unstable 2e46d2e73) src/sparsearray.h, src/sparsearray.c",
    .array_bytes = 80,
};

static void add(struct tally *t, enum cost_part cause, const char *what, uint64_t count, uint64_t asked, uint64_t bytes)
{
    tally_add(t, cause, what, 0, count, asked, bytes);
    tally_usage(t, bytes);
}

static void add_directory(const struct cost_context *c, struct tally *t, const struct array_geometry *geometry)
{
    if (geometry->directory) {
        uint64_t bytes = 8 * geometry->directory;
        add(t, COST_TABLE, "directory of slices", 1, bytes, held(c, bytes));
    }
    if (geometry->blocks == 0)
        return;
    uint64_t entries = ARRAY_DIRECTORY_ENTRY_BYTES * geometry->block_capacity, block = 8 * ARRAY_BLOCK_SLOTS;
    add(t, COST_TABLE, "directory of blocks", 1, entries, held(c, entries));
    add(t, COST_TABLE, "block of slices", geometry->blocks, geometry->blocks * block,
        geometry->blocks * held(c, block));
}

void array_cost(const struct cost_context *c, struct tally *t)
{
    const struct array_shape *array = &c->shape->array;
    const struct array_geometry *geometry = array_shape_geometry(array, c->settings);
    uint64_t structure = c->server->array->array_bytes;
    unsigned allocator = c->view->allocator;
    t->encoding = ENCODING_SLICED_ARRAY;
    add(t, COST_TABLE, "array", 1, structure, held(c, structure));
    add_directory(c, t, geometry);
    add(t, COST_TABLE, "slice", geometry->slices, geometry->slice_asked, geometry->slice_held[allocator]);
    add(t, COST_ELEMENT, "string element", array->strings, array->string_asked, array->string_held[allocator]);
    tally_move(t, COST_ELEMENT, COST_PAYLOAD, array->string_bytes);
    if (!array->is_unordered)
        tally_move(t, COST_TABLE, COST_PAYLOAD, 8 * (c->shape->elements - array->strings)); /* those inside a slot */
}
