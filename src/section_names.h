/* --sections: names of sections of the report. */
#ifndef SECTION_NAMES_H
#define SECTION_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "cli_options.h"

/* What may be named: rows of collectors(), and others that the command has beside them. */
struct section_names {
    bool *row; /* a truth value a row */
    size_t more_count;
    const char *const *more; /* ids */
    bool *is_more;           /* a truth value each */
};

/* Sets those that are named; the others stay as they are. Complains and returns false at a name that is none. */
bool section_names_read(const struct section_names *names, const struct text_list *texts);

#endif
