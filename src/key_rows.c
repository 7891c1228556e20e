#include "key_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "decimal.h"
#include "key_columns.h"
#include "key_form.h"

enum {
    ROWS_BYTES = 1 << 18,
    WORD_MAX = 16,
    ROW_NAME_MAX = 1 << 10, /* longer names take the slow way */
    /* Printed names are at most 4 * len + 4 long, fields twice that and 3; the other columns have fixed bounds. */
    ROW_MAX = 2 * (4 * ROW_NAME_MAX + 4) + 3 + 512
};

/* A word of a fixed set, kept so that it is copied in one step whatever its length. */
struct word {
    char text[WORD_MAX];
    uint8_t len;
};

struct key_rows {
    FILE *out;
    enum name_format format;
    bool has_memory_usage;
    struct word type[OBJECT_TYPE_COUNT], encoding[ENCODING_COUNT];
    char *at;
    char bytes[ROWS_BYTES];
};

/* ---- columns -------------------------------------------------------------------------------------------------------
 */

static inline char *put_text(char *at, const char *text)
{
    size_t len = strlen(text);
    memcpy(at, text, len);
    return at + len;
}

static struct word word_of(const char *text)
{
    struct word word = {.text = ""};
    while (word.len < WORD_MAX && text[word.len] != '\0') {
        word.text[word.len] = text[word.len];
        word.len++;
    }
    return word;
}

/* Writes WORD_MAX bytes, of which the next column overwrites what is too much. */
static inline char *put_word(char *at, const struct word *word)
{
    memcpy(at, word->text, WORD_MAX);
    return at + word->len;
}

static inline char *put_database(char *at, const struct key_rows *rows, const struct record *record)
{
    (void)rows;
    return decimal_print(at, record->db);
}

static inline char *put_type(char *at, const struct key_rows *rows, const struct record *record)
{
    return put_word(at, &rows->type[record->type]);
}

/* Bytes that stand for themselves in the escaped form and in CSV. */
static const bool plain_bytes[256] = {
    [' '] = true, ['!'] = true, ['#' ... '+'] = true, ['-' ... '['] = true, [']' ... '~'] = true,
};
/* Those that do so at the start of a field too: what spreadsheets take for a formula, and the apostrophe, do not. */
static const bool plain_starts[256] = {
    [' '] = true,         ['!'] = true, ['#' ... '&'] = true, ['('] = true,         [')'] = true,         ['*'] = true,
    ['.' ... '<'] = true, ['>'] = true, ['?'] = true,         ['A' ... '['] = true, [']' ... '~'] = true,
};

/* The name as a field in the general way; the text may be up to 8 times as long as the name. */
static char *put_any_name(char *at, const struct key_rows *rows, const struct record *record)
{
    char printed[4 * ROW_NAME_MAX + 4];
    size_t len = name_print(printed, sizeof printed, rows->format, record->key, record->key_bytes);
    return at + csv_field_print(at, (const uint8_t *)printed, len);
}

static inline char *put_key(char *at, const struct key_rows *rows, const struct record *record)
{
    if (rows->format == NAME_HEX)
        return at + name_print(at, 2 * ROW_NAME_MAX, NAME_HEX, record->key, record->key_bytes);
    if (rows->format != NAME_ESCAPED)
        return put_any_name(at, rows, record);
    bool plain = record->key_bytes == 0 || plain_starts[record->key[0]];
    for (uint32_t i = 0; i < record->key_bytes; i++) {
        at[i] = (char)record->key[i];
        plain &= plain_bytes[record->key[i]];
    }
    return plain ? at + record->key_bytes : put_any_name(at, rows, record);
}

static inline char *put_size(char *at, const struct key_rows *rows, const struct record *record)
{
    (void)rows;
    return record->damaged ? at : decimal_print(at, record->cost.size_in_bytes);
}

static inline char *put_encoding(char *at, const struct key_rows *rows, const struct record *record)
{
    return record->damaged ? at : put_word(at, &rows->encoding[record->cost.encoding]);
}

static inline char *put_elements(char *at, const struct key_rows *rows, const struct record *record)
{
    (void)rows;
    return record->damaged ? at : decimal_print(at, record->elements);
}

static inline char *put_longest(char *at, const struct key_rows *rows, const struct record *record)
{
    (void)rows;
    return record->damaged ? at : decimal_print(at, record->longest);
}

static inline char *put_expiry(char *at, const struct key_rows *rows, const struct record *record)
{
    (void)rows;
    return record->has_expiry ? decimal_print_time(at, record->expire_at_ms) : at;
}

static inline char *put_memory_usage(char *at, const struct key_rows *rows, const struct record *record)
{
    return rows->has_memory_usage && !record->damaged ? decimal_print(at, record->cost.memory_usage) : at;
}

static inline char *put_stored_encoding(char *at, const struct key_rows *rows, const struct record *record)
{
    (void)rows;
    return stpcpy(at, record->stored_encoding);
}

static inline char *put_idle(char *at, const struct key_rows *rows, const struct record *record)
{
    (void)rows;
    return record->has_idle ? decimal_print(at, record->idle_seconds) : at;
}

static inline char *put_frequency(char *at, const struct key_rows *rows, const struct record *record)
{
    (void)rows;
    return record->has_frequency ? decimal_print(at, record->lfu_frequency) : at;
}

static inline char *put_slot(char *at, const struct key_rows *rows, const struct record *record)
{
    (void)rows;
    return decimal_print(at, (uint64_t)record->slot);
}

/* Faster than key_columns[].get, which the other forms use: the cells of both are the same. */
static char *(*const put_column[])(char *at, const struct key_rows *rows, const struct record *record) = {
    [KEY_COLUMN_DATABASE] = put_database,
    [KEY_COLUMN_TYPE] = put_type,
    [KEY_COLUMN_KEY] = put_key,
    [KEY_COLUMN_SIZE] = put_size,
    [KEY_COLUMN_ENCODING] = put_encoding,
    [KEY_COLUMN_ELEMENTS] = put_elements,
    [KEY_COLUMN_LONGEST] = put_longest,
    [KEY_COLUMN_EXPIRY] = put_expiry,
    [KEY_COLUMN_MEMORY_USAGE] = put_memory_usage,
    [KEY_COLUMN_STORED_ENCODING] = put_stored_encoding,
    [KEY_COLUMN_IDLE] = put_idle,
    [KEY_COLUMN_FREQUENCY] = put_frequency,
    [KEY_COLUMN_SLOT] = put_slot,
};

/* ---- rows ----------------------------------------------------------------------------------------------------------
 */

static inline char *put_columns(char *at, const struct key_rows *rows, const struct record *record, size_t first,
                                size_t count)
{
    /* Unrolled, the calls through the table become the functions themselves. */
#pragma GCC unroll 16
    for (size_t i = first; i < count; i++) {
        if (i != 0)
            *at++ = ',';
        at = put_column[i](at, rows, record);
    }
    return at;
}

struct key_rows *key_rows_new(FILE *out, enum name_format format, bool has_memory_usage)
{
    struct key_rows *rows = xmalloc(sizeof *rows);
    rows->out = out;
    rows->format = format;
    rows->has_memory_usage = has_memory_usage;
    rows->at = rows->bytes;
    for (unsigned type = 0; type < OBJECT_TYPE_COUNT; type++)
        rows->type[type] = word_of(object_type_name((enum object_type)type));
    for (unsigned encoding = 0; encoding < ENCODING_COUNT; encoding++)
        rows->encoding[encoding] = word_of(object_encoding_name((enum object_encoding)encoding));
    for (size_t i = 0; i < KEY_COLUMN_COUNT; i++)
        rows->at = put_text(put_text(rows->at, i != 0 ? "," : ""), key_columns[i].name);
    rows->at = put_text(rows->at, CSV_RECORD_END);
    return rows;
}

void key_rows_free(struct key_rows *rows)
{
    free(rows);
}

bool key_rows_flush(struct key_rows *rows)
{
    size_t len = (size_t)(rows->at - rows->bytes);
    rows->at = rows->bytes;
    return fwrite(rows->bytes, 1, len, rows->out) == len;
}

/* A row with a name of any length: everything before it, the name, everything behind it. A name of which only the first
 * bytes are held ends in "\..." and the number of missing bytes, which is no escape and so never taken for a name. */
static bool add_long(struct key_rows *rows, const struct record *record)
{
    size_t printed_size = 4 * (size_t)record->key_bytes + 4 + DECIMAL_MAX + 4;
    char *printed = xmalloc(printed_size), *field = xmalloc(2 * printed_size + 3);
    size_t len = name_print(printed, printed_size, rows->format, record->key, record->key_bytes);
    if (record->key_len > record->key_bytes) {
        len = (size_t)(put_text(printed + len, "\\...") - printed);
        len = (size_t)(decimal_print(printed + len, record->key_len - record->key_bytes) - printed);
    }
    len = csv_field_print(field, (const uint8_t *)printed, len);
    rows->at = put_columns(rows->at, rows, record, 0, KEY_COLUMN_KEY);
    *rows->at++ = ',';
    bool written = key_rows_flush(rows) && fwrite(field, 1, len, rows->out) == len;
    rows->at = put_text(put_columns(rows->at, rows, record, KEY_COLUMN_KEY + 1, KEY_COLUMN_COUNT), CSV_RECORD_END);
    free(printed);
    free(field);
    return written;
}

bool key_rows_add(struct key_rows *rows, const struct record *record)
{
    if ((size_t)(rows->bytes + ROWS_BYTES - rows->at) < ROW_MAX && !key_rows_flush(rows))
        return false;
    if (record->key_bytes > ROW_NAME_MAX || record->key_bytes < record->key_len)
        return add_long(rows, record);
    rows->at = put_text(put_columns(rows->at, rows, record, 0, KEY_COLUMN_COUNT), CSV_RECORD_END);
    return true;
}

/* ---- as a form -----------------------------------------------------------------------------------------------------
 */

struct key_csv {
    struct output *output;
    struct key_rows *rows;
};

static void *open_csv(struct output *output, const struct key_form_settings *options)
{
    struct key_csv *csv = xmalloc(sizeof *csv);
    csv->output = output;
    csv->rows = key_rows_new(output->stream, options->name_format, options->has_memory_usage);
    if (options->is_continued)
        csv->rows->at = csv->rows->bytes;
    return csv;
}

static bool note_error(struct output *output, bool written)
{
    if (!written)
        output->error = errno;
    return written;
}

static bool add_row(void *self, const struct record *record)
{
    struct key_csv *csv = self;
    return note_error(csv->output, key_rows_add(csv->rows, record));
}

static bool finish(void *self)
{
    struct key_csv *csv = self;
    return note_error(csv->output, key_rows_flush(csv->rows));
}

static void release(void *self)
{
    struct key_csv *csv = self;
    key_rows_free(csv->rows);
    free(csv);
}

static const char *const extensions[] = {".csv", NULL};

const struct key_form key_form_csv = {"csv", extensions, false, open_csv, add_row, finish, release};
