/* Figures of an earlier snapshot: from the JSON output of report or check, from a summary, or from the snapshot itself.
 * Of all keys each of them tells. Of the keys of a pattern of a policy
 *  - a snapshot tells everything, as it is read against the same policy;
 *  - JSON of check tells it of the patterns of the policy then;
 *  - JSON of report and a summary have keys by the pattern of their names: what is wholly within the policy's pattern
 *    is counted, and what may be within it, or in no pattern any more, is how much more it may have been. */
#ifndef BASELINE_H
#define BASELINE_H

#include <stddef.h>

#include "check_rules.h"
#include "cli_options.h"
#include "environment.h"
#include "json_text.h"
#include "policy.h"

struct baseline_group;

struct baseline {
    struct json_text json;    /* nothing in it when it is no JSON */
    struct check_before sums; /* of all keys, when it is no JSON */
    /* Keys by the pattern of their names, when it has them; and those that are in no group. */
    size_t group_count;
    struct baseline_group *group; /* NULL: it has none */
    struct check_before rest;
    /* Of a snapshot: the policy's scopes, in their order. */
    const struct policy *policy;
    struct check_before *scope;
    char server[32], allocator[32];
};

/* Reads --baseline for a policy, which is borrowed; complains and returns false when it cannot be one, or is of a
 * snapshot that is damaged. */
bool baseline_read(struct baseline *baseline, const struct policy *policy, const struct cli_options *options,
                   const struct environment *environment);
/* JSON of any content, with one line in `message`. */
bool baseline_parse(struct baseline *baseline, const char *text, size_t len, char *message, size_t size);
void baseline_release(struct baseline *baseline);

/* What it says of a scope of the policy. Nothing of a baseline that was never read. */
struct check_before baseline_of(const struct baseline *baseline, const struct policy_scope *scope);
/* Whether it was costed for this server on this allocator, or does not say. */
bool baseline_is_of(const struct baseline *baseline, const char *server, const char *allocator);

#endif
