#include "lzf_stream.h"

#include <stdlib.h>

/* A step is a control byte below 32 and so many literal bytes and one more; or a length in the upper three bits, 7
 * meaning that a byte more of it follows, and in the lower five and the next byte how far to go back (liblzf lzf_d.c).
 */
enum {
    LITERALS = 32,
    LONG_LENGTH = 7,
    STEP_STORED_MAX = 1 + LITERALS,    /* bytes of a step, */
    STEP_MADE_MAX = LONG_LENGTH + 257, /* and what it makes, at most */
    HISTORY = 8192,                    /* how far back a step reaches */
    PIECE = 65536                      /* made at a time */
};

struct rdb_lzf_stream {
    struct rdb_input in;
    struct rdb_source source;
    struct rdb_error unread;
    struct rdb_input *from;
    uint64_t stored_left; /* compressed bytes not taken yet */
    uint64_t len, made;   /* of the blob: bytes, and those that were unpacked */
    size_t given, filled; /* of `bytes`: handed on, and made */
    uint8_t bytes[HISTORY + PIECE + STEP_MADE_MAX];
};

static enum rdb_status take_literals(struct rdb_lzf_stream *stream, const uint8_t *step, unsigned *made)
{
    *made = step[0] + 1U;
    if (stream->made + *made > stream->len)
        return RDB_ERR_CORRUPT;
    memcpy(stream->bytes + stream->filled, step + 1, *made);
    return RDB_OK;
}

/* What goes back less than it makes repeats its own bytes. */
static enum rdb_status take_reference(struct rdb_lzf_stream *stream, const uint8_t *step, unsigned *made)
{
    bool is_long = step[0] >> 5 == LONG_LENGTH;
    size_t back = ((step[0] & (LITERALS - 1U)) << 8 | step[1 + is_long]) + 1U;
    *made = (step[0] >> 5) + 2U + (is_long ? step[1] : 0);
    if (back > stream->filled || stream->made + *made > stream->len)
        return RDB_ERR_CORRUPT;
    uint8_t *to = stream->bytes + stream->filled;
    if (back >= *made)
        memcpy(to, to - back, *made);
    else
        for (unsigned i = 0; i < *made; i++)
            to[i] = to[i - (ptrdiff_t)back];
    return RDB_OK;
}

static size_t step_size(uint8_t control)
{
    return control < LITERALS ? control + 2U : control >> 5 == LONG_LENGTH ? 3 : 2;
}

static enum rdb_status take_step(struct rdb_lzf_stream *stream)
{
    struct rdb_input *from = stream->from;
    if (stream->stored_left == 0)
        return RDB_ERR_CORRUPT;
    if (rdb_input_present(from) < STEP_STORED_MAX)
        RDB_TRY(rdb_input_want(from, STEP_STORED_MAX));
    if (rdb_input_present(from) == 0)
        return RDB_ERR_TRUNCATED;
    size_t size = step_size(*from->pos);
    if (size > stream->stored_left)
        return RDB_ERR_CORRUPT;
    if (size > rdb_input_present(from))
        return RDB_ERR_TRUNCATED;
    unsigned made;
    RDB_TRY(*from->pos < LITERALS ? take_literals(stream, from->pos, &made) : take_reference(stream, from->pos, &made));
    from->pos += size;
    stream->stored_left -= size;
    stream->filled += made;
    stream->made += made;
    return RDB_OK;
}

/* Keeps what a step may go back to and makes the next piece. */
static enum rdb_status make_piece(struct rdb_lzf_stream *stream)
{
    size_t kept = stream->filled < HISTORY ? stream->filled : HISTORY;
    memmove(stream->bytes, stream->bytes + stream->filled - kept, kept);
    stream->given = stream->filled = kept;
    while (stream->filled < HISTORY + PIECE && stream->made < stream->len)
        RDB_TRY(take_step(stream));
    return stream->made == stream->len && stream->stored_left ? RDB_ERR_CORRUPT : RDB_OK;
}

static enum rdb_status read_stream(void *self, uint8_t *buffer, size_t capacity, size_t *got, struct rdb_error *error)
{
    struct rdb_lzf_stream *stream = self;
    (void)error;
    if (stream->given == stream->filled && stream->made < stream->len)
        RDB_TRY(make_piece(stream));
    size_t ready = stream->filled - stream->given;
    *got = ready < capacity ? ready : capacity;
    memcpy(buffer, stream->bytes + stream->given, *got);
    stream->given += *got;
    return RDB_OK;
}

static struct rdb_lzf_stream *stream_new(const struct rdb_input *from)
{
    struct rdb_lzf_stream *stream = calloc(1, sizeof *stream);
    const struct rdb_options options = {.skip_checksum = true,
                                        .deep = from->deep,
                                        .window_bytes = from->capacity,
                                        .max_name_bytes = from->max_name_bytes,
                                        .max_unpack_bytes = from->max_unpack_bytes};
    if (stream == NULL)
        return NULL;
    stream->source = (struct rdb_source){.self = stream, .read = read_stream};
    if (rdb_input_init(&stream->in, &stream->source, &options, &stream->unread) == RDB_OK)
        return stream;
    free(stream);
    return NULL;
}

struct rdb_lzf_stream *rdb_lzf_stream_open(struct rdb_input *from, uint64_t stored_len, uint64_t len)
{
    struct rdb_lzf_stream *stream = from->lzf_stream ? from->lzf_stream : stream_new(from);
    if (stream == NULL)
        return NULL;
    from->lzf_stream = stream;
    stream->from = from;
    stream->stored_left = stored_len;
    stream->len = len;
    stream->made = 0;
    stream->given = stream->filled = 0;
    rdb_input_restart(&stream->in, stream->in.source, 0, stream->in.error);
    /* One place for long entries is enough for both. */
    stream->in.hold[RDB_HOLD_ENTRY] = from->hold[RDB_HOLD_ENTRY];
    from->hold[RDB_HOLD_ENTRY] = (struct rdb_scratch){NULL, 0};
    return stream;
}

struct rdb_input *rdb_lzf_stream_input(struct rdb_lzf_stream *stream)
{
    return &stream->in;
}

uint64_t rdb_lzf_stream_made(const struct rdb_lzf_stream *stream)
{
    return stream->made;
}

enum rdb_status rdb_lzf_stream_close(struct rdb_lzf_stream *stream, const char *what)
{
    struct rdb_input *from = stream->from;
    from->hold[RDB_HOLD_ENTRY] = stream->in.hold[RDB_HOLD_ENTRY];
    stream->in.hold[RDB_HOLD_ENTRY] = (struct rdb_scratch){NULL, 0};
    from->no_memory |= stream->in.no_memory;
    return rdb_input_skip(from, stream->stored_left, what);
}

void rdb_lzf_stream_free(struct rdb_lzf_stream *stream)
{
    if (stream == NULL)
        return;
    rdb_input_release(&stream->in);
    free(stream);
}
