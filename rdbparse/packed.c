#include "packed.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "deep_check.h"
#include "lzf_stream.h"
#include "unpack.h"

static const struct rdb_form *const forms[] = {
    [RDB_PACKED_LISTPACK] = &rdb_form_listpack,
    [RDB_PACKED_ZIPLIST] = &rdb_form_ziplist,
    [RDB_PACKED_INTSET] = &rdb_form_intset,
    [RDB_PACKED_ZIPMAP] = &rdb_form_zipmap,
};

const char *rdb_packed_form_name(enum rdb_packed_form form)
{
    return form == RDB_PACKED_PLAIN ? "plain node" : forms[form]->name;
}

void rdb_cursor_damage(struct rdb_cursor *cursor, uint64_t position, const char *format, ...)
{
    char detail[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    bool in_file = cursor->stored_form == RDB_STRING_RAW && !cursor->in->outer_offset;
    cursor->state = RDB_CURSOR_ENDED;
    rdb_error_set(&cursor->error, RDB_ERR_CORRUPT, cursor->offset + (in_file ? position : 0),
                  "damaged %s of %" PRIu64 " bytes: %s (at its byte %" PRIu64 ")", rdb_packed_form_name(cursor->form),
                  cursor->len, detail, position);
}

void rdb_cursor_end(struct rdb_cursor *cursor)
{
    cursor->state = RDB_CURSOR_ENDED;
    if (cursor->form != RDB_PACKED_INTSET && *cursor->at != 0xFF)
        rdb_cursor_damage(cursor, cursor->len - 1, "it does not end with 0xff");
    else if (cursor->header_count != UINT64_MAX && cursor->header_count != cursor->walked)
        rdb_cursor_damage(cursor, 0, "its header counts %" PRIu64 " entries, but it has %" PRIu64, cursor->header_count,
                          cursor->walked);
    else if (cursor->arity && cursor->walked % cursor->arity)
        rdb_cursor_damage(cursor, cursor->len - 1, "its %" PRIu64 " entries do not come in groups of %u",
                          cursor->walked, cursor->arity);
}

/* ---- opening ---- */

/* Takes the header of a blob whose first bytes are at cursor->at. */
static void take_header(struct rdb_cursor *cursor)
{
    const struct rdb_form *form = forms[cursor->form];
    if (cursor->len < form->min_size) {
        rdb_cursor_damage(cursor, 0, "it is too short");
        return;
    }
    const char *fault = form->header(cursor, cursor->at);
    if (fault)
        rdb_cursor_damage(cursor, 0, "%s", fault);
    cursor->at += form->header_size;
}

/* What is present of the stored bytes becomes what can be walked. */
static void use_window(struct rdb_cursor *cursor)
{
    struct rdb_input *in = cursor->in;
    uint64_t present = rdb_input_present(in);
    if (present > cursor->stored_left)
        present = cursor->stored_left;
    cursor->at = in->pos;
    cursor->limit = in->pos + present;
    cursor->behind = cursor->stored_left - present;
    cursor->streaming = cursor->behind > 0;
}

static enum rdb_status bring_raw(struct rdb_cursor *cursor, const char *what)
{
    struct rdb_input *in = cursor->in;
    RDB_TRY(rdb_input_want(in, cursor->stored_len));
    use_window(cursor);
    if (cursor->behind && rdb_input_present(in) < in->capacity) {
        in->pos = in->end;
        return rdb_input_truncated(in, cursor->behind, what);
    }
    return RDB_OK;
}

/* Of a compressed blob only an intset's width is asked before it is walked: its first bytes tell. */
static void peek_width(struct rdb_cursor *cursor)
{
    if (rdb_input_present(cursor->in) < cursor->stored_len)
        return;
    struct rdb_lzf lzf = {cursor->in->pos, (size_t)cursor->stored_len, cursor->stored_len, cursor->len};
    size_t got;
    if (rdb_lzf_unpack(cursor->in, &lzf, RDB_HOLD_UNPACKED, 8, &got) == RDB_OK && got == 8) {
        const uint8_t *header = cursor->in->hold[RDB_HOLD_UNPACKED].bytes;
        uint32_t width = rdb_le32(header);
        cursor->width = width == 2 || width == 4 || width == 8 ? width : 0;
        cursor->header_count = rdb_le32(header + 4);
    }
}

static enum rdb_status bring_lzf(struct rdb_cursor *cursor, const char *what)
{
    struct rdb_input *in = cursor->in;
    RDB_TRY(rdb_input_want(in, cursor->stored_len));
    size_t present = rdb_input_present(in);
    if (present >= cursor->stored_len || present >= in->capacity)
        return RDB_OK;
    in->pos = in->end;
    return rdb_input_truncated(in, cursor->stored_len - present, what);
}

static void reset(struct rdb_cursor *cursor, struct rdb_input *in, const struct rdb_string *string)
{
    cursor->in = in;
    cursor->stream = NULL;
    cursor->at = cursor->limit = NULL;
    cursor->behind = cursor->walked = 0;
    cursor->len = string->len;
    cursor->stored_len = cursor->stored_left = string->form == RDB_STRING_INT ? 0 : string->stored_len;
    cursor->offset = rdb_input_offset(in);
    cursor->header_count = UINT64_MAX;
    cursor->stored_form = string->form;
    cursor->state = RDB_CURSOR_IDLE;
    cursor->width = 0;
    cursor->streaming = false;
    cursor->strict = in->deep;
    cursor->error.status = RDB_OK;
}

/* The blob that lies whole in the window: nothing to bring. False: it does not. A deep parse unpacks compressed
 * strings as it meets them, but blobs only once, when they are walked. */
static bool open_present(struct rdb_cursor *cursor, struct rdb_input *in, struct rdb_string *string)
{
    const uint8_t *at = in->pos;
    bool had_damage = in->damage.found;
    if (in->deep || !rdb_string_peek(in, &at, string) || string->form == RDB_STRING_INT)
        return false;
    in->damage.found = had_damage; /* an implausible length is the cursor's to report */
    in->pos = at - string->stored_len;
    reset(cursor, in, string);
    cursor->at = in->pos;
    cursor->limit = at;
    return true;
}

static enum rdb_status open_any(struct rdb_cursor *cursor, struct rdb_input *in, struct rdb_string *string,
                                const char *what)
{
    RDB_TRY(rdb_string_prefix(in, string, what));
    reset(cursor, in, string);
    if (string->form == RDB_STRING_RAW)
        return bring_raw(cursor, what);
    if (string->form == RDB_STRING_LZF)
        return bring_lzf(cursor, what);
    cursor->integer = string->value;
    return RDB_OK;
}

/* What the form and the stored form make of the blob, its bytes being there. */
static void look(struct rdb_cursor *cursor)
{
    bool plain = cursor->form == RDB_PACKED_PLAIN;
    if (cursor->stored_form == RDB_STRING_RAW && !plain)
        take_header(cursor);
    else if (cursor->stored_form == RDB_STRING_INT && !plain)
        rdb_cursor_damage(cursor, 0, "it is stored as an integer");
    else if (cursor->stored_form == RDB_STRING_LZF && !rdb_lzf_plausible(cursor->stored_len, cursor->len))
        rdb_cursor_damage(cursor, 0, "its %" PRIu64 " compressed bytes cannot hold that", cursor->stored_len);
    else if (cursor->stored_form == RDB_STRING_LZF && cursor->form == RDB_PACKED_INTSET)
        peek_width(cursor);
}

enum rdb_status rdb_cursor_open(struct rdb_cursor *cursor, struct rdb_input *in, enum rdb_packed_form form,
                                unsigned arity, struct rdb_packed *packed)
{
    struct rdb_string string;
    cursor->form = form;
    cursor->arity = arity;
    if (!open_present(cursor, in, &string))
        RDB_TRY(open_any(cursor, in, &string, rdb_packed_form_name(form)));
    look(cursor);
    packed->form = form;
    packed->len = string.len;
    packed->stored_len = string.stored_len;
    packed->lzf = string.form == RDB_STRING_LZF;
    packed->int_width = (uint8_t)cursor->width;
    packed->header_count = form == RDB_PACKED_PLAIN ? 1 : cursor->header_count;
    packed->cursor = cursor;
    return RDB_OK;
}

/* ---- walking ---- */

/* Compressed bytes that fit the window are there; longer ones are copied as they arrive. */
static enum rdb_status gather(struct rdb_cursor *cursor, struct rdb_lzf *lzf)
{
    struct rdb_input *in = cursor->in;
    *lzf = (struct rdb_lzf){in->pos, (size_t)cursor->stored_len, cursor->stored_len, cursor->len};
    if (rdb_input_present(in) >= cursor->stored_len)
        return RDB_OK;
    uint64_t before = rdb_input_tell(in);
    enum rdb_status status = rdb_input_copy(in, RDB_HOLD_PACKED, (size_t)cursor->stored_len, "a compressed blob");
    cursor->stored_left -= rdb_input_tell(in) - before;
    lzf->stored = in->hold[RDB_HOLD_PACKED].bytes;
    return status;
}

static void does_not_unpack(struct rdb_cursor *cursor, uint64_t position)
{
    rdb_cursor_damage(cursor, position, "it does not unpack from its %" PRIu64 " compressed bytes", cursor->stored_len);
}

static void no_memory(struct rdb_cursor *cursor)
{
    cursor->state = RDB_CURSOR_ENDED;
    rdb_error_set(&cursor->error, RDB_ERR_NO_MEMORY, cursor->offset, "no memory to unpack %" PRIu64 " bytes",
                  cursor->len);
}

static bool unpack(struct rdb_cursor *cursor)
{
    struct rdb_lzf lzf;
    size_t got;
    /* Bytes that end here are reported by the parser when it passes over the blob. */
    enum rdb_status status = gather(cursor, &lzf);
    if (status == RDB_OK)
        status = rdb_lzf_unpack(cursor->in, &lzf, RDB_HOLD_UNPACKED, cursor->len, &got);
    if (status == RDB_ERR_CORRUPT) {
        does_not_unpack(cursor, 0);
        return false;
    }
    if (status != RDB_OK) {
        no_memory(cursor);
        return false;
    }
    cursor->at = cursor->in->hold[RDB_HOLD_UNPACKED].bytes;
    cursor->limit = cursor->at + cursor->len;
    return true;
}

/* The walk's input fails: its bytes end, or memory does, which the parser finds when it passes over the rest; but what
 * does not unpack is this blob's own fault. */
static void input_failed(struct rdb_cursor *cursor, enum rdb_status status)
{
    cursor->state = RDB_CURSOR_ENDED;
    if (cursor->stream && status == RDB_ERR_CORRUPT)
        does_not_unpack(cursor, rdb_lzf_stream_made(cursor->stream));
}

/* From here on the walk is over the unpacked bytes, of which `wanted` are brought. */
static bool unpack_piecewise(struct rdb_cursor *cursor, uint64_t wanted)
{
    cursor->stream = rdb_lzf_stream_open(cursor->in, cursor->stored_len, cursor->len);
    if (!cursor->stream) {
        no_memory(cursor);
        return false;
    }
    cursor->in = rdb_lzf_stream_input(cursor->stream);
    cursor->stored_left = cursor->len;
    enum rdb_status status = rdb_input_want(cursor->in, wanted);
    use_window(cursor);
    cursor->streaming = true;
    if (status != RDB_OK)
        input_failed(cursor, status);
    return status == RDB_OK;
}

static bool fits_whole(const struct rdb_cursor *cursor)
{
    size_t most = cursor->in->max_unpack_bytes;
    return cursor->len <= most && cursor->stored_len <= most;
}

static void start(struct rdb_cursor *cursor)
{
    cursor->state = RDB_CURSOR_WALKING;
    if (cursor->form == RDB_PACKED_PLAIN || cursor->stored_form != RDB_STRING_LZF)
        return;
    if (fits_whole(cursor) ? unpack(cursor) : unpack_piecewise(cursor, RDB_WINDOW_MIN))
        take_header(cursor);
}

/* The one element of a plain node, which may be longer than anything that is kept. */
static size_t walk_plain(struct rdb_cursor *cursor, struct rdb_string *entries)
{
    cursor->state = RDB_CURSOR_ENDED;
    rdb_string_set_int(&entries[0], cursor->in, cursor->integer, 1);
    if (cursor->stored_form == RDB_STRING_RAW) {
        rdb_string_set_raw(&entries[0], cursor->at, cursor->len);
        entries[0].bytes_len = (uint32_t)(cursor->limit - cursor->at);
    } else if (cursor->stored_form == RDB_STRING_LZF) {
        if (!(fits_whole(cursor) ? unpack(cursor) : unpack_piecewise(cursor, cursor->len)))
            return 0;
        rdb_string_set_raw(&entries[0], cursor->at, cursor->len);
        entries[0].bytes_len = (uint32_t)(cursor->limit - cursor->at);
    }
    if (cursor->len == 0)
        rdb_cursor_damage(cursor, 0, "it is empty");
    return cursor->walked++ == 0;
}

/* Gives what was walked back to the input and brings the next bytes. False when there are none. */
static bool refill(struct rdb_cursor *cursor)
{
    struct rdb_input *in = cursor->in;
    bool grew;
    cursor->stored_left -= (uint64_t)(cursor->at - in->pos);
    in->pos = cursor->at;
    enum rdb_status status = rdb_input_fill(in, &grew);
    use_window(cursor);
    cursor->streaming = true;
    if (status != RDB_OK)
        input_failed(cursor, status);
    return status == RDB_OK && grew;
}

/* The text of such an entry, of which `part` is kept, and what follows it. */
static enum rdb_status take_long(struct rdb_cursor *cursor, const struct rdb_head *head, size_t part, bool *tail_fits)
{
    static const char what[] = "a packed entry";
    struct rdb_input *in = cursor->in;
    const struct rdb_form *form = forms[cursor->form];
    size_t tail = (size_t)(head->total - head->size - head->len);
    RDB_TRY(rdb_input_copy(in, RDB_HOLD_ENTRY, part, what));
    RDB_TRY(rdb_input_skip(in, head->len - part, what));
    if (form->tail_size) {
        RDB_TRY(rdb_input_need(in, 1, what));
        tail = form->tail_size(in->pos, head);
    }
    if (cursor->strict && form->tail) {
        RDB_TRY(rdb_input_need(in, tail, what));
        *tail_fits = form->tail(in->pos, head);
    }
    return rdb_input_skip(in, tail, what);
}

/* An entry longer than the window: its first bytes are kept, the rest is passed over. */
static size_t walk_long(struct rdb_cursor *cursor, struct rdb_string *entry)
{
    struct rdb_input *in = cursor->in;
    struct rdb_head head;
    uint64_t before = rdb_input_tell(in), left = cursor->stored_left;
    if (rdb_input_present(in) == 0) { /* the bytes end before the blob does, which closing it finds */
        input_failed(cursor, RDB_ERR_TRUNCATED);
        return 0;
    }
    enum rdb_head_result result = forms[cursor->form]->head(cursor, cursor->at, rdb_input_present(in), &head);
    if (result != RDB_HEAD_ENTRY || head.is_int || head.total >= left) {
        if (cursor->error.status == RDB_OK)
            rdb_cursor_damage(cursor, cursor->len - left, "the entry that starts with 0x%02x runs past the end",
                              *cursor->at);
        return 0;
    }
    size_t part = head.len < in->max_name_bytes ? (size_t)head.len : in->max_name_bytes;
    bool tail_fits = true;
    in->pos += head.size;
    enum rdb_status status = take_long(cursor, &head, part, &tail_fits);
    cursor->stored_left -= rdb_input_tell(in) - before;
    use_window(cursor);
    cursor->streaming = true;
    if (!tail_fits) {
        rdb_cursor_damage(cursor, cursor->len - left + head.size + head.len, "an entry's back length is wrong");
        return 0;
    }
    if (status != RDB_OK) {
        input_failed(cursor, status);
        return 0;
    }
    rdb_string_set_raw(entry, in->hold[RDB_HOLD_ENTRY].bytes, head.len);
    entry->bytes_len = (uint32_t)part;
    cursor->walked++;
    return 1;
}

size_t rdb_packed_read(const struct rdb_packed *packed, struct rdb_string *entries, size_t max)
{
    struct rdb_cursor *cursor = packed->cursor;
    size_t n = 0;
    if (cursor->state == RDB_CURSOR_IDLE)
        start(cursor);
    if (cursor->form == RDB_PACKED_PLAIN)
        return cursor->state == RDB_CURSOR_WALKING && max ? walk_plain(cursor, entries) : 0;
    while (n == 0 && max && cursor->state == RDB_CURSOR_WALKING) {
        const struct rdb_form *form = forms[cursor->form];
        n = cursor->strict ? form->walk_strict(cursor, entries, max) : form->walk(cursor, entries, max);
        if (n == 0 && cursor->state == RDB_CURSOR_WALKING && !refill(cursor) && cursor->state == RDB_CURSOR_WALKING)
            n = walk_long(cursor, entries);
    }
    if (cursor->check && n)
        rdb_check_entries(cursor->check, entries, n);
    return n;
}

enum rdb_status rdb_packed_status(const struct rdb_packed *packed, struct rdb_error *error)
{
    const struct rdb_cursor *cursor = packed->cursor;
    if (cursor->error.status != RDB_OK && error)
        *error = cursor->error;
    return cursor->error.status;
}

/* A plain node has nothing to walk; a deep parse makes sure that it unpacks. */
static enum rdb_status close_stream(struct rdb_cursor *cursor)
{
    if (cursor->strict && cursor->form == RDB_PACKED_PLAIN && cursor->error.status == RDB_OK) {
        uint64_t passed;
        enum rdb_status status = rdb_input_drain(cursor->in, &passed);
        if (status != RDB_OK)
            input_failed(cursor, status);
    }
    return rdb_lzf_stream_close(cursor->stream, rdb_packed_form_name(cursor->form));
}

enum rdb_status rdb_cursor_close(struct rdb_cursor *cursor)
{
    if (cursor->stream)
        return close_stream(cursor);
    if (cursor->streaming) {
        cursor->stored_left -= (uint64_t)(cursor->at - cursor->in->pos);
        cursor->in->pos = cursor->at;
    }
    return rdb_input_skip(cursor->in, cursor->stored_left, rdb_packed_form_name(cursor->form));
}
