/* Vector sets (Redis 8.0+) and the values of other modules. */
#include "shape_internal.h"
#include "stream_part.h"
#include "tally.h"
#include "value_parts.h"

struct vectorset_part {
    const char *source;
    uint16_t set_bytes, index_bytes; /* sizeof struct vsetObject, HNSW */
    uint8_t dict_bytes;              /* sizeof RedisModuleDict */
};

const struct vectorset_part vectorset_redis_8_0 = {
    .source = "redis 8.0.5 .. 8.6 modules/vector-sets/vset.c, hnsw.h, src/module.c",
    .set_bytes = 112,
    .index_bytes = 1672,
    .dict_bytes = 8,
};
const struct vectorset_part vectorset_redis_8_8 = {
    .source = "redis 8.8 (unstable 2e46d2e73) src/module.c RedisModuleDict: alloc_size",
    .set_bytes = 112,
    .index_bytes = 1672,
    .dict_bytes = 16,
};

enum { MODULE_VALUE_BYTES = 16, NODE_VALUE_BYTES = 16 }; /* sizeof moduleValue, struct vsetNodeVal */

static void add(const struct cost_context *c, struct tally *t, enum cost_part cause, const char *what, uint64_t count,
                uint64_t bytes)
{
    tally_add(t, cause, what, 0, count, count * bytes, count * held(c, bytes));
}

static unsigned headers(const struct cost_context *c)
{
    return c->server->stream->name == TEXT_SDS_3_2 ? VECTORSET_TEXT_3_2 : VECTORSET_TEXT_8_2;
}

static void add_elements(const struct cost_context *c, struct tally *t, const struct vectorset_shape *set)
{
    unsigned a = c->view->allocator, h = headers(c);
    uint64_t vector = vectorset_vector_bytes(set);
    add(c, t, COST_ELEMENT, "element", set->elements, NODE_VALUE_BYTES);
    tally_add(t, COST_ELEMENT, "name or attribute", 0, set->text[h].count, set->text[h].asked, set->text[h].held[a]);
    tally_move(t, COST_ELEMENT, COST_PAYLOAD, set->text_bytes);
    tally_add(t, COST_ELEMENT, "graph node", 0, set->nodes.count, set->nodes.asked, set->nodes.held[a]);
    add(c, t, COST_PAYLOAD, "vector", set->elements, vector);
    tally_add(t, COST_ELEMENT, "links of a node's layer", 0, set->links.count, set->links.asked, set->links.held[a]);
}

/* RM_MallocSizeString: of a string that lies apart the object is counted as asked for. */
static uint64_t counted_text(const struct cost_context *c, const struct vectorset_text *text)
{
    uint64_t bytes = vectorset_text_bytes(text, headers(c), c->classes);
    return text->is_apart ? bytes - held(c, OBJECT_BYTES) + OBJECT_BYTES : bytes;
}

/* VectorSetMemUsage (redis 8.0 modules/vector-sets/vset.c): averages and integer divisions as there. */
static uint64_t usage(const struct cost_context *c, const struct vectorset_shape *set)
{
    const struct vectorset_part *part = c->server->vectorset;
    uint64_t n = set->elements, links = set->last_max_links;
    uint64_t size = part->set_bytes + part->index_bytes + set->matrix_bytes;
    if (n == 0)
        return size;
    uint64_t sampled = n < VECTORSET_SAMPLED ? n : VECTORSET_SAMPLED;
    uint64_t name_bytes = 0, attributes = 0, attribute_bytes = 0;
    for (uint64_t i = 0; i < sampled; i++) {
        name_bytes += counted_text(c, &set->sampled[i].name);
        attribute_bytes += counted_text(c, &set->sampled[i].attribute);
        attributes += set->sampled[i].attribute.is_there;
    }
    if (attributes == 0) {
        attributes = 1;
        attribute_bytes = 64;
    }
    size += HNSW_NODE_BYTES * n + vectorset_vector_bytes(set) * n + HNSW_LAYER_BYTES * n * 4 / 3;
    size += 8 * links * n + 8 * (links / 2) * n / 3;
    size += name_bytes / sampled * n + attribute_bytes / attributes * set->attributes;
    return size + NODE_VALUE_BYTES * n;
}

void vectorset_cost(const struct cost_context *c, struct tally *t)
{
    const struct vectorset_part *part = c->server->vectorset;
    const struct vectorset_shape *set = &c->shape->module.vectorset;
    uint64_t rax = rax_header_bytes(c->server);
    t->encoding = ENCODING_VECTORSET;
    add(c, t, COST_TABLE, "module value", 1, MODULE_VALUE_BYTES);
    add(c, t, COST_TABLE, "vector set", 1, part->set_bytes);
    add(c, t, COST_TABLE, "graph", 1, part->index_bytes);
    add(c, t, COST_TABLE, "dictionary of names", 1, part->dict_bytes);
    add(c, t, COST_TABLE, "radix tree of names", 1, rax);
    tally_add(t, COST_TABLE, "node of the tree of names", 0, set->names.nodes, set->names.asked,
              set->names.held[c->view->allocator]);
    if (set->matrix_bytes)
        add(c, t, COST_TABLE, "projection matrix", 1, set->matrix_bytes);
    add_elements(c, t, set);
    tally_usage(t, usage(c, set));
}

void module_cost(const struct cost_context *c, struct tally *t)
{
    uint64_t stored = c->shape->stored_bytes;
    t->encoding = ENCODING_MODULE;
    tally_add(t, COST_PAYLOAD, "module value, as serialized", 0, 1, stored, stored);
    tally_usage(t, stored);
}
