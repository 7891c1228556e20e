/* A policy: what a snapshot is held against. Read from a JSON file (docs/policy.md), and from the options of check,
 * which go before it. */
#ifndef POLICY_H
#define POLICY_H

#include "check_rules.h"
#include "filter.h"
#include "json_text.h"

/* Keys with limits of their own. scope[0] is all of them. */
struct policy_scope {
    const char *pattern; /* a glob, as --match; NULL: all keys */
    unsigned line;       /* 0: not in the file */
    struct filter_options where;
    char db[24];                  /* text of a number among them */
    struct filter_options except; /* names that the limits for single keys let pass */
    struct rule_limit limit[RULE_COUNT];
};

enum { POLICY_MAX_SCOPES = 256 };

struct policy {
    struct json_text json; /* has the texts */
    struct policy_scope *scope;
    size_t count;
};

/* A policy that demands nothing. */
void policy_init(struct policy *policy);
void policy_release(struct policy *policy);

/* Adds what a policy file of `len` bytes of any content demands. On a mistake returns false and writes one line
 * ("line 3: there is no 'max_kyes'; did you mean 'max_keys'?") into `message`. To be called once. */
bool policy_parse(struct policy *policy, const char *text, size_t len, char *message, size_t size);

/* What check's options say: a text per rule, NULL where it is not given; "true" for flags. */
bool policy_take_options(struct policy *policy, const char *const limits[RULE_COUNT], char *message, size_t size);

/* "all keys" or the pattern. */
const char *policy_scope_name(const struct policy_scope *scope);

#endif
