/* A heat map as people read it in a text: a row for each y, a column for each x, in the cells the first measure. So is
 * a histogram that is printed across: its buckets are the rows. */
#ifndef MATRIX_H
#define MATRIX_H

#include "document_parts.h"

/* The table turned so, made in `scratch`, of which it becomes a part; NULL for what is neither, has not
 * two axes, or too wide for a page. Rows and columns are in the order in which the table has them first. */
const struct doc_table *matrix_of(const struct doc_table *table, struct document *scratch);

#endif
