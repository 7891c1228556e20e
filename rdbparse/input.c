#include "input.h"

#include <inttypes.h>
#include <isa-l/crc64.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lzf_stream.h"

enum rdb_status rdb_input_init(struct rdb_input *in, struct rdb_source *source, const struct rdb_options *options,
                               struct rdb_error *error)
{
    *in = (struct rdb_input){.source = source, .error = error, .crc = ~UINT64_C(0)};
    in->capacity = options->window_bytes ? options->window_bytes : RDB_WINDOW_DEFAULT;
    if (in->capacity < RDB_WINDOW_MIN)
        in->capacity = RDB_WINDOW_MIN;
    in->max_name_bytes = options->max_name_bytes ? options->max_name_bytes : 1024 * 1024;
    if (in->max_name_bytes < in->capacity) /* what is kept must not depend on where a window begins */
        in->max_name_bytes = in->capacity;
    in->max_unpack_bytes = options->max_unpack_bytes ? options->max_unpack_bytes : 16 * 1024 * 1024;
    if (in->max_unpack_bytes > 1024 * 1024 * 1024) /* liblzf counts in unsigned int */
        in->max_unpack_bytes = 1024 * 1024 * 1024;
    in->max_template_bytes = options->max_template_bytes ? options->max_template_bytes : 16 * 1024 * 1024;
    in->checksum = !options->skip_checksum;
    in->deep = options->deep;
    in->window = malloc(in->capacity);
    if (!in->window)
        return rdb_error_set(error, RDB_ERR_NO_MEMORY, 0, "no memory for an input window of %zu bytes", in->capacity);
    in->pos = in->end = in->summed = in->window;
    return RDB_OK;
}

void rdb_input_release(struct rdb_input *in)
{
    for (int i = 0; i < RDB_HOLD_COUNT; i++)
        free(in->hold[i].bytes);
    rdb_lzf_stream_free(in->lzf_stream);
    free(in->window);
    *in = (struct rdb_input){0};
}

void rdb_input_restart(struct rdb_input *in, struct rdb_source *source, uint64_t offset, struct rdb_error *error)
{
    in->source = source;
    in->error = error;
    in->window_offset = offset;
    in->pos = in->end = in->summed = in->window;
    in->damage.found = false;
    in->failure = RDB_OK;
    in->checksum = in->ended = in->no_memory = false;
}

static void sum_to(struct rdb_input *in, const uint8_t *to)
{
    if (in->checksum && to > in->summed)
        in->crc = crc64_jones_refl(in->crc, in->summed, (uint64_t)(to - in->summed));
    in->summed = to;
}

/* ISA-L inverts the seed and the result, Redis does neither (redis 8.4 src/crc64.c). */
uint64_t rdb_input_checksum(struct rdb_input *in)
{
    sum_to(in, in->pos);
    return ~in->crc;
}

static enum rdb_status pull(struct rdb_input *in, size_t *got)
{
    uint8_t *at = in->window + (in->end - in->window);
    size_t room = in->capacity - (size_t)(in->end - in->window);
    *got = 0;
    if (in->ended || room == 0 || in->failure != RDB_OK)
        return in->failure;
    in->failure = in->source->read(in->source->self, at, room, got, in->error);
    RDB_TRY(in->failure);
    in->ended = *got == 0;
    in->end += *got;
    return RDB_OK;
}

static void slide(struct rdb_input *in)
{
    size_t unread = rdb_input_present(in);
    if (in->pos == in->window) /* a source of tiny steps comes here for each */
        return;
    sum_to(in, in->pos);
    in->window_offset += (uint64_t)(in->pos - in->window);
    memmove(in->window, in->pos, unread);
    in->pos = in->summed = in->window;
    in->end = in->window + unread;
}

enum rdb_status rdb_input_fill(struct rdb_input *in, bool *grew)
{
    size_t got;
    slide(in);
    enum rdb_status status = pull(in, &got);
    *grew = got != 0;
    return status;
}

enum rdb_status rdb_input_want(struct rdb_input *in, uint64_t n)
{
    if (n > in->capacity)
        n = in->capacity;
    if (rdb_input_present(in) >= n)
        return RDB_OK;
    size_t got = 1;
    slide(in);
    while (got && rdb_input_present(in) < n)
        RDB_TRY(pull(in, &got));
    return RDB_OK;
}

enum rdb_status rdb_input_truncated(struct rdb_input *in, uint64_t n, const char *what)
{
    return rdb_error_set(in->error, RDB_ERR_TRUNCATED, rdb_input_offset(in),
                         "the bytes end where %s was expected (%" PRIu64 " more needed)", what, n);
}

enum rdb_status rdb_input_need_slow(struct rdb_input *in, size_t n, const char *what)
{
    RDB_TRY(rdb_input_want(in, n));
    size_t present = rdb_input_present(in);
    if (present >= n)
        return RDB_OK;
    in->pos = in->end;
    return rdb_input_truncated(in, n - present, what);
}

enum rdb_status rdb_input_skip(struct rdb_input *in, uint64_t n, const char *what)
{
    for (;;) {
        size_t present = rdb_input_present(in);
        if (present >= n) {
            in->pos += n;
            return RDB_OK;
        }
        n -= present;
        in->pos = in->end;
        bool grew;
        RDB_TRY(rdb_input_fill(in, &grew));
        if (!grew)
            return rdb_input_truncated(in, n, what);
    }
}

enum rdb_status rdb_input_drain(struct rdb_input *in, uint64_t *passed)
{
    bool grew = true;
    *passed = 0;
    sum_to(in, in->pos);
    in->checksum = false;
    while (grew) {
        *passed += rdb_input_present(in);
        in->pos = in->end;
        RDB_TRY(rdb_input_fill(in, &grew));
    }
    return RDB_OK;
}

void rdb_input_damage(struct rdb_input *in, const char *format, ...)
{
    if (in->damage.found)
        return;
    in->damage.found = true;
    in->damage.offset = rdb_input_offset(in);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(in->damage.message, sizeof in->damage.message, format, arguments);
    va_end(arguments);
}

uint8_t *rdb_input_hold(struct rdb_input *in, enum rdb_hold place, size_t size)
{
    struct rdb_scratch *scratch = &in->hold[place];
    if (size > scratch->capacity || !scratch->bytes) {
        size_t capacity = scratch->capacity ? scratch->capacity : 4096;
        while (capacity < size)
            capacity += capacity / 2;
        uint8_t *bytes = realloc(scratch->bytes, capacity);
        if (!bytes) {
            in->no_memory = true;
            return NULL;
        }
        *scratch = (struct rdb_scratch){bytes, capacity};
    }
    return scratch->bytes;
}

enum rdb_status rdb_input_copy(struct rdb_input *in, enum rdb_hold place, size_t n, const char *what)
{
    size_t copied = 0;
    for (;;) {
        size_t part = rdb_input_present(in) < n - copied ? rdb_input_present(in) : n - copied;
        uint8_t *bytes = rdb_input_hold(in, place, copied + part);
        if (!bytes)
            return rdb_input_fail(in, RDB_ERR_NO_MEMORY, "no memory for %zu bytes of %s", copied + part, what);
        memcpy(bytes + copied, in->pos, part);
        in->pos += part;
        copied += part;
        if (copied == n)
            return RDB_OK;
        bool grew;
        RDB_TRY(rdb_input_fill(in, &grew));
        if (!grew)
            return rdb_input_truncated(in, n - copied, what);
    }
}
