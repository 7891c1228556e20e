#include "unpack.h"

/* One step of LZF writes at most this much; a decoder that runs out of room has filled all but the last such step.
 * LZF_SLACK: what copies in whole words may write behind the room. */
enum { LZF_STEP_MAX = 264, LZF_SLACK = 32 };

/* ---- the decoder ---------------------------------------------------------------------------------------------------
 * The format of liblzf 3.6 lzf_d.c, as servers write it: a control byte below 32 starts a run of literal bytes, any
 * other one refers to bytes made before. Servers' own decoder copies byte by byte; here runs are copied in words. */

enum lzf_end { LZF_WHOLE, LZF_FULL, LZF_DAMAGED };

struct lzf_output {
    uint8_t *at, *first, *end; /* LZF_SLACK bytes behind `end` may be written */
};

static inline void copy_literals(uint8_t *to, const uint8_t *from, size_t run, size_t present)
{
    if (present >= 32)
        memcpy(to, from, 32);
    else
        memcpy(to, from, run);
}

/* Bytes that repeat every `distance`: once eight of them are there, eight at a time from a multiple of it. */
static inline void copy_near(uint8_t *to, size_t distance, size_t len)
{
    static const uint8_t multiple[8] = {0, 8, 8, 9, 8, 10, 12, 14};
    for (size_t i = 0; i < 8; i++)
        to[i] = to[i - distance];
    distance = multiple[distance];
    for (size_t i = 8; i < len; i += 8)
        memcpy(to + i, to + i - distance, 8);
}

static inline void copy_back(uint8_t *to, size_t distance, size_t len)
{
    if (distance >= 16)
        for (size_t i = 0; i < len; i += 16)
            memcpy(to + i, to + i - distance, 16);
    else if (distance >= 8)
        for (size_t i = 0; i < len; i += 8)
            memcpy(to + i, to + i - distance, 8);
    else
        copy_near(to, distance, len);
}

/* The step that a control byte of 32 and above starts; *in stands behind it. */
static inline enum lzf_end refer_back(struct lzf_output *out, unsigned control, const uint8_t **in,
                                      const uint8_t *in_end)
{
    size_t len = control >> 5;
    if (len == 7 && *in < in_end)
        len += *(*in)++;
    if (*in == in_end)
        return LZF_DAMAGED;
    size_t distance = ((size_t)(control & 31) << 8 | *(*in)++) + 1;
    len += 2;
    if (len > (size_t)(out->end - out->at))
        return LZF_FULL;
    if (distance > (size_t)(out->at - out->first))
        return LZF_DAMAGED;
    copy_back(out->at, distance, len);
    out->at += len;
    return LZF_WHOLE;
}

/* Decodes until the input ends, a step finds no room, or makes no sense. */
static enum lzf_end decode(struct lzf_output *out, const uint8_t *in, size_t in_len)
{
    const uint8_t *in_end = in + in_len;
    enum lzf_end result = LZF_WHOLE;
    while (in < in_end && result == LZF_WHOLE) {
        unsigned control = *in++;
        if (control >= 32) {
            result = refer_back(out, control, &in, in_end);
            continue;
        }
        size_t run = control + 1, present = (size_t)(in_end - in);
        if (run > (size_t)(out->end - out->at))
            return LZF_FULL;
        if (run > present)
            return LZF_DAMAGED;
        copy_literals(out->at, in, run, present);
        out->at += run;
        in += run;
    }
    return result;
}

/* ---- within bounds -------------------------------------------------------------------------------------------------
 */

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
    uint8_t *bytes = rdb_input_hold(in, place, room + LZF_SLACK);
    if (!bytes)
        return RDB_ERR_NO_MEMORY;
    struct lzf_output out = {bytes, bytes, bytes + room};
    enum lzf_end end = decode(&out, lzf->stored, lzf->present);
    if (whole ? end != LZF_WHOLE || out.at != out.end : end != LZF_FULL)
        return RDB_ERR_CORRUPT;
    *got = (size_t)want;
    return RDB_OK;
}
