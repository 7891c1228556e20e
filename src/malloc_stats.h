/* Reads the text of MEMORY MALLOC-STATS: jemalloc's statistics, of any of its releases from 3.6 on. Columns are found
 * by their names, since every release has others. */
#ifndef MALLOC_STATS_H
#define MALLOC_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MALLOC_STATS_MAX_BINS = 320, MALLOC_STATS_VERSION_MAX = 32 };

/* One size class, over all arenas. */
struct malloc_bin {
    uint64_t size;
    uint64_t allocated; /* bytes in blocks handed out */
    uint64_t blocks;    /* handed out now */
    uint64_t held;      /* bytes of the slabs that the blocks lie in; of large classes, which have none, with the page
                           that cache_oblivious pads each with. 0 where the text does not say (before 4.0) */
};

struct malloc_stats {
    char version[MALLOC_STATS_VERSION_MAX]; /* "5.3.0"; "" when it is not there */
    uint64_t quantum;                       /* bytes between the smallest classes; 0 when it is not there */
    uint64_t page;
    bool has_summary; /* the four below, of the line "Allocated: ..." */
    uint64_t allocated, active, resident, mapped;
    struct malloc_bin bin[MALLOC_STATS_MAX_BINS]; /* by size */
    size_t bin_count;                             /* further ones are left out */
};

/* Reads `len` bytes of any content. Returns false when it holds neither bins nor the summary. */
bool malloc_stats_parse(struct malloc_stats *stats, const char *text, size_t len);

#endif
