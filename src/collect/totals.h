/* Section totals: all keys and the keyspace tables, and how they compare with what the server said of itself. */
#ifndef TOTALS_H
#define TOTALS_H

#include "collector.h"

struct totals {
    uint64_t other_bytes; /* all keys but modules under view 1, where the plan has one */
};

void totals_add(void *self, const struct collect_context *context, const struct record *record);
void totals_merge(void *self, const void *other, const struct collect_context *context);
void totals_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                   struct document *document);
/* collector.h, archive(). */
void totals_archive(void *self, const struct collect_context *context, struct archive *archive);

#endif
