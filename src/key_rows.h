/* The per-key table as a stream of CSV rows. */
#ifndef KEY_ROWS_H
#define KEY_ROWS_H

#include <stdbool.h>
#include <stdio.h>

#include "key_form.h"

struct key_rows;

/* Writes the header line, unless it is continued. `out` is borrowed and must be unbuffered or flushed by the caller. */
struct key_rows *key_rows_new(FILE *out, const struct key_form_settings *settings);
void key_rows_free(struct key_rows *rows);
/* Adds a row. The cost of a string may be due: `plan` is for that alone. Returns false once writing has failed;
 * ferror(out) then holds. */
bool key_rows_add(struct key_rows *rows, struct record *record, const struct plan *plan);
/* Writes out what is still held back. */
bool key_rows_flush(struct key_rows *rows);

#endif
