/* The per-key table as a stream of CSV rows. */
#ifndef KEY_ROWS_H
#define KEY_ROWS_H

#include <render.h>
#include <stdbool.h>
#include <stdio.h>

#include "record.h"

struct key_rows;

/* Writes the header line. `out` is borrowed and must be unbuffered or flushed by the caller. `has_memory_usage`: the
 * server can tell; else that column is empty. */
struct key_rows *key_rows_new(FILE *out, enum name_format format, bool has_memory_usage);
void key_rows_free(struct key_rows *rows);
/* Adds a row. Returns false once writing has failed; ferror(out) then holds. */
bool key_rows_add(struct key_rows *rows, const struct record *record);
/* Writes out what is still held back. */
bool key_rows_flush(struct key_rows *rows);

#endif
