/* The change that saves most on the keys of one pattern, whatever section proposes it: another form of the keys, higher
 * limits, lists compressed, sets without strays. Gathered in the rows of the alternatives (alternatives.h), by the
 * sections that cost single keys anyway, and looked up by pattern when the groups are written. */
#ifndef BEST_SAVINGS_H
#define BEST_SAVINGS_H

#include "collector.h"
#include "node_sweeps.h"

enum { PACKED_LIMITS = 3 }; /* on entries, on values, and on sets of integers */

/* What sections that look at single keys found out of those of a row. */
struct row_changes {
    uint64_t packed_saved;                   /* by tables that higher limits would pack */
    uint64_t packed_limit[PACKED_LIMITS];    /* that this takes at least; 0: that in force will do */
    enum object_encoding packed;             /* into which */
    uint64_t strays_saved;                   /* by sets without the members that are no integers */
    uint64_t depth_bytes[NODE_SWEEP_DEPTHS]; /* of lists, under the compress depths of node_sweeps.h */
};

/* A table that `packing` says could be packed: counts, unless the block is longer than the sweeps recommend (sweep.h).
 */
void row_changes_packable(struct row_changes *changes, const struct plan *plan, const struct record *record,
                          const struct packing *packing);
void row_changes_merge(struct row_changes *changes, const struct row_changes *from);

/* Writes what was found out, or reads it into the rows that there are. */
void row_changes_archive(struct alternatives *alternatives, struct archive *archive);

enum { BEST_SAVING_TEXT = 200 };

struct best_saving {
    uint64_t saved_bytes; /* 0: nothing saves anything */
    char change[BEST_SAVING_TEXT];
};

struct best_savings;
/* NULL where not all that it needs was gathered. The caller frees it. */
struct best_savings *best_savings_new(const struct collect_context *context);
void best_savings_free(struct best_savings *savings);
/* Says what the bounds left out, where they did. */
void best_savings_note_bounds(const struct best_savings *savings, struct doc_section *section);
/* For the keys of a pattern in all databases, by its key_pattern_hash. */
void best_savings_find(const struct best_savings *savings, uint64_t pattern_hash, struct best_saving *best);

#endif
