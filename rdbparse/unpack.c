#include "unpack.h"

#include <errno.h>
#include <lzf.h>

/* One step of LZF writes at most this much: liblzf that runs out of room has filled all but the last such step. */
enum { LZF_STEP_MAX = 264 };

/* The most that can be had for sure from a part of the compressed bytes: a literal byte takes two at worst. */
static uint64_t sure_output(size_t present)
{
    uint64_t sure = present / 2;
    return sure > 2 * LZF_STEP_MAX ? sure - 2 * LZF_STEP_MAX : 0;
}

enum rdb_status rdb_lzf_unpack(struct rdb_input *in, const struct rdb_lzf *lzf, enum rdb_hold place, uint64_t max,
                               size_t *got)
{
    *got = 0;
    if (!rdb_lzf_plausible(lzf->stored_len, lzf->len))
        return RDB_ERR_CORRUPT;
    uint64_t want = max < lzf->len ? max : lzf->len;
    if (want > in->max_unpack_bytes)
        want = in->max_unpack_bytes;
    if (lzf->present < lzf->stored_len && want > sure_output(lzf->present))
        want = sure_output(lzf->present);
    if (want == 0)
        return RDB_OK;
    bool whole = lzf->present == lzf->stored_len && lzf->len - want <= LZF_STEP_MAX;
    size_t room = whole ? (size_t)lzf->len : (size_t)want + LZF_STEP_MAX;
    uint8_t *out = rdb_input_hold(in, place, room);
    if (!out)
        return RDB_ERR_NO_MEMORY;
    errno = 0;
    unsigned made = lzf_decompress(lzf->stored, (unsigned)lzf->present, out, (unsigned)room);
    if (whole ? made != room : made != 0 || errno != E2BIG)
        return RDB_ERR_CORRUPT;
    *got = (size_t)want;
    return RDB_OK;
}
