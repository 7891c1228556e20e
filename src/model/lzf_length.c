#include "lzf_length.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

enum {
    SLOTS = 1 << 16,        /* HLOG 16 */
    LITERALS_MAX = 32,      /* behind one control byte */
    DISTANCE_MAX = 1 << 13, /* of a repetition */
    REPEATED_MAX = 264,     /* bytes of one */
    SHORT_REPEATED = 8,     /* up to here, a repetition takes two bytes; else three */
    UNTESTED_FROM = 16,     /* where so many bytes are left, the first of a repetition are compared by themselves: */
    UNTESTED_TO = 19,       /* up to these, whatever is left behind them */
    REPEATED_LEAST = 3
};

struct lzf_table {
    uint32_t base; /* before any position in the blob at hand, behind those of the blobs before */
    uint32_t slot[SLOTS];
};

struct lzf_table *lzf_table_new(void)
{
    return allocate(1, sizeof(struct lzf_table));
}

void lzf_table_free(struct lzf_table *table)
{
    free(table);
}

static inline uint32_t *slot_of(struct lzf_table *table, const uint8_t *bytes)
{
    uint32_t three = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
    return &table->slot[((three >> 8) - three * 5) & (SLOTS - 1)];
}

/* Bytes at `at` that are those at `from`, of which the first three are known to be. The last two of a blob are no part
 * of it, unless the comparison in a row reaches them. */
static size_t repeated(const uint8_t *from, const uint8_t *at, size_t left)
{
    size_t most = left - 2 < REPEATED_MAX ? left - 2 : REPEATED_MAX;
    size_t least = most > UNTESTED_FROM ? UNTESTED_TO : REPEATED_LEAST;
    most = most < least ? least : most;
    size_t len = REPEATED_LEAST;
    while (len < most && from[len] == at[len])
        len++;
    return len;
}

/* Literals with their control bytes. */
static uint64_t literals_length(uint64_t literals)
{
    return literals + (literals + LITERALS_MAX - 1) / LITERALS_MAX;
}

uint64_t lzf_length(struct lzf_table *table, const uint8_t *bytes, size_t len)
{
    if (len >= UINT32_MAX - table->base)
        memset(table, 0, sizeof *table);
    uint64_t length = 0;
    size_t at = 0, literals_from = 0;
    while (at + 2 < len) {
        uint32_t *slot = slot_of(table, bytes + at);
        uint32_t seen = *slot;
        *slot = table->base + (uint32_t)at;
        /* Never the first byte of the blob. */
        size_t from = seen > table->base ? seen - table->base : at;
        if (from == at || at - from > DISTANCE_MAX || memcmp(bytes + from, bytes + at, REPEATED_LEAST) != 0) {
            at++;
            continue;
        }
        size_t taken = repeated(bytes + from, bytes + at, len - at);
        length += literals_length(at - literals_from) + (taken <= SHORT_REPEATED ? 2 : 3);
        at += taken;
        literals_from = at;
        if (at + 2 >= len)
            break;
        for (size_t i = at - 2; i < at; i++)
            *slot_of(table, bytes + i) = table->base + (uint32_t)i;
    }
    table->base += (uint32_t)len;
    return length + literals_length(len - literals_from);
}
