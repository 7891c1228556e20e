/* The per-key table as NDJSON: one object a line, with the columns of the CSV. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "key_columns.h"
#include "key_form.h"

enum {
    BUFFER_BYTES = 1 << 18,
    LONGEST_NAME = 1 << 12, /* longer ones get memory of their own */
    /* A string literal has up to 6 bytes a byte and 2, base64 up to 4 a 3 and 4; all other members have fixed bounds.
     */
    LINE_MAX_BYTES = 8 * LONGEST_NAME + 1024
};

struct key_ndjson {
    struct output *output;
    struct key_form_settings options;
    char *at;
    char bytes[BUFFER_BYTES];
};

static void *open_ndjson(struct output *output, const struct key_form_settings *options)
{
    struct key_ndjson *lines = xmalloc(sizeof *lines);
    lines->output = output;
    lines->options = *options;
    lines->at = lines->bytes;
    return lines;
}

static bool flush(struct key_ndjson *lines)
{
    size_t len = (size_t)(lines->at - lines->bytes);
    lines->at = lines->bytes;
    if (fwrite(lines->bytes, 1, len, lines->output->stream) == len)
        return true;
    lines->output->error = errno;
    return false;
}

static inline char *put_text(char *at, const char *text)
{
    size_t len = strlen(text);
    memcpy(at, text, len);
    return at + len;
}

static char *put_base64(char *at, const struct record *record)
{
    at = put_text(at, ",\"key_base64\":\"");
    at += name_print(at, 2 * (size_t)record->key_bytes + 4, NAME_BASE64, record->key, record->key_bytes);
    *at++ = '"';
    return at;
}

static char *put_name(char *at, enum name_format format, const struct record *record)
{
    bool lossless = true;
    if (format == NAME_ESCAPED) {
        at += json_string_print(at, record->key, record->key_bytes, &lossless);
    } else {
        *at++ = '"';
        at += name_print(at, 2 * (size_t)record->key_bytes + 4, format, record->key, record->key_bytes);
        *at++ = '"';
    }
    if (!lossless)
        at = put_base64(at, record);
    if (record->key_len > record->key_bytes)
        at = decimal_print(put_text(at, ",\"key_full_length\":"), record->key_len);
    return at;
}

static char *put_cell(char *at, const struct key_ndjson *lines, unsigned column, const struct record *record)
{
    struct key_cell cell = {.kind = KEY_CELL_NONE};
    if (column != KEY_COLUMN_MEMORY_USAGE || lines->options.has_memory_usage)
        key_columns[column].get(&cell, record);
    if (cell.kind == KEY_CELL_NUMBER)
        return decimal_print(at, cell.number);
    if (cell.kind == KEY_CELL_NONE)
        return put_text(at, "null");
    *at++ = '"';
    memcpy(at, cell.text, cell.len);
    at += cell.len;
    *at++ = '"';
    return at;
}

static char *put_line(char *at, const struct key_ndjson *lines, const struct record *record)
{
    for (unsigned column = 0; column < KEY_COLUMN_COUNT; column++) {
        at = put_text(at, column != 0 ? ",\"" : "{\"");
        at = put_text(put_text(at, key_columns[column].name), "\":");
        at = column == KEY_COLUMN_KEY ? put_name(at, lines->options.name_format, record)
                                      : put_cell(at, lines, column, record);
    }
    return put_text(at, "}\n");
}

static bool add_long(struct key_ndjson *lines, const struct record *record)
{
    char *line = xmalloc(8 * (size_t)record->key_bytes + LINE_MAX_BYTES);
    size_t len = (size_t)(put_line(line, lines, record) - line);
    bool written = flush(lines) && fwrite(line, 1, len, lines->output->stream) == len;
    if (!written)
        lines->output->error = errno;
    free(line);
    return written;
}

static bool add_line(void *self, struct record *record, const struct plan *plan)
{
    struct key_ndjson *lines = self;
    if (record->cost_is_due)
        record_cost(record, plan);
    if (record->key_bytes > LONGEST_NAME)
        return add_long(lines, record);
    if ((size_t)(lines->bytes + BUFFER_BYTES - lines->at) < LINE_MAX_BYTES && !flush(lines))
        return false;
    lines->at = put_line(lines->at, lines, record);
    return true;
}

static bool finish(void *self)
{
    return flush(self);
}

static const char *const extensions[] = {".ndjson", ".jsonl", NULL};

const struct key_form key_form_ndjson = {"ndjson", extensions, false, open_ndjson, add_line, finish, free};
