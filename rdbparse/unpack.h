/* Private: LZF through liblzf, within bounds. */
#ifndef RDB_UNPACK_H
#define RDB_UNPACK_H

#include "input.h"

/* Whether `stored` compressed bytes can make `len` bytes: three of them make 264 at most, and neither may be 0. */
static inline bool rdb_lzf_plausible(uint64_t stored, uint64_t len)
{
    return stored > 0 && len > 0 && stored <= UINT64_MAX / 128 && len <= stored * 88 + 264;
}

struct rdb_lzf {
    const uint8_t *stored;
    size_t present;      /* of the compressed bytes, at `stored` */
    uint64_t stored_len; /* all of them */
    uint64_t len;        /* unpacked */
};

/* Unpacks the first `max` bytes, no more than the input's max_unpack_bytes, into `place`. *got is their number: less
 * than min(max, len) only at the bounds. RDB_ERR_CORRUPT (nothing recorded) for damaged bytes. */
RDB_MUST_CHECK enum rdb_status rdb_lzf_unpack(struct rdb_input *in, const struct rdb_lzf *lzf, enum rdb_hold place,
                                              uint64_t max, size_t *got);

#endif
