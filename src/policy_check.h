/* Holds the keys of a snapshot against a policy, in one pass: sums per scope, and for every limit on single keys the
 * worst of those that break it. */
#ifndef POLICY_CHECK_H
#define POLICY_CHECK_H

#include "baseline.h"
#include "collect/top_list.h"
#include "policy.h"

/* A limit on single keys, at work. */
struct check_key_rule {
    enum check_rule rule;
    const struct rule_limit *limit;
    uint64_t most;     /* the largest measure that was seen, whether or not it broke the limit */
    uint64_t breaches; /* keys */
    struct top_list worst;
};

struct check_scope {
    const struct policy_scope *policy;
    struct filter *where, *except; /* NULL: all keys, none */
    size_t prefix_len;             /* bytes of the pattern that every name begins with: tested before the filter */
    struct check_sums sums;
    struct check_key_rule key_rule[RULE_COUNT];
    size_t key_rules;
    bool counts_violations;
};

struct check {
    const struct plan *plan; /* set before the first record */
    struct check_scope *scope;
    size_t count;
    size_t top; /* worst keys that are kept, for each limit */
};

/* `measure`: figures for every rule are wanted, whether or not it has a limit. The policy is borrowed and has been read
 * without mistakes. */
void check_init(struct check *check, const struct policy *policy, size_t top, bool measure);
void check_release(struct check *check);
void check_add(struct check *check, const struct record *record);
/* When all records have been added: what the tables of the databases take belongs to all keys. */
void check_finish(struct check *check, uint64_t keyspace_bytes);

enum check_status { CHECK_PASSED, CHECK_FAILED, CHECK_SKIPPED };

struct check_result {
    const struct check_scope *scope;
    const struct check_key_rule *key_rule; /* NULL for rules about sums and the file */
    enum check_rule rule;
    const struct rule_limit *limit;
    enum check_status status;
    struct doc_value found;
    const char *why; /* it was skipped */
};

/* What came of one rule. A rule that is kept by what could be read of a damaged file is skipped. */
struct check_result check_result_of(const struct check_scope *scope, enum check_rule rule,
                                    const struct file_facts *file, const struct baseline *baseline);

#endif
