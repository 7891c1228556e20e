/* Private: lengths, integers, doubles and strings of the format (RDB-FORMAT: redis 8.4 src/rdb.c rdbLoadLen,
 * rdbGenericLoadStringObject). Inline where every element passes. */
#ifndef RDB_PRIMITIVES_H
#define RDB_PRIMITIVES_H

#include "input.h"

/* Values in the byte order of the file, from bytes that are known to be present. */
static inline uint16_t rdb_le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t rdb_le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t rdb_le64(const uint8_t *p)
{
    return (uint64_t)rdb_le32(p) | (uint64_t)rdb_le32(p + 4) << 32;
}

static inline uint32_t rdb_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static inline uint64_t rdb_be64(const uint8_t *p)
{
    return (uint64_t)rdb_be32(p) << 32 | rdb_be32(p + 4);
}

static inline double rdb_le_double(const uint8_t *p)
{
    uint64_t bits = rdb_le64(p);
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* Characters of the decimal form of `value`, sign included. */
static inline unsigned rdb_decimal_len(int64_t value)
{
    return rdb_decimal_digits(value < 0 ? -(uint64_t)value : (uint64_t)value) + (value < 0);
}

/* ---- from the input: `what` names the thing in the error when the bytes end ---- */

RDB_MUST_CHECK enum rdb_status rdb_read_len_slow(struct rdb_input *in, uint64_t *value, const char *what);

/* A plain length or count. The encodings that mark strings are corrupt here. */
RDB_MUST_CHECK static inline enum rdb_status rdb_read_len(struct rdb_input *in, uint64_t *value, const char *what)
{
    if (in->pos < in->end && *in->pos < 0x40) {
        *value = *in->pos++;
        return RDB_OK;
    }
    return rdb_read_len_slow(in, value, what);
}

enum { RDB_SHORT_LEN_MAX = 2 };

/* Behind a length of one or two bytes, as nearly all are, of which RDB_SHORT_LEN_MAX bytes are present; NULL: it is
 * another form. */
__attribute__((always_inline)) static inline const uint8_t *rdb_short_len(const uint8_t *p, uint64_t *len)
{
    unsigned more = *p >> 6; /* bytes behind the first */
    *len = more ? (uint64_t)(*p & 0x3F) << 8 | p[1] : *p;
    return more < 2 ? p + 1 + more : NULL;
}

RDB_MUST_CHECK static inline enum rdb_status rdb_read_u8(struct rdb_input *in, uint8_t *value, const char *what)
{
    RDB_TRY(rdb_input_need(in, 1, what));
    *value = *in->pos++;
    return RDB_OK;
}

RDB_MUST_CHECK enum rdb_status rdb_read_le32(struct rdb_input *in, uint32_t *value, const char *what);
RDB_MUST_CHECK enum rdb_status rdb_read_le64(struct rdb_input *in, uint64_t *value, const char *what);
RDB_MUST_CHECK enum rdb_status rdb_read_double(struct rdb_input *in, double *value, const char *what);
RDB_MUST_CHECK enum rdb_status rdb_read_float(struct rdb_input *in, double *value, const char *what);
/* A stream id in its 16 raw bytes, big endian. */
RDB_MUST_CHECK enum rdb_status rdb_read_raw_id(struct rdb_input *in, struct rdb_id *id, const char *what);
/* A number as servers write it as text; NaN where it is none. */
double rdb_text_double(const char *text);
/* The text form of scores before RDB 8. NaN where the text is no number. */
RDB_MUST_CHECK enum rdb_status rdb_read_text_double(struct rdb_input *in, double *value);

/* ---- strings ---- */

/* The prefix of a string: form and lengths. An integer is taken whole. */
RDB_MUST_CHECK enum rdb_status rdb_string_prefix(struct rdb_input *in, struct rdb_string *string, const char *what);
/* Takes a string and keeps its first max_name_bytes in `place`, where they stay until the place is used again. */
RDB_MUST_CHECK enum rdb_status rdb_string_hold(struct rdb_input *in, enum rdb_hold place, struct rdb_string *string,
                                               const char *what);
/* Reads the prefix and brings what fits the window; rdb_string_close passes over the bytes. */
RDB_MUST_CHECK enum rdb_status rdb_string_open(struct rdb_input *in, struct rdb_string *string, const char *what);
RDB_MUST_CHECK enum rdb_status rdb_string_close(struct rdb_input *in, const struct rdb_string *string,
                                                const char *what);
/* Passes over a string. */
RDB_MUST_CHECK enum rdb_status rdb_string_pass(struct rdb_input *in, const char *what);

bool rdb_string_peek_slow(struct rdb_input *in, const uint8_t **at, struct rdb_string *string);

static inline void rdb_string_set_raw(struct rdb_string *string, const uint8_t *bytes, uint64_t len)
{
    string->len = string->stored_len = len;
    string->bytes = bytes;
    string->bytes_len = (uint32_t)len;
    string->form = RDB_STRING_RAW;
}

/* Decodes a string that lies whole in the window at *at and moves *at behind it. False, and nothing is moved, where it
 * does not lie there whole, or is malformed: the slow way then finds out. */
static inline bool rdb_string_peek(struct rdb_input *in, const uint8_t **at, struct rdb_string *string)
{
    const uint8_t *p = *at;
    if (__builtin_expect(in->end - p > RDB_SHORT_LEN_MAX, 1)) {
        uint64_t len;
        const uint8_t *bytes = rdb_short_len(p, &len);
        if (__builtin_expect(bytes != NULL && (size_t)(in->end - bytes) >= len, 1)) {
            rdb_string_set_raw(string, bytes, len);
            *at = bytes + len;
            return true;
        }
    }
    return rdb_string_peek_slow(in, at, string);
}

#endif
