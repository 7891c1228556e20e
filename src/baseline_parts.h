/* Inside baseline: its sources. */
#ifndef BASELINE_PARTS_H
#define BASELINE_PARTS_H

#include "baseline.h"
#include "collect/group_table.h"

/* Keys that have a pattern of names in common. */
struct baseline_group {
    uint64_t keys, bytes;
    uint32_t types; /* bit 1 << object_type */
    uint32_t db;    /* of all of them, or GROUP_SEVERAL_DATABASES: that is not known */
    uint8_t len, text[KEY_PATTERN_MAX];
};

/* Takes the groups of a report in JSON, where it has them. */
void baseline_groups_of_json(struct baseline *baseline);
void baseline_groups_of_table(struct baseline *baseline, const struct group_table *table);
/* What the groups say of a scope with a pattern. */
struct check_before baseline_groups_within(const struct baseline *baseline, const struct policy_scope *scope);

/* Reads a snapshot against the policy. */
bool baseline_read_snapshot(struct baseline *baseline, const struct policy *policy, const struct cli_options *options,
                            const struct environment *environment);

/* Figures are exact up to 2^53, where doubles are. */
bool baseline_figure(const cJSON *object, const char *name, uint64_t *figure);

#endif
