/* Figures of an earlier run: from its JSON output, of report (all keys) or of check (patterns too), or from a summary
 * (all keys). */
#ifndef BASELINE_H
#define BASELINE_H

#include <stddef.h>

#include "check_rules.h"
#include "json_text.h"

struct baseline {
    struct json_text json;    /* nothing in it when it is a summary */
    struct check_before sums; /* of a summary */
    char server[32], allocator[32];
};

/* Reads --baseline; complains and returns false when it is no such file, or of a snapshot that is damaged. */
bool baseline_read(struct baseline *baseline, const char *path);
/* The same of `len` bytes of any content, with one line in `message`. */
bool baseline_parse(struct baseline *baseline, const char *text, size_t len, char *message, size_t size);
void baseline_release(struct baseline *baseline);

/* What it says of a pattern of a policy; NULL: of all keys. Nothing of a baseline that was never read. */
struct check_before baseline_of(const struct baseline *baseline, const char *pattern);
/* Whether it was costed for this server on this allocator, or does not say. */
bool baseline_is_of(const struct baseline *baseline, const char *server, const char *allocator);

#endif
