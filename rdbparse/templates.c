#include "templates.h"

#include <inttypes.h>
#include <stdlib.h>

#include "parser.h"

/* Fields keep their lengths up to max_template_bytes, their bytes up to three quarters of that; there may be a template
 * for each 64 bytes. */
enum { BYTES_OF_A_TEMPLATE = 64 };

/* A node of a digital search tree over the ids: no ids, however chosen, make it deeper than 64. Child 0 is none, for
 * the root is nobody's child. */
struct node {
    uint64_t id, count;
    size_t start; /* of its fields in the arena */
    uint32_t child[2];
};

/* Fields one after the other: twice the length, plus one if the bytes follow, in base 128; the bytes. */
struct arena {
    uint8_t *bytes;
    size_t used, capacity;
};

struct rdb_templates {
    struct node *nodes;
    size_t count, capacity;
    struct arena shared, own;
    uint64_t own_count;
};

struct rdb_templates *rdb_templates_new(void)
{
    return calloc(1, sizeof(struct rdb_templates));
}

void rdb_templates_free(struct rdb_templates *templates)
{
    if (!templates)
        return;
    free(templates->nodes);
    free(templates->shared.bytes);
    free(templates->own.bytes);
    free(templates);
}

void rdb_templates_clear(struct rdb_templates *templates)
{
    templates->count = templates->shared.used = templates->own.used = 0;
    templates->own_count = 0;
}

/* ---- fields ---- */

static bool reserve(struct arena *arena, size_t more)
{
    size_t capacity = arena->capacity ? arena->capacity : 1024;
    while (capacity - arena->used < more)
        capacity *= 2;
    if (capacity == arena->capacity)
        return true;
    uint8_t *bytes = realloc(arena->bytes, capacity);
    if (!bytes)
        return false;
    arena->bytes = bytes;
    arena->capacity = capacity;
    return true;
}

static enum rdb_status add_field(struct rdb_parser *parser, struct arena *arena, const struct rdb_string *field)
{
    enum { PREFIX_MAX = 10 };
    const uint8_t *bytes;
    size_t len = rdb_string_bytes(field, parser->in->max_name_bytes, &bytes);
    size_t most = parser->in->max_template_bytes, most_kept = most / 4 * 3;
    bool keep = len == field->len && arena->used < most_kept && len <= most_kept - arena->used;
    if (arena->used + PREFIX_MAX > most)
        return rdb_input_fail(parser->in, RDB_ERR_LIMIT, "the fields of hash templates take more than %zu bytes", most);
    if (!reserve(arena, PREFIX_MAX + (keep ? len : 0)))
        return rdb_input_fail(parser->in, RDB_ERR_NO_MEMORY, "no memory for the fields of hash templates");
    uint64_t prefix = field->len > UINT64_MAX >> 1 ? UINT64_MAX - 1 : field->len << 1 | keep;
    for (; prefix > 127; prefix >>= 7)
        arena->bytes[arena->used++] = (uint8_t)(prefix | 128);
    arena->bytes[arena->used++] = (uint8_t)prefix;
    if (keep && len)
        memcpy(arena->bytes + arena->used, bytes, len);
    arena->used += keep ? len : 0;
    return RDB_OK;
}

void rdb_template_next(struct rdb_template_walk *walk, struct rdb_string *field)
{
    uint64_t prefix = 0;
    unsigned shift = 0;
    for (; *walk->at & 128; shift += 7)
        prefix |= (uint64_t)(*walk->at++ & 127) << shift;
    prefix |= (uint64_t)*walk->at++ << shift;
    bool kept = prefix & 1;
    rdb_string_set_raw(field, kept ? walk->at : NULL, prefix >> 1);
    if (kept)
        walk->at += prefix >> 1;
    else
        field->bytes_len = 0;
    walk->left--;
}

/* ---- the tree ---- */

/* The node of `id`, or the place where it belongs: *slot of node *at. */
static bool find(const struct rdb_templates *templates, uint64_t id, size_t *at, unsigned *slot)
{
    uint64_t bits = id;
    if (templates->count == 0)
        return false;
    for (size_t node = 0;; bits >>= 1) {
        *at = node;
        *slot = bits & 1;
        if (templates->nodes[node].id == id)
            return true;
        node = templates->nodes[node].child[*slot];
        if (node == 0)
            return false;
    }
}

static struct node *add_node(struct rdb_templates *templates, size_t at, unsigned slot)
{
    if (templates->count == templates->capacity) {
        size_t capacity = templates->capacity ? 2 * templates->capacity : 16;
        struct node *nodes = realloc(templates->nodes, capacity * sizeof *nodes);
        if (!nodes)
            return NULL;
        templates->nodes = nodes;
        templates->capacity = capacity;
    }
    if (templates->count)
        templates->nodes[at].child[slot] = (uint32_t)templates->count;
    return &templates->nodes[templates->count++];
}

/* Shorter fields come first, then by their bytes: servers look fields up by that order. */
static bool ascends(const struct rdb_string *before, const struct rdb_string *field)
{
    if (before->len != field->len)
        return before->len < field->len;
    if (!before->bytes || !field->bytes)
        return true;
    return memcmp(before->bytes, field->bytes, field->len) < 0;
}

static enum rdb_status check_order(struct rdb_parser *parser, uint64_t id, uint64_t offset)
{
    struct rdb_template_walk walk;
    struct rdb_string before, field;
    if (!rdb_templates_walk(parser->templates, id, &walk))
        return RDB_OK;
    rdb_template_next(&walk, &before);
    for (; walk.left; before = field) {
        rdb_template_next(&walk, &field);
        if (!ascends(&before, &field))
            return rdb_emit_finding(parser, RDB_FINDING_OTHER, offset,
                                    "the fields of hash template %" PRIu64 " are not in ascending order", id);
    }
    return RDB_OK;
}

enum rdb_status rdb_templates_load(struct rdb_parser *parser, uint64_t id, uint64_t count)
{
    struct rdb_templates *templates = parser->templates;
    struct rdb_input *in = parser->in;
    uint64_t offset = rdb_input_offset(in);
    size_t at = 0;
    unsigned slot = 0;
    if (find(templates, id, &at, &slot))
        return rdb_input_fail(in, RDB_ERR_CORRUPT, "a new hash template was expected, but %" PRIu64 " is there", id);
    if (templates->count >= in->max_template_bytes / BYTES_OF_A_TEMPLATE)
        return rdb_input_fail(in, RDB_ERR_LIMIT, "more than %zu hash templates", templates->count);
    size_t start = templates->shared.used;
    for (uint64_t left = count; left; left--) {
        struct rdb_string field;
        RDB_TRY(rdb_string_hold(in, RDB_HOLD_FIRST, &field, "a hash template's field"));
        RDB_TRY(add_field(parser, &templates->shared, &field));
    }
    struct node *node = add_node(templates, at, slot);
    if (!node)
        return rdb_input_fail(in, RDB_ERR_NO_MEMORY, "no memory for a hash template");
    *node = (struct node){.id = id, .count = count, .start = start};
    return check_order(parser, id, offset);
}

bool rdb_templates_walk(const struct rdb_templates *templates, uint64_t id, struct rdb_template_walk *walk)
{
    size_t at;
    unsigned slot;
    if (!find(templates, id, &at, &slot))
        return false;
    *walk =
        (struct rdb_template_walk){templates->shared.bytes + templates->nodes[at].start, templates->nodes[at].count};
    return true;
}

enum rdb_status rdb_templates_count(struct rdb_parser *parser, uint64_t id, uint64_t *count)
{
    struct rdb_template_walk walk;
    if (!rdb_templates_walk(parser->templates, id, &walk))
        return rdb_input_fail(parser->in, RDB_ERR_CORRUPT, "a known hash template was expected, not %" PRIu64, id);
    *count = walk.left;
    return RDB_OK;
}

/* ---- fields of one value ---- */

void rdb_templates_own_start(struct rdb_templates *templates)
{
    templates->own.used = 0;
    templates->own_count = 0;
}

enum rdb_status rdb_templates_own_add(struct rdb_parser *parser, const struct rdb_string *field)
{
    RDB_TRY(add_field(parser, &parser->templates->own, field));
    parser->templates->own_count++;
    return RDB_OK;
}

struct rdb_template_walk rdb_templates_own_walk(const struct rdb_templates *templates)
{
    return (struct rdb_template_walk){templates->own.bytes, templates->own_count};
}
