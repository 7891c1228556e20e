/* Bytes of entries in ziplists and listpacks (redis src/ziplist.c, src/listpack.c; the same in every release). */
#ifndef MODEL_PACKED_SIZE_H
#define MODEL_PACKED_SIZE_H

#include <stdint.h>

enum {
    LISTPACK_FRAME = 7, /* total bytes, count, terminator */
    ZIPLIST_FRAME = 11, /* total bytes, tail offset, count, terminator */
    INTSET_FRAME = 8
};

/* The length of an entry's own body, repeated behind it for walking backwards. */
static inline unsigned listpack_back_bytes(uint64_t body)
{
    if (body <= 127)
        return 1;
    if (body < 16383)
        return 2;
    if (body < 2097151)
        return 3;
    return body < 268435455 ? 4 : 5;
}

/* Bytes of a text's body in either form: its length's encoding grows at 64 and at `medium_end`. */
static inline uint64_t packed_text_body(uint64_t len, uint64_t medium_end)
{
    return len + (len < 64 ? 1 : len < medium_end ? 2 : 5);
}

static inline uint64_t listpack_text_entry(uint64_t len)
{
    uint64_t body = packed_text_body(len, 4096);
    return body + listpack_back_bytes(body);
}

/* Bits that hold a number in two's complement: 2 at least, 64 at most. */
static inline unsigned integer_bits(int64_t v)
{
    uint64_t folded = v < 0 ? ~(uint64_t)v : (uint64_t)v;
    return 65 - (unsigned)__builtin_clzll(folded | 1);
}

enum { INTEGER_BITS_MAX = 64 };

/* Bytes of an entry that is no number of 0 to 127, by its bits: there are forms for 13, 16, 24, 32 and 64. */
static const uint8_t listpack_integer_sizes[INTEGER_BITS_MAX + 1] = {
    [0 ... 13] = 3, [14 ... 16] = 4, [17 ... 24] = 5, [25 ... 32] = 6, [33 ... 64] = 10};

static inline unsigned listpack_integer_entry(int64_t v)
{
    return (uint64_t)v <= 127 ? 2 : listpack_integer_sizes[integer_bits(v)];
}

/* Ziplist entries, without the length of the previous entry that precedes them. */
static inline uint64_t ziplist_text_body(uint64_t len)
{
    return packed_text_body(len, 16384);
}

static const uint8_t ziplist_integer_sizes[INTEGER_BITS_MAX + 1] = {
    [0 ... 8] = 2, [9 ... 16] = 3, [17 ... 24] = 4, [25 ... 32] = 5, [33 ... 64] = 9};

static inline unsigned ziplist_integer_body(int64_t v)
{
    return (uint64_t)v <= 12 ? 1 : ziplist_integer_sizes[integer_bits(v)];
}

/* Bytes that tell the length of the previous entry, itself included. */
static inline unsigned ziplist_previous_bytes(uint64_t previous)
{
    return previous < 254 ? 1 : 5;
}

/* Bytes of one integer in an intset. */
static inline unsigned intset_width(int64_t v)
{
    if (v >= INT16_MIN && v <= INT16_MAX)
        return 2;
    return v >= INT32_MIN && v <= INT32_MAX ? 4 : 8;
}

/* Items packed one behind the other, in both forms at once. */
struct packed_sums {
    uint64_t listpack; /* bytes of entries, without the frame */
    uint64_t ziplist;
    uint64_t ziplist_previous; /* last ziplist entry */
};

static inline void packed_sums_ziplist(struct packed_sums *sums, uint64_t body)
{
    sums->ziplist_previous = body + ziplist_previous_bytes(sums->ziplist_previous);
    sums->ziplist += sums->ziplist_previous;
}

#endif
