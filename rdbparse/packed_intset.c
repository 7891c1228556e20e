/* Intsets (redis 8.4 src/intset.c): width, count, sorted integers. */
#include "packed.h"

enum { INTSET_HEADER = 8 };

static const char *intset_header(struct rdb_cursor *cursor, const uint8_t *at)
{
    uint32_t width = rdb_le32(at);
    uint32_t count = rdb_le32(at + 4);
    if (width != 2 && width != 4 && width != 8)
        return "its integers are not 2, 4 or 8 bytes wide";
    cursor->width = width;
    cursor->header_count = count;
    if (cursor->len != INTSET_HEADER + (uint64_t)count * width)
        return "its header gives another length";
    return count ? NULL : "it holds no integers";
}

static inline int64_t intset_value(const uint8_t *at, unsigned width)
{
    return width == 2 ? (int16_t)rdb_le16(at) : width == 4 ? (int32_t)rdb_le32(at) : (int64_t)rdb_le64(at);
}

static size_t intset_walk(struct rdb_cursor *cursor, struct rdb_string *entries, size_t max)
{
    const uint8_t *at = cursor->at;
    unsigned width = cursor->width;
    size_t present = (size_t)(cursor->limit - at) / width;
    size_t n = present < max ? present : max;
    for (size_t i = 0; i < n; i++, at += width)
        rdb_string_set_int(&entries[i], cursor->in, intset_value(at, width), width);
    cursor->at = at;
    cursor->walked += n;
    if (n == 0 && cursor->behind == 0)
        rdb_cursor_end(cursor);
    return n;
}

static enum rdb_head_result intset_outline(struct rdb_cursor *cursor, const uint8_t *at, uint64_t present,
                                           struct rdb_head *head)
{
    (void)cursor, (void)at, (void)present, (void)head;
    return RDB_HEAD_MORE;
}

const struct rdb_form rdb_form_intset = {.name = "intset",
                                         .header_size = INTSET_HEADER,
                                         .min_size = INTSET_HEADER,
                                         .header = intset_header,
                                         .walk = intset_walk,
                                         .walk_strict = intset_walk,
                                         .head = intset_outline};
