/* Section intset_strays: sets of integers but for a few members, which cost them their intset. */
#ifndef INTSET_STRAYS_H
#define INTSET_STRAYS_H

#include "collector.h"
#include "top_list.h"

struct intset_strays {
    struct shape *shape; /* for the set without them */
    uint64_t keys, members, bytes, saved_bytes;
    struct top_list list;
};

void intset_strays_init(void *self, const struct collect_context *context);
void intset_strays_add(void *self, const struct collect_context *context, const struct record *record);
void intset_strays_merge(void *self, const void *other, const struct collect_context *context);
void intset_strays_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                          struct document *document);
void intset_strays_release(void *self);
void intset_strays_hide(void *self, const struct doc_hider *hider);
/* collector.h, archive(). */
void intset_strays_archive(void *self, const struct collect_context *context, struct archive *archive);

#endif
