#include "check_document.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "values.h"

enum { WORDS = 2 * VALUE_MAX + 400 };

/* ---- sentences -----------------------------------------------------------------------------------------------------
 */

static const char *print_value(const struct doc_value *value, char text[VALUE_MAX])
{
    value_kind(value->kind)->print(text, value);
    return text;
}

static void print_keys(const struct check_result *result, const char *limit, char *words)
{
    char most[VALUE_MAX], keys[VALUE_MAX];
    const struct check_key_rule *key_rule = result->key_rule;
    struct doc_value breaches = doc_count(key_rule->breaches);
    print_value(&breaches, keys);
    const char *verb = key_rule->breaches == 1 ? "key has" : "keys have";
    if (result->rule == RULE_FORBIDDEN)
        snprintf(words, WORDS, "%s %s a forbidden encoding: %.200s", keys, verb, limit);
    else
        snprintf(words, WORDS, "%s %s more than %s; the most is %s", keys, verb, limit,
                 print_value(&result->found, most));
}

static void print_missing(const struct check_result *result, char *words)
{
    size_t used = (size_t)snprintf(words, WORDS, "no key has the encoding");
    for (unsigned i = 0; i < result->limit->wishes && used < WORDS - 40; i++) {
        const struct encoding_wish *wish = &result->limit->wish[i];
        struct rule_limit one = {.wish = {*wish}, .wishes = 1};
        const struct rule_input input = {.sums = &result->scope->sums, .limit = &one};
        const char *why;
        char name[64];
        if (rule_row(RULE_REQUIRED)->find(&input, &why).count != 0)
            used += (size_t)snprintf(words + used, WORDS - used, " %s",
                                     rule_limit_print(RULE_REQUIRED, &one, name, sizeof name));
    }
}

static void print_sum(const struct check_result *result, const char *limit, char *words)
{
    char found[VALUE_MAX];
    const struct rule_row *row = rule_row(result->rule);
    if (row->unit == RULE_UNIT_FLAG)
        snprintf(words, WORDS, "demanded, and not so: %s", row->words);
    else
        snprintf(words, WORDS, "%s, where at %s %s is allowed", print_value(&result->found, found),
                 row->stage == RULE_LEAST ? "least" : "most", limit);
}

static const char *message_of(const struct check_result *result, char words[WORDS])
{
    char limit[300];
    words[0] = '\0';
    rule_limit_print(result->rule, result->limit, limit, sizeof limit);
    if (result->status == CHECK_SKIPPED)
        snprintf(words, WORDS, "%s", result->why);
    else if (result->status == CHECK_PASSED)
        return NULL;
    else if (result->key_rule != NULL)
        print_keys(result, limit, words);
    else if (result->rule == RULE_REQUIRED)
        print_missing(result, words);
    else
        print_sum(result, limit, words);
    return words;
}

/* ---- rules ---------------------------------------------------------------------------------------------------------
 */

static const struct doc_column rule_columns[] = {
    {"status", "Status", DOC_TEXT, 0},
    {"pattern", "Of", DOC_NAME, DOC_COLUMN_KEY},
    {"rule", "Rule", DOC_TEXT, DOC_COLUMN_KEY},
    {"limit", "Limit", DOC_TEXT, 0},
    {"found", "Found", DOC_TEXT, 0},
    {"breaches", "Keys", DOC_COUNT, 0},
    {"message", "Why", DOC_TEXT, DOC_COLUMN_WIDE | DOC_COLUMN_OPTIONAL},
    {"limit_value", "Limit, exactly", DOC_NUMBER, DOC_COLUMN_OPTIONAL},
    {"found_value", "Found, exactly", DOC_NUMBER, DOC_COLUMN_OPTIONAL},
    {"kept", "Kept", DOC_BOOL, DOC_COLUMN_OPTIONAL},
    {"line", "Line", DOC_COUNT, DOC_COLUMN_OPTIONAL},
};
enum { RULE_COLUMNS = sizeof rule_columns / sizeof *rule_columns };

static const char *const status_words[] = {
    [CHECK_PASSED] = "passed", [CHECK_FAILED] = "failed", [CHECK_SKIPPED] = "skipped"};

static struct doc_value pattern_of(const struct check_scope *scope)
{
    const char *pattern = scope->policy->pattern;
    return pattern != NULL ? doc_name_of(DOC_THEIR_NAME, pattern, strlen(pattern), strlen(pattern)) : doc_none();
}

/* The value as a plain number of its unit, durations in seconds. */
static struct doc_value plain_number(const struct doc_value *value)
{
    if (value->kind == DOC_NONE)
        return doc_none();
    return doc_number(value->kind == DOC_DURATION ? (double)value->integer / 1000
                      : value->kind == DOC_BOOL   ? (double)value->truth
                                                  : value_number(value));
}

static const char *found_text(const struct check_result *result, char text[VALUE_MAX])
{
    size_t len = strlen(print_value(&result->found, text));
    if (rule_row(result->rule)->unit == RULE_UNIT_ENCODINGS)
        snprintf(text + len, VALUE_MAX - len, result->rule == RULE_REQUIRED ? " missing" : " keys");
    return text;
}

static void write_rule(struct doc_table *table, const struct check_result *result)
{
    char limit[300], found[VALUE_MAX], words[WORDS];
    bool skipped = result->status == CHECK_SKIPPED;
    struct doc_value limit_value = rule_limit_value(result->rule, result->limit);
    rule_limit_print(result->rule, result->limit, limit, sizeof limit);
    table_row(table, (struct doc_value[RULE_COLUMNS]){
                         doc_text(status_words[result->status]),
                         pattern_of(result->scope),
                         doc_text(rule_row(result->rule)->field),
                         doc_text(limit),
                         skipped ? doc_none() : doc_text(found_text(result, found)),
                         result->key_rule != NULL ? doc_count(result->key_rule->breaches) : doc_none(),
                         doc_text(message_of(result, words)),
                         plain_number(&limit_value),
                         skipped ? doc_none() : plain_number(&result->found),
                         skipped ? doc_none() : doc_bool(result->status == CHECK_PASSED),
                         result->limit->line != 0 ? doc_count(result->limit->line) : doc_none(),
                     });
}

/* ---- damage --------------------------------------------------------------------------------------------------------
 */

/* What makes the exit status 3, in words; "" for a sound file. */
static const char *print_damage(const struct file_facts *file, char words[WORDS])
{
    words[0] = '\0';
    if (file->partial)
        snprintf(words, WORDS, "%s", file->partial_reason);
    else if (file->damaged_keys != 0)
        snprintf(words, WORDS, "damaged values: %" PRIu64, file->damaged_keys);
    else if (file->checksum == CHECKSUM_MISMATCH)
        snprintf(words, WORDS, "the checksum does not match");
    else if (file->trailing_bytes != 0 && !file->trailing_is_aof)
        snprintf(words, WORDS, "bytes that follow the snapshot's end: %" PRIu64, file->trailing_bytes);
    return words;
}

/* A row that no policy has to ask for. */
static void write_damage(struct doc_table *table, const char *damage)
{
    bool sound = damage[0] == '\0';
    table_row(table, (struct doc_value[RULE_COLUMNS]){
                         doc_text(status_words[sound ? CHECK_PASSED : CHECK_FAILED]), doc_none(), doc_text("integrity"),
                         doc_none(), doc_text(sound ? "sound" : "damaged"), doc_none(), doc_text(sound ? NULL : damage),
                         doc_none(), doc_none(), doc_bool(sound), doc_none()});
}

/* ---- keys ----------------------------------------------------------------------------------------------------------
 */

static const struct doc_column key_columns[] = {
    {"rule", "Rule", DOC_TEXT, DOC_COLUMN_KEY},
    {"pattern", "Of", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_OPTIONAL},
    {"key", "Key", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"database", "DB", DOC_COUNT, DOC_COLUMN_KEY},
    {"found", "Found", DOC_TEXT, 0},
    {"measure", "Exactly", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"type", "Type", DOC_TEXT, 0},
    {"encoding", "Encoding", DOC_TEXT, 0},
    {"size_in_bytes", "Bytes", DOC_BYTES, 0},
};
enum { KEY_COLUMNS = sizeof key_columns / sizeof *key_columns };

static void write_keys(struct doc_table *table, const struct check_result *result)
{
    const struct top_list *worst = &result->key_rule->worst;
    const struct top_item **item = top_list_sorted(worst);
    bool is_bytes = rule_row(result->rule)->unit == RULE_UNIT_BYTES;
    for (size_t i = 0; i < worst->count; i++) {
        char found[VALUE_MAX];
        struct doc_value measure = is_bytes ? doc_bytes(item[i]->measure) : doc_count(item[i]->measure);
        const char *encoding = object_encoding_name(item[i]->encoding);
        table_row(table, (struct doc_value[KEY_COLUMNS]){
                             doc_text(rule_row(result->rule)->field),
                             pattern_of(result->scope),
                             doc_name_of(DOC_THEIR_NAME, item[i]->name, item[i]->name_len, item[i]->name_full_len),
                             doc_count(item[i]->db),
                             doc_text(result->rule == RULE_FORBIDDEN ? encoding : print_value(&measure, found)),
                             doc_count(item[i]->measure),
                             doc_text(object_type_name(item[i]->type)),
                             doc_text(encoding),
                             doc_bytes(item[i]->bytes),
                         });
    }
    free(item);
}

/* ---- scopes --------------------------------------------------------------------------------------------------------
 */

static void write_scopes(struct doc_section *section, const struct check *check)
{
    static const struct doc_column columns[] = {
        {"pattern", "Pattern", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
        {"keys", "Keys", DOC_COUNT, 0},
        {"bytes", "Bytes", DOC_BYTES, 0},
        {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
        {"no_ttl_bytes", "No TTL", DOC_BYTES, 0},
        {"expired_bytes", "Expired", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    };
    if (check->count < 2)
        return;
    struct doc_table *table =
        section_table(section, "scopes", "Patterns", columns, sizeof columns / sizeof *columns, DOC_CHART_BARS);
    for (size_t i = 1; i < check->count; i++) {
        const struct check_sums *sums = &check->scope[i].sums;
        table_row(table,
                  (struct doc_value[]){pattern_of(&check->scope[i]), doc_count(sums->keys), doc_bytes(sums->bytes),
                                       doc_share((double)sums->bytes, (double)check->scope[0].sums.bytes),
                                       doc_bytes(sums->no_ttl_bytes), doc_bytes(sums->expired_bytes)});
    }
}

/* ---- all of it -----------------------------------------------------------------------------------------------------
 */

struct tally {
    uint64_t count[3]; /* by check_status */
    uint64_t breaches; /* keys that will be listed, or more */
};

/* Writes the results of one status, or their keys, and counts all of them; what is NULL is left out. */
static void for_results(const struct check_report *report, struct tally *tally, int status, struct doc_table *rules,
                        struct doc_table *keys)
{
    for (size_t i = 0; i < report->check->count; i++) {
        const struct check_scope *scope = &report->check->scope[i];
        for (unsigned rule = 0; rule < RULE_COUNT; rule++) {
            if (!scope->policy->limit[rule].given)
                continue;
            struct check_result result = check_result_of(scope, (enum check_rule)rule, report->file, report->baseline);
            if (tally != NULL) {
                tally->count[result.status]++;
                tally->breaches += result.key_rule != NULL ? result.key_rule->worst.count : 0;
            }
            if ((int)result.status != status)
                continue;
            if (rules != NULL)
                write_rule(rules, &result);
            if (keys != NULL && result.key_rule != NULL)
                write_keys(keys, &result);
        }
    }
}

static struct doc_value path_value(const char *path)
{
    return path != NULL ? doc_name(path, strlen(path), strlen(path)) : doc_none();
}

static void write_facts(struct doc_section *section, const struct check_report *report, const struct tally *tally,
                        bool damaged)
{
    const uint64_t *count = tally->count;
    section_headline(section, "verdict", "Verdict",
                     doc_text(damaged                    ? "damaged"
                              : count[CHECK_FAILED] != 0 ? "failed"
                                                         : "passed"));
    section_fact(section, "file", "File", path_value(report->file->path));
    if (report->policy_path != NULL)
        section_fact(section, "policy", "Policy", path_value(report->policy_path));
    if (report->baseline_path != NULL)
        section_fact(section, "baseline", "Baseline", path_value(report->baseline_path));
    section_fact(section, "rule_count", "Rules",
                 doc_count(count[CHECK_PASSED] + count[CHECK_FAILED] + count[CHECK_SKIPPED]));
    section_headline(section, "failed", "Broken", doc_count(count[CHECK_FAILED]));
    section_fact(section, "skipped", "Skipped", doc_count(count[CHECK_SKIPPED]));
    if (count[CHECK_PASSED] + count[CHECK_FAILED] + count[CHECK_SKIPPED] == 0)
        section_note(section, DOC_WARNING,
                     "Nothing was demanded but a sound file: --policy or limits such as --max-key-bytes do that.");
    if (count[CHECK_SKIPPED] != 0)
        section_note(section, DOC_INFO,
                     report->file->partial           ? "Skipped: what the rest of the file would decide."
                     : report->baseline_path == NULL ? "Skipped: growth needs a --baseline."
                                                     : "Skipped: what the file or the baseline does not tell.");
    if (damaged)
        section_note(section, DOC_CRITICAL, "The file is damaged: no limit can be relied upon.");
}

uint64_t check_document_add(const struct check_report *report, struct document *document)
{
    enum { PRINTED = 30 }; /* rules that are not broken */
    static const int order[] = {CHECK_FAILED, CHECK_PASSED, CHECK_SKIPPED};
    struct tally tally = {.breaches = 0};
    char damage[WORDS];
    for_results(report, &tally, -1, NULL, NULL);
    struct doc_section *section = document_section(document, "check", "Check");
    print_damage(report->file, damage);
    write_facts(section, report, &tally, damage[0] != '\0');
    struct doc_table *rules = section_table(section, "rules", "Rules", rule_columns, RULE_COLUMNS, DOC_CHART_NONE);
    table_print_at_most(rules, (size_t)tally.count[CHECK_FAILED] + PRINTED);
    write_damage(rules, damage);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        for_results(report, NULL, order[i], rules, NULL);
    if (tally.breaches != 0) {
        struct doc_table *keys = section_table(section, "keys", "Keys that break a rule, worst first", key_columns,
                                               KEY_COLUMNS, DOC_CHART_NONE);
        for_results(report, NULL, CHECK_FAILED, NULL, keys);
    }
    write_scopes(section, report->check);
    return tally.count[CHECK_FAILED];
}
