/* A document with everything that renderers must stand: every kind of value and chart, hostile names, numbers that do
 * not fit a double, sections of thousands of rows. */
#ifndef FIXTURE_DOCUMENT_H
#define FIXTURE_DOCUMENT_H

#include "document.h"

/* `prefixes` rows in the treemap's table; `partial` as document_set_partial takes it, or NULL. */
struct document *fixture_document_new(unsigned prefixes, const char *partial);

struct hostile_name {
    const char *bytes;
    size_t len;
};
extern const struct hostile_name hostile_names[];
extern const size_t hostile_name_count;

#endif
