/* What holds for every renderer, and text for every width. What other formats say is checked with parsers of theirs in
 * tests/formats and tests/html. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture_document.h"
#include "render.h"
#include "run_suite.h"
#include "utf8.h"

static char *render(const char *format, const struct render_options *options, const struct document *document)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert(renderer_by_name(format)->render(document, options, out));
    fclose(out);
    return text;
}

START_TEST(renderers_are_found)
{
    size_t count;
    const struct renderer *rows = renderers(&count);
    ck_assert_uint_eq(count, 9);
    for (size_t i = 0; i < count; i++) {
        ck_assert_ptr_eq(renderer_by_name(rows[i].name), &rows[i]);
        char path[64];
        if (*rows[i].extension == '\0')
            continue;
        snprintf(path, sizeof path, "some.dir/report%s", rows[i].extension);
        ck_assert_ptr_eq(renderer_by_extension(path), &rows[i]);
    }
    ck_assert_ptr_null(renderer_by_name("xml"));
    ck_assert_ptr_null(renderer_by_extension("folder.json/report"));
    ck_assert_ptr_null(renderer_by_extension("report"));
    ck_assert_ptr_null(renderer_by_extension("report.yml"));
}
END_TEST

START_TEST(the_same_document_gives_the_same_bytes)
{
    static const char *const formats[] = {"text", "json", "html", "markdown"};
    struct render_options options = {.unicode = true};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct document *one = fixture_document_new(50, "cut"), *two = fixture_document_new(50, "cut");
        char *first = render(formats[i], &options, one), *second = render(formats[i], &options, two);
        ck_assert_str_eq(first, second);
        free(first);
        free(second);
        document_free(one);
        document_free(two);
    }
}
END_TEST

static const char *const formats[] = {"text", "json", "csv", "html", "markdown"};

START_TEST(a_full_disk_is_reported)
{
    struct render_options options = {.section = "types"};
    FILE *full = fopen("/dev/full", "w");
    if (!full)
        return;
    struct document *document = fixture_document_new(5, NULL);
    ck_assert(!renderer_by_name(formats[_i])->render(document, &options, full));
    ck_assert_int_eq(errno, ENOSPC);
    fclose(full);
    document_free(document);
}
END_TEST

START_TEST(an_empty_document_renders)
{
    static const char *const whole[] = {"text", "json", "html", "markdown"};
    struct document *document = document_new("", 1);
    document_section(document, "empty", "");
    struct render_options options = {0};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        free(render(whole[i], &options, document));
    document_free(document);
}
END_TEST

/* Whether a line fits, ends in no space, and has nothing in it that a terminal obeys. */
static bool line_is_fine(const char *line, size_t len, unsigned most, bool unicode)
{
    unsigned width = 0;
    for (size_t at = 0; at < len;) {
        uint32_t point;
        unsigned size = utf8_decode((const uint8_t *)line + at, len - at, &point);
        if (size == 0 || utf8_is_control(point) || (!unicode && size > 1))
            return false;
        width += utf8_width(point);
        at += size;
    }
    return width <= most && (len == 0 || line[len - 1] != ' ');
}

START_TEST(text_is_never_wider_than_the_screen)
{
    unsigned width = 40 + 8 * (unsigned)_i;
    struct document *document = fixture_document_new(40, "the file ends at byte 123456 of 999999, in the key x");
    for (int unicode = 0; unicode < 2; unicode++) {
        struct render_options options = {.width = width, .unicode = unicode};
        char *text = render("text", &options, document);
        struct utf8_locale locale = utf8_locale_enter();
        for (const char *line = text; *line;) {
            size_t len = strcspn(line, "\n");
            if (!line_is_fine(line, len, width, unicode))
                ck_abort_msg("at %u columns: '%.*s'", width, (int)len, line);
            line += len + 1;
        }
        utf8_locale_leave(&locale);
        free(text);
    }
    document_free(document);
}
END_TEST

START_TEST(colour_only_when_asked)
{
    struct document *document = fixture_document_new(5, "cut");
    struct render_options options = {.width = 80, .unicode = true};
    char *plain = render("text", &options, document);
    options.color = true;
    char *colored = render("text", &options, document);
    ck_assert_ptr_null(strchr(plain, '\033'));
    size_t kept = 0;
    for (const char *at = colored; *at; at++) {
        if (*at == '\033')
            at = strchr(at, 'm');
        else
            colored[kept++] = *at;
    }
    colored[kept] = 0;
    ck_assert_str_eq(colored, plain);
    free(plain);
    free(colored);
    document_free(document);
}
END_TEST

/* Where `what` begins in `text`, which must have it. */
static size_t place_of(const char *text, const char *what)
{
    const char *at = strstr(text, what);
    ck_assert_msg(at != NULL, "no '%s'", what);
    return (size_t)(at - text);
}

START_TEST(what_matters_comes_first)
{
    static const char *const whole[] = {"text", "json", "html", "markdown"};
    struct render_options options = {.unicode = true};
    struct document *document = fixture_document_new(5, "it ends at byte 7");
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        char *text = render(whole[i], &options, document);
        size_t partial = place_of(text, "it ends at byte 7");
        size_t best = place_of(text, "Raise hash-max-listpack-entries");
        size_t second = place_of(text, "Let 12,000 expired");
        size_t section = place_of(text, "Redis 7.2.4");
        ck_assert_uint_lt(partial, best);
        ck_assert_uint_lt(best, second);
        ck_assert_uint_lt(second, section);
        free(text);
    }
    char *text = render("text", &options, document);
    ck_assert_ptr_nonnull(strstr(text, "saves 12 MB"));
    ck_assert_ptr_nonnull(strstr(text, "1 more in HTML"));
    ck_assert_ptr_null(strstr(text, "maxmemory 2gb"));
    free(text);
    document_free(document);
}
END_TEST

START_TEST(csv_chooses_a_table)
{
    struct document *document = fixture_document_new(5, NULL);
    struct render_options options = {.section = "types"};
    char *first = render("csv", &options, document);
    options.section = "types.rows";
    char *named = render("csv", &options, document);
    ck_assert_str_eq(first, named);
    ck_assert(strncmp(first, "type,encoding,keys,", 19) == 0);
    options.section = "totals";
    char *facts = render("csv", &options, document);
    ck_assert(strncmp(facts, "fact,value\r\nkeys,3981800\r\n", 26) == 0);
    static const char *const missing[] = {"", "nothing", "types.nothing", "types.facts", "type", "totals.keys", NULL};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        options.section = missing[i];
        errno = 0;
        ck_assert(!renderer_by_name("csv")->render(document, &options, stdout));
        ck_assert_int_eq(errno, ENOENT);
    }
    free(first);
    free(named);
    free(facts);
    document_free(document);
}
END_TEST

START_TEST(csv_sections_are_listed)
{
    char *text = NULL;
    size_t size = 0;
    struct document *document = fixture_document_new(5, NULL);
    FILE *out = open_memstream(&text, &size);
    csv_list_sections(document, out);
    fclose(out);
    for (char *name = strtok(text, "\n"); name; name = strtok(NULL, "\n")) {
        struct render_options options = {.section = name};
        free(render("csv", &options, document));
    }
    free(text);
    document_free(document);
}
END_TEST

START_TEST(csv_fields)
{
    static const struct {
        const char *text, *field;
    } rows[] = {
        {"plain", "plain"},  {"", ""},      {"a,b", "\"a,b\""},    {"a\"b", "\"a\"\"b\""}, {"a\nb", "\"a\nb\""},
        {"=1+1", "'=1+1"},   {"+1", "'+1"}, {"-1", "'-1"},         {"@x", "'@x"},          {"\tx", "'\tx"},
        {"\rx", "\"'\rx\""}, {"'x", "''x"}, {"=a,b", "\"'=a,b\""}, {"x=1", "x=1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char field[64];
        size_t len = csv_field_print(field, (const uint8_t *)rows[i].text, strlen(rows[i].text));
        ck_assert_uint_le(len, 2 * strlen(rows[i].text) + 3);
        field[len] = 0;
        ck_assert_str_eq(field, rows[i].field);
    }
}
END_TEST

START_TEST(json_strings)
{
    static const struct {
        const char *bytes, *literal;
        size_t len;
        bool lossless;
    } rows[] = {
        {"a\"b\\c", "\"a\\\"b\\\\c\"", 5, true},
        {"\0\b\t\n\f\r\x1f", "\"\\u0000\\b\\t\\n\\f\\r\\u001f\"", 7, true},
        {"\x7f\xC2\x9B", "\"\\u007f\\u009b\"", 3, true},
        {"\xE2\x80\xA8\xE2\x80\xAE", "\"\\u2028\\u202e\"", 6, true},
        {"\xF0\x9F\x98\x80/", "\"\xF0\x9F\x98\x80/\"", 5, true},
        {"a\xFF\xC3", "\"a\\ufffd\\ufffd\"", 3, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char literal[64];
        bool lossless;
        size_t len = json_string_print(literal, (const uint8_t *)rows[i].bytes, rows[i].len, &lossless);
        ck_assert_uint_le(len, 6 * rows[i].len + 2);
        literal[len] = 0;
        ck_assert_str_eq(literal, rows[i].literal);
        ck_assert(lossless == rows[i].lossless);
    }
}
END_TEST

START_TEST(sizes_are_bounded_for_any_document)
{
    static const struct {
        const char *format;
        size_t limit;
    } limits[] = {{"html", 2000000}, {"markdown", 1000000}};
    static const struct doc_column columns[] = {{"text", "Text", DOC_TEXT, DOC_COLUMN_KEY}};
    struct document *document = fixture_document_new(200000, NULL);
    char *words = malloc(10001);
    memset(words, '<', 10000);
    words[10000] = 0;
    for (unsigned i = 0; i < 300; i++) {
        char id[32];
        snprintf(id, sizeof id, "s%u", i);
        struct doc_section *section = document_section(document, id, words);
        section_note(section, DOC_INFO, "%s", words);
        section_fact(section, "fact", words, doc_text(words));
        struct doc_table *table = section_table(section, "t", words, columns, 1, DOC_CHART_TREEMAP);
        struct doc_value cell = doc_text(words);
        table_row(table, &cell);
        document_action(document, id, words, words, 1, words);
    }
    struct render_options options = {0};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        char *text = render(limits[i].format, &options, document);
        ck_assert_uint_lt(strlen(text), limits[i].limit);
        ck_assert_ptr_nonnull(strstr(text, "left out to keep this page small"));
        free(text);
    }
    free(words);
    document_free(document);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("render");
    TCase *cases = tcase_create("render");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, renderers_are_found);
    tcase_add_test(cases, the_same_document_gives_the_same_bytes);
    tcase_add_loop_test(cases, a_full_disk_is_reported, 0, sizeof formats / sizeof *formats);
    tcase_add_test(cases, an_empty_document_renders);
    tcase_add_loop_test(cases, text_is_never_wider_than_the_screen, 0, 21);
    tcase_add_test(cases, colour_only_when_asked);
    tcase_add_test(cases, what_matters_comes_first);
    tcase_add_test(cases, csv_chooses_a_table);
    tcase_add_test(cases, csv_sections_are_listed);
    tcase_add_test(cases, csv_fields);
    tcase_add_test(cases, json_strings);
    tcase_add_test(cases, sizes_are_bounded_for_any_document);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
