/* Private: the window over the source. Bytes are pulled in big pieces, the checksum is taken of a whole window at a
 * time, and everything else looks at the bytes between `pos` and `end`. */
#ifndef RDB_INPUT_H
#define RDB_INPUT_H

#include "error.h"

#include <string.h>

/* The smallest window: every fixed part of the format (the longest is a pending entry: id, time, count) fits. */
enum { RDB_WINDOW_MIN = 64, RDB_WINDOW_DEFAULT = 256 * 1024 };

/* Memory that grows to what is asked of it and keeps its size. */
struct rdb_scratch {
    uint8_t *bytes;
    size_t capacity;
};

enum rdb_hold {
    RDB_HOLD_FIRST, /* strings that must outlive the window: the first and the second of an item */
    RDB_HOLD_SECOND,
    RDB_HOLD_ENTRY,     /* an entry of a packed blob that is longer than the window */
    RDB_HOLD_PACKED,    /* a compressed blob that is longer than the window */
    RDB_HOLD_UNPACKED,  /* a blob, decompressed */
    RDB_HOLD_INT_TEXTS, /* what rdb_string_bytes printed and unpacked */
    RDB_HOLD_LZF_EVEN,
    RDB_HOLD_LZF_ODD,
    RDB_HOLD_COUNT
};

/* A fault that costs one value. The first of a record is kept until the parser reports it. */
struct rdb_damage {
    bool found;
    uint64_t offset;
    char message[160];
};

struct rdb_lzf_stream;

struct rdb_input {
    const uint8_t *pos; /* next byte */
    const uint8_t *end; /* behind the last byte present */
    uint8_t *window;
    size_t capacity;
    uint64_t window_offset; /* in the source, of window[0] */
    const uint8_t *summed;  /* bytes before this one are in `crc` */
    uint64_t crc;           /* as ISA-L keeps it, seed inverted */
    struct rdb_source *source;
    struct rdb_error *error;
    uint64_t outer_offset; /* nested input: where the enclosing blob starts in the snapshot; else 0 */
    size_t max_name_bytes, max_unpack_bytes, max_template_bytes;
    struct rdb_scratch hold[RDB_HOLD_COUNT];
    struct rdb_lzf_stream *lzf_stream; /* for compressed blobs that are too long to be unpacked whole; NULL before */
    unsigned int_texts, lzf_texts;     /* how many rdb_string_bytes made */
    struct rdb_damage damage;
    enum rdb_status failure; /* of the source, for good */
    bool checksum;           /* keep `crc` */
    bool ended;              /* the source has no more */
    bool deep;               /* unpack every compressed string */
    bool no_memory;          /* a place could not grow, perhaps for a text that only the sink asked for */
};

/* Takes a window of at least RDB_WINDOW_MIN bytes. `source` and `error` are borrowed. */
RDB_MUST_CHECK enum rdb_status rdb_input_init(struct rdb_input *in, struct rdb_source *source,
                                              const struct rdb_options *options, struct rdb_error *error);
void rdb_input_release(struct rdb_input *in);
/* Goes on with another source, whose first byte is at `offset` of the snapshot. No checksum is kept any more. */
void rdb_input_restart(struct rdb_input *in, struct rdb_source *source, uint64_t offset, struct rdb_error *error);

/* Bytes taken so far. */
static inline uint64_t rdb_input_tell(const struct rdb_input *in)
{
    return in->window_offset + (uint64_t)(in->pos - in->window);
}

/* The offset to report for the next byte: inside a nested input that is where its blob starts. */
static inline uint64_t rdb_input_offset(const struct rdb_input *in)
{
    return in->outer_offset ? in->outer_offset : rdb_input_tell(in);
}

static inline size_t rdb_input_present(const struct rdb_input *in)
{
    return (size_t)(in->end - in->pos);
}

/* Slides the unread bytes to the front and reads once into the room behind them: a source that is silent is waited for
 * only where its next byte is needed. *grew tells whether that brought a byte, which it does not in a full window. */
RDB_MUST_CHECK enum rdb_status rdb_input_fill(struct rdb_input *in, bool *grew) __attribute__((cold));
/* Makes min(n, window) bytes present if the source has them. Fewer is no error. */
RDB_MUST_CHECK enum rdb_status rdb_input_want(struct rdb_input *in, uint64_t n);
/* Fails as truncated; `what` is the thing that was being read, `n` the bytes that it still needs. */
enum rdb_status rdb_input_truncated(struct rdb_input *in, uint64_t n, const char *what) __attribute__((cold));
RDB_MUST_CHECK enum rdb_status rdb_input_need_slow(struct rdb_input *in, size_t n, const char *what)
    __attribute__((cold));

/* Makes `n` bytes present, n <= RDB_WINDOW_MIN, or fails as truncated. */
RDB_MUST_CHECK static inline enum rdb_status rdb_input_need(struct rdb_input *in, size_t n, const char *what)
{
    return rdb_input_present(in) >= n ? RDB_OK : rdb_input_need_slow(in, n, what);
}

/* Passes over `n` bytes without keeping them. */
RDB_MUST_CHECK enum rdb_status rdb_input_skip(struct rdb_input *in, uint64_t n, const char *what);
/* Passes over everything that is left and says how much it was. */
RDB_MUST_CHECK enum rdb_status rdb_input_drain(struct rdb_input *in, uint64_t *passed);

/* The CRC-64 as Redis keeps it, of all bytes before `pos`. */
uint64_t rdb_input_checksum(struct rdb_input *in);

/* Room for `size` bytes in the given place; NULL when out of memory. What it held is kept. */
uint8_t *rdb_input_hold(struct rdb_input *in, enum rdb_hold place, size_t size);
/* Takes `n` bytes from the input into a place, growing it only as bytes arrive. */
RDB_MUST_CHECK enum rdb_status rdb_input_copy(struct rdb_input *in, enum rdb_hold place, size_t n, const char *what);

/* Notes a fault in the value that is being read, if it is the record's first. */
void rdb_input_damage(struct rdb_input *in, const char *format, ...) __attribute__((cold, format(printf, 2, 3)));

/* Records an error at the next byte. */
#define rdb_input_fail(in, status, ...)                                                                                \
    (rdb_error_set((in)->error, (status), rdb_input_offset(in), __VA_ARGS__), (status))

/* Forwards a failure. Only in functions that own nothing. */
#define RDB_TRY(call)                                                                                                  \
    do {                                                                                                               \
        enum rdb_status try_status_ = (call);                                                                          \
        if (try_status_ != RDB_OK)                                                                                     \
            return try_status_;                                                                                        \
    } while (0)

#endif
