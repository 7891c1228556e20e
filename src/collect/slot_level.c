#include "slot_level.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

struct node_sum {
    uint64_t slots, keys, bytes;
};

static const struct doc_column node_columns[] = {
    {"node", "Node", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"slots", "Slots", DOC_COUNT, 0},
    {"keys", "Keys", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
    {"moved_bytes", "Moves", DOC_DELTA, 0},
    {"after_bytes", "After that", DOC_BYTES, 0},
};

static const struct doc_column move_columns[] = {
    {"from", "From", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"to", "To", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"first", "Slots from", DOC_COUNT, DOC_COLUMN_KEY},
    {"last", "to", DOC_COUNT, DOC_COLUMN_KEY},
    {"keys", "Keys", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
};

static struct doc_value name_of(const struct slot_nodes *nodes, size_t node)
{
    size_t len = strlen(nodes->name[node]);
    return doc_name(nodes->name[node], len, len);
}

static uint64_t heaviest(const uint64_t *bytes, size_t count)
{
    uint64_t most = 0;
    for (size_t i = 0; i < count; i++)
        most = bytes[i] > most ? bytes[i] : most;
    return most;
}

static struct node_sum *sums_of(const struct slot_sum sum[SLOTS], const struct slot_nodes *nodes)
{
    struct node_sum *node = memory_new(nodes->count, sizeof(*node));
    for (int slot = 0; slot < SLOTS; slot++) {
        if (nodes->owner[slot] == SLOT_NO_NODE)
            continue;
        struct node_sum *to = &node[nodes->owner[slot]];
        to->slots += sum[slot].keys != 0;
        to->keys += sum[slot].keys;
        to->bytes += sum[slot].bytes;
    }
    return node;
}

/* In the order of the nodes: files come in that of their names. */
static void write_nodes(struct doc_section *section, const struct slot_nodes *nodes, const uint16_t *order,
                        const struct node_sum *node, const uint64_t *after, uint64_t all_bytes)
{
    struct doc_table *table = section_table(section, "nodes", "Nodes", node_columns,
                                            sizeof(node_columns) / sizeof(*node_columns), DOC_CHART_BARS);
    for (size_t i = 0; i < nodes->count; i++) {
        size_t at = order[i];
        const struct doc_value cells[] = {
            name_of(nodes, at),
            doc_count(node[at].slots),
            doc_count(node[at].keys),
            doc_bytes(node[at].bytes),
            doc_share((double)node[at].bytes, (double)all_bytes),
            doc_delta((int64_t)(after[at] - node[at].bytes)),
            doc_bytes(after[at]),
        };
        table_row(table, cells);
    }
}

struct ranked_move {
    struct slot_move move;
    uint16_t from, to; /* places of the nodes in their order */
};

static int by_nodes_and_slot(const void *a, const void *b)
{
    const struct ranked_move *x = a, *y = b;
    if (x->from != y->from)
        return x->from - y->from;
    if (x->to != y->to)
        return x->to - y->to;
    return x->move.slot - y->move.slot;
}

/* One row for slots side by side that go the same way. */
static void write_moves(struct doc_section *section, const struct slot_sum sum[SLOTS], const struct slot_nodes *nodes,
                        const struct ranked_move *move, size_t count, size_t top)
{
    struct doc_table *table = section_table(section, "moves", "Slots to move", move_columns,
                                            sizeof(move_columns) / sizeof(*move_columns), DOC_CHART_NONE);
    table_print_at_most(table, top);
    for (size_t i = 0, end; i < count; i = end) {
        uint64_t keys = 0, bytes = 0;
        for (end = i; end < count && move[end].from == move[i].from && move[end].to == move[i].to &&
                      move[end].move.slot == move[i].move.slot + (end - i);
             end++) {
            keys += sum[move[end].move.slot].keys;
            bytes += sum[move[end].move.slot].bytes;
        }
        const struct doc_value cells[] = {name_of(nodes, move[i].move.from),
                                          name_of(nodes, move[i].move.to),
                                          doc_count(move[i].move.slot),
                                          doc_count(move[end - 1].move.slot),
                                          doc_count(keys),
                                          doc_bytes(bytes)};
        table_row(table, cells);
    }
}

/* Indexes of the nodes in the order of their names, or of ranges as they were given. */
static uint16_t *ordered(const struct slot_nodes *nodes)
{
    uint16_t *order = memory_new(nodes->count, sizeof(*order));
    for (size_t i = 0; i < nodes->count; i++) {
        size_t at = i;
        for (; nodes->are_files && at > 0 && strcmp(nodes->name[order[at - 1]], nodes->name[i]) > 0; at--)
            order[at] = order[at - 1];
        order[at] = (uint16_t)i;
    }
    return order;
}

static struct ranked_move *ranked(const struct slot_move *move, size_t count, const uint16_t *order, size_t nodes)
{
    uint16_t *rank = memory_new(nodes, sizeof(*rank));
    struct ranked_move *out = memory_new(count, sizeof(*out));
    for (size_t i = 0; i < nodes; i++)
        rank[order[i]] = (uint16_t)i;
    for (size_t i = 0; i < count; i++)
        out[i] = (struct ranked_move){move[i], rank[move[i].from], rank[move[i].to]};
    qsort(out, count, sizeof(*out), by_nodes_and_slot);
    free(rank);
    return out;
}

static void write_facts(struct doc_section *section, const struct slot_nodes *nodes, uint64_t before, uint64_t after,
                        uint64_t all_bytes)
{
    double mean = (double)all_bytes / (double)nodes->count;
    section_fact(section, "nodes_count", "Nodes", doc_count(nodes->count));
    section_fact(section, "skew", "The heaviest has times the mean", doc_number((double)before / mean));
    section_fact(section, "skew_after", "After the moves below", doc_number((double)after / mean));
}

void slot_level_write(struct doc_section *section, const struct slot_sum sum[SLOTS], const struct slot_nodes *nodes,
                      size_t top)
{
    enum { NEAR_ENOUGH_PERCENT = 2 };
    struct node_sum *node = sums_of(sum, nodes);
    uint64_t *before = memory_new(nodes->count, sizeof(*before)), *after = memory_new(nodes->count, sizeof(*after));
    struct slot_move *move = memory_new(SLOTS, sizeof(*move));
    uint16_t *order = ordered(nodes);
    uint64_t all_bytes = 0, moved_bytes = 0;
    for (size_t i = 0; i < nodes->count; i++)
        all_bytes += before[i] = node[i].bytes;
    size_t count = slot_moves_level(sum, nodes, order, after, move);
    for (size_t i = 0; i < count; i++)
        moved_bytes += sum[move[i].slot].bytes;
    struct ranked_move *rows = ranked(move, count, order, nodes->count);
    write_facts(section, nodes, heaviest(before, nodes->count), heaviest(after, nodes->count), all_bytes);
    section_fact(section, "moved_slots", "Slots to move", doc_count(count));
    section_fact(section, "moved_bytes", "Their bytes", doc_bytes(moved_bytes));
    write_nodes(section, nodes, order, node, after, all_bytes);
    if (count)
        write_moves(section, sum, nodes, rows, count, top);
    if (heaviest(after, nodes->count) * nodes->count > all_bytes + all_bytes / 100 * NEAR_ENOUGH_PERCENT)
        section_note(section, DOC_WARNING,
                     "No moves of slots level these nodes: the heaviest slots are too heavy for that. Their keys share "
                     "hash tags, or one key is very large; see the heaviest tags and keys.");
    free(rows);
    free(order);
    free(move);
    free(after);
    free(before);
    free(node);
}
