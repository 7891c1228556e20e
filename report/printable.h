/* Texts of a document as they may be shown: nothing in them is obeyed by a terminal or reorders what stands around. */
#ifndef PRINTABLE_H
#define PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "document.h"

struct printable {
    size_t name_most, text_most; /* bytes shown of a DOC_NAME, of any other text; what is left out is said */
    bool ascii;                  /* nothing but ASCII comes out */
    bool keep_lines;             /* line feeds of texts that are not names stay; else they become spaces */
};

/* Adds a value whose kind is a text. Names are escaped reversibly, as NAME_ESCAPED says, while they are whole; an empty
 * one is "". In other texts a backslash stays as it is. */
void printable_add(struct buffer *out, const struct doc_value *value, const struct printable *how);
/* Likewise a value of any kind: what is no text as values.h prints it. */
void printable_value(struct buffer *out, const struct doc_value *value, const struct printable *how);

#endif
