#include "key_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "decimal.h"
#include "key_columns.h"
#include "key_form.h"
#include "string_kind.h"

enum {
    ROWS_BYTES = 1 << 18,
    WORD_MAX = 32,          /* "18446744073709551615,vectorset," is 31 */
    ROW_NAME_MAX = 1 << 10, /* longer names take the slow way */
    /* Printed names are at most 4 * len + 4 long, fields twice that and 3; the other columns have fixed bounds. */
    ROW_MAX = 2 * (4 * ROW_NAME_MAX + 4) + 3 + 512,
    KIND_BITS = 12,
    MIDDLE_MAX = 32,
    END_MAX = 16
};

/* A text that is copied in one step whatever its length. */
struct word {
    char text[WORD_MAX];
    uint8_t len;
};

/* What rows of strings of a kind have in common behind the name, but for what is said of when they expire and were
 * used. A line of the cache. */
struct kind_row {
    uint64_t kind; /* 0: none */
    char middle[MIDDLE_MAX], end[END_MAX];
    uint8_t middle_len, end_len;
};

struct key_rows {
    FILE *out;
    enum name_format format;
    bool has_memory_usage;
    uint64_t db;
    struct word start[OBJECT_TYPE_COUNT]; /* "0,string,": of the database `db` */
    struct word encoding[ENCODING_COUNT]; /* "raw," */
    const char *stored_name[OBJECT_TYPE_COUNT];
    struct word stored[OBJECT_TYPE_COUNT]; /* "hash_listpack,": of the last one of a type, which is stored_name */
    struct kind_row *kind;                 /* 1 << KIND_BITS */
    char *at;
    char bytes[ROWS_BYTES];
};

static inline char *put_text(char *at, const char *text)
{
    size_t len = strlen(text);
    memcpy(at, text, len);
    return at + len;
}

/* A text of at most WORD_MAX - 1 bytes and the comma behind it. */
static void set_word(struct word *word, const char *text)
{
    size_t len = strlen(text);
    memcpy(word->text, text, len);
    word->text[len] = ',';
    word->len = (uint8_t)(len + 1);
}

/* Writes WORD_MAX bytes, of which the next column overwrites what is too much. */
static inline char *put_word(char *at, const struct word *word)
{
    memcpy(at, word->text, WORD_MAX);
    return at + word->len;
}

static inline char *put_number(char *at, uint64_t number)
{
    at = decimal_put(at, number);
    *at = ',';
    return at + 1;
}

/* ---- the name ------------------------------------------------------------------------------------------------------
 */

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
static __attribute__((noinline)) char *put_any_name(char *at, const struct key_rows *rows, const struct record *record)
{
    char printed[4 * ROW_NAME_MAX + 4];
    if (rows->format == NAME_HEX)
        return at + name_print(at, 2 * ROW_NAME_MAX, NAME_HEX, record->key, record->key_bytes);
    size_t len = name_print(printed, sizeof printed, rows->format, record->key, record->key_bytes);
    return at + csv_field_print(at, (const uint8_t *)printed, len);
}

/* A name that has been copied to `at`, and may not be plain. */
static __attribute__((noinline)) char *put_odd_name(char *at, const struct key_rows *rows, const struct record *record)
{
    bool is_plain = plain_starts[record->key[0]];
    for (uint32_t i = 0; i < record->key_bytes && is_plain; i++)
        is_plain = plain_bytes[record->key[i]];
    return is_plain ? at + record->key_bytes : put_any_name(at, rows, record);
}

/* The highest bit of a byte is set if one of the eight may not be in plain_bytes: those below '-', the backslash, and
 * those from 127 up. Carries and borrows go only from such a byte into others. */
static inline uint64_t odd_bytes(uint64_t word)
{
    return word | (word + words_of_ones) | (word - words_of_ones * '-') |
           ((word ^ words_of_ones * '\\') - words_of_ones);
}

/* Copies the name, in words that may overlap; says what odd_bytes says. */
static inline uint64_t put_words(char *restrict at, const uint8_t *restrict name, size_t len)
{
    uint64_t first = len >= 8 ? word_load(name) : word_load_few(name, len);
    word_store(at, first);
    if (len < 8)
        return odd_bytes(first | words_of_ones * '-' << 8 * len);
    uint64_t last = word_load(name + len - 8), odd = odd_bytes(first) | odd_bytes(last);
    for (size_t i = 8; i + 8 < len; i += 8) {
        uint64_t word = word_load(name + i);
        word_store(at + i, word);
        odd |= odd_bytes(word);
    }
    word_store(at + len - 8, last);
    return odd;
}

static inline char *put_key(char *at, const struct key_rows *rows, const struct record *record)
{
    const uint8_t *name = record->key;
    size_t len = record->key_bytes;
    if (rows->format != NAME_ESCAPED)
        return put_any_name(at, rows, record);
    if (len == 0)
        return at;
    bool is_plain_start = plain_starts[name[0]];
    uint64_t odd = put_words(at, name, len) & words_of_highs;
    return odd == 0 && is_plain_start ? at + len : put_odd_name(at, rows, record);
}

/* ---- columns -------------------------------------------------------------------------------------------------------
 */

static void set_starts(struct key_rows *rows, uint64_t db)
{
    rows->db = db;
    for (unsigned type = 0; type < OBJECT_TYPE_COUNT; type++) {
        char text[WORD_MAX];
        char *at = put_number(text, db);
        *put_text(at, object_type_name((enum object_type)type)) = '\0';
        set_word(&rows->start[type], text);
    }
}

/* Database and type. */
static inline char *put_start(char *at, struct key_rows *rows, const struct record *record)
{
    if (record->db != rows->db)
        set_starts(rows, record->db);
    return put_word(at, &rows->start[record->type]);
}

/* Size, encoding, elements and the longest one. */
static inline char *put_middle(char *at, const struct key_rows *rows, const struct record *record)
{
    *at++ = ',';
    if (record->damaged) {
        memcpy(at, ",,,,", 4);
        return at + 4;
    }
    at = put_word(put_number(at, record->cost.size_in_bytes), &rows->encoding[record->cost.encoding]);
    return put_number(put_number(at, record->elements), record->longest);
}

/* MEMORY USAGE and the encoding of the file. */
static inline char *put_end(char *at, struct key_rows *rows, const struct record *record)
{
    *at++ = ',';
    if (rows->has_memory_usage && !record->damaged)
        at = decimal_put(at, record->cost.memory_usage);
    *at++ = ',';
    if (record->stored_encoding != rows->stored_name[record->type]) {
        rows->stored_name[record->type] = record->stored_encoding;
        set_word(&rows->stored[record->type], record->stored_encoding);
    }
    return put_word(at, &rows->stored[record->type]);
}

static inline char *put_expiry(char *at, const struct record *record)
{
    return record->has_expiry ? decimal_print_time(at, record->expire_at_ms) : at;
}

/* Idle time, frequency and slot. */
static inline char *put_rest(char *at, const struct record *record)
{
    if (record->has_idle)
        at = decimal_put(at, record->idle_seconds);
    *at++ = ',';
    if (record->has_frequency)
        at = decimal_put(at, record->lfu_frequency);
    *at++ = ',';
    at = decimal_put(at, (uint64_t)record->slot);
    memcpy(at, CSV_RECORD_END, sizeof CSV_RECORD_END - 1);
    return at + sizeof CSV_RECORD_END - 1;
}

/* ---- rows ----------------------------------------------------------------------------------------------------------
 */

/* Keeps what has just been written. Numbers of strings of a kind are short. */
static void keep(struct kind_row *row, uint64_t kind, const char *middle, const char *middle_end, const char *end,
                 const char *end_end)
{
    row->middle_len = (uint8_t)(middle_end - middle);
    row->end_len = (uint8_t)(end_end - end);
    row->kind = row->middle_len <= MIDDLE_MAX && row->end_len <= END_MAX ? kind : 0;
    memcpy(row->middle, middle, MIDDLE_MAX);
    memcpy(row->end, end, END_MAX);
}

static __attribute__((noinline)) char *put_costed(char *at, struct key_rows *rows, struct record *record,
                                                  const struct plan *plan, uint64_t kind)
{
    if (record->cost_is_due)
        record_cost(record, plan);
    char *middle = at, *middle_end = put_middle(at, rows, record);
    char *end = put_expiry(middle_end, record), *end_end = put_end(end, rows, record);
    if (kind != 0)
        keep(&rows->kind[string_kind_place(kind, KIND_BITS)], kind, middle, middle_end, end, end_end);
    return end_end;
}

/* All columns behind the name. */
static inline char *put_behind(char *at, struct key_rows *rows, struct record *record, const struct plan *plan)
{
    uint64_t kind = string_kind(record);
    const struct kind_row *row = &rows->kind[string_kind_place(kind, KIND_BITS)];
    if (kind == 0 || row->kind != kind)
        return put_rest(put_costed(at, rows, record, plan, kind), record);
    memcpy(at, row->middle, MIDDLE_MAX);
    at = put_expiry(at + row->middle_len, record);
    memcpy(at, row->end, END_MAX);
    return put_rest(at + row->end_len, record);
}

struct key_rows *key_rows_new(FILE *out, const struct key_form_settings *settings)
{
    struct key_rows *rows = xcalloc(1, sizeof *rows);
    rows->out = out;
    rows->format = settings->name_format;
    rows->has_memory_usage = settings->has_memory_usage;
    rows->kind = xcalloc(1 << KIND_BITS, sizeof *rows->kind);
    rows->at = rows->bytes;
    set_starts(rows, 0);
    for (unsigned encoding = 0; encoding < ENCODING_COUNT; encoding++)
        set_word(&rows->encoding[encoding], object_encoding_name((enum object_encoding)encoding));
    if (settings->is_continued)
        return rows;
    for (size_t i = 0; i < KEY_COLUMN_COUNT; i++)
        rows->at = put_text(put_text(rows->at, i != 0 ? "," : ""), key_columns[i].name);
    rows->at = put_text(rows->at, CSV_RECORD_END);
    return rows;
}

void key_rows_free(struct key_rows *rows)
{
    free(rows->kind);
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
static __attribute__((noinline)) bool add_long(struct key_rows *rows, struct record *record, const struct plan *plan)
{
    size_t printed_size = 4 * (size_t)record->key_bytes + 4 + DECIMAL_MAX + 4;
    char *printed = xmalloc(printed_size), *field = xmalloc(2 * printed_size + 3);
    size_t len = name_print(printed, printed_size, rows->format, record->key, record->key_bytes);
    if (record->key_len > record->key_bytes) {
        len = (size_t)(put_text(printed + len, "\\...") - printed);
        len = (size_t)(decimal_print(printed + len, record->key_len - record->key_bytes) - printed);
    }
    len = csv_field_print(field, (const uint8_t *)printed, len);
    rows->at = put_start(rows->at, rows, record);
    bool written = key_rows_flush(rows) && fwrite(field, 1, len, rows->out) == len;
    rows->at = put_behind(rows->at, rows, record, plan);
    free(printed);
    free(field);
    return written;
}

bool key_rows_add(struct key_rows *rows, struct record *record, const struct plan *plan)
{
    if ((size_t)(rows->bytes + ROWS_BYTES - rows->at) < ROW_MAX && !key_rows_flush(rows))
        return false;
    if (record->key_bytes > ROW_NAME_MAX || record->key_bytes < record->key_len)
        return add_long(rows, record, plan);
    char *at = put_start(rows->at, rows, record);
    at = put_key(at, rows, record);
    rows->at = put_behind(at, rows, record, plan);
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
    csv->rows = key_rows_new(output->stream, options);
    return csv;
}

static bool note_error(struct output *output, bool written)
{
    if (!written)
        output->error = errno;
    return written;
}

static bool add_row(void *self, struct record *record, const struct plan *plan)
{
    struct key_csv *csv = self;
    return note_error(csv->output, key_rows_add(csv->rows, record, plan));
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
