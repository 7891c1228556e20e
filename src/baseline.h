/* Figures of an earlier run, from its JSON output: of report (all keys) or of check (patterns too). */
#ifndef BASELINE_H
#define BASELINE_H

#include <stddef.h>

#include "check_rules.h"
#include "json_text.h"

struct baseline {
    struct json_text json;
};

/* Reads --baseline; complains and returns false when it is no such file, or of a snapshot that could not be read to
 * its end. */
bool baseline_read(struct baseline *baseline, const char *path);
/* The same of `len` bytes of any content, with one line in `message`. */
bool baseline_parse(struct baseline *baseline, const char *text, size_t len, char *message, size_t size);
void baseline_release(struct baseline *baseline);

/* What it says of a pattern of a policy; NULL: of all keys. Nothing of a baseline that was never read. */
struct check_before baseline_of(const struct baseline *baseline, const char *pattern);
/* A fact of its section overview, such as "target"; NULL when there is none. */
const char *baseline_overview(const struct baseline *baseline, const char *fact);

#endif
