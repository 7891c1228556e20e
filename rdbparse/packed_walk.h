/* Private: the walk that every form with a terminator shares. Included where a form instantiates it, so that its head
 * function is inlined into the loop. */
#ifndef RDB_PACKED_WALK_H
#define RDB_PACKED_WALK_H

#include "packed.h"

/* The commonest entries without a detour: fills in the one at `at` and returns its bytes, or 0 where it is none of them
 * or not present whole. */
typedef unsigned rdb_quick_function(const uint8_t *at, uint64_t present, struct rdb_input *in,
                                    struct rdb_string *entry);

typedef enum rdb_head_result rdb_head_function(struct rdb_cursor *cursor, const uint8_t *at, uint64_t present,
                                               struct rdb_head *head, bool strict);

/* What to do where the bytes present give out before an entry or the terminator is complete. */
static inline void rdb_walk_gave_out(struct rdb_cursor *cursor, const uint8_t *at, enum rdb_head_result result)
{
    if (result == RDB_HEAD_MORE && cursor->behind)
        return;
    if (cursor->error.status == RDB_OK)
        rdb_cursor_damage(cursor, rdb_cursor_position(cursor, at),
                          result == RDB_HEAD_BAD ? "an entry starts with the invalid byte 0x%02x"
                                                 : "the entry that starts with 0x%02x runs past the end",
                          *at);
}

__attribute__((always_inline)) static inline size_t rdb_walk(struct rdb_cursor *cursor, struct rdb_string *entries,
                                                             size_t max, rdb_quick_function *quick,
                                                             rdb_head_function *head_of, bool strict)
{
    const uint8_t *at = cursor->at;
    const uint8_t *usable = cursor->limit - (cursor->behind == 0); /* the last byte of all is the terminator's */
    struct rdb_input *in = cursor->in;
    enum rdb_head_result result = RDB_HEAD_ENTRY;
    size_t n = 0;
    while (n < max) {
        struct rdb_head head;
        uint64_t present = (uint64_t)(usable - at);
        unsigned taken = quick ? quick(at, present, in, &entries[n]) : 0;
        if (__builtin_expect(taken != 0, 1)) {
            at += taken;
            n++;
            continue;
        }
        result = present ? head_of(cursor, at, present, &head, strict) : RDB_HEAD_MORE;
        if (__builtin_expect(result != RDB_HEAD_ENTRY, 0))
            break;
        if (head.is_int)
            rdb_string_set_int(&entries[n], in, head.value, head.size);
        else
            rdb_string_set_raw(&entries[n], at + head.size, head.len);
        at += head.total;
        n++;
    }
    cursor->at = at;
    cursor->walked += n;
    if (at == usable && cursor->behind == 0)
        rdb_cursor_end(cursor);
    else if (n == 0 && result != RDB_HEAD_ENTRY)
        rdb_walk_gave_out(cursor, at, result);
    return n;
}

#endif
