/* Zipmaps (redis 2.4 src/zipmap.c): count, then key and value by turns, a value followed by free bytes, 0xFF. */
#include "packed_walk.h"

/* ZIPMAP_LONG: as a length, four bytes follow that have it; as the count, entries have to be counted. */
enum { ZIPMAP_LONG = 254, ZIPMAP_END = 255 };

static const char *zipmap_header(struct rdb_cursor *cursor, const uint8_t *at)
{
    cursor->header_count = *at < ZIPMAP_LONG ? 2 * (uint64_t)*at : UINT64_MAX;
    cursor->value_next = false;
    return *at == ZIPMAP_END && cursor->strict ? "its count is the end mark" : NULL;
}

/* Keys and values alternate. An entry that is taken turns the tables. */
static enum rdb_head_result entry_outline(struct rdb_cursor *cursor, const uint8_t *at, uint64_t present,
                                          struct rdb_head *head)
{
    bool is_value = cursor->value_next;
    if (*at == ZIPMAP_END)
        return RDB_HEAD_BAD;
    unsigned len_bytes = *at < ZIPMAP_LONG ? 1 : 5;
    head->size = len_bytes + is_value;
    if (present < head->size)
        return RDB_HEAD_MORE;
    head->is_int = false;
    head->len = len_bytes == 1 ? *at : rdb_le32(at + 1);
    head->total = head->size + head->len + (is_value ? at[len_bytes] : 0);
    /* A server that reads such a length takes it for one of 1 byte when it steps over it (CVE-2026-25243). */
    if (len_bytes == 5 && head->len < ZIPMAP_LONG) {
        rdb_cursor_damage(cursor, rdb_cursor_position(cursor, at), "a length takes more bytes than it needs");
        return RDB_HEAD_BAD;
    }
    return RDB_HEAD_ENTRY;
}

static inline enum rdb_head_result zipmap_head(struct rdb_cursor *cursor, const uint8_t *at, uint64_t present,
                                               struct rdb_head *head, bool strict)
{
    (void)strict;
    enum rdb_head_result result = entry_outline(cursor, at, present, head);
    if (result == RDB_HEAD_ENTRY && head->total > present)
        return RDB_HEAD_MORE;
    cursor->value_next ^= result == RDB_HEAD_ENTRY;
    return result;
}

static enum rdb_head_result zipmap_outline(struct rdb_cursor *cursor, const uint8_t *at, uint64_t present,
                                           struct rdb_head *head)
{
    enum rdb_head_result result = entry_outline(cursor, at, present, head);
    cursor->value_next ^= result == RDB_HEAD_ENTRY;
    return result;
}

static size_t zipmap_walk(struct rdb_cursor *cursor, struct rdb_string *entries, size_t max)
{
    return rdb_walk(cursor, entries, max, NULL, zipmap_head, false);
}

const struct rdb_form rdb_form_zipmap = {.name = "zipmap",
                                         .header_size = 1,
                                         .min_size = 2,
                                         .header = zipmap_header,
                                         .walk = zipmap_walk,
                                         .walk_strict = zipmap_walk,
                                         .head = zipmap_outline};
