#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cli_options.h"
#include "command.h"
#include "options.h"
#include "run_suite.h"

static const struct option_group *const groups[] = {&report_options,   &output_options, &filter_options,  &name_options,
                                                    &settings_options, &time_options,   &general_options, NULL};

struct outcome {
    struct cli_options options;
    char message[OPTIONS_MESSAGE_BYTES];
    bool parsed;
};

#define PARSE(...)                                                                                                     \
    parse((const char *const[]){__VA_ARGS__}, (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)))

static struct outcome parse(const char *const *argv, int argc)
{
    static const char *words[16];
    struct outcome outcome = {.message = ""};
    cli_options_init(&outcome.options);
    outcome.options.operands = (struct operand_list){.text = words, .capacity = sizeof words / sizeof *words};
    outcome.parsed = options_parse(groups, &outcome.options, &outcome.options.operands, argc, argv, outcome.message);
    return outcome;
}

START_TEST(forms_of_an_option)
{
    const char *const forms[][3] = {{"--min-size=10kb"}, {"--min-size", "10kb"}};
    for (int i = 0; i < 2; i++) {
        struct outcome got = parse(forms[i], i + 1);
        ck_assert_msg(got.parsed, "%s", got.message);
        ck_assert_uint_eq(got.options.filter.min_size, 10240);
    }
    ck_assert_str_eq(PARSE("-mfoo*").options.filter.match.text[0], "foo*");
    ck_assert_str_eq(PARSE("-m", "foo*").options.filter.match.text[0], "foo*");
    ck_assert(PARSE("-hV").options.help);
    ck_assert(PARSE("-hV").options.version);
    ck_assert_str_eq(PARSE("--match=").options.filter.match.text[0], "");
    ck_assert_str_eq(PARSE("--set=a=b").options.target.set.text[0], "a=b");
}
END_TEST

START_TEST(operands_and_options_mix)
{
    struct outcome got = PARSE("one", "--top=3", "-", "--", "--top", "-h");
    ck_assert(got.parsed);
    ck_assert_uint_eq(got.options.output.top, 3);
    ck_assert(!got.options.help);
    ck_assert_uint_eq(got.options.operands.count, 4);
    ck_assert_str_eq(got.options.operands.text[1], "-");
    ck_assert_str_eq(got.options.operands.text[2], "--top");
}
END_TEST

START_TEST(repeated_options)
{
    struct outcome got = PARSE("--set", "a=1", "--set", "b=2", "-o", "x.json", "-oy.csv");
    ck_assert_uint_eq(got.options.target.set.count, 2);
    ck_assert_uint_eq(got.options.output.paths.count, 2);
    ck_assert_str_eq(got.options.output.paths.text[1], "y.csv");
    const char *many[2 * OPTIONS_MAX_TEXTS + 2];
    for (int i = 0; i < 2 * OPTIONS_MAX_TEXTS + 2; i += 2) {
        many[i] = "--set";
        many[i + 1] = "a=1";
    }
    ck_assert(parse(many, 2 * OPTIONS_MAX_TEXTS).parsed);
    ck_assert(!parse(many, 2 * OPTIONS_MAX_TEXTS + 2).parsed);
}
END_TEST

static void assert_refused(struct outcome got, const char *part)
{
    ck_assert(!got.parsed);
    ck_assert_msg(strstr(got.message, part) != NULL, "'%s' does not say '%s'", got.message, part);
    ck_assert_ptr_null(strchr(got.message, '\n'));
}

START_TEST(refusals_name_the_nearest)
{
    assert_refused(PARSE("--sectoins=types"), "did you mean '--sections'");
    assert_refused(PARSE("--mtach", "x"), "did you mean '--match'");
    assert_refused(PARSE("--key-format", "hexx"), "did you mean 'hex'");
    assert_refused(PARSE("--key-format", "hexx"), "escaped, hex, base64");
    struct outcome far = PARSE("--zzzzzzzzzz");
    assert_refused(far, "there is no option '--zzzzzzzzzz'");
    ck_assert_ptr_null(strstr(far.message, "did you mean"));
}
END_TEST

START_TEST(refusals)
{
    assert_refused(PARSE("--top"), "--top needs a value");
    assert_refused(PARSE("--top=-1"), "whole number");
    assert_refused(PARSE("--top=99999999999999999999"), "whole number");
    assert_refused(PARSE("--help=yes"), "no value");
    assert_refused(PARSE("-x"), "there is no option '-x'");
    assert_refused(PARSE("--min-size=10q"), "number of bytes");
    assert_refused(PARSE("--min-size=99999999999999gb"), "number of bytes");
    assert_refused(PARSE("--now=yesterday"), "1970");
    /* A prefix of a name is not the name. */
    assert_refused(PARSE("--to=3"), "--to");
}
END_TEST

START_TEST(sizes)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } rows[] = {{"0", 0},
                {"1b", 1},
                {"1k", 1000},
                {"1KB", 1024},
                {"2m", 2000000},
                {"2Mb", 2 << 20},
                {"3g", 3000000000},
                {"3gb", UINT64_C(3) << 30},
                {"18446744073709551615", UINT64_MAX}};
    uint64_t bytes;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert(options_parse_bytes(rows[i].text, &bytes));
        ck_assert_uint_eq(bytes, rows[i].bytes);
    }
    ck_assert(!options_parse_bytes("", &bytes));
    ck_assert(!options_parse_bytes("kb", &bytes));
    ck_assert(!options_parse_bytes("1 kb", &bytes));
}
END_TEST

START_TEST(times)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {{"0", 0},
                {"1700000000", 1700000000000},
                {"1700000000.5", 1700000000500},
                {"1700000000.123", 1700000000123},
                {"1970-01-01", 0},
                {"2000-02-29", 951782400000},
                {"2023-11-14T22:13:20Z", 1700000000000},
                {"2023-11-14 22:13:20.123", 1700000000123},
                {"2100-03-01T00:00:00Z", 4107542400000}};
    int64_t ms;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_msg(options_parse_time(rows[i].text, &ms), "%s", rows[i].text);
        ck_assert_int_eq(ms, rows[i].ms);
    }
    static const char *const wrong[] = {"",
                                        "2023-13-01",
                                        "2023-11-14T22:13",
                                        "2023-11-14T25:00:00Z",
                                        "2023-11-14X",
                                        "1700000000.1234",
                                        "1700000000.",
                                        "20231114-",
                                        "-5",
                                        "18446744073709551615"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!options_parse_time(wrong[i], &ms), "'%s' was taken", wrong[i]);
}
END_TEST

/* A name or a letter that two rows of one command share could never be reached. */
START_TEST(no_command_has_an_option_twice)
{
    size_t count;
    const struct command *rows = commands(&count);
    for (size_t c = 0; c < count; c++) {
        const struct option *seen[200];
        size_t seen_count = 0;
        for (size_t g = 0; rows[c].groups[g] != NULL; g++) {
            for (size_t i = 0; i < rows[c].groups[g]->count; i++) {
                const struct option *row = &rows[c].groups[g]->rows[i];
                ck_assert_ptr_nonnull(row->help);
                ck_assert((row->kind == OPTION_FLAG) == (row->argument == NULL));
                ck_assert((row->kind == OPTION_CHOICE) == (row->choices != NULL));
                for (size_t s = 0; s < seen_count; s++) {
                    ck_assert_str_ne(seen[s]->name, row->name);
                    ck_assert(row->letter == 0 || seen[s]->letter != row->letter);
                }
                seen[seen_count++] = row;
            }
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("options");
    TCase *cases = tcase_create("options");
    tcase_add_test(cases, forms_of_an_option);
    tcase_add_test(cases, operands_and_options_mix);
    tcase_add_test(cases, repeated_options);
    tcase_add_test(cases, refusals_name_the_nearest);
    tcase_add_test(cases, refusals);
    tcase_add_test(cases, sizes);
    tcase_add_test(cases, times);
    tcase_add_test(cases, no_command_has_an_option_twice);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
