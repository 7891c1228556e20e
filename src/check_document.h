/* What check says, as a document: section `check` with the tables rules, keys and scopes. The formats of CI systems
 * read the first two (report/verdicts.h), --baseline the last. */
#ifndef CHECK_DOCUMENT_H
#define CHECK_DOCUMENT_H

#include "document.h"
#include "policy_check.h"

struct check_report {
    const struct check *check;
    const struct file_facts *file;
    const struct baseline *baseline;
    const char *policy_path, *baseline_path; /* NULL for none */
};

/* Adds the section; returns how many rules are broken, damage not counted. */
uint64_t check_document_add(const struct check_report *report, struct document *document);

#endif
