/* The rules that a document says were kept or broken, for the formats that CI systems read. They are looked for in
 * every section that has a table `rules`, with the columns
 *   status   "passed", "failed" or "skipped"
 *   rule     its id;  pattern  what it is about, none: everything
 *   message  a sentence
 *   line     in the file named by the fact `policy`; 0 or none: elsewhere
 * and perhaps a table `keys`, with columns rule and pattern as there, and `key`: whose fault it is, worst first.
 * Columns that are missing are empty. */
#ifndef VERDICTS_H
#define VERDICTS_H

#include <stdbool.h>

#include "buffer.h"
#include "document_parts.h"

enum verdict_status { VERDICT_PASSED, VERDICT_FAILED, VERDICT_SKIPPED, VERDICT_STATUSES };

struct verdicts {
    const struct doc_section *section;
    const struct doc_table *rules, *keys; /* keys: NULL when there are none */
    const char *subject;                  /* what was judged, printable; owned */
    const char *policy;                   /* path, printable, "" for none; owned */
    struct buffer texts;
    unsigned count[VERDICT_STATUSES];
};

/* A row of `rules`. The texts are printable, escaped as NAME_ESCAPED, and live until verdict_release. */
struct verdict {
    enum verdict_status status;
    const char *rule, *pattern, *message;
    unsigned line;
    struct buffer texts;
    const struct doc_value *pattern_cell, *rule_cell;
};

/* False when the document has no rules: errno is then ENODATA, and nothing is to be released. */
bool verdicts_find(struct verdicts *verdicts, const struct document *document);
void verdicts_release(struct verdicts *verdicts);

void verdict_read(struct verdict *verdict, const struct verdicts *verdicts, const struct doc_row *row);
void verdict_release(struct verdict *verdict);

/* The next row of `keys` behind `row` (NULL: from the start) that belongs to the verdict; NULL when there is no more.
 * Its key, printable, is added to `key`. */
const struct doc_row *verdict_next_key(const struct verdicts *verdicts, const struct verdict *verdict,
                                       const struct doc_row *row, struct buffer *key);

#endif
