#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document_parts.h"
#include "matrix.h"
#include "run_suite.h"

static const struct doc_column columns[] = {
    {"value", "Value", DOC_COUNT, DOC_COLUMN_KEY},
    {"note", "Note", DOC_TEXT, 0},
    {"entries", "Entries", DOC_TEXT, DOC_COLUMN_KEY},
    {"saved", "Saves", DOC_DELTA, 0},
    {"keys", "Keys", DOC_COUNT, 0},
};

enum { COLUMNS = sizeof columns / sizeof *columns };

static struct document *document, *scratch;

static void make_documents(void)
{
    document = document_new("test 1", 1);
    scratch = document_new("test 1", 1);
}

static void free_documents(void)
{
    document_free(document);
    document_free(scratch);
}

static struct doc_table *new_table(size_t count, enum doc_chart chart)
{
    return section_table(document_section(document, "s", "S"), "grid", "Grid", columns, count, chart);
}

static void add(struct doc_table *table, uint64_t value, const char *entries, int64_t saved)
{
    const struct doc_value cells[COLUMNS] = {doc_count(value), doc_text("note"), doc_text(entries), doc_delta(saved),
                                             doc_count(7)};
    table_row(table, cells);
}

static const struct doc_row *row_at(const struct doc_table *table, size_t index)
{
    const struct doc_row *row = table->rows;
    while (index-- > 0)
        row = row->next;
    return row;
}

START_TEST(a_row_for_each_y_a_column_for_each_x)
{
    /* By column: b, aa, a. The order is that of appearance; nothing is said of 16 and a. */
    static const char *const titles[] = {"b", "aa", "a"};
    static const int64_t want[2][3] = {{2, 3, -1}, {0, 6, INT64_MIN}};
    struct doc_table *table = new_table(COLUMNS, DOC_CHART_HEATMAP);
    add(table, 64, "b", 2);
    add(table, 64, "aa", 3);
    add(table, 16, "aa", 6);
    add(table, 64, "a", -1);
    add(table, 16, "b", 5);
    add(table, 16, "b", 0); /* of two for one place the last */
    const struct doc_table *matrix = matrix_of(table, scratch);
    ck_assert_ptr_nonnull(matrix);
    ck_assert_uint_eq(matrix->column_count, 4);
    ck_assert_uint_eq(matrix->row_count, 2);
    ck_assert_str_eq(matrix->title, "Grid");
    ck_assert_str_eq(matrix->columns[0].title, "Saves Value\\Entries");
    ck_assert_uint_eq(matrix->columns[0].flags, DOC_COLUMN_KEY);
    for (size_t y = 0; y < 2; y++) {
        const struct doc_row *row = row_at(matrix, y);
        ck_assert_uint_eq(row->cells[0].count, y ? 16 : 64);
        for (size_t x = 0; x < 3; x++) {
            ck_assert_str_eq(matrix->columns[x + 1].title, titles[x]);
            ck_assert_int_eq(matrix->columns[x + 1].kind, DOC_DELTA);
            ck_assert_int_eq(row->cells[x + 1].kind, want[y][x] == INT64_MIN ? DOC_NONE : DOC_DELTA);
            if (want[y][x] != INT64_MIN)
                ck_assert_int_eq(row->cells[x + 1].integer, want[y][x]);
        }
    }
}
END_TEST

START_TEST(across_a_row_for_each_bucket)
{
    struct doc_table *table = new_table(COLUMNS, DOC_CHART_HISTOGRAM);
    add(table, 64, "b", 2);
    add(table, 64, "a", 3);
    add(table, 16, "b", 4);
    add(table, 16, "a", 5);
    ck_assert_ptr_null(matrix_of(table, scratch));
    table_print_across(table);
    const struct doc_table *matrix = matrix_of(table, scratch);
    ck_assert_ptr_nonnull(matrix);
    ck_assert_uint_eq(matrix->column_count, 3);
    ck_assert_uint_eq(matrix->row_count, 2);
    ck_assert_str_eq(matrix->columns[0].title, "Saves Entries\\Value");
    ck_assert_str_eq(matrix->columns[1].title, "64");
    ck_assert_str_eq(matrix->columns[2].title, "16");
    ck_assert_int_eq(row_at(matrix, 0)->cells[1].integer, 2);
    ck_assert_int_eq(row_at(matrix, 0)->cells[2].integer, 4);
    ck_assert_int_eq(row_at(matrix, 1)->cells[1].integer, 3);
    ck_assert_int_eq(row_at(matrix, 1)->cells[2].integer, 5);
}
END_TEST

START_TEST(what_has_no_two_axes_is_none)
{
    static const struct doc_column three[] = {{"map", "Map", DOC_TEXT, DOC_COLUMN_KEY},
                                              {"y", "Y", DOC_TEXT, DOC_COLUMN_KEY},
                                              {"x", "X", DOC_TEXT, DOC_COLUMN_KEY},
                                              {"n", "N", DOC_COUNT, 0}};
    const struct doc_value cells[] = {doc_text("a"), doc_text("b"), doc_text("c"), doc_count(1)};
    struct doc_section *section = document_section(document, "s", "S");
    struct doc_table *maps = section_table(section, "three", "T", three, 4, DOC_CHART_HEATMAP);
    struct doc_table *one = section_table(section, "one", "T", three + 2, 2, DOC_CHART_HEATMAP);
    struct doc_table *none = section_table(section, "none", "T", three + 1, 2, DOC_CHART_HEATMAP);
    struct doc_table *two = section_table(section, "two", "T", three + 1, 3, DOC_CHART_HEATMAP);
    struct doc_table *bars = section_table(section, "bars", "T", three + 1, 3, DOC_CHART_BARS);
    ck_assert_ptr_null(matrix_of(two, scratch)); /* empty */
    table_row(maps, cells);
    table_row(one, cells + 2);
    table_row(none, cells + 1);
    table_row(two, cells + 1);
    table_row(bars, cells + 1);
    ck_assert_ptr_null(matrix_of(maps, scratch));
    ck_assert_ptr_null(matrix_of(one, scratch));
    ck_assert_ptr_null(matrix_of(none, scratch)); /* no measure */
    ck_assert_ptr_null(matrix_of(bars, scratch));
    ck_assert_ptr_nonnull(matrix_of(two, scratch));
}
END_TEST

static const struct doc_table *matrix_of_size(size_t width, size_t height)
{
    char entries[24];
    struct doc_table *table = new_table(COLUMNS, DOC_CHART_HEATMAP);
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            snprintf(entries, sizeof entries, "%zu", x);
            add(table, y, entries, (int64_t)(100 * y + x));
        }
    return matrix_of(table, scratch);
}

START_TEST(as_large_as_a_page_and_no_larger)
{
    static const struct {
        size_t width, height;
        bool fits;
    } cases[] = {{12, 40, true}, {13, 2, false}, {2, 41, false}, {1, 1, true}};
    const struct doc_table *matrix = matrix_of_size(cases[_i].width, cases[_i].height);
    ck_assert_int_eq(matrix != NULL, cases[_i].fits);
    for (size_t y = 0; matrix && y < cases[_i].height; y++)
        for (size_t x = 0; x < cases[_i].width; x++)
            ck_assert_int_eq(row_at(matrix, y)->cells[x + 1].integer, (int64_t)(100 * y + x));
}
END_TEST

START_TEST(titles_are_printable_and_short)
{
    static const struct doc_column names[] = {
        {"y", "Y", DOC_COUNT, DOC_COLUMN_KEY}, {"x", "X", DOC_NAME, DOC_COLUMN_KEY}, {"n", "N", DOC_COUNT, 0}};
    char longest[200];
    memset(longest, 'k', sizeof longest);
    const struct doc_value x[] = {doc_name("\x1b[31m\xff", 6, 6), doc_name("\x1b[31m\xfe", 6, 6),
                                  doc_name(longest, sizeof longest, sizeof longest), doc_name("", 0, 0)};
    struct doc_table *table =
        section_table(document_section(document, "s", "S"), "names", "T", names, 3, DOC_CHART_HEATMAP);
    for (size_t i = 0; i < 4; i++)
        table_row(table, (const struct doc_value[]){doc_count(1), x[i], doc_count(i)});
    const struct doc_table *matrix = matrix_of(table, scratch);
    ck_assert_ptr_nonnull(matrix);
    ck_assert_uint_eq(matrix->column_count, 5);
    ck_assert_str_eq(matrix->columns[1].title, "\\x1b[31m\\xff");
    ck_assert_str_eq(matrix->columns[2].title, "\\x1b[31m\\xfe");
    ck_assert_uint_lt(strlen(matrix->columns[3].title), 60);
    ck_assert_uint_eq(matrix->rows->cells[4].count, 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("matrix");
    TCase *tcase = tcase_create("matrix");
    tcase_add_checked_fixture(tcase, make_documents, free_documents);
    tcase_add_test(tcase, a_row_for_each_y_a_column_for_each_x);
    tcase_add_test(tcase, across_a_row_for_each_bucket);
    tcase_add_test(tcase, what_has_no_two_axes_is_none);
    tcase_add_loop_test(tcase, as_large_as_a_page_and_no_larger, 0, 4);
    tcase_add_test(tcase, titles_are_printable_and_short);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
