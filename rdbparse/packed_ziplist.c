/* Ziplists (redis 6.2 src/ziplist.c): bytes, tail offset, count, entries with the length of the one before, 0xFF. */
#include "packed_walk.h"

enum { ZIPLIST_HEADER = 10, ZIPLIST_LONG_PREVIOUS = 254, ZIPLIST_END = 255 };

static const char *ziplist_header(struct rdb_cursor *cursor, const uint8_t *at)
{
    uint32_t total = rdb_le32(at);
    uint16_t count = rdb_le16(at + 8);
    cursor->header_tail = rdb_le32(at + 4);
    cursor->header_count = count == UINT16_MAX ? UINT64_MAX : count;
    cursor->previous_size = 0;
    cursor->last_entry = ZIPLIST_HEADER;
    if (total != cursor->len)
        return "its header gives another length";
    return cursor->header_tail < cursor->len ? NULL : "its tail offset is behind its end";
}

/* The encoding at `at`. head->size is its own size here. */
static enum rdb_head_result encoding_head(const uint8_t *at, uint64_t present, struct rdb_head *head)
{
    unsigned first = *at;
    head->value = 0;
    head->len = 0;
    head->is_int = first >= 0xC0;
    head->size = first < 0x40 ? 1 : first < 0x80 ? 2 : first < 0xC0 ? 5 : 0;
    switch (first) {
    case 0xC0:
        head->size = 3;
        break;
    case 0xD0:
        head->size = 5;
        break;
    case 0xE0:
        head->size = 9;
        break;
    case 0xF0:
        head->size = 4;
        break;
    case 0xFE:
        head->size = 2;
        break;
    default:
        if (first >= 0xF1 && first <= 0xFD)
            head->size = 1;
        break;
    }
    if (head->size == 0)
        return RDB_HEAD_BAD;
    return present < head->size ? RDB_HEAD_MORE : RDB_HEAD_ENTRY;
}

static int64_t encoding_value(const uint8_t *at)
{
    switch (*at) {
    case 0xC0:
        return (int16_t)rdb_le16(at + 1);
    case 0xD0:
        return (int32_t)rdb_le32(at + 1);
    case 0xE0:
        return (int64_t)rdb_le64(at + 1);
    case 0xF0:
        return (int32_t)((uint32_t)(at[1] << 8 | at[2] << 16) | (uint32_t)at[3] << 24) >> 8;
    case 0xFE:
        return (int8_t)at[1];
    default:
        return (*at & 15) - 1;
    }
}

static inline enum rdb_head_result entry_outline(const uint8_t *at, uint64_t present, struct rdb_head *head,
                                                 unsigned previous_bytes)
{
    if (present <= previous_bytes)
        return RDB_HEAD_MORE;
    enum rdb_head_result result = encoding_head(at + previous_bytes, present - previous_bytes, head);
    if (result != RDB_HEAD_ENTRY)
        return result;
    const uint8_t *encoding = at + previous_bytes;
    if (head->is_int)
        head->value = encoding_value(encoding);
    else
        head->len = head->size == 1   ? *encoding
                    : head->size == 2 ? (uint64_t)(*encoding & 63) << 8 | encoding[1]
                                      : rdb_be32(encoding + 1);
    head->size += previous_bytes;
    head->total = head->size + (head->is_int ? 0 : head->len);
    return RDB_HEAD_ENTRY;
}

static void check_previous(struct rdb_cursor *cursor, const uint8_t *at)
{
    uint64_t previous = *at < ZIPLIST_LONG_PREVIOUS ? *at : rdb_le32(at + 1);
    if (previous != cursor->previous_size)
        rdb_cursor_damage(cursor, rdb_cursor_position(cursor, at),
                          "an entry says %u bytes of the one before it, not %u", (unsigned)previous,
                          (unsigned)cursor->previous_size);
}

__attribute__((always_inline)) static inline enum rdb_head_result
ziplist_head(struct rdb_cursor *cursor, const uint8_t *at, uint64_t present, struct rdb_head *head, bool strict)
{
    if (*at == ZIPLIST_END)
        return RDB_HEAD_BAD;
    enum rdb_head_result result = entry_outline(at, present, head, *at < ZIPLIST_LONG_PREVIOUS ? 1 : 5);
    if (result != RDB_HEAD_ENTRY)
        return result;
    if (head->total > present)
        return RDB_HEAD_MORE;
    if (strict) {
        check_previous(cursor, at);
        if (cursor->error.status != RDB_OK)
            return RDB_HEAD_BAD;
        cursor->last_entry = rdb_cursor_position(cursor, at);
        cursor->previous_size = head->total;
    }
    return RDB_HEAD_ENTRY;
}

static size_t ziplist_walk(struct rdb_cursor *cursor, struct rdb_string *entries, size_t max)
{
    return rdb_walk(cursor, entries, max, NULL, ziplist_head, false);
}

static size_t ziplist_walk_strict(struct rdb_cursor *cursor, struct rdb_string *entries, size_t max)
{
    size_t n = rdb_walk(cursor, entries, max, NULL, ziplist_head, true);
    if (cursor->state == RDB_CURSOR_ENDED && cursor->error.status == RDB_OK &&
        cursor->last_entry != cursor->header_tail)
        rdb_cursor_damage(cursor, 4, "its tail offset is not where the last entry starts");
    return n;
}

static enum rdb_head_result ziplist_outline(struct rdb_cursor *cursor, const uint8_t *at, uint64_t present,
                                            struct rdb_head *head)
{
    if (*at == ZIPLIST_END)
        return RDB_HEAD_BAD;
    enum rdb_head_result result = entry_outline(at, present, head, *at < ZIPLIST_LONG_PREVIOUS ? 1 : 5);
    if (result == RDB_HEAD_ENTRY && cursor->strict) {
        check_previous(cursor, at);
        if (cursor->error.status != RDB_OK)
            return RDB_HEAD_BAD;
        cursor->last_entry = rdb_cursor_position(cursor, at);
        cursor->previous_size = head->total;
    }
    return result;
}

const struct rdb_form rdb_form_ziplist = {.name = "ziplist",
                                          .header_size = ZIPLIST_HEADER,
                                          .min_size = ZIPLIST_HEADER + 1,
                                          .header = ziplist_header,
                                          .walk = ziplist_walk,
                                          .walk_strict = ziplist_walk_strict,
                                          .head = ziplist_outline};
