#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "document_parts.h"
#include "run_suite.h"
#include "values.h"

static const struct doc_column columns[] = {{"key", "Key", DOC_NAME, DOC_COLUMN_KEY}, {"size", "Size", DOC_BYTES, 0}};

START_TEST(sections_stay_in_order_and_are_found_again)
{
    struct document *document = document_new("test 1", 1);
    struct doc_section *b = document_section(document, "b", "B"), *a = document_section(document, "a", "A");
    ck_assert_ptr_eq(document_section(document, "b", "other title"), b);
    ck_assert_ptr_eq(document->sections, b);
    ck_assert_ptr_eq(b->next, a);
    ck_assert_str_eq(b->title, "B");
    ck_assert_ptr_eq(document_find_section(document, "ab", 1), a);
    ck_assert_ptr_null(document_find_section(document, "c", 1));
    document_free(document);
    document_free(NULL);
}
END_TEST

START_TEST(everything_is_copied)
{
    char id[] = "facts", text[] = "value", name[] = "key\0more";
    struct document *document = document_new("test 1", 1);
    struct doc_section *section = document_section(document, id, text);
    section_fact(section, id, text, doc_text(text));
    section_fact(section, "name", text, doc_name(name, 8, 4));
    struct doc_table *table = section_table(section, id, text, columns, 2, DOC_CHART_NONE);
    struct doc_value cells[] = {doc_name(name, 8, 100), doc_bytes(7)};
    table_row(table, cells);
    document_action(document, id, text, NULL, 1, "");
    memset(id, '?', sizeof id - 1);
    memset(text, '?', sizeof text - 1);
    memset(name, '?', sizeof name - 1);
    ck_assert_str_eq(section->id, "facts");
    ck_assert_mem_eq(section->facts->value.text.bytes, "value", 5);
    /* A full length below what is held is the length held. */
    ck_assert_uint_eq(section->facts->next->value.text.full_len, 8);
    ck_assert_mem_eq(table->rows->cells[0].text.bytes, "key\0more", 8);
    ck_assert_uint_eq(table->rows->cells[0].text.full_len, 100);
    ck_assert_str_eq(document->actions->why, "");
    ck_assert_ptr_null(document->actions->paste);
    document_free(document);
}
END_TEST

START_TEST(a_fact_is_replaced_and_a_headline_stays_one)
{
    struct document *document = document_new("test 1", 1);
    struct doc_section *section = document_section(document, "s", "S");
    section_headline(section, "keys", "Keys", doc_count(1));
    section_fact(section, "other", "Other", doc_none());
    section_fact(section, "keys", "Keys", doc_count(2));
    ck_assert_uint_eq(section->facts->value.count, 2);
    ck_assert(section->facts->headline);
    ck_assert(!section->facts->next->headline);
    ck_assert_ptr_null(section->facts->next->next);
    document_free(document);
}
END_TEST

START_TEST(actions_are_ordered_by_what_they_save)
{
    static const uint64_t saves[] = {5, 9, 0, 9, UINT64_MAX};
    static const char *const order = "ebdac";
    struct document *document = document_new("test 1", 1);
    for (size_t i = 0; i < sizeof saves / sizeof *saves; i++)
        document_action(document, (char[]){(char)('a' + i), 0}, "", "", saves[i], NULL);
    size_t at = 0;
    for (const struct doc_action *action = document->actions; action; action = action->next)
        ck_assert_int_eq(*action->id, order[at++]);
    ck_assert_uint_eq(at, 5);
    document_free(document);
}
END_TEST

START_TEST(notes_are_formatted)
{
    struct document *document = document_new("test 1", 1);
    struct doc_section *section = document_section(document, "s", "S");
    section_note(section, DOC_WARNING, "%d of %s", 3, "four");
    section_note(section, DOC_INFO, "100%%");
    ck_assert_str_eq(section->notes->text, "3 of four");
    ck_assert_str_eq(section->notes->next->text, "100%");
    document_free(document);
}
END_TEST

START_TEST(big_rows_and_many_rows)
{
    struct document *document = document_new("test 1", 1);
    struct doc_table *table = section_table(document_section(document, "s", "S"), "t", "T", columns, 2, DOC_CHART_NONE);
    size_t size = 1 << 20;
    char *name = calloc(1, size);
    struct doc_value cells[] = {doc_name(name, size, size), doc_bytes(1)};
    table_row(table, cells);
    cells[0] = doc_name(name, 10, 10);
    for (unsigned i = 0; i < 10000; i++)
        table_row(table, cells);
    free(name);
    ck_assert_uint_eq(table->row_count, 10001);
    size_t rows = 0;
    for (const struct doc_row *row = table->rows; row; row = row->next)
        rows++;
    ck_assert_uint_eq(rows, table->row_count);
    document_free(document);
}
END_TEST

static const struct {
    struct doc_value value;
    const char *people, *machines;
} printed[] = {
    {{DOC_COUNT, .count = 0}, "0", "0"},
    {{DOC_COUNT, .count = 999}, "999", "999"},
    {{DOC_COUNT, .count = 1234567}, "1,234,567", "1234567"},
    {{DOC_COUNT, .count = UINT64_MAX}, "18,446,744,073,709,551,615", "18446744073709551615"},
    {{DOC_BYTES, .count = 1023}, "1023 B", "1023"},
    {{DOC_BYTES, .count = 1024}, "1 KB", "1024"},
    {{DOC_BYTES, .count = 1025}, "1.00 KB", "1025"},
    {{DOC_BYTES, .count = 1268736}, "1.21 MB", "1268736"},
    {{DOC_BYTES, .count = 10480517}, "9.99 MB", "10480517"},
    {{DOC_BYTES, .count = 10484000}, "10.0 MB", "10484000"},
    {{DOC_BYTES, .count = 1048575}, "1.00 MB", "1048575"},
    {{DOC_BYTES, .count = UINT64_MAX}, "16.0 EB", "18446744073709551615"},
    {{DOC_DELTA, .integer = 0}, "0 B", "0"},
    {{DOC_DELTA, .integer = 2048}, "+2 KB", "2048"},
    {{DOC_DELTA, .integer = -1500}, "-1.46 KB", "-1500"},
    {{DOC_DELTA, .integer = INT64_MIN}, "-8 EB", "-9223372036854775808"},
    {{DOC_SHARE, .number = 0}, "0.0%", "0"},
    {{DOC_SHARE, .number = 1}, "100.0%", "1"},
    {{DOC_SHARE, .number = 0.0001}, "<0.1%", "0.0001"},
    {{DOC_SHARE, .number = 0.9999}, ">99.9%", "0.9999"},
    {{DOC_SHARE, .number = 1.0 / 3}, "33.3%", "0.3333333333333333"},
    {{DOC_NUMBER, .number = 2.53125}, "2.53", "2.53125"},
    {{DOC_NUMBER, .number = 999.9}, "1,000", "999.9"},
    {{DOC_NUMBER, .number = -12345.6}, "-12,346", "-12345.6"},
    {{DOC_NUMBER, .number = 0.1}, "0.1", "0.1"},
    {{DOC_DURATION, .integer = 250}, "250 ms", "250"},
    {{DOC_DURATION, .integer = 61000}, "1m 1s", "61000"},
    {{DOC_DURATION, .integer = 93784000}, "1d 2h", "93784000"},
    {{DOC_DURATION, .integer = -3600000}, "-1h", "-3600000"},
    {{DOC_DURATION, .integer = 86400000LL * 1500}, "1,500d", "129600000000"},
    {{DOC_TIME, .integer = 1700000000123}, "2023-11-14 22:13:20 UTC", "1700000000123"},
    {{DOC_TIME, .integer = -1}, "1969-12-31 23:59:59 UTC", "-1"},
    {{DOC_BOOL, .truth = true}, "yes", "true"},
    {{DOC_BOOL, .truth = false}, "no", "false"},
    {{DOC_NONE}, "", ""},
};

START_TEST(values_for_people_and_for_machines)
{
    char text[VALUE_MAX];
    const struct value_kind *kind = value_kind(printed[_i].value.kind);
    ck_assert_uint_eq(kind->print(text, &printed[_i].value), strlen(printed[_i].people));
    ck_assert_str_eq(text, printed[_i].people);
    ck_assert_uint_eq(kind->plain(text, &printed[_i].value), strlen(printed[_i].machines));
    ck_assert_str_eq(text, printed[_i].machines);
}
END_TEST

START_TEST(values_that_are_no_numbers)
{
    char text[VALUE_MAX];
    struct doc_value nan = doc_number(strtod("nan", NULL)), inf = {DOC_SHARE, .number = strtod("inf", NULL)};
    struct doc_value never = doc_time(INT64_MAX), long_ago = doc_time(INT64_MIN);
    value_kind(DOC_NUMBER)->print(text, &nan);
    ck_assert_str_eq(text, "-");
    ck_assert_uint_eq(value_kind(DOC_NUMBER)->plain(text, &nan), 0);
    ck_assert_uint_eq(value_kind(DOC_SHARE)->plain(text, &inf), 0);
    ck_assert_uint_gt(value_kind(DOC_TIME)->print(text, &never), 10);
    ck_assert_uint_gt(value_kind(DOC_TIME)->print(text, &long_ago), 10);
    ck_assert(doc_share(1, 0).number < 1e-9);
    ck_assert_int_eq(doc_text(NULL).kind, DOC_NONE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("document");
    TCase *cases = tcase_create("document");
    tcase_add_test(cases, sections_stay_in_order_and_are_found_again);
    tcase_add_test(cases, everything_is_copied);
    tcase_add_test(cases, a_fact_is_replaced_and_a_headline_stays_one);
    tcase_add_test(cases, actions_are_ordered_by_what_they_save);
    tcase_add_test(cases, notes_are_formatted);
    tcase_add_test(cases, big_rows_and_many_rows);
    tcase_add_loop_test(cases, values_for_people_and_for_machines, 0, sizeof printed / sizeof *printed);
    tcase_add_test(cases, values_that_are_no_numbers);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
