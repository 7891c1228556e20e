/* A text with a limit, for formats that promise a largest size: what would go past the limit is left out whole. */
#ifndef BOUNDED_H
#define BOUNDED_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "document_parts.h"

struct bounded {
    struct buffer text;
    size_t limit;     /* the text is never longer, but for what closes open elements: BOUNDED_RESERVE */
    size_t rows_most; /* of any table */
    bool cut;         /* something was left out */
};

enum { BOUNDED_RESERVE = 64 * 1024 };

/* Keeps what was added since `start` (an earlier text.len) if it is within the limit, else takes it back. */
bool bounded_keep(struct bounded *out, size_t start);

/* Fills `out` by `fill` with as many rows a table as fit below `limit`: the same number for every table that has more.
 * `out` is the caller's to release. */
void bounded_fill(struct bounded *out, size_t limit, size_t rows_most, const struct document *document,
                  void (*fill)(struct bounded *out, const struct document *document));

#endif
