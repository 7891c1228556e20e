/* Any bytes as a saved MEMORY MALLOC-STATS: read or refused; bins are bounded, in order and not empty. */
#include <stdlib.h>
#include <string.h>

#include "malloc_stats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int fine)
{
    if (!fine)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct malloc_stats stats;
    /* A copy of just this size: reading beyond it is found. */
    char *text = malloc(size ? size : 1);
    need(text != NULL);
    if (size)
        memcpy(text, data, size);
    bool is_stats = malloc_stats_parse(&stats, text, size);
    free(text);
    need(is_stats == (stats.bin_count || stats.has_summary));
    need(stats.bin_count <= MALLOC_STATS_MAX_BINS);
    need(memchr(stats.version, '\0', sizeof stats.version) != NULL);
    for (size_t i = 0; i < stats.bin_count; i++) {
        need(stats.bin[i].size != 0 && stats.bin[i].allocated != 0);
        need(i == 0 || stats.bin[i - 1].size < stats.bin[i].size);
    }
    return 0;
}
