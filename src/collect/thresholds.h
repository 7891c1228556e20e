/* Section thresholds: what every limit on packed hashes, sorted sets and sets would give, from one pass. */
#ifndef THRESHOLDS_H
#define THRESHOLDS_H

#include "collector.h"
#include "sweep.h"

enum threshold_sweep {
    SWEEP_HASH,
    SWEEP_ZSET,
    SWEEP_SET,
    SWEEP_INTSET,
    SWEEP_SET_TEXT, /* as SWEEP_SET, over the sets that no intset limit could pack: for the joint figure */
    SWEEP_COUNT
};

struct thresholds {
    struct sweep sweep[SWEEP_COUNT];
    struct settings scratch;                  /* settings in force, but for the limits being tried */
    enum object_encoding packed[SWEEP_COUNT]; /* what the server packs into; ENCODING_COUNT before the first key */
};

void thresholds_init(void *self, const struct collect_context *context);
void thresholds_add(void *self, const struct collect_context *context, const struct record *record);
void thresholds_merge(void *self, const void *other, const struct collect_context *context);
void thresholds_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                       struct document *document);
/* What the recommended settings save, by sweep; they add up. 0 where none is recommended. */
void thresholds_recommended(const struct thresholds *thresholds, const struct collect_context *context,
                            uint64_t saved_bytes[SWEEP_COUNT]);
/* collector.h, archive(). */
void thresholds_archive(void *self, const struct collect_context *context, struct archive *archive);

#endif
