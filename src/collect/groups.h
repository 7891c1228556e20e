/* Section groups: keys by the pattern of their names, and a map of memory by prefix. */
#ifndef GROUPS_H
#define GROUPS_H

#include "collector.h"
#include "group_table.h"

void groups_init(void *self, const struct collect_context *context);
void groups_add(void *self, const struct collect_context *context, const struct record *record);
void groups_expect(const void *self, uint64_t pattern_hash);
bool groups_are_full(const void *self);
bool groups_depend_on_order(const void *self);
bool groups_are_large(const void *self, unsigned sharers);
void groups_merge(void *self, const void *other, const struct collect_context *context);
void groups_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                   struct document *document);
void groups_release(void *self);

/* The least of the bin that the median is in: bins double. Nothing where there are no idle times; NULL: none. */
struct doc_value group_median_idle(const struct group_idle *idle);

/* Whether at least half of a pattern's keys expire and the others, which never do, take a thousandth of the data. */
static inline bool group_forgot_ttl(const struct group *group, uint64_t all_bytes)
{
    return group->no_ttl_keys && group->no_ttl_keys <= group->keys / 2 && group->no_ttl_bytes >= all_bytes / 1000;
}
void groups_hide(void *self, const struct doc_hider *hider);
/* collector.h, archive(). */
void groups_archive(void *self, const struct collect_context *context, struct archive *archive);

#endif
