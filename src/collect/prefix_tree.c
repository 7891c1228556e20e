#include "prefix_tree.h"

#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "memory.h"
#include "name_order.h"

static const char *const candidates[] = {":/|.;,#@", "_-"};

/* Keys whose pattern has the byte before its last position. */
static uint64_t keys_with(const struct group_table *table, char separator)
{
    uint64_t keys = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        const struct group_name *name = &table->name[i];
        const uint8_t *found = name->len ? memchr(name->text, separator, name->len) : NULL;
        if (found && found > name->text)
            keys += table->group[i].keys;
    }
    return keys;
}

void prefix_separators(const struct group_table *table, char separators[11])
{
    uint64_t all_keys = 0;
    size_t count = 0;
    for (uint32_t i = 0; i < table->count; i++)
        all_keys += table->group[i].keys;
    for (size_t set = 0; set < 2 && count == 0; set++)
        for (const char *c = candidates[set]; *c; c++)
            if (keys_with(table, *c) > all_keys / 10)
                separators[count++] = *c;
    separators[count] = '\0';
}

struct prefix {
    const uint8_t *text; /* the pattern of a group that has it */
    uint8_t len;         /* its bytes of that pattern */
    uint8_t parent;      /* length of the prefix that it lies in; 0: none */
    bool is_pattern;     /* the whole pattern of a group, not a part up to a separator */
    uint32_t types;
    uint32_t idle;   /* where in tree.done_idle its idle times are */
    size_t last_row; /* 1 + the index in tree.done of the prefix that was last found to lie in it; 0: none */
    uint64_t keys, bytes, no_ttl_bytes, elements;
};

/* Groups in the order of their patterns: prefixes are then ranges. */
struct ordered {
    uint64_t begin, next; /* 8 bytes of the pattern each, so that most are told apart without it */
    const struct group_name *name;
    uint32_t index;
};

static int by_text(const void *a, const void *b)
{
    const struct ordered *p = a, *q = b;
    if (p->begin != q->begin)
        return p->begin < q->begin ? -1 : 1;
    if (p->next != q->next)
        return p->next < q->next ? -1 : 1;
    const struct group_name *x = p->name, *y = q->name;
    int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
    return order ? order : x->len - y->len;
}

static struct ordered *order_groups(const struct group_table *table)
{
    struct ordered *ordered = memory_new(table->count, sizeof(*ordered));
    for (uint32_t i = 0; i < table->count; i++) {
        const struct group_name *name = &table->name[i];
        ordered[i] =
            (struct ordered){name_word(name->text, name->len, 0), name_word(name->text, name->len, 8), name, i};
    }
    qsort(ordered, table->count, sizeof(*ordered), by_text);
    return ordered;
}

enum { MAX_DEPTH = KEY_PATTERN_MAX, MAX_PREFIXES = 4096, PRINTED_ROWS = 12 };

struct tree {
    const struct group_table *table;
    struct prefix_cuts cuts;
    bool separates[UINT8_MAX + 1]; /* by byte */
    uint64_t least_bytes;
    const struct group_name *last; /* of the group before; NULL: none */
    struct prefix open[MAX_DEPTH]; /* the path to it */
    unsigned depth;
    struct prefix *done; /* those worth a row */
    size_t done_count;
    struct group_idle *idle, *done_idle; /* of open and done; NULL: the table has none */
};

static void add_idle(struct group_idle *to, const struct group_idle *from)
{
    for (int bin = 0; bin < GROUP_IDLE_BINS; bin++)
        to->keys[bin] += from->keys[bin];
}

/* The longest open prefix, all of which lies in the one before. */
static void add_to_outer(struct tree *tree)
{
    unsigned depth = tree->depth - 1;
    const struct prefix *from = &tree->open[depth];
    struct prefix *to = &tree->open[depth - 1];
    to->keys += from->keys;
    to->bytes += from->bytes;
    to->elements += from->elements;
    to->no_ttl_bytes += from->no_ttl_bytes;
    to->types |= from->types;
    if (tree->idle)
        add_idle(&tree->idle[depth - 1], &tree->idle[depth]);
}

/* Ends the prefixes behind the first `depth` ones. One that has all its keys from one longer prefix says nothing new:
 * only the longer one is kept, and lies in what the shorter one lies in. */
static void close_prefixes(struct tree *tree, unsigned depth)
{
    for (; tree->depth > depth; tree->depth--) {
        unsigned last = tree->depth - 1;
        struct prefix *prefix = &tree->open[last];
        size_t row = prefix->last_row;
        if (last > 0)
            add_to_outer(tree);
        if (row && tree->done[row - 1].keys == prefix->keys) {
            tree->done[row - 1].parent = prefix->parent;
        } else {
            if (prefix->bytes < tree->least_bytes || tree->done_count == MAX_PREFIXES)
                continue;
            if (tree->idle)
                tree->done_idle[tree->done_count] = tree->idle[last];
            prefix->idle = (uint32_t)tree->done_count;
            tree->done[tree->done_count++] = *prefix;
            row = tree->done_count;
        }
        if (last > 0)
            tree->open[last - 1].last_row = row;
    }
}

/* Length of the next prefix of the name behind `at`: up to and with a separator; the whole name when there is none. */
static uint8_t next_cut(const struct tree *tree, const struct group_name *name, uint8_t at)
{
    for (uint8_t i = at; i < name->len; i++)
        if (tree->separates[name->text[i]])
            return (uint8_t)(i + 1);
    return name->len;
}

/* How many bytes the name begins with as the one before does. */
static uint8_t shared_with_last(const struct tree *tree, const struct group_name *name)
{
    uint8_t len = 0;
    while (tree->last && len < name->len && len < tree->last->len && name->text[len] == tree->last->text[len])
        len++;
    return len;
}

/* The path to a name, as far as it is not open. */
static void open_prefixes(struct tree *tree, const struct group_name *name, uint8_t at)
{
    while (at < name->len && (tree->cuts.depth == 0 || tree->depth < tree->cuts.depth)) {
        uint8_t cut = next_cut(tree, name, at);
        tree->open[tree->depth] = (struct prefix){
            .text = name->text,
            .len = cut,
            .parent = at,
            .is_pattern = cut == name->len,
        };
        if (tree->idle)
            tree->idle[tree->depth] = (struct group_idle){.keys = {0}};
        tree->depth++;
        at = cut;
    }
}

static void add_group(struct tree *tree, uint32_t index)
{
    const struct group_name *name = &tree->table->name[index];
    const struct group *group = &tree->table->group[index];
    unsigned depth = 0;
    uint8_t at = 0, shared = shared_with_last(tree, name);
    while (depth < tree->depth && !tree->open[depth].is_pattern && tree->open[depth].len <= shared)
        at = tree->open[depth++].len;
    close_prefixes(tree, depth);
    open_prefixes(tree, name, at);
    tree->last = name;
    if (tree->depth == 0)
        return;
    struct prefix *prefix = &tree->open[tree->depth - 1];
    prefix->keys += group->keys;
    prefix->bytes += group->bytes;
    prefix->elements += group->elements;
    prefix->no_ttl_bytes += group->no_ttl_bytes;
    prefix->types |= group->types;
    if (tree->idle)
        add_idle(&tree->idle[tree->depth - 1], &tree->table->idle[index]);
}

/* In the order of their patterns groups lie all over memory: they are asked for before they are needed. */
enum { EXPECTED = 8 };
static void expect_group(const struct group_table *table, const struct ordered *ordered)
{
    __builtin_prefetch(ordered->name);
    __builtin_prefetch(&table->group[ordered->index]);
}

static int heavier_first(const void *a, const void *b)
{
    const struct prefix *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return x->len != y->len ? (int)x->len - (int)y->len : memcmp(x->text, y->text, x->len);
}

static const struct doc_column columns[] = {
    {"prefix", "Prefix", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"parent", "Lies in", DOC_NAME, DOC_COLUMN_OPTIONAL},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
    {"keys", "Keys", DOC_COUNT, 0},
    {"types", "Types", DOC_TEXT, DOC_COLUMN_OPTIONAL},
    {"no_ttl_share", "No TTL", DOC_SHARE, 0},
    {"idle", "Median idle", DOC_DURATION, DOC_COLUMN_OPTIONAL}, /* only where the file has idle times */
};

/* `idle`: NULL where there are no such times. */
static void write_prefix(struct doc_table *out, const struct prefix *prefix, const struct group_idle *idle,
                         uint64_t all_bytes)
{
    const uint8_t *text = prefix->text;
    char types[GROUP_NAMES_MAX];
    const struct doc_value cells[] = {
        doc_name_of(DOC_THEIR_NAME, text, prefix->len, prefix->len),
        prefix->parent ? doc_name_of(DOC_THEIR_NAME, text, prefix->parent, prefix->parent) : doc_none(),
        doc_bytes(prefix->bytes),
        doc_share((double)prefix->bytes, (double)all_bytes),
        doc_count(prefix->keys),
        doc_text(group_types(prefix->types, types)),
        doc_share((double)prefix->no_ttl_bytes, (double)prefix->bytes),
        group_median_idle(idle),
    };
    table_row(out, cells);
}

static void tree_init(struct tree *tree, const struct group_table *table, const struct prefix_cuts *cuts,
                      uint64_t all_bytes)
{
    *tree = (struct tree){.table = table, .cuts = *cuts, .least_bytes = all_bytes / 1000 + 1};
    for (const char *separator = cuts->separators; *separator; separator++)
        tree->separates[(uint8_t)*separator] = true;
    tree->done = memory_new(MAX_PREFIXES, sizeof(*tree->done));
    if (table->idle) {
        tree->idle = memory_new(MAX_DEPTH, sizeof(*tree->idle));
        tree->done_idle = memory_new(MAX_PREFIXES, sizeof(*tree->done_idle));
    }
}

static void tree_release(const struct tree *tree)
{
    free(tree->done);
    free(tree->idle);
    free(tree->done_idle);
}

void prefix_tree_write(const struct group_table *table, const struct prefix_cuts *cuts, struct doc_section *section)
{
    uint64_t all_bytes = table->rest.bytes;
    for (uint32_t i = 0; i < table->count; i++)
        all_bytes += table->group[i].bytes;
    struct tree tree;
    tree_init(&tree, table, cuts, all_bytes);
    struct ordered *ordered = order_groups(table);
    for (uint32_t i = 0; i < table->count; i++) {
        expect_group(table, &ordered[i + EXPECTED < table->count ? i + EXPECTED : i]);
        add_group(&tree, ordered[i].index);
    }
    close_prefixes(&tree, 0);
    free(ordered);
    qsort(tree.done, tree.done_count, sizeof(*tree.done), heavier_first);
    size_t column_count = sizeof(columns) / sizeof(*columns) - (table->idle == NULL);
    struct doc_table *out =
        section_table(section, "prefixes", "Memory by prefix", columns, column_count, DOC_CHART_TREEMAP);
    table_print_at_most(out, PRINTED_ROWS);
    for (size_t i = 0; i < tree.done_count; i++) {
        const struct prefix *prefix = &tree.done[i];
        write_prefix(out, prefix, tree.idle ? &tree.done_idle[prefix->idle] : NULL, all_bytes);
    }
    tree_release(&tree);
}
