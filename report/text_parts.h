/* What the terminal report is made of: pieces that know the width of the screen. */
#ifndef TEXT_PARTS_H
#define TEXT_PARTS_H

#include <stdbool.h>
#include <stdio.h>

#include "buffer.h"
#include "document_parts.h"

struct screen {
    FILE *out;
    unsigned width;
    bool color, unicode;
};

enum text_look { LOOK_PLAIN, LOOK_TITLE, LOOK_HEAD, LOOK_BAR, LOOK_CODE, LOOK_GOOD, LOOK_WARNING, LOOK_CRITICAL };

/* Writes `len` bytes in that look. Every function that writes to the screen leaves it plain. */
void text_put(const struct screen *screen, enum text_look look, const char *text, size_t len);
void text_puts(const struct screen *screen, enum text_look look, const char *text);
void text_spaces(const struct screen *screen, size_t count);

/* Columns of an already printable text. */
unsigned text_width(const char *text, size_t len);
/* Adds a value as one printable line, escaped so that no terminal obeys any of it; returns its columns. */
unsigned text_value(struct buffer *out, const struct doc_value *value, bool unicode);
/* Adds a text cut to `width` columns: an ellipsis takes the place of its middle. Returns the columns added. */
unsigned text_fit(struct buffer *out, const char *text, size_t len, unsigned width, bool unicode);
/* Writes a paragraph from the column `indent` on; the first line begins there already, the last is ended. */
void text_paragraph(const struct screen *screen, enum text_look look, unsigned indent, const char *text, size_t len);
/* Adds a bar of at most `width` columns and fills them up with spaces; `share` is 0..1. */
void text_bar(struct buffer *out, double share, unsigned width, bool unicode);

void text_table(const struct screen *screen, const struct doc_table *table);

#endif
