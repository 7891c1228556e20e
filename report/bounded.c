#include "bounded.h"

bool bounded_keep(struct bounded *out, size_t start)
{
    if (out->text.len <= out->limit)
        return true;
    out->text.len = start;
    out->cut = true;
    return false;
}

void bounded_fill(struct bounded *out, size_t limit, size_t rows_most, const struct document *document,
                  void (*fill)(struct bounded *out, const struct document *document))
{
    do {
        out->text.len = 0;
        out->limit = limit - BOUNDED_RESERVE;
        out->rows_most = rows_most;
        out->cut = false;
        fill(out, document);
        rows_most = rows_most * 7 / 8;
    } while (out->cut && out->rows_most > 0);
}
