/* Private: the cursor over a packed blob, and what each form brings to it. A blob that lies whole in memory (in the
 * window, or unpacked) is a plain pointer walk; a longer one is walked through the window as it is refilled; a
 * compressed one that is too long to be unpacked whole, likewise through the window over its stream. */
#ifndef RDB_PACKED_H
#define RDB_PACKED_H

#include "primitives.h"

struct rdb_check;

enum rdb_cursor_state { RDB_CURSOR_IDLE, RDB_CURSOR_WALKING, RDB_CURSOR_ENDED };

struct rdb_cursor {
    struct rdb_input *in;          /* where the blob is walked: the file, or its stream */
    struct rdb_lzf_stream *stream; /* NULL: the blob is not unpacked piece by piece */
    const uint8_t *at;             /* next byte of the blob */
    const uint8_t *limit;          /* behind its last byte that is present */
    uint64_t behind;               /* bytes of the blob behind `limit` */
    uint64_t len;                  /* bytes of the blob */
    uint64_t stored_left;          /* bytes of it that are not taken from `in` yet */
    uint64_t stored_len;
    uint64_t offset; /* of the stored bytes in the snapshot */
    uint64_t walked; /* entries decoded */
    uint64_t header_count;
    uint64_t previous_size;  /* ziplist: of the entry before */
    uint64_t header_tail;    /* ziplist: where its header says that the last entry starts */
    uint64_t last_entry;     /* ziplist: where the last entry started */
    struct rdb_check *check; /* sees every entry; NULL but for a deep parse */
    int64_t integer;         /* stored as an integer: its value */
    enum rdb_packed_form form;
    enum rdb_string_form stored_form;
    enum rdb_cursor_state state;
    unsigned arity;         /* entries come in groups of so many */
    unsigned width;         /* intset: bytes of an integer */
    bool value_next;        /* zipmap: a value follows, not a key */
    bool streaming;         /* the blob is longer than the window: `at` moves with the input */
    bool strict;            /* check what a walk forwards does not need: back lengths, the tail offset */
    struct rdb_error error; /* what is wrong with the blob; status RDB_OK while nothing is */
};

/* ---- one form ---- */

enum rdb_head_result { RDB_HEAD_ENTRY, RDB_HEAD_MORE, RDB_HEAD_BAD };

/* One entry as its first bytes describe it. */
struct rdb_head {
    uint64_t len;   /* string: bytes of text */
    uint64_t total; /* bytes of the whole entry */
    int64_t value;  /* integer */
    unsigned size;  /* bytes before the text */
    bool is_int;
};

struct rdb_form {
    const char *name;
    unsigned header_size, min_size;
    /* Takes the blob's header at `at`, sets header_count and friends. NULL: no fault; else what is wrong. */
    const char *(*header)(struct rdb_cursor *cursor, const uint8_t *at);
    /* Decodes entries until `max`, the end, a fault, or the bytes present give out. */
    size_t (*walk)(struct rdb_cursor *cursor, struct rdb_string *entries, size_t max);
    size_t (*walk_strict)(struct rdb_cursor *cursor, struct rdb_string *entries, size_t max);
    /* The head of the entry at `at` of an entry longer than the window. */
    enum rdb_head_result (*head)(struct rdb_cursor *cursor, const uint8_t *at, uint64_t present, struct rdb_head *head);
    /* Bytes that follow the text of such an entry, of which the first is at `at`. NULL: as the head says. */
    size_t (*tail_size)(const uint8_t *at, const struct rdb_head *head);
    /* Whether they are right. NULL: they say nothing. */
    bool (*tail)(const uint8_t *at, const struct rdb_head *head);
};
extern const struct rdb_form rdb_form_listpack, rdb_form_ziplist, rdb_form_intset, rdb_form_zipmap;

/* Where `at` is in the blob. */
static inline uint64_t rdb_cursor_position(const struct rdb_cursor *cursor, const uint8_t *at)
{
    return cursor->len - cursor->behind - (uint64_t)(cursor->limit - at);
}

/* Ends the walk with a fault at `position` of the blob. */
void rdb_cursor_damage(struct rdb_cursor *cursor, uint64_t position, const char *format, ...)
    __attribute__((cold, format(printf, 3, 4)));
/* Ends the walk at the terminator, checking what the header promised. */
void rdb_cursor_end(struct rdb_cursor *cursor);

static inline void rdb_string_set_int(struct rdb_string *string, struct rdb_input *in, int64_t value, unsigned size)
{
    string->len = (uint64_t)value < 10000 ? 1u + (value > 9) + (value > 99) + (value > 999) : rdb_decimal_len(value);
    string->stored_len = size;
    string->bytes = NULL;
    string->value = value;
    string->bytes_len = 0;
    string->form = RDB_STRING_INT;
    string->input = in;
}

/* ---- for loaders ---- */

/* Reads the prefix of a blob stored as a string and sets up *packed to walk it. In a quiet parse nothing is brought
 * into the window. */
RDB_MUST_CHECK enum rdb_status rdb_cursor_open(struct rdb_cursor *cursor, struct rdb_input *in,
                                               enum rdb_packed_form form, unsigned arity, struct rdb_packed *packed);
/* Behind the blob, whatever was walked of it. */
RDB_MUST_CHECK enum rdb_status rdb_cursor_close(struct rdb_cursor *cursor);
const char *rdb_packed_form_name(enum rdb_packed_form form);

#endif
