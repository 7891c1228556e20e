#include "module_shape.h"

#include <string.h>

#include "shape_internal.h"

/* redis 8.0 .. 8.8 modules/vector-sets: hnsw.h, vset.c, hnsw.c */
enum { QUANTISATION_NONE = 0, QUANTISATION_Q8 = 1, QUANTISATION_BINARY = 2 };
enum { FLAG_PROJECTION = 1, FLAG_ATTRIBUTES = 2 };
enum { DEFAULT_MAX_LINKS = 16, MAX_LINKS_BOUND = 4096 * 4, EMBEDDED_TEXT_MAX = 44 };

void module_shape_init(struct module_shape *module, const struct plan *plan)
{
    *module = (struct module_shape){.plan = plan};
    rax_names_init(&module->vectorset.tree, plan->classes, plan->allocator_count);
}

void module_shape_release(struct module_shape *module)
{
    rax_names_release(&module->vectorset.tree);
}

void module_shape_begin(struct module_shape *module)
{
    module->is_vectorset = false;
}

static void vectorset_begin(struct vectorset_shape *set)
{
    struct rax_names tree = set->tree;
    *set = (struct vectorset_shape){.tree = tree};
    rax_names_begin(&set->tree);
}

void shape_module_begin(struct shape *shape, const char name[10], unsigned encoding_version)
{
    struct module_shape *module = &shape->module;
    module->is_vectorset = memcmp(name, "vectorset", 9) == 0 && encoding_version == 0;
    shape->type = module->is_vectorset ? OBJECT_VECTORSET : OBJECT_MODULE;
    if (module->is_vectorset)
        vectorset_begin(&module->vectorset);
}

uint64_t vectorset_vector_bytes(const struct vectorset_shape *set)
{
    switch (set->quantisation) {
    case QUANTISATION_Q8:
        return set->dimension;
    case QUANTISATION_BINARY:
        return (set->dimension + 63) / 64 * 8;
    default:
        return 4 * set->dimension;
    }
}

/* ---- strings ---- */

static uint64_t block(const struct size_classes *classes, uint64_t bytes)
{
    return classes ? size_classes_held(classes, bytes) : bytes;
}

uint64_t vectorset_text_bytes(const struct vectorset_text *text, unsigned headers, const struct size_classes *classes)
{
    static const enum text_layout layout[VECTORSET_TEXTS] = {TEXT_SDS_3_2, TEXT_SDS_8_2};
    if (!text->is_there)
        return 0;
    if (!text->is_apart)
        return block(classes, OBJECT_BYTES + 4 + text->len); /* an embedded string: 3 bytes of header, NUL */
    return block(classes, OBJECT_BYTES) + text_layout_bytes(layout[headers], classes, text->len);
}

static struct vectorset_text text_of(uint64_t len, bool stored_lzf)
{
    return (struct vectorset_text){len, len > EMBEDDED_TEXT_MAX || stored_lzf, true};
}

static void add_text(struct vectorset_shape *set, const struct plan *plan, const struct vectorset_text *text)
{
    set->text_bytes += text->len;
    for (unsigned i = 0; i < VECTORSET_TEXTS; i++) {
        set->text[i].count++;
        set->text[i].asked += vectorset_text_bytes(text, i, NULL);
        for (unsigned a = 0; a < plan->allocator_count; a++)
            set->text[i].held[a] += vectorset_text_bytes(text, i, &plan->classes[a]);
    }
}

/* ---- nodes ---- */

static void add_links(struct vectorset_shape *set, const struct plan *plan, uint64_t max_links)
{
    uint64_t bytes = 8 * max_links;
    set->links.count++;
    set->links.asked += bytes;
    for (unsigned a = 0; a < plan->allocator_count; a++)
        set->links.held[a] += size_classes_held(&plan->classes[a], bytes);
}

static void add_node(struct vectorset_shape *set, const struct plan *plan)
{
    uint64_t bytes = HNSW_NODE_BYTES + HNSW_LAYER_BYTES * ((uint64_t)set->level + 1);
    set->nodes.count++;
    set->nodes.asked += bytes;
    for (unsigned a = 0; a < plan->allocator_count; a++)
        set->nodes.held[a] += size_classes_held(&plan->classes[a], bytes);
}

/* A layer is read: its links are allocated for M of them (layer 0: twice that), or for as many as the file says. */
static void end_layer(struct vectorset_shape *set)
{
    set->parameter = set->layer++ == set->level ? NODE_NUMBERS : LAYER_LINKS;
}

static void add_max_links(struct vectorset_shape *set, const struct plan *plan, uint64_t value)
{
    uint64_t usual = set->layer == 0 ? 2 * (uint64_t)set->max_links : set->max_links;
    uint64_t max_links = value > usual && value <= MAX_LINKS_BOUND ? value : usual;
    if (set->layer == 0)
        set->last_max_links = max_links;
    add_links(set, plan, max_links);
}

static void add_parameter(struct vectorset_shape *set, const struct plan *plan, uint64_t value)
{
    switch (set->parameter) {
    case NODE_ID:
        set->parameter = NODE_LEVEL;
        break;
    case NODE_LEVEL:
        set->level = value & 0xff;
        set->has_worst = (value >> 24 & 0xff) > 0;
        set->layer = 0;
        add_node(set, plan);
        set->parameter = LAYER_LINKS;
        break;
    case LAYER_LINKS:
        set->links_left = value;
        set->parameter = LAYER_MAX_LINKS;
        break;
    case LAYER_MAX_LINKS:
        add_max_links(set, plan, value);
        if (set->links_left)
            set->parameter = LAYER_LINK;
        else if (set->has_worst)
            set->parameter = LAYER_WORST;
        else
            end_layer(set);
        break;
    case LAYER_LINK:
        if (--set->links_left)
            break;
        if (set->has_worst)
            set->parameter = LAYER_WORST;
        else
            end_layer(set);
        break;
    case LAYER_WORST:
        end_layer(set);
        break;
    case NODE_NUMBERS:
        break;
    }
}

/* ---- items ---- */

static void next_element(struct vectorset_shape *set)
{
    set->next = set->elements < set->claimed ? VECTORSET_NAME : VECTORSET_END;
}

static void add_flags(struct vectorset_shape *set, uint64_t flags)
{
    set->has_attributes = flags & FLAG_ATTRIBUTES;
    if (flags & FLAG_PROJECTION)
        set->next = VECTORSET_INPUT_DIMENSION;
    else
        next_element(set);
}

static void add_config(struct vectorset_shape *set, uint64_t config)
{
    set->quantisation = config & 0xff;
    set->max_links = config >> 8 & 0xffff;
    if (set->max_links == 0)
        set->max_links = DEFAULT_MAX_LINKS;
}

void shape_module_integer(struct shape *shape, uint64_t value)
{
    struct vectorset_shape *set = &shape->module.vectorset;
    if (!shape->module.is_vectorset)
        return;
    switch (set->next) {
    case VECTORSET_DIMENSION:
        set->dimension = (uint32_t)value;
        set->next = VECTORSET_COUNT;
        break;
    case VECTORSET_COUNT:
        set->claimed = value;
        set->next = VECTORSET_CONFIG;
        break;
    case VECTORSET_CONFIG:
        add_config(set, value);
        set->next = VECTORSET_FLAGS;
        break;
    case VECTORSET_FLAGS:
        add_flags(set, value);
        break;
    case VECTORSET_INPUT_DIMENSION:
        set->next = VECTORSET_MATRIX;
        break;
    case VECTORSET_PARAMETER_COUNT:
        set->parameters_left = value;
        set->parameter = NODE_ID;
        set->next = VECTORSET_PARAMETERS;
        if (value == 0)
            next_element(set);
        break;
    case VECTORSET_PARAMETERS:
        add_parameter(set, shape->plan, value);
        if (--set->parameters_left == 0)
            next_element(set);
        break;
    default:
        set->next = VECTORSET_END; /* a string was due */
    }
}

void shape_module_number(struct shape *shape, double value)
{
    (void)value;
    shape->module.vectorset.next = VECTORSET_END; /* a vector set has none */
}

bool shape_module_wants_bytes(const struct shape *shape)
{
    return shape->module.is_vectorset && shape->module.vectorset.next == VECTORSET_NAME;
}

static void add_name(struct shape *shape, const uint8_t *bytes, uint64_t bytes_len, uint64_t len, bool stored_lzf)
{
    struct vectorset_shape *set = &shape->module.vectorset;
    struct vectorset_text name = text_of(len, stored_lzf);
    unsigned place = set->elements++ % VECTORSET_SAMPLED;
    set->sampled[place].name = name;
    set->sampled[place].attribute = (struct vectorset_text){0};
    rax_names_add(&set->tree, bytes_len < len ? NULL : bytes, len);
    add_text(set, shape->plan, &name);
    if (len > shape->longest)
        shape->longest = len;
}

static void add_attribute(struct shape *shape, uint64_t len, bool stored_lzf)
{
    struct vectorset_shape *set = &shape->module.vectorset;
    struct vectorset_text attribute = text_of(len, stored_lzf);
    if (len == 0)
        return;
    set->attributes++;
    set->sampled[(set->elements - 1) % VECTORSET_SAMPLED].attribute = attribute;
    add_text(set, shape->plan, &attribute);
}

void shape_module_string(struct shape *shape, const uint8_t *bytes, uint64_t bytes_len, uint64_t len, bool stored_lzf)
{
    struct vectorset_shape *set = &shape->module.vectorset;
    if (!shape->module.is_vectorset)
        return;
    switch (set->next) {
    case VECTORSET_MATRIX:
        set->matrix_bytes = len;
        next_element(set);
        break;
    case VECTORSET_NAME:
        add_name(shape, bytes, bytes_len, len, stored_lzf);
        set->next = set->has_attributes ? VECTORSET_ATTRIBUTE : VECTORSET_VECTOR;
        break;
    case VECTORSET_ATTRIBUTE:
        add_attribute(shape, len, stored_lzf);
        set->next = VECTORSET_VECTOR;
        break;
    case VECTORSET_VECTOR:
        set->next = len == vectorset_vector_bytes(set) ? VECTORSET_PARAMETER_COUNT : VECTORSET_END;
        break;
    default:
        set->next = VECTORSET_END; /* an integer was due */
    }
}

void module_shape_end(struct shape *shape)
{
    struct vectorset_shape *set = &shape->module.vectorset;
    if (!shape->module.is_vectorset) {
        shape->payload = shape->stored_bytes;
        return;
    }
    rax_names_end(&set->tree, &set->names);
    shape->elements = set->elements;
    shape->payload = set->text_bytes + set->elements * vectorset_vector_bytes(set);
    shape->is_coarse |= set->names.is_coarse;
}
