/* Renderers: a document to text, JSON, CSV, HTML or Markdown. One row a renderer (render.c). The program's LC_NUMERIC
 * must be "C" (it is unless setlocale was called): numbers are written with a point everywhere. */
#ifndef RENDER_H
#define RENDER_H

#include <stdbool.h>
#include <stdio.h>

#include "document.h"

/* What Prometheus' format shows of a document: a fact (`column` NULL), or a column of a table, whose KEY columns become
 * labels; of a table at most METRIC_MAX_SERIES rows, the first ones. */
struct metric_row {
    const char *name; /* in base units, as Prometheus names things: ..._bytes, ..._seconds, ..._ratio */
    const char *section, *item, *column; /* section NULL: 1 for a complete document, else 0 */
    const char *help;
};
enum { METRIC_MAX_SERIES = 100 };

struct render_options {
    unsigned width;      /* of the terminal, in columns; text only; 0: 80 */
    bool color;          /* ANSI colours; text only */
    bool unicode;        /* the terminal takes UTF-8: bars, rules and names as they are; else nothing but ASCII */
    const char *section; /* CSV: what to print, as "section", "section.table" or "section.facts". A section alone is its
                            first table, or its facts when it has no table. */
    const struct metric_row *metrics; /* Prometheus; metric_count of them */
    size_t metric_count;
};

struct renderer {
    const char *name;      /* as --format takes it: "text", "json", ... */
    const char *extension; /* ".json": chosen for -o by the file's name; "" for none of its own */
    const char *title;
    /* Writes the document and flushes `out`. Returns false when writing failed (errno tells), and for CSV when
     * `section` is not there: errno is ENOENT, nothing was written, and csv_list_sections says what there is. Formats
     * about rules (verdicts.h) fail likewise with ENODATA when the document has none. */
    bool (*render)(const struct document *document, const struct render_options *options, FILE *out);
};

const struct renderer *renderers(size_t *count);
const struct renderer *renderer_by_name(const char *name);
const struct renderer *renderer_by_extension(const char *path);

/* The names that render_options.section may have, one a line. */
void csv_list_sections(const struct document *document, FILE *out);

/* ---- building blocks, for streams of rows that never become a document ------------------------------------------- */

/* What ends a record, by RFC 4180. */
#define CSV_RECORD_END "\r\n"
/* One RFC 4180 field holding a text: quoted when it has a comma, quote, CR or LF. A text whose first byte is = + - @
 * tab CR LF, which a spreadsheet would run as a formula, or an apostrophe gets one apostrophe in front; so a reader
 * drops one leading apostrophe, always. Numbers are written without this function. */
void csv_field(FILE *out, const uint8_t *bytes, size_t len);
/* The same into memory, for rows made in bulk; `out` has room for 2 * len + 3. Returns the length. */
size_t csv_field_print(char *out, const uint8_t *bytes, size_t len);
/* A JSON string literal with its quotes: valid UTF-8 whatever the bytes; invalid ones become \ufffd each, and *lossless
 * (may be NULL) is false then. */
void json_string(FILE *out, const uint8_t *bytes, size_t len, bool *lossless);
/* The same into memory; `out` has room for 6 * len + 2. Returns the length, no NUL. */
size_t json_string_print(char *out, const uint8_t *bytes, size_t len, bool *lossless);

/* Whether all bytes are UTF-8 (RFC 3629). */
bool name_is_utf8(const uint8_t *bytes, size_t len);

enum name_format { NAME_ESCAPED, NAME_HEX, NAME_BASE64 };
/* Any bytes as printable text; each form is reversible. ESCAPED: valid UTF-8 as it is, but a backslash is \\ and every
 * byte of what is not UTF-8, of control characters (ASCII, C1), invisible marks and marks that reorder text is \xhh.
 * Returns the number of characters written, no NUL: at most `capacity`, and whole units only when it is too small. A
 * name needs at most 4 * len + 4. */
size_t name_print(char *out, size_t capacity, enum name_format format, const uint8_t *bytes, size_t len);
/* A message that may hold anything, as NAME_ESCAPED, but for backslashes, which stay: names in it may be escaped
 * already. Returns the number of characters written, as name_print does. */
size_t text_print(char *out, size_t capacity, const char *text, size_t len);
/* The inverse of name_print; returns the number of bytes, or SIZE_MAX when `text` is malformed or does not fit. */
size_t name_parse(uint8_t *out, size_t capacity, enum name_format format, const char *text, size_t len);

#endif
