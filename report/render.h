/* Renderers: a document to text, JSON, CSV, HTML or Markdown. One row a renderer (render.c). */
#ifndef RENDER_H
#define RENDER_H

#include <stdbool.h>
#include <stdio.h>

#include "document.h"

struct render_options {
    unsigned width;      /* of the terminal, in columns; text only; 0: 80 */
    bool color;          /* ANSI colours; text only */
    bool unicode;        /* bars and rules as UTF-8 box characters; else ASCII */
    const char *section; /* CSV: the table to print, "section" or "section.table" */
};

struct renderer {
    const char *name;      /* as --format takes it: "text", "json", "csv", "html", "markdown" */
    const char *extension; /* ".json": chosen for -o by the file's name */
    const char *title;
    /* Writes the document. Returns false when `section` is not there (CSV) or writing failed (errno; ferror(out)). */
    bool (*render)(const struct document *document, const struct render_options *options, FILE *out);
};

const struct renderer *renderers(size_t *count);
const struct renderer *renderer_by_name(const char *name);
const struct renderer *renderer_by_extension(const char *path);

/* ---- building blocks, for streams of rows that never become a document ----------------------------------------------
 */

/* One RFC 4180 field: quoted when needed; a text that a spreadsheet would run as a formula (=, +, -, @, tab, CR first)
 * is neutralised reversibly, see docs/json.md. */
void csv_field(FILE *out, const uint8_t *bytes, size_t len);
/* A JSON string literal: valid UTF-8 whatever the bytes; invalid ones become \ufffd, and *lossless tells. */
void json_string(FILE *out, const uint8_t *bytes, size_t len, bool *lossless);

enum name_format { NAME_ESCAPED, NAME_HEX, NAME_BASE64 };
/* Any bytes as printable text; each form is reversible. ESCAPED: valid UTF-8 as it is but for control characters,
 * backslash (\\) and invalid bytes (\xHH). Returns the number of characters written, at most `capacity` (no NUL);
 * a name needs at most 4 * len. */
size_t name_print(char *out, size_t capacity, enum name_format format, const uint8_t *bytes, size_t len);
/* The inverse; returns the number of bytes, or SIZE_MAX when `text` is malformed. */
size_t name_parse(uint8_t *out, size_t capacity, enum name_format format, const char *text, size_t len);

#endif
