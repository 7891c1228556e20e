/* Sections top_keys, top_elements, top_longest, top_idle and top_ttl: the keys with most bytes, most elements, the
 * longest element; those that were not used for longest, where the file has idle times; those that live longest. */
#ifndef TOP_H
#define TOP_H

#include "collector.h"
#include "top_list.h"

void top_init(void *self, const struct collect_context *context);
/* collector.h, names_upto(). */
uint64_t top_bytes_names_upto(const void *self, const struct record *record, size_t from);
uint64_t top_longest_names_upto(const void *self, const struct record *record, size_t from);
uint64_t top_idle_names_upto(const void *self, const struct record *record, size_t from);
void top_add_bytes(void *self, const struct collect_context *context, const struct record *record);
void top_add_elements(void *self, const struct collect_context *context, const struct record *record);
void top_add_longest(void *self, const struct collect_context *context, const struct record *record);
void top_add_idle(void *self, const struct collect_context *context, const struct record *record);
void top_add_ttl(void *self, const struct collect_context *context, const struct record *record);
void top_merge(void *self, const void *other, const struct collect_context *context);
void top_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                struct document *document);
void top_longest_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                        struct document *document);
void top_times_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                      struct document *document);
void top_release(void *self);
void top_hide(void *self, const struct doc_hider *hider);
/* collector.h, archive(). */
void top_archive(void *self, const struct collect_context *context, struct archive *archive);

#endif
