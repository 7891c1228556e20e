#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "filter.h"
#include "run_suite.h"

static struct filter *make(const struct filter_options *options)
{
    char message[300] = "";
    struct filter *filter = filter_new(options, message, sizeof message);
    ck_assert_msg(filter != NULL, "%s", message);
    return filter;
}

static bool accepts_name(struct filter *filter, const void *name, size_t len)
{
    return filter_accepts(filter, &(struct filter_key){.name = name, .name_len = len});
}

static bool glob_accepts(const char *glob, const char *name)
{
    struct filter *filter = make(&(struct filter_options){.match = {.text = {glob}, .count = 1}});
    bool accepted = accepts_name(filter, name, strlen(name));
    filter_free(filter);
    return accepted;
}

START_TEST(globs)
{
    static const struct {
        const char *glob, *name;
        bool matches;
    } rows[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "any\nthing", true},
        {"user:*", "user:1", true},
        {"user:*", "xuser:1", false},
        {"*:profile", "user:1:profile", true},
        {"*:profile", "user:1:profiles", false},
        {"*a*b*", "xaybz", true},
        {"*a*b*", "xbya", false},
        {"*ab", "aab", true},
        {"a**b", "ab", true},
        {"h?llo", "hello", true},
        {"h?llo", "hllo", false},
        {"h[ae]llo", "hallo", true},
        {"h[ae]llo", "hillo", false},
        {"h[^e]llo", "hallo", true},
        {"h[^e]llo", "hello", false},
        {"h[a-c]llo", "hbllo", true},
        {"h[c-a]llo", "hbllo", true},
        {"[a-]", "]", true}, /* "]" ends the range here, the class ends with the pattern */
        {"[a-]", "b", false},
        {"[", "", false},
        {"[]", "a", false},
        {"[^]", "a", true},
        {"[abc", "b", true},
        {"[\\]]", "]", true},
        {"[a\\-c]", "b", false},
        {"\\*", "*", true},
        {"\\*", "x", false},
        {"a\\", "a\\", true},
        {"a.c", "abc", false},
        {"(a|b)+$", "(a|b)+$", true},
        {"\xc3?", "\xc3\xa9", true}, /* bytes, not characters */
        {"?", "\xc3\xa9", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(glob_accepts(rows[i].glob, rows[i].name) == rows[i].matches, "'%s' on '%s'", rows[i].glob,
                      rows[i].name);
}
END_TEST

/* The glob rules once more, in the simplest form that backtracks everywhere. */
static bool plainly_matches(const char *glob, const char *name)
{
    if (*glob == '\0')
        return *name == '\0';
    if (*glob == '*')
        return plainly_matches(glob + 1, name) || (*name != '\0' && plainly_matches(glob, name + 1));
    if (*name == '\0')
        return false;
    if (*glob == '?')
        return plainly_matches(glob + 1, name + 1);
    if (*glob == '[') {
        bool negated = glob[1] == '^', member = false;
        const char *at = glob + 1 + negated;
        for (; *at != '\0' && *at != ']'; at++)
            member |= *at == *name;
        return member != negated && plainly_matches(*at != '\0' ? at + 1 : at, name + 1);
    }
    return *glob == *name && plainly_matches(glob + 1, name + 1);
}

START_TEST(random_globs_agree_with_the_plain_rules)
{
    unsigned seed = (unsigned)time(NULL), matches = 0;
    srand(seed);
    for (int round = 0; round < 4000; round++) {
        char glob[12] = "", name[12] = "";
        size_t glob_len = (size_t)rand() % 9, name_len = (size_t)rand() % 9;
        for (size_t i = 0; i < glob_len; i++)
            glob[i] = "ab*?[]^**"[rand() % 9];
        for (size_t i = 0; i < name_len; i++)
            name[i] = "ab]^"[rand() % 4];
        bool expected = plainly_matches(glob, name);
        matches += expected;
        ck_assert_msg(glob_accepts(glob, name) == expected, "seed %u: '%s' on '%s'", seed, glob, name);
    }
    ck_assert_uint_gt(matches, 50);
}
END_TEST

START_TEST(a_glob_of_many_stars_takes_no_time)
{
    char glob[201], name[5001];
    for (size_t i = 0; i < 200; i += 2)
        memcpy(glob + i, "*a", 2);
    glob[199] = 'b';
    glob[200] = '\0';
    memset(name, 'a', 5000);
    name[5000] = '\0';
    clock_t start = clock();
    ck_assert(!glob_accepts(glob, name));
    ck_assert_msg(clock() - start < CLOCKS_PER_SEC, "it took %g s", (double)(clock() - start) / CLOCKS_PER_SEC);
}
END_TEST

START_TEST(regexes_are_found_anywhere)
{
    struct filter_options options = {.regex = {.text = {"^user:\\d+$", "x\\x00y"}, .count = 2}};
    struct filter *filter = make(&options);
    ck_assert(accepts_name(filter, "user:12", 7));
    ck_assert(!accepts_name(filter, "user:12:a", 9));
    ck_assert(accepts_name(filter, "ax\0yb", 5));
    filter_free(filter);
}
END_TEST

START_TEST(a_hostile_regex_gives_up_and_says_so)
{
    struct filter *filter = make(&(struct filter_options){.regex = {.text = {"^(a+)+$"}, .count = 1}});
    char name[64];
    memset(name, 'a', 63);
    name[63] = 'b';
    ck_assert(!accepts_name(filter, name, 64));
    ck_assert_uint_eq(filter_gave_up(filter), 1);
    filter_free(filter);
}
END_TEST

START_TEST(lists_and_their_conjunction)
{
    struct filter_options options = {.type = {.text = {"hash,set", "zset"}, .count = 2},
                                     .db = {.text = {"0,3"}, .count = 1},
                                     .match = {.text = {"a*", "b*"}, .count = 2}};
    struct filter *filter = make(&options);
    struct filter_key key = {.name = (const uint8_t *)"b1", .name_len = 2, .db = 3, .type = OBJECT_ZSET};
    ck_assert(filter_is_active(filter));
    ck_assert(filter_accepts(filter, &key));
    key.db = 2;
    ck_assert(!filter_accepts(filter, &key));
    key.db = 0;
    key.type = OBJECT_LIST;
    ck_assert(!filter_accepts(filter, &key));
    filter_free(filter);
}
END_TEST

START_TEST(expiry)
{
    static const bool accepted[4][3] = {
        {true, true, true}, {false, true, true}, {true, false, false}, {false, false, true}};
    for (unsigned choice = 0; choice < 4; choice++) {
        struct filter *filter = make(&(struct filter_options){.expiry = choice});
        ck_assert(filter_is_active(filter) == (choice != FILTER_EXPIRY_ANY));
        for (int state = 0; state < 3; state++) {
            struct filter_key key = {.name = (const uint8_t *)"", .has_expiry = state > 0, .is_expired = state > 1};
            ck_assert(filter_accepts(filter, &key) == accepted[choice][state]);
        }
        filter_free(filter);
    }
}
END_TEST

START_TEST(refusals)
{
    static const struct {
        struct filter_options options;
        const char *part;
    } rows[] = {
        {{.regex = {.text = {"a("}, .count = 1}}, "--regex 'a('"},
        {{.type = {.text = {"hsah"}, .count = 1}}, "did you mean 'hash'"},
        {{.type = {.text = {"hash,"}, .count = 1}}, "there is no type ''"},
        {{.db = {.text = {"one"}, .count = 1}}, "database number"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char message[300] = "";
        ck_assert_ptr_null(filter_new(&rows[i].options, message, sizeof message));
        ck_assert_msg(strstr(message, rows[i].part) != NULL, "'%s' does not say '%s'", message, rows[i].part);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("filter");
    TCase *cases = tcase_create("filter");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, globs);
    tcase_add_test(cases, random_globs_agree_with_the_plain_rules);
    tcase_add_test(cases, a_glob_of_many_stars_takes_no_time);
    tcase_add_test(cases, regexes_are_found_anywhere);
    tcase_add_test(cases, a_hostile_regex_gives_up_and_says_so);
    tcase_add_test(cases, lists_and_their_conjunction);
    tcase_add_test(cases, expiry);
    tcase_add_test(cases, refusals);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
