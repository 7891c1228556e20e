/* What the program's surroundings say, read once in main so that everything else takes it as a parameter. */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>

struct environment {
    int64_t clock_ms;       /* since 1970, UTC */
    unsigned width;         /* columns: of the terminal, else COLUMNS, else 80 */
    bool color;             /* standard output is a terminal, and neither NO_COLOR nor TERM=dumb says otherwise */
    bool unicode;           /* the locale's encoding is UTF-8 */
    const char *redact_key; /* RDBMETER_REDACT_KEY; may be NULL */
    bool progress;          /* standard error is a terminal */
};

void environment_read(struct environment *environment);

#endif
