/* Section slots: how evenly keys lie over the slots of a cluster and over hash tags. Exact for slots; tags are groups
 * (group_table.h) of the text between the braces. */
#ifndef SLOTS_H
#define SLOTS_H

#include "collector.h"
#include "group_table.h"
#include "slot_moves.h"

struct slots {
    struct slot_sum *slot;   /* SLOTS of them */
    struct group_table tags; /* names are tags, their first KEY_PATTERN_MAX bytes */
    uint64_t tagged_keys, tagged_bytes;
    struct slot_nodes nodes; /* the files; of a slot in several the first by name */
};

void slots_init(void *self, const struct collect_context *context);
void slots_add(void *self, const struct collect_context *context, const struct record *record);
bool slots_depend_on_order(const void *self);
bool slots_are_large(const void *self, unsigned sharers);
void slots_merge(void *self, const void *other, const struct collect_context *context);
void slots_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                  struct document *document);
void slots_release(void *self);
void slots_hide(void *self, const struct doc_hider *hider);
/* collector.h, archive(). */
void slots_archive(void *self, const struct collect_context *context, struct archive *archive);
/* All keys of one file have come: from here on its slots count as those of that file. */
void slots_end_file(struct collection *collection, const char *path);

#endif
