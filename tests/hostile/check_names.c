/* Random and chosen names through every renderer: nothing that a terminal, a spreadsheet, a browser or a Markdown
 * viewer obeys, and JSON that parses. Seeded: RDBMETER_SEED, else the clock; it is printed. */
#include <check.h>
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "in_process.h"
#include "rdb_writer.h"

enum { ROUNDS = 40, NAMES = 30, NAME_MAX_LEN = 300 };

static uint64_t random_state;

static uint64_t next(void)
{
    uint64_t z = random_state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static const char *const pieces[] = {
    "=cmd|'/c calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\x1b[31m",
    "\x1b]0;t\x07",
    ("\x9b"
     "2J"),
    "\x07",
    "\b\b",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</script>",
    "<!--",
    "&amp;",
    "\"",
    "'",
    "`",
    "``",
    "|",
    "[a](javascript:alert(1))",
    "![x](http://x/)",
    "*b*",
    "\\",
    "\\x41",
    "\\u0000",
    "\n",
    "\r\n",
    "\xe2\x80\xae",
    "\xef\xbb\xbf",
    "\xed\xa0\x80",
    "\xc0\x80",
    "\xf4\x90\x80\x80",
    "\xff\xfe",
    "\xe2\x80\xa8",
    ",",
    ";",
    "{}",
    ":",
    "user:1",
};

static size_t make_name(uint8_t name[NAME_MAX_LEN])
{
    size_t len = 0, parts = 1 + (size_t)(next() % 6);
    for (size_t i = 0; i < parts; i++) {
        uint8_t bytes[32];
        const char *piece = pieces[next() % (sizeof pieces / sizeof *pieces)];
        size_t n = strlen(piece);
        const uint8_t *from = (const uint8_t *)piece;
        if (next() % 3 == 0) {
            n = (size_t)(next() % sizeof bytes);
            for (size_t b = 0; b < n; b++)
                bytes[b] = (uint8_t)next();
            from = bytes;
        }
        if (n > 0 && len + n <= NAME_MAX_LEN) {
            memcpy(name + len, from, n);
            len += n;
        }
    }
    return len;
}

/* Names of keys, fields, groups, consumers, and values that are quoted. */
static void make_snapshot(struct rdb_writer *w)
{
    uint8_t name[NAME_MAX_LEN];
    rdb_writer_init(w);
    put_magic(w, "REDIS0011");
    put_u8(w, 0xFA);
    put_text(w, "redis-ver");
    put_string(w, name, make_name(name) % 40);
    put_select_db(w, 0);
    for (int i = 0; i < NAMES; i++) {
        bool is_hash = next() % 3 == 0;
        put_u8(w, is_hash ? 4 : 0);
        put_string(w, name, make_name(name));
        if (is_hash) {
            put_len(w, 1);
            put_string(w, name, make_name(name));
        }
        put_string(w, name, make_name(name));
    }
    put_eof(w);
}

static const struct in_process_run texts[] = {
    {"report", {"IN", "EVERY"}},
    {"report", {"IN", "EVERY", "-fmarkdown"}},
    {"report", {"IN", "-fcsv", "--section=top_keys"}},
    {"report", {"IN", "-fcsv", "--section=groups"}},
    {"keys", {"IN"}},
    {"verify", {"IN", "--deep", "-fmarkdown"}},
};

/* Outside of code spans, in which all is literal. A span is of one line here, between single backticks. */
static bool has_tag(const char *markdown)
{
    bool in_span = false;
    for (const char *at = markdown; *at != '\0'; at++) {
        if (*at == '`' || *at == '\n')
            in_span = *at == '`' && !in_span;
        else if (!in_span && (strncmp(at, "<script", 7) == 0 || strncmp(at, "<img", 4) == 0))
            return true;
    }
    return false;
}

static void check_texts(const struct rdb_writer *w)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct in_process_output output;
        in_process(&texts[i], w->data, w->len, &output);
        const char *found = in_process_unprintable(&output);
        ck_assert_msg(found == NULL && strchr(output.text, 0x1B) == NULL, "run %zu: %s", i, found ? found : "escape");
        if (texts[i].words[2] != NULL && strcmp(texts[i].words[2], "-fmarkdown") == 0)
            ck_assert_msg(!has_tag(output.text), "run %zu: Markdown holds a tag", i);
        free(output.text);
    }
}

/* The first byte of each field of a CSV file; quoted ones are looked into. */
static void check_formulas(const struct rdb_writer *w)
{
    static const struct in_process_run run = {"keys", {"IN"}};
    struct in_process_output output;
    in_process(&run, w->data, w->len, &output);
    bool quoted = false, starts = true;
    for (size_t i = 0; i < output.len; i++) {
        char c = output.text[i];
        if (starts && c == '"' && !quoted) {
            quoted = true;
            c = output.text[i + 1];
            ck_assert_msg(c == '"' || !strchr("=+@\t\r", c), "a quoted field starts with %02x", (unsigned)c);
            starts = false;
            continue;
        }
        if (starts)
            ck_assert_msg(c == '\0' || !strchr("=+@\t\r", c), "a field starts with %02x", (unsigned)c);
        starts = false;
        if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == ',' || c == '\n'))
            starts = true;
    }
    free(output.text);
}

static void check_json(const struct rdb_writer *w)
{
    static const struct in_process_run runs[] = {{"report", {"IN", "EVERY", "-fjson"}},
                                                 {"verify", {"IN", "--deep", "-fjson"}},
                                                 {"upgrade", {"IN", "-fjson"}},
                                                 {"doctor", {"IN", "-fjson"}}};
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        struct in_process_output output;
        in_process(&runs[i], w->data, w->len, &output);
        cJSON *json = cJSON_Parse(output.text);
        ck_assert_msg(json != NULL && strlen(output.text) == output.len, "run %zu: no JSON", i);
        ck_assert_msg(in_process_unprintable(&output) == NULL, "run %zu: JSON with a control character", i);
        cJSON_Delete(json);
        free(output.text);
    }
}

/* What a name wrote as a tag is one nowhere in the page: the page's own scripts are not of this form. */
static void check_html(const struct rdb_writer *w)
{
    static const struct in_process_run run = {"report", {"IN", "-fhtml"}};
    struct in_process_output output;
    in_process(&run, w->data, w->len, &output);
    ck_assert(!strstr(output.text, "<script>alert(1)") && !strstr(output.text, "<img src=x onerror"));
    free(output.text);
}

START_TEST(names)
{
    struct rdb_writer w;
    make_snapshot(&w);
    check_texts(&w);
    check_formulas(&w);
    check_json(&w);
    if (_i % 8 == 0)
        check_html(&w);
    rdb_writer_release(&w);
}
END_TEST

/* Messages, too, show names that others chose: of files, on the command line or in a manifest. */
static const struct {
    struct in_process_run run;
    const char *input;
} complaining[] = {
    {{"verify", {"gone\x1b[31m\x9b\n\xc2\x9b.rdb"}}, ""},
    {{"report", {"gone\x1b]0;t\x07.rdb", "gone\x1b[2J.rdb"}}, ""},
    {{"verify", {"IN"}}, "file \x1b[31mgone.rdb seq 1 type b\n"},
    {{"keys", {"IN"}}, "file \"\\x1b[31m\\x07gone.rdb\" seq 1 type b\n"},
    {{"diff", {"IN", "gone\x1b[31m"}}, "file \x1b[31mgone.rdb seq 1 type b\n"},
    {{"keys", {"IN", "-o", "/gone\x1b[31m/keys.csv"}}, ""},
    {{"report", {"IN", "--info", "gone\x1b[31m"}}, ""},
    {{"report", {"IN", "--config", "gone\x1b[31m"}}, ""},
    {{"report", {"IN", "--sections", "\x1b[31m"}}, ""},
    {{"report", {"IN", "-f", "\x1b[31m"}}, ""},
    {{"check", {"IN", "--policy", "gone\x1b[31m"}}, ""},
    {{"check", {"IN", "--max-elements=2", "--baseline", "gone\x1b[31m"}}, ""},
    {{"merge", {"gone\x1b[31m"}}, ""},
    {{"explain", {"IN", "gone\x1b[31m"}}, "REDIS0003\xff"},
};
enum { COMPLAINING = sizeof complaining / sizeof *complaining };

START_TEST(messages)
{
    struct in_process_output said;
    FILE *stream = open_memstream(&said.text, &said.len);
    const uint8_t *input = (const uint8_t *)complaining[_i].input;
    in_process_on(&complaining[_i].run, input, strlen(complaining[_i].input), stdout, stream);
    fclose(stream);
    const char *found = in_process_unprintable(&said);
    ck_assert_msg(found == NULL && strchr(said.text, 0x1B) == NULL, "%d: %s in %s", _i, found ? found : "an escape",
                  said.text);
    ck_assert_msg(strncmp(said.text, "rdbmeter: ", 10) == 0 && strstr(said.text, "\\x1b") != NULL, "%d: %s", _i,
                  said.text);
    free(said.text);
}
END_TEST

int main(void)
{
    const char *seed = getenv("RDBMETER_SEED");
    random_state = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
    printf("seed %" PRIu64 "\n", random_state);
    fflush(stdout);
    Suite *suite = suite_create("names");
    TCase *cases = tcase_create("names");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, names, 0, ROUNDS);
    tcase_add_loop_test(cases, messages, 0, COMPLAINING);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK); /* one sequence of random numbers */
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
