/* Changes overlap: a key can be grouped, compressed or turned into a hash, not all of it; a set without its strays no
 * longer gains by a limit of packed text. So the joint figure takes one change a row of alternatives.h, the one that
 * saves most, and of two that are about the same sets the larger. Limits on hashes are about hashes that are tables,
 * grouping about packed ones; names and the values of collections are different bytes: these add up. */
#include "savings.h"

#include <inttypes.h>
#include <stdlib.h>

#include "alternatives.h"
#include "grouping.h"
#include "intset_strays.h"
#include "inventory.h"
#include "memory.h"
#include "node_sweeps.h"
#include "thresholds.h"

enum change {
    CHANGE_HASH_LIMITS,
    CHANGE_ZSET_LIMITS,
    CHANGE_SET_LIMITS,
    CHANGE_STRAYS,
    CHANGE_LIST_DEPTH,
    CHANGE_ALTERNATIVES, /* and the others of enum alternative */
    CHANGE_TABLES = CHANGE_ALTERNATIVES + ALTERNATIVE_COUNT,
    CHANGE_COUNT
};

static const struct {
    const char *id, *title, *excludes;
} changes[CHANGE_COUNT] = {
    [CHANGE_HASH_LIMITS] = {"hash_limits", "limits of packed hashes", ""},
    [CHANGE_ZSET_LIMITS] = {"zset_limits", "limits of packed sorted sets", ""},
    [CHANGE_SET_LIMITS] = {"set_limits", "limits of packed sets", "intset_strays"},
    [CHANGE_STRAYS] = {"intset_strays", "sets without the members that are no integers", "set_limits"},
    [CHANGE_LIST_DEPTH] = {"list_compress_depth", "inner nodes of lists compressed", ""},
    [CHANGE_ALTERNATIVES +
        ALTERNATIVE_GROUPED] = {"grouping", "small keys in hashes", "json_strings compressible text_numbers key_names"},
    [CHANGE_ALTERNATIVES +
        ALTERNATIVE_HASH] = {"json_strings", "JSON documents as hashes", "grouping compressible key_names"},
    [CHANGE_ALTERNATIVES + ALTERNATIVE_COMPRESSED] = {"compressible", "values compressed by the client",
                                                      "grouping json_strings key_names sparse_values"},
    [CHANGE_ALTERNATIVES + ALTERNATIVE_INTEGER] = {"text_numbers", "numbers as integers", "grouping key_names"},
    [CHANGE_ALTERNATIVES +
        ALTERNATIVE_SHORT_NAME] = {"key_names", "shorter names", "grouping json_strings compressible text_numbers"},
    [CHANGE_ALTERNATIVES + ALTERNATIVE_SPARSE] = {"sparse_values", "sparse HyperLogLogs", "compressible"},
    [CHANGE_TABLES] = {"tables", "smaller tables of the databases, with fewer keys", ""},
};

const char *savings_title(enum alternative alternative)
{
    return changes[CHANGE_ALTERNATIVES + alternative].title;
}

struct plan_of_changes {
    bool sets_overlap; /* limits of sets are about those that have strays, too */
    uint64_t keys[CHANGE_COUNT];
    uint64_t alone[CHANGE_COUNT], together[CHANGE_COUNT];
};

static void add_limits(const struct collect_context *context, struct plan_of_changes *plan)
{
    const struct thresholds *thresholds = collection_state(context, "thresholds");
    const struct intset_strays *strays = collection_state(context, "intset_strays");
    const struct node_sweeps *nodes = collection_state(context, "node_sweeps");
    uint64_t saved[SWEEP_COUNT] = {0};
    if (nodes)
        plan->alone[CHANGE_LIST_DEPTH] = plan->together[CHANGE_LIST_DEPTH] =
            node_sweeps_depth_saved(nodes, context, NULL);
    if (thresholds)
        thresholds_recommended(thresholds, context, saved);
    /* The limit of intsets is about sets of integers alone, of which none has strays. */
    uint64_t texts = saved[SWEEP_SET] + saved[SWEEP_SET_TEXT];
    plan->alone[CHANGE_HASH_LIMITS] = plan->together[CHANGE_HASH_LIMITS] = saved[SWEEP_HASH];
    plan->alone[CHANGE_ZSET_LIMITS] = plan->together[CHANGE_ZSET_LIMITS] = saved[SWEEP_ZSET];
    plan->alone[CHANGE_SET_LIMITS] = saved[SWEEP_INTSET] + texts;
    plan->alone[CHANGE_STRAYS] = strays ? strays->saved_bytes : 0;
    plan->keys[CHANGE_STRAYS] = strays ? strays->keys : 0;
    plan->sets_overlap = texts != 0 && plan->alone[CHANGE_STRAYS] != 0;
    bool takes_strays = plan->alone[CHANGE_STRAYS] > texts;
    plan->together[CHANGE_SET_LIMITS] = saved[SWEEP_INTSET] + (takes_strays ? 0 : texts);
    plan->together[CHANGE_STRAYS] = takes_strays ? plan->alone[CHANGE_STRAYS] : 0;
}

/* What each alternative saves on a row, without the tables of its database. */
static void row_savings(const struct alternative_row *row, const struct grouping_result *grouped,
                        uint64_t saved[ALTERNATIVE_COUNT])
{
    for (int i = 0; i < ALTERNATIVE_COUNT; i++)
        saved[i] = alternative_saved(&row->sum[i]);
    bool is_clean = grouping_is_clean(row, grouped) && row->sum[ALTERNATIVE_GROUPED].before > grouped->after;
    saved[ALTERNATIVE_GROUPED] = is_clean ? row->sum[ALTERNATIVE_GROUPED].before - grouped->after : 0;
}

static enum alternative best_of(const uint64_t saved[ALTERNATIVE_COUNT])
{
    enum alternative best = 0;
    for (int i = 1; i < ALTERNATIVE_COUNT; i++)
        if (saved[i] > saved[best])
            best = i;
    return best;
}

static uint64_t tables_saved(const struct collect_context *context, const struct keyspace_change *change, size_t count)
{
    int64_t growth = model_keyspace_growth(context->plan, 0, context->keyspace, change, count);
    return growth < 0 ? (uint64_t)-growth : 0;
}

static void add_alternatives(const struct collect_context *context, struct plan_of_changes *plan)
{
    const struct alternatives *alternatives = context->alternatives;
    const struct grouping_result *grouped = grouping_results(context);
    struct keyspace_change *change = memory_new(alternatives->count, sizeof(*change));
    size_t changed = 0;
    for (uint32_t i = 0; i < alternatives->count; i++) {
        const struct alternative_row *row = &alternatives->row[i];
        uint64_t saved[ALTERNATIVE_COUNT];
        row_savings(row, &grouped[i], saved);
        enum alternative best = best_of(saved);
        for (int k = 0; k < ALTERNATIVE_COUNT; k++) {
            plan->alone[CHANGE_ALTERNATIVES + k] += saved[k];
            plan->keys[CHANGE_ALTERNATIVES + k] += saved[k] ? row->sum[k].keys : 0;
        }
        plan->together[CHANGE_ALTERNATIVES + best] += saved[best];
        if (best == ALTERNATIVE_GROUPED && saved[best])
            change[changed++] =
                (struct keyspace_change){row->db, (int64_t)(grouped[i].hashes - row->sum[best].keys),
                                         -(int64_t)row->grouping.expiring, (int64_t)grouped[i].timed_hashes};
    }
    plan->together[CHANGE_TABLES] = plan->alone[CHANGE_TABLES] = tables_saved(context, change, changed);
    free(change);
}

static const struct doc_column columns[] = {
    {"change", "Change", DOC_TEXT, DOC_COLUMN_KEY | DOC_COLUMN_WIDE | DOC_COLUMN_WRAP},
    {"alone_bytes", "Alone saves", DOC_BYTES, 0},
    {"together_bytes", "Of all together", DOC_BYTES, 0},
    {"share", "Of all", DOC_SHARE, DOC_COLUMN_OPTIONAL},
    {"keys", "Keys", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"id", "Section", DOC_TEXT, DOC_COLUMN_KEY | DOC_COLUMN_OPTIONAL},
    {"excludes", "Excludes", DOC_TEXT, DOC_COLUMN_OPTIONAL},
};

static void write_changes(struct doc_table *table, const struct plan_of_changes *plan, uint64_t all_bytes)
{
    for (int i = 0; i < CHANGE_COUNT; i++) {
        if (plan->alone[i] == 0)
            continue;
        const struct doc_value cells[] = {
            doc_text(changes[i].title),
            doc_bytes(plan->alone[i]),
            doc_bytes(plan->together[i]),
            doc_share((double)plan->together[i], (double)all_bytes),
            plan->keys[i] ? doc_count(plan->keys[i]) : doc_none(),
            doc_text(changes[i].id),
            doc_text((i == CHANGE_SET_LIMITS || i == CHANGE_STRAYS) && !plan->sets_overlap ? "" : changes[i].excludes),
        };
        table_row(table, cells);
    }
}

void savings_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                    struct document *document)
{
    (void)self;
    struct plan_of_changes plan = {.sets_overlap = false};
    struct inventory_totals totals;
    struct keyspace_cost tables;
    add_limits(context, &plan);
    add_alternatives(context, &plan);
    inventory_totals(context->inventory, OBJECT_TYPE_COUNT, &totals);
    model_keyspace(context->plan, 0, context->keyspace, &tables);
    uint64_t together = 0, alone = 0, all_bytes = totals.bytes + tables.total_bytes;
    for (int i = 0; i < CHANGE_COUNT; i++) {
        together += plan.together[i];
        alone += plan.alone[i];
    }
    struct doc_section *section = document_section(document, collector->id, collector->title);
    if (alone == 0) {
        section_note(section, DOC_GOOD, "No other setting and no other form of the keys would save anything.");
        return;
    }
    section_fact(section, "together_bytes", "All together save", doc_bytes(together));
    section_fact(section, "share", "Of all", doc_share((double)together, (double)all_bytes));
    struct doc_table *table = section_table(section, "changes", collector->title, columns,
                                            sizeof(columns) / sizeof(*columns), DOC_CHART_NONE);
    write_changes(table, &plan, all_bytes);
    section_note(
        section, DOC_INFO,
        "Changes that are about the same keys exclude each other: of those, what saves most on each pattern is "
        "in the column \"of all together\", so no byte is counted twice. Most of them change the "
        "application; settings do not. What can go (TTLs, streams, keys that nobody uses) and what a restart gives "
        "back "
        "is not in these figures.");
}
