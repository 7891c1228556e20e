#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decimal.h"
#include "run_suite.h"

static void assert_number(uint64_t number)
{
    char got[DECIMAL_MAX + 1], want[DECIMAL_MAX + 1];
    char *end = decimal_print(got, number);
    ck_assert(end <= got + DECIMAL_MAX);
    *end = '\0';
    snprintf(want, sizeof want, "%" PRIu64, number);
    ck_assert_str_eq(got, want);
    *decimal_put(got, number) = '\0';
    ck_assert_str_eq(got, want);
}

START_TEST(numbers)
{
    uint64_t power = 1;
    for (int digits = 0; digits < 20; digits++, power *= 10) {
        assert_number(power - 1);
        assert_number(power);
        assert_number(power + 7);
    }
    assert_number(UINT64_MAX);
    for (uint64_t number = 0; number < 20000; number++)
        assert_number(number);
}
END_TEST

static void assert_time(int64_t ms)
{
    char got[DECIMAL_TIME_MAX + 1], want[64];
    int64_t seconds = ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
    time_t at = (time_t)seconds;
    struct tm tm;
    gmtime_r(&at, &tm);
    snprintf(want, sizeof want, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
             tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(ms - seconds * 1000));
    char *end = decimal_print_time(got, ms);
    ck_assert(end <= got + DECIMAL_TIME_MAX);
    *end = '\0';
    ck_assert_str_eq(got, want);
}

START_TEST(times)
{
    static const int64_t fixed[] = {
        0, 1, -1, 999, 1700000000123, 951782399999, 951782400000, 253402300799999, -62135596800000};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        assert_time(fixed[i]);
    for (int64_t ms = -62135596800000; ms < 253402300800000; ms += INT64_C(86399999) * 37)
        assert_time(ms);
}
END_TEST

START_TEST(times_that_no_calendar_shows)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {{253402300800000, "253402300800000"},
                {-62135596800001, "-62135596800001"},
                {INT64_MAX, "9223372036854775807"},
                {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char got[DECIMAL_TIME_MAX + 1];
        *decimal_print_time(got, rows[i].ms) = '\0';
        ck_assert_str_eq(got, rows[i].text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decimal");
    TCase *cases = tcase_create("decimal");
    tcase_add_test(cases, numbers);
    tcase_add_test(cases, times);
    tcase_add_test(cases, times_that_no_calendar_shows);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
