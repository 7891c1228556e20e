/* Listpacks (redis 8.4 src/listpack.c): total, count, entries with a back length each, 0xFF. */
#include "packed_walk.h"

enum { LISTPACK_HEADER = 6 };

static const char *listpack_header(struct rdb_cursor *cursor, const uint8_t *at)
{
    uint32_t total = rdb_le32(at);
    uint16_t count = rdb_le16(at + 4);
    cursor->header_count = count == UINT16_MAX ? UINT64_MAX : count;
    return total == cursor->len ? NULL : "its header gives another length";
}

/* Bytes of the back length: seven bits a byte. */
static inline unsigned back_size(uint64_t size)
{
    return size <= 127 ? 1 : size <= 16383 ? 2 : size <= 2097151 ? 3 : size <= 268435455 ? 4 : 5;
}

/* Likewise of the one at `back`. Before redis 8.8 and valkey 9.1 the limits were off by one (src/listpack.c
 * lpEncodeBacklen): an entry of just that size has a byte more, and it is zero. */
static inline unsigned back_size_at(const uint8_t *back, uint64_t size)
{
    bool is_limit = size == 16383 || size == 2097151 || size == 268435455;
    return back_size(size) + (is_limit && *back == 0);
}

static bool back_matches(const uint8_t *back, uint64_t size)
{
    unsigned bytes = back_size_at(back, size);
    for (unsigned i = bytes; i-- > 0; size >>= 7) {
        uint8_t expected = (uint8_t)((size & 127) | (i ? 128 : 0));
        if (back[i] != expected)
            return false;
    }
    return true;
}

/* 13 bits, two's complement. */
static inline int64_t number_13(const uint8_t *at)
{
    return (int64_t)((unsigned)(at[0] & 31) << 8 | at[1]) - ((at[0] & 16) ? 8192 : 0);
}

/* Entries whose first byte is 0xC0 or above. head->total is that without the back length. */
__attribute__((always_inline)) static inline enum rdb_head_result long_head(const uint8_t *at, uint64_t present,
                                                                            struct rdb_head *head)
{
    static const uint8_t sizes[16] = {5, 3, 4, 5, 9}; /* by the low bits of F0..FF: bytes up to the text */
    unsigned first = *at;
    unsigned size = first < 0xF0 ? 2 : sizes[first & 15];
    if (size == 0)
        return RDB_HEAD_BAD;
    if (present < size)
        return RDB_HEAD_MORE;
    head->size = size;
    head->value = 0;
    head->is_int = first < 0xE0 || first > 0xF0;
    head->len = first == 0xF0 ? rdb_le32(at + 1) : first < 0xF0 ? (uint64_t)(first & 15) << 8 | at[1] : 0;
    if (first < 0xE0)
        head->value = number_13(at);
    else if (first == 0xF1)
        head->value = (int16_t)rdb_le16(at + 1);
    else if (first == 0xF2)
        head->value = (int32_t)((uint32_t)(at[1] << 8 | at[2] << 16) | (uint32_t)at[3] << 24) >> 8;
    else if (first == 0xF3)
        head->value = (int32_t)rdb_le32(at + 1);
    else if (first == 0xF4)
        head->value = (int64_t)rdb_le64(at + 1);
    head->total = size + (head->is_int ? 0 : head->len);
    return RDB_HEAD_ENTRY;
}

/* Entries whose first byte says it all: small integers and short strings. */
static inline void short_head(unsigned first, struct rdb_head *head)
{
    head->is_int = first < 0x80;
    head->value = (int64_t)first;
    head->len = first & 63;
    head->size = 1;
    head->total = 1 + (head->is_int ? 0 : head->len);
}

__attribute__((always_inline)) static inline enum rdb_head_result
listpack_head(struct rdb_cursor *cursor, const uint8_t *at, uint64_t present, struct rdb_head *head, bool strict)
{
    uint64_t size;
    if (*at < 0xC0) {
        short_head(*at, head);
        size = head->total++;
    } else {
        enum rdb_head_result result = long_head(at, present, head);
        if (result != RDB_HEAD_ENTRY)
            return result;
        size = head->total;
        head->total += size < 16383 || size >= present ? back_size(size) : back_size_at(at + size, size);
    }
    if (__builtin_expect(head->total > present, 0))
        return RDB_HEAD_MORE;
    if (strict && !back_matches(at + size, size)) {
        rdb_cursor_damage(cursor, rdb_cursor_position(cursor, at + size), "an entry's back length is wrong");
        return RDB_HEAD_BAD;
    }
    return RDB_HEAD_ENTRY;
}

enum { NUMBERS_FROM = 0xF1, NUMBERS_TO = 0xF4, NUMBER_MAX = 1 + 8 };

/* Numbers of whole bytes, little endian, where NUMBER_MAX bytes are present. */
static inline int64_t number_of_bytes(const uint8_t *at, unsigned *bytes)
{
    static const uint8_t sizes[] = {2, 3, 4, 8};
    *bytes = sizes[*at - NUMBERS_FROM];
    unsigned shift = 64 - 8 * *bytes;
    return (int64_t)(rdb_le64(at + 1) << shift) >> shift;
}

/* Numbers, and texts of up to 63 bytes. */
__attribute__((always_inline)) static inline unsigned listpack_quick(const uint8_t *at, uint64_t present,
                                                                     struct rdb_input *in, struct rdb_string *entry)
{
    enum { NUMBERS_7_END = 0x80, TEXTS_END = 0xC0, NUMBERS_13_END = 0xE0, FRAME = 2 /* first byte, back length */ };
    if (present <= FRAME + 1)
        return 0;
    unsigned first = *at, len = first & 63, bytes;
    if (first < NUMBERS_7_END) {
        rdb_string_set_int(entry, in, (int64_t)first, 1);
        return FRAME;
    }
    if (first < TEXTS_END) {
        rdb_string_set_raw(entry, at + 1, len);
        return FRAME + len <= present ? FRAME + len : 0;
    }
    if (first < NUMBERS_13_END) {
        rdb_string_set_int(entry, in, number_13(at), 2);
        return FRAME + 1;
    }
    if (first < NUMBERS_FROM || first > NUMBERS_TO || present <= NUMBER_MAX)
        return 0;
    int64_t value = number_of_bytes(at, &bytes);
    rdb_string_set_int(entry, in, value, 1 + bytes);
    return FRAME + bytes;
}

static size_t listpack_walk(struct rdb_cursor *cursor, struct rdb_string *entries, size_t max)
{
    return rdb_walk(cursor, entries, max, listpack_quick, listpack_head, false);
}

static size_t listpack_walk_strict(struct rdb_cursor *cursor, struct rdb_string *entries, size_t max)
{
    return rdb_walk(cursor, entries, max, NULL, listpack_head, true);
}

static enum rdb_head_result listpack_outline(struct rdb_cursor *cursor, const uint8_t *at, uint64_t present,
                                             struct rdb_head *head)
{
    (void)cursor;
    enum rdb_head_result result = RDB_HEAD_ENTRY;
    if (*at < 0xC0)
        short_head(*at, head);
    else
        result = long_head(at, present, head);
    head->total += result == RDB_HEAD_ENTRY ? back_size(head->total) : 0;
    return result;
}

static size_t listpack_tail_size(const uint8_t *at, const struct rdb_head *head)
{
    return back_size_at(at, head->size + head->len);
}

static bool listpack_tail(const uint8_t *at, const struct rdb_head *head)
{
    return back_matches(at, head->size + head->len);
}

const struct rdb_form rdb_form_listpack = {.name = "listpack",
                                           .header_size = LISTPACK_HEADER,
                                           .min_size = LISTPACK_HEADER + 1,
                                           .header = listpack_header,
                                           .walk = listpack_walk,
                                           .walk_strict = listpack_walk_strict,
                                           .head = listpack_outline,
                                           .tail_size = listpack_tail_size,
                                           .tail = listpack_tail};
