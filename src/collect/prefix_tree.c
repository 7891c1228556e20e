#include "prefix_tree.h"

#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "memory.h"

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
    size_t last_row;     /* 1 + the index in tree.done of the prefix that was last found to lie in it; 0: none */
    uint64_t keys, bytes, no_ttl_bytes, elements;
    uint32_t types;
    struct group_idle idle;
};

/* Groups in the order of their patterns: prefixes are then ranges. */
struct ordered {
    const struct group_name *name;
    uint32_t index;
};

static int by_text(const void *a, const void *b)
{
    const struct group_name *x = ((const struct ordered *)a)->name, *y = ((const struct ordered *)b)->name;
    int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
    return order ? order : x->len - y->len;
}

static struct ordered *order_groups(const struct group_table *table)
{
    struct ordered *ordered = memory_new(table->count, sizeof(*ordered));
    for (uint32_t i = 0; i < table->count; i++)
        ordered[i] = (struct ordered){&table->name[i], i};
    qsort(ordered, table->count, sizeof(*ordered), by_text);
    return ordered;
}

enum { MAX_DEPTH = KEY_PATTERN_MAX, MAX_PREFIXES = 4096, PRINTED_ROWS = 12 };

struct tree {
    const struct group_table *table;
    struct prefix_cuts cuts;
    uint64_t least_bytes;
    struct prefix open[MAX_DEPTH]; /* the path to the group at hand */
    unsigned depth;
    struct prefix *done; /* those worth a row */
    size_t done_count;
};

/* Ends the prefixes behind the first `depth` ones. One that has all its keys from one longer prefix says nothing new:
 * only the longer one is kept, and lies in what the shorter one lies in. */
static void close_prefixes(struct tree *tree, unsigned depth)
{
    while (tree->depth > depth) {
        struct prefix *prefix = &tree->open[--tree->depth];
        size_t row = prefix->last_row;
        if (row && tree->done[row - 1].keys == prefix->keys) {
            tree->done[row - 1].parent = prefix->parent;
        } else {
            if (prefix->bytes < tree->least_bytes || tree->done_count == MAX_PREFIXES)
                continue;
            tree->done[tree->done_count++] = *prefix;
            row = tree->done_count;
        }
        if (tree->depth > 0)
            tree->open[tree->depth - 1].last_row = row;
    }
}

/* Length of the next prefix of the name behind `at`: up to and with a separator; the whole name when there is none. */
static uint8_t next_cut(const struct tree *tree, const struct group_name *name, uint8_t at)
{
    for (uint8_t i = at; i < name->len; i++)
        if (name->text[i] && strchr(tree->cuts.separators, name->text[i]))
            return (uint8_t)(i + 1);
    return name->len;
}

static bool shares(const struct prefix *prefix, const struct group_name *name)
{
    return !prefix->is_pattern && prefix->len <= name->len && memcmp(prefix->text, name->text, prefix->len) == 0;
}

static void add_group(struct tree *tree, uint32_t index)
{
    const struct group_name *name = &tree->table->name[index];
    const struct group *group = &tree->table->group[index];
    unsigned depth = 0;
    uint8_t at = 0;
    while (depth < tree->depth && shares(&tree->open[depth], name))
        at = tree->open[depth++].len;
    close_prefixes(tree, depth);
    while (at < name->len && (tree->cuts.depth == 0 || tree->depth < tree->cuts.depth)) {
        uint8_t cut = next_cut(tree, name, at);
        tree->open[tree->depth] = (struct prefix){
            .text = name->text,
            .len = cut,
            .parent = at,
            .is_pattern = cut == name->len,
        };
        tree->depth++;
        at = cut;
    }
    for (unsigned i = 0; i < tree->depth; i++) {
        struct prefix *prefix = &tree->open[i];
        prefix->keys += group->keys;
        prefix->bytes += group->bytes;
        prefix->elements += group->elements;
        prefix->no_ttl_bytes += group->no_ttl_bytes;
        prefix->types |= group->types;
        for (int bin = 0; tree->table->idle && bin < GROUP_IDLE_BINS; bin++)
            prefix->idle.keys[bin] += tree->table->idle[index].keys[bin];
    }
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

static void write_prefix(struct doc_table *out, const struct prefix *prefix, uint64_t all_bytes)
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
        group_median_idle(&prefix->idle),
    };
    table_row(out, cells);
}

void prefix_tree_write(const struct group_table *table, const struct prefix_cuts *cuts, struct doc_section *section)
{
    uint64_t all_bytes = table->rest.bytes;
    for (uint32_t i = 0; i < table->count; i++)
        all_bytes += table->group[i].bytes;
    struct tree tree = {.table = table, .cuts = *cuts, .least_bytes = all_bytes / 1000 + 1};
    tree.done = memory_new(MAX_PREFIXES, sizeof(*tree.done));
    struct ordered *ordered = order_groups(table);
    for (uint32_t i = 0; i < table->count; i++)
        add_group(&tree, ordered[i].index);
    close_prefixes(&tree, 0);
    qsort(tree.done, tree.done_count, sizeof(*tree.done), heavier_first);
    size_t column_count = sizeof(columns) / sizeof(*columns) - (table->idle == NULL);
    struct doc_table *out =
        section_table(section, "prefixes", "Memory by prefix", columns, column_count, DOC_CHART_TREEMAP);
    table_print_at_most(out, PRINTED_ROWS);
    for (size_t i = 0; i < tree.done_count; i++)
        write_prefix(out, &tree.done[i], all_bytes);
    free(ordered);
    free(tree.done);
}
