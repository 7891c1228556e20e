/* What a module value's cost depends on: a vector set's layout (Redis 8.0+, modules/vector-sets), or just its
 * serialized size. */
#ifndef MODEL_MODULE_SHAPE_H
#define MODEL_MODULE_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "rax_size.h"

struct plan;
struct shape;

/* What the next item of a serialized vector set is, in the order of VectorSetRdbSave. */
enum vectorset_item {
    VECTORSET_DIMENSION,
    VECTORSET_COUNT,
    VECTORSET_CONFIG,
    VECTORSET_FLAGS,
    VECTORSET_INPUT_DIMENSION,
    VECTORSET_MATRIX,
    VECTORSET_NAME,
    VECTORSET_ATTRIBUTE,
    VECTORSET_VECTOR,
    VECTORSET_PARAMETER_COUNT,
    VECTORSET_PARAMETERS,
    VECTORSET_END /* all elements have come, or the items contradict the layout */
};

/* What the next parameter of an element's node is (hnsw_serialize_node). */
enum vectorset_parameter { NODE_ID, NODE_LEVEL, LAYER_LINKS, LAYER_MAX_LINKS, LAYER_LINK, LAYER_WORST, NODE_NUMBERS };

/* Headers that strings may have: see stream_part.name. */
enum { VECTORSET_TEXT_3_2, VECTORSET_TEXT_8_2, VECTORSET_TEXTS };

/* One string object, as a module holds it. */
struct vectorset_text {
    uint64_t len;
    bool is_apart; /* the text is not in the object's own block: too long, or it lay compressed in the file */
    bool is_there;
};

enum { VECTORSET_SAMPLED = 20 }; /* VectorSetMemUsage looks at the first so many of its list: the file's last */

struct vectorset_shape {
    enum vectorset_item next;
    uint64_t claimed;
    uint64_t dimension, matrix_bytes; /* matrix: 0 without projection */
    unsigned quantisation;
    uint32_t max_links; /* M */
    bool has_attributes;
    uint64_t elements, attributes, text_bytes;
    struct rax_names tree;
    struct rax_sum names;
    struct {
        uint64_t asked, held[ALLOCATOR_COUNT], count;
    } text[VECTORSET_TEXTS], nodes, links; /* text: names and attributes */
    /* the element being read */
    enum vectorset_parameter parameter;
    uint64_t parameters_left, links_left;
    unsigned level, layer;
    bool has_worst;
    uint64_t last_max_links; /* of layer 0 */
    struct {
        struct vectorset_text name, attribute;
    } sampled[VECTORSET_SAMPLED]; /* the last elements, round robin */
};

struct module_shape {
    const struct plan *plan;
    bool is_vectorset;
    struct vectorset_shape vectorset;
};

void module_shape_init(struct module_shape *module, const struct plan *plan);
void module_shape_release(struct module_shape *module);
void module_shape_begin(struct module_shape *module); /* shape_module_begin follows and may set shape->type */
void module_shape_end(struct shape *shape);

/* Bytes of one string object: of its block, and of the text where that is apart. `classes` NULL: asked. */
uint64_t vectorset_text_bytes(const struct vectorset_text *text, unsigned headers, const struct size_classes *classes);
/* Bytes of one element's vector as it is kept. */
uint64_t vectorset_vector_bytes(const struct vectorset_shape *set);

enum { HNSW_NODE_BYTES = 312, HNSW_LAYER_BYTES = 24 }; /* redis 8.0 modules/vector-sets/hnsw.h */

#endif
