#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"
#include "run_suite.h"

static char folder[64];

static void make_folder(void)
{
    strcpy(folder, "/tmp/check_output.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void remove_folder(void)
{
    (void)unlink("report.txt");
    ck_assert_int_eq(chdir("/"), 0);
    /* Fails when a temporary file was left behind. */
    ck_assert_int_eq(rmdir(folder), 0);
}

static void assert_content(const char *expected)
{
    char content[64] = "";
    FILE *file = fopen("report.txt", "r");
    ck_assert_ptr_nonnull(file);
    content[fread(content, 1, sizeof content - 1, file)] = '\0';
    fclose(file);
    ck_assert_str_eq(content, expected);
}

static struct output write_report(const char *text)
{
    struct output output;
    ck_assert(output_open(&output, "report.txt"));
    fputs(text, output.stream);
    fflush(output.stream);
    return output;
}

START_TEST(a_file_appears_when_it_is_complete)
{
    struct output output = write_report("one");
    ck_assert_int_ne(access("report.txt", F_OK), 0);
    ck_assert(output_commit(&output));
    assert_content("one");
    struct stat status;
    mode_t mask = umask(0);
    umask(mask);
    ck_assert_int_eq(stat("report.txt", &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0666 & ~mask);
}
END_TEST

START_TEST(an_abandoned_file_leaves_the_old_one)
{
    struct output output = write_report("old");
    ck_assert(output_commit(&output));
    output = write_report("new");
    output_abandon(&output);
    assert_content("old");
}
END_TEST

START_TEST(a_full_disk_is_noticed)
{
    struct output output;
    ck_assert(output_open(&output, "/dev/full"));
    ck_assert_ptr_null(output.temporary);
    fputs("text", output.stream);
    ck_assert(!output_commit(&output));
}
END_TEST

START_TEST(a_missing_folder_is_noticed)
{
    struct output output;
    ck_assert(!output_open(&output, "missing/report.txt"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("output");
    TCase *cases = tcase_create("output");
    tcase_add_checked_fixture(cases, make_folder, remove_folder);
    tcase_add_test(cases, a_file_appears_when_it_is_complete);
    tcase_add_test(cases, an_abandoned_file_leaves_the_old_one);
    tcase_add_test(cases, a_full_disk_is_noticed);
    tcase_add_test(cases, a_missing_folder_is_noticed);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
