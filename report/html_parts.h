/* Pieces of the HTML report: escaped texts, values, tables. Everything that is not ours passes html_text or html_name.
 */
#ifndef HTML_PARTS_H
#define HTML_PARTS_H

#include "bounded.h"

void html_text(struct buffer *out, const char *text);
/* A key's name or any other text, escaped for people and for HTML; a long one is cut and its length said. */
void html_name(struct buffer *out, const struct doc_value *value);
/* A value of any kind, as people read it. */
void html_value(struct buffer *out, const struct doc_value *value);
/* <figure> with the table, whose data-chart the script draws. */
void html_table(struct bounded *out, const struct doc_section *section, const struct doc_table *table);

#endif
