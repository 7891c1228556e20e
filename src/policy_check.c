#include "policy_check.h"

#include <stdlib.h>
#include <string.h>

#include "collect/violations.h"
#include "complain.h"

/* ---- set up --------------------------------------------------------------------------------------------------------
 */

static struct filter *make_filter(const struct filter_options *options)
{
    char message[160];
    struct filter *filter = filter_new(options, message, sizeof message);
    if (filter == NULL)
        die_out_of_memory(); /* the policy's filters have been made once: nothing else can be wrong with them */
    if (filter_is_active(filter))
        return filter;
    filter_free(filter);
    return NULL;
}

static void init_scope(struct check_scope *scope, const struct policy_scope *policy, size_t top, bool measure)
{
    scope->policy = policy;
    scope->where = make_filter(&policy->where);
    scope->prefix_len = policy->pattern != NULL ? strcspn(policy->pattern, "*?[\\") : 0;
    scope->except = make_filter(&policy->except);
    for (unsigned rule = 0; rule < RULE_COUNT; rule++) {
        const struct rule_limit *limit = &policy->limit[rule];
        if (rule_row((enum check_rule)rule)->stage != RULE_ANY_KEY || !(limit->given || measure))
            continue;
        struct check_key_rule *key_rule = &scope->key_rule[scope->key_rules++];
        *key_rule = (struct check_key_rule){.rule = (enum check_rule)rule, .limit = limit};
        top_list_init(&key_rule->worst, limit->given ? top : 0);
    }
    scope->counts_violations =
        measure || policy->limit[RULE_VIOLATIONS].given || policy->limit[RULE_VIOLATION_BYTES].given;
}

void check_init(struct check *check, const struct policy *policy, size_t top, bool measure)
{
    *check = (struct check){.scope = xcalloc(policy->count, sizeof *check->scope), .count = policy->count, .top = top};
    for (size_t i = 0; i < check->count; i++)
        init_scope(&check->scope[i], &policy->scope[i], top, measure);
}

void check_release(struct check *check)
{
    for (size_t i = 0; i < check->count; i++) {
        struct check_scope *scope = &check->scope[i];
        filter_free(scope->where);
        filter_free(scope->except);
        for (size_t k = 0; k < scope->key_rules; k++)
            top_list_release(&scope->key_rule[k].worst);
    }
    free(check->scope);
    *check = (struct check){.scope = NULL};
}

/* ---- a key ---------------------------------------------------------------------------------------------------------
 */

/* How a key was found to be kept unpacked by a limit: not by what a reload changes. */
static bool is_counted_violation(enum violation violation)
{
    return violation < VIOLATION_KEPT;
}

static void add_violation(struct check_sums *sums, const struct plan *plan, const struct record *record)
{
    struct packing packing = {0};
    if (!is_counted_violation(violation_of(plan, record, &packing)))
        return;
    sums->violations++;
    if (packing.packed_bytes != 0 && packing.packed_bytes < packing.table_bytes)
        sums->violation_bytes += packing.table_bytes - packing.packed_bytes;
}

static void add_sums(struct check_scope *scope, const struct plan *plan, const struct record *record)
{
    struct check_sums *sums = &scope->sums;
    uint64_t bytes = record->cost.size_in_bytes;
    sums->keys++;
    if (record->damaged)
        return;
    sums->encodings[record->type][record->cost.encoding]++;
    if (record->type == OBJECT_MODULE)
        return;
    sums->key_bytes += bytes;
    sums->no_ttl_bytes += record->has_expiry ? 0 : bytes;
    sums->expired_bytes += record->is_expired ? bytes : 0;
    sums->own_bytes += record->cost.part[COST_PAYLOAD] + record->cost.part[COST_KEY_NAME];
    if (scope->counts_violations)
        add_violation(sums, plan, record);
}

static bool is_broken(const struct check_key_rule *key_rule, const struct record *record, uint64_t measure)
{
    const struct rule_limit *limit = key_rule->limit;
    if (key_rule->rule != RULE_FORBIDDEN)
        return limit->given && measure > limit->number;
    for (unsigned i = 0; i < limit->wishes; i++)
        if (wish_is_for(&limit->wish[i], record->type, record->cost.encoding))
            return true;
    return false;
}

static void judge_key(struct check_scope *scope, const struct record *record)
{
    for (size_t i = 0; i < scope->key_rules; i++) {
        struct check_key_rule *key_rule = &scope->key_rule[i];
        uint64_t measure = rule_row(key_rule->rule)->measure(record);
        if (key_rule->most < measure)
            key_rule->most = measure;
        if (!is_broken(key_rule, record, measure))
            continue;
        key_rule->breaches++;
        if (top_list_wants(&key_rule->worst, measure))
            top_list_add(&key_rule->worst, measure, record, NULL);
    }
}

static bool is_in_scope(const struct check_scope *scope, const struct filter_key *key)
{
    if (scope->where == NULL)
        return true;
    if (key->name_len < scope->prefix_len ||
        (scope->prefix_len != 0 && memcmp(key->name, scope->policy->pattern, scope->prefix_len) != 0))
        return false;
    return filter_accepts(scope->where, key);
}

void check_add(struct check *check, const struct record *record)
{
    const struct filter_key key = {
        .name = record->key,
        .name_len = record->key_bytes,
        .db = record->db,
        .type = record->type,
        .has_expiry = record->has_expiry,
        .is_expired = record->is_expired,
    };
    for (size_t i = 0; i < check->count; i++) {
        struct check_scope *scope = &check->scope[i];
        if (!is_in_scope(scope, &key))
            continue;
        add_sums(scope, check->plan, record);
        if (scope->key_rules != 0 && !record->damaged && record->type != OBJECT_MODULE &&
            (scope->except == NULL || !filter_accepts(scope->except, &key)))
            judge_key(scope, record);
    }
}

void check_finish(struct check *check, uint64_t keyspace_bytes)
{
    for (size_t i = 0; i < check->count; i++)
        check->scope[i].sums.bytes = check->scope[i].sums.key_bytes + (i == 0 ? keyspace_bytes : 0);
}

/* ---- results -------------------------------------------------------------------------------------------------------
 */

/* One that is there. */
static const struct check_key_rule *find_key_rule(const struct check_scope *scope, enum check_rule rule)
{
    size_t i = 0;
    while (i + 1 < scope->key_rules && scope->key_rule[i].rule != rule)
        i++;
    return &scope->key_rule[i];
}

static void judge_key_rule(struct check_result *result)
{
    const struct check_key_rule *key_rule = find_key_rule(result->scope, result->rule);
    result->key_rule = key_rule;
    bool is_bytes = rule_row(result->rule)->unit == RULE_UNIT_BYTES;
    result->found = result->rule == RULE_FORBIDDEN ? doc_count(key_rule->breaches)
                    : is_bytes                     ? doc_bytes(key_rule->most)
                                                   : doc_count(key_rule->most);
    result->status = key_rule->breaches != 0 ? CHECK_FAILED : CHECK_PASSED;
}

struct check_result check_result_of(const struct check_scope *scope, enum check_rule rule,
                                    const struct file_facts *file, const struct baseline *baseline)
{
    struct check_result result = {.scope = scope, .rule = rule, .limit = &scope->policy->limit[rule]};
    const struct rule_row *row = rule_row(rule);
    if (row->stage == RULE_ANY_KEY) {
        judge_key_rule(&result);
    } else {
        struct check_before before = baseline_of(baseline, scope->policy);
        const struct rule_input input = {&scope->sums, &before, file, result.limit};
        result.found = row->find(&input, &result.why);
        result.status = result.why != NULL                                ? CHECK_SKIPPED
                        : rule_is_kept(rule, result.limit, &result.found) ? CHECK_PASSED
                                                                          : CHECK_FAILED;
    }
    /* Of sums and maxima the rest of the file could only add to what is known; shares and minima can turn either way.
     */
    bool only_grows = row->stage != RULE_LEAST && row->unit != RULE_UNIT_SHARE && rule != RULE_REQUIRED;
    if (file->partial && row->stage != RULE_FILE && (result.status == CHECK_PASSED || !only_grows)) {
        result.status = CHECK_SKIPPED;
        result.why = "the file could not be read to its end";
    }
    return result;
}
