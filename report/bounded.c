#include "bounded.h"

bool bounded_keep(struct bounded *out, size_t start)
{
    if (out->text.len <= out->limit)
        return true;
    out->text.len = start;
    out->cut = true;
    return false;
}

static bool fits(struct bounded *out, size_t rows_most, const struct document *document,
                 void (*fill)(struct bounded *, const struct document *))
{
    out->text.len = 0;
    out->rows_most = rows_most;
    out->cut = false;
    fill(out, document);
    return !out->cut;
}

void bounded_fill(struct bounded *out, size_t limit, size_t rows_most, const struct document *document,
                  void (*fill)(struct bounded *out, const struct document *document))
{
    out->limit = limit - BOUNDED_RESERVE;
    if (fits(out, rows_most, document, fill) || !fits(out, 0, document, fill))
        return;
    size_t least = 0, too_many = rows_most;
    while (too_many - least > 1) {
        size_t middle = least + (too_many - least) / 2;
        if (fits(out, middle, document, fill))
            least = middle;
        else
            too_many = middle;
    }
    if (out->rows_most != least)
        fits(out, least, document, fill);
}
