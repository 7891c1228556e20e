/* Section groups: keys by the pattern of their names, and a map of memory by prefix. */
#ifndef GROUPS_H
#define GROUPS_H

#include "collector.h"
#include "group_table.h"

void groups_init(void *self, const struct collect_context *context);
void groups_add(void *self, const struct collect_context *context, const struct record *record);
void groups_merge(void *self, const void *other, const struct collect_context *context);
void groups_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                   struct document *document);
void groups_release(void *self);

#endif
