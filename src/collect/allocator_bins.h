/* Section allocator_bins: the size classes that the data alone would take in the allocator, as MEMORY MALLOC-STATS
 * shows them for a server. Not by default: every key is explained allocation by allocation.
 *
 * Elements are counted block by block (model/size_census.h). Other allocations of one kind that differ in size (nodes
 * of skip lists and radix trees, nodes of lists that are built anew) are known by their number and their bytes
 * together: those go to the two classes around their average, so that number and bytes are kept. */
#ifndef ALLOCATOR_BINS_H
#define ALLOCATOR_BINS_H

#include "collector.h"

enum {
    BINS_SMALL = 1 << 14, /* classes up to here have a slot each 8 bytes */
    BINS_LARGE = 512      /* larger classes; of further ones the last is for all */
};

struct allocator_bin {
    uint64_t size; /* of the class */
    uint64_t allocations, asked;
};

struct allocator_bins {
    struct allocator_bin small[BINS_SMALL / 8 + 1];
    struct allocator_bin large[BINS_LARGE]; /* in order */
    uint32_t large_count;
    uint64_t beyond_bytes; /* held by allocations that found no room in `large` */
    uint64_t spread;       /* allocations that are known by their average */
    uint64_t allocations;
};

void allocator_bins_add(void *self, const struct collect_context *context, const struct record *record);
void allocator_bins_merge(void *self, const void *other, const struct collect_context *context);
/* collector.h, archive(). */
void allocator_bins_archive(void *self, const struct collect_context *context, struct archive *archive);
void allocator_bins_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                           struct document *document);

#endif
