#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "policy.h"
#include "run_suite.h"

static struct policy policy;
static char message[300];

static bool parse(const char *text)
{
    policy_init(&policy);
    message[0] = '\0';
    return policy_parse(&policy, text, strlen(text), message, sizeof message);
}

static const struct rule_limit *limit_of(size_t scope, enum check_rule rule)
{
    return &policy.scope[scope].limit[rule];
}

START_TEST(every_rule_is_read_from_its_member)
{
    static const char *const sample[] = {
        [RULE_UNIT_BYTES] = "\"10kb\"", [RULE_UNIT_COUNT] = "7",
        [RULE_UNIT_SHARE] = "\"25%\"",  [RULE_UNIT_DURATION] = "\"26h\"",
        [RULE_UNIT_FLAG] = "true",      [RULE_UNIT_ENCODINGS] = "[\"zset/skiplist\", \"raw\"]",
    };
    for (unsigned rule = 0; rule < RULE_COUNT; rule++) {
        const struct rule_row *row = rule_row((enum check_rule)rule);
        char text[200];
        snprintf(text, sizeof text, "{\n\n\"%s\": %s}", row->field, sample[row->unit]);
        ck_assert_msg(parse(text), "%s", message);
        const struct rule_limit *limit = limit_of(0, (enum check_rule)rule);
        ck_assert(limit->given);
        ck_assert_uint_eq(limit->line, 3);
        if (row->unit == RULE_UNIT_BYTES)
            ck_assert_uint_eq(limit->number, 10240);
        else if (row->unit == RULE_UNIT_SHARE)
            ck_assert_double_eq(limit->share, 0.25);
        else if (row->unit == RULE_UNIT_DURATION)
            ck_assert_uint_eq(limit->number, 26 * 3600 * 1000);
        else if (row->unit == RULE_UNIT_ENCODINGS)
            ck_assert_uint_eq(limit->wishes, 2);
        for (unsigned other = 0; other < RULE_COUNT; other++)
            ck_assert(other == rule || !limit_of(0, (enum check_rule)other)->given);
        policy_release(&policy);
    }
}
END_TEST

START_TEST(comments_and_patterns)
{
    ck_assert_msg(parse("{ // one\n \"_note\": [1, {\"a\": 2}], /* two\n three */ \"max_keys\": 5,\n"
                        "\"except\": [\"a//b\", \"/*c*/\"], \"patterns\": {\n\"s:*\": {\"db\": 3, \"type\": \"hash\",\n"
                        "\"max_keys\": 1e3, \"max_no_ttl_share\": 0}, \"\": {}}}"),
                  "%s", message);
    ck_assert_uint_eq(policy.count, 3);
    ck_assert_uint_eq(limit_of(0, RULE_MAX_KEYS)->number, 5);
    ck_assert_uint_eq(limit_of(0, RULE_MAX_KEYS)->line, 3);
    ck_assert_str_eq(policy.scope[0].except.match.text[0], "a//b");
    ck_assert_str_eq(policy.scope[0].except.match.text[1], "/*c*/");
    ck_assert_str_eq(policy.scope[1].pattern, "s:*");
    ck_assert_str_eq(policy.scope[1].where.db.text[0], "3");
    ck_assert_uint_eq(policy.scope[1].line, 5);
    ck_assert_uint_eq(limit_of(1, RULE_MAX_KEYS)->number, 1000);
    ck_assert_uint_eq(limit_of(1, RULE_MAX_KEYS)->line, 6);
    ck_assert(limit_of(1, RULE_NO_TTL_SHARE)->given);
    policy_release(&policy);
}
END_TEST

START_TEST(a_mistake_has_its_line)
{
    static const struct {
        const char *text, *message;
    } mistakes[] = {
        {"", "line 1: this is not JSON"},
        {"{\n\"max_keys\": 1,\n}", "line 3: this is not JSON"},
        {"{\"max_keys\": 1} /* open", "line 1: this is not JSON"},
        {"{}\n{}", "line 2: this is not JSON"},
        {"[]", "line 1: needs an object: {...}"},
        {"{\n\"max_key_byte\": 1}", "line 2: 'max_key_byte': there is no such member; did you mean 'max_key_bytes'?"},
        {"{\"patterns\": {\n\"a\": {\n\"exept\": []}}}",
         "line 3: 'exept': there is no such member; did you mean 'except'?"},
        {"{\n\"patterns\": []}", "line 2: 'patterns': needs an object: {\"session:*\": {...}}"},
        {"{\"patterns\": {\"a\": {},\n\"a\": {}}}", "line 2: 'a': it is there twice"},
        {"{\"patterns\": {},\n\"patterns\": {\"b\": {}}}", "line 2: 'patterns': it is there twice"},
        {"{\"max_keys\": 1,\n\"max_keys\": 2}", "line 2: 'max_keys': it is there twice"},
        {"{\"max_keys\": -1}", "line 1: 'max_keys': '-1' is not a number"},
        {"{\"max_keys\": 1.5}", "line 1: 'max_keys': '1.5' is not a number"},
        {"{\"max_keys\": [1]}", "line 1: 'max_keys': needs a number"},
        {"{\"max_keys\": null}", "line 1: 'max_keys': needs a number"},
        {"{\"max_key_bytes\": \"10 tb\"}",
         "line 1: 'max_key_bytes': '10 tb' is not a number of bytes such as 1500, 10kb or 64mb"},
        {"{\"max_no_ttl_share\": \"1/2\"}", "line 1: 'max_no_ttl_share': '1/2' is not a share such as 0.2 or 20%"},
        {"{\"max_no_ttl_share\": \"0x1\"}", "line 1: 'max_no_ttl_share': '0x1' is not a share such as 0.2 or 20%"},
        {"{\"max_age\": \"1y\"}", "line 1: 'max_age': '1y' is not a duration such as 90m, 26h or 7d"},
        {"{\"require_checksum\": 1}", "line 1: 'require_checksum': '1' is neither true nor false"},
        {"{\"forbid_encodings\": [\n\"hsh/raw\"]}",
         "line 1: 'forbid_encodings': there is no type 'hsh'; did you mean 'hash'?"},
        {"{\"patterns\": {\"a\": {\"max_age\": 1}}}",
         "line 1: 'max_age': this is about the file, not about a pattern's keys"},
        {"{\"except\": {}}", "line 1: 'except': needs a text, or a list of texts"},
        {"{\"max\\u001b[2J\": 1}", "line 1: 'max\\x1b[2J': there is no such member"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        ck_assert_msg(!parse(mistakes[i].text), "%s", mistakes[i].text);
        ck_assert_str_eq(message, mistakes[i].message);
        policy_release(&policy);
    }
}
END_TEST

START_TEST(options_go_before_the_policy)
{
    const char *limits[RULE_COUNT] = {[RULE_MAX_KEYS] = "9", [RULE_CHECKSUM] = "true"};
    ck_assert(parse("{\"max_keys\": 5, \"min_keys\": 2}"));
    ck_assert(policy_take_options(&policy, limits, message, sizeof message));
    ck_assert_uint_eq(limit_of(0, RULE_MAX_KEYS)->number, 9);
    ck_assert_uint_eq(limit_of(0, RULE_MAX_KEYS)->line, 0);
    ck_assert_uint_eq(limit_of(0, RULE_MIN_KEYS)->number, 2);
    ck_assert(limit_of(0, RULE_CHECKSUM)->given);
    limits[RULE_AGE] = "soon";
    ck_assert(!policy_take_options(&policy, limits, message, sizeof message));
    ck_assert_str_eq(message, "--max-age: 'soon' is not a duration such as 90m, 26h or 7d");
    policy_release(&policy);
}
END_TEST

/* At the limit a rule is kept, beside it broken. */
START_TEST(limits_are_inclusive)
{
    const struct rule_limit at_ten = {.given = true, .number = 10, .share = 0.5};
    struct doc_value nine = doc_count(9), ten = doc_count(10), eleven = doc_count(11);
    struct doc_value half = doc_share(1, 2), more = doc_share(501, 1000), no = doc_bool(false);
    ck_assert(rule_is_kept(RULE_MAX_KEYS, &at_ten, &ten));
    ck_assert(!rule_is_kept(RULE_MAX_KEYS, &at_ten, &eleven));
    ck_assert(rule_is_kept(RULE_MIN_KEYS, &at_ten, &ten));
    ck_assert(!rule_is_kept(RULE_MIN_KEYS, &at_ten, &nine));
    ck_assert(rule_is_kept(RULE_NO_TTL_SHARE, &at_ten, &half));
    ck_assert(!rule_is_kept(RULE_NO_TTL_SHARE, &at_ten, &more));
    ck_assert(!rule_is_kept(RULE_CHECKSUM, &at_ten, &no));
}
END_TEST

START_TEST(baselines)
{
    struct baseline baseline = {.sums = {.known = false}};
    const struct policy_scope all = {.pattern = NULL}, a = {.pattern = "a*"}, b = {.pattern = "b*"};
    const char of_check[] = "{\"partial\": false, \"totals\": {\"keys\": 3, \"dataset_bytes\": 9007199254740992},"
                            "\"check\": {\"scopes\": [{\"pattern\": \"a*\", \"keys\": 1, \"bytes\": 2}]}}";
    ck_assert(!baseline_of(&baseline, &all).known);
    ck_assert(baseline_parse(&baseline, of_check, sizeof of_check - 1, message, sizeof message));
    ck_assert_uint_eq(baseline_of(&baseline, &all).keys, 3);
    ck_assert_uint_eq(baseline_of(&baseline, &all).bytes, UINT64_C(9007199254740992));
    ck_assert_uint_eq(baseline_of(&baseline, &a).bytes, 2);
    ck_assert(!baseline_of(&baseline, &b).known);
    baseline_release(&baseline);
    static const char *const others[] = {"{}",
                                         "[]",
                                         "3",
                                         "{\"totals\": {\"keys\": -1, \"dataset_bytes\": 2}}",
                                         "{\"totals\": {\"keys\": 1}}",
                                         "{\"totals\": {\"keys\": 1, \"dataset_bytes\": 1e300}}",
                                         "{\"partial\": true, \"totals\": {\"keys\": 1, \"dataset_bytes\": 2}}"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(!baseline_parse(&baseline, others[i], strlen(others[i]), message, sizeof message), "%s",
                      others[i]);
}
END_TEST

static struct check_before before_of(const struct baseline *baseline, const char *glob)
{
    struct policy_scope scope = {.pattern = glob, .where = {.match = {.text = {glob}, .count = 1}}};
    return baseline_of(baseline, &scope);
}

/* Keys by the pattern of their names: wholly, partly or not at all within the policy's. */
START_TEST(baselines_with_groups)
{
    struct baseline baseline = {.sums = {.known = false}};
    const char of_report[] = "{\"totals\": {\"keys\": 111, \"dataset_bytes\": 2000, \"keys_bytes\": 1150},"
                             "\"groups\": {\"list\": ["
                             "{\"pattern\": \"user:*:name\", \"keys\": 1, \"bytes\": 100, \"types\": \"string\"},"
                             "{\"pattern\": \"user:*\", \"keys\": 10, \"bytes\": 1000, \"types\": \"hash\"}]}}";
    ck_assert_msg(baseline_parse(&baseline, of_report, sizeof of_report - 1, message, sizeof message), "%s", message);
    struct check_before before = before_of(&baseline, "user:*");
    ck_assert(before.known);
    ck_assert_uint_eq(before.bytes, 1100);
    ck_assert_uint_eq(before.more_bytes, 50); /* of keys that are in no group */
    ck_assert_uint_eq(before.more_keys, 100);
    before = before_of(&baseline, "user:1*");
    ck_assert_uint_eq(before.bytes, 0);
    ck_assert_uint_eq(before.more_bytes, 1150);
    before = before_of(&baseline, "user:*:n[a-z]me");
    ck_assert_uint_eq(before.bytes, 100);
    ck_assert_uint_eq(before.more_bytes, 1050);
    before = before_of(&baseline, "cart:*");
    ck_assert_uint_eq(before.bytes + before.keys, 0);
    ck_assert_uint_eq(before.more_bytes, 50);
    baseline_release(&baseline);
}
END_TEST

static enum glob_meets meets(const char *glob, const char *names)
{
    return glob_meets(glob, (const uint8_t *)names, strlen(names));
}

START_TEST(globs_meet_patterns_of_names)
{
    static const char *const all[][2] = {
        {"*", "user:*"}, {"user:*", "user:*"}, {"u*:*", "user:*:x"}, {"*:name", "a:*:name"},  {"us[a-f]r:*", "user:*"},
        {"", ""},        {"?ser", "user"},     {"**", "*"},          {"[^x]ser:*", "user:*"}, {"*a*b*", "1a*2b"}};
    static const char *const some[][2] = {
        {"a\\*", "a*"},         {"user:1*", "user:*"}, {"user:?", "user:*"},   {"*1", "a*"},
        {"user", "us*"},        {"[0-9]x", "*x"},      {"a*c", "*b*"},         {"a", "*"},
        {"user:*:n", "user:*"}, {"ab", "a**b"},        {"user:[1]", "user:*"}, {"user:*", "user*"}};
    static const char *const none[][2] = {
        {"cart:*", "user:*"},  {"user", "user:*"}, {"?", ""}, {"*x", "*y"},        {"a", "b"},
        {"[]*", "a*"},         {"a?c", "abd"},     {"", "a"}, {"[^u]*", "user:*"}, {"a*", "b*a"},
        {"user:*b", "user:*a"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        ck_assert_msg(meets(all[i][0], all[i][1]) == GLOB_MEETS_ALL, "%s", all[i][0]);
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        ck_assert_msg(meets(some[i][0], some[i][1]) == GLOB_MEETS_SOME, "%s, %s", some[i][0], some[i][1]);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_msg(meets(none[i][0], none[i][1]) == GLOB_MEETS_NONE, "%s, %s", none[i][0], none[i][1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("policy");
    TCase *tests = tcase_create("policy");
    tcase_add_test(tests, every_rule_is_read_from_its_member);
    tcase_add_test(tests, comments_and_patterns);
    tcase_add_test(tests, a_mistake_has_its_line);
    tcase_add_test(tests, options_go_before_the_policy);
    tcase_add_test(tests, limits_are_inclusive);
    tcase_add_test(tests, baselines);
    tcase_add_test(tests, baselines_with_groups);
    tcase_add_test(tests, globs_meet_patterns_of_names);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
