/* Bytes of packed entries, and how scores are written. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/packed_size.h"
#include "model/score_text.h"
#include "model/steps.h"
#include "model_fixture.h"

START_TEST(test_listpack_entries)
{
    static const struct {
        uint64_t len, bytes;
    } texts[] = {{0, 2},       {1, 3},       {63, 65},       {64, 67},       {125, 128},         {126, 130},
                 {4095, 4099}, {4096, 4103}, {16377, 16384}, {16378, 16386}, {2097145, 2097153}, {2097146, 2097155}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(listpack_text_entry(texts[i].len) == texts[i].bytes, "text of %lu: %lu", texts[i].len,
                      listpack_text_entry(texts[i].len));
    static const struct {
        int64_t value;
        unsigned bytes;
    } integers[] = {{0, 2},         {127, 2},         {128, 3},        {-1, 3},        {-4096, 3},
                    {-4097, 4},     {4095, 3},        {4096, 4},       {32767, 4},     {32768, 5},
                    {-32768, 4},    {8388607, 5},     {8388608, 6},    {-8388609, 6},  {INT32_MAX, 6},
                    {INT32_MIN, 6}, {2147483648, 10}, {INT64_MIN, 10}, {INT64_MAX, 10}};
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
        ck_assert_uint_eq(listpack_integer_entry(integers[i].value), integers[i].bytes);
}
END_TEST

START_TEST(test_ziplist_entries)
{
    static const struct {
        int64_t value;
        unsigned bytes;
    } integers[] = {{0, 1},     {12, 1},    {13, 2},      {-1, 2},      {127, 2},       {-129, 3},
                    {32767, 3}, {32768, 4}, {8388607, 4}, {8388608, 5}, {INT32_MAX, 5}, {2147483648, 9}};
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
        ck_assert_uint_eq(ziplist_integer_body(integers[i].value), integers[i].bytes);
    ck_assert_uint_eq(ziplist_text_body(63), 64);
    ck_assert_uint_eq(ziplist_text_body(64), 66);
    ck_assert_uint_eq(ziplist_text_body(16383), 16385);
    ck_assert_uint_eq(ziplist_text_body(16384), 16389);
    /* An entry of 254 bytes makes the next one say so in 5. */
    struct packed_sums sums = {.listpack = 0};
    packed_sums_ziplist(&sums, 252);
    packed_sums_ziplist(&sums, 253);
    packed_sums_ziplist(&sums, 1);
    ck_assert_uint_eq(sums.ziplist, 253 + 254 + 6);
}
END_TEST

START_TEST(test_integer_texts)
{
    static const struct {
        const char *text;
        bool is_integer;
    } rows[] = {{"0", true},
                {"-1", true},
                {"9223372036854775807", true},
                {"-9223372036854775808", true},
                {"9223372036854775808", false},
                {"-9223372036854775809", false},
                {"007", false},
                {"+5", false},
                {"-0", false},
                {"", false},
                {"-", false},
                {"1.0", false},
                {" 1", false},
                {"1 ", false},
                {"99999999999999999999", false},
                {"12a", false},
                {"-12", true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct shape_text text = shape_text_of((const uint8_t *)rows[i].text, strlen(rows[i].text));
        ck_assert_msg(text.is_integer == rows[i].is_integer, "%s", rows[i].text);
        if (rows[i].is_integer)
            ck_assert_int_eq(text.integer, strtoll(rows[i].text, NULL, 10));
    }
}
END_TEST

/* What redis 7.2 stores for such scores. */
START_TEST(test_shortest_scores)
{
    static const struct {
        double score;
        const char *text;
    } rows[] = {{0.1, "0.1"},
                {-0.1, "-0.1"},
                {1.5, "1.5"},
                {0.0001, "0.0001"},
                {1e-5, "0.00001"},
                {1e-7, "1e-7"},
                {1.5e-7, "1.5e-7"},
                {123456.789, "123456.789"},
                {1e20, "1e+20"},
                {1e21, "1e+21"},
                {-1e100, "-1e+100"},
                {5e-324, "5e-324"},
                {1.7976931348623157e308, "1.7976931348623157e+308"},
                {3.141592653589793, "3.141592653589793"},
                {INFINITY, "inf"},
                {-INFINITY, "-inf"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(score_text_shortest(rows[i].score).len == strlen(rows[i].text), "%s: %lu", rows[i].text,
                      score_text_shortest(rows[i].score).len);
}
END_TEST

static unsigned shortest_digits(double value)
{
    char text[40];
    for (int digits = 1; digits < 17; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value)
            return (unsigned)digits;
    }
    return 17;
}

/* Grisu2 gives the shortest digits but for about one double in 2000, and then it needs more. */
START_TEST(test_grisu_is_nearly_shortest)
{
    enum { TRIED = 20000 };
    uint64_t state = 88172645463325252u;
    unsigned longer = 0;
    for (int i = 0; i < TRIED; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        double value = 1.0 + (double)(state >> 12) * 0x1p-52; /* in [1, 2): "d.ddd", so digits follow from the length */
        if (value == 1.0)
            continue;
        uint64_t digits = score_text_shortest(value).len - 1;
        unsigned least = shortest_digits(value);
        ck_assert_msg(digits >= least && digits <= 17, "%.17g: %lu digits, %u at least", value, digits, least);
        longer += digits != least;
    }
    ck_assert_uint_gt(longer, 0);
    ck_assert_uint_lt(longer, TRIED / 500);
}
END_TEST

/* Of any size, and with zeros at the end: what printf prints, though most are not printed. */
START_TEST(test_printed_scores)
{
    enum { TRIED = 60000 };
    uint64_t state = 88172645463325252u;
    for (int i = 0; i < TRIED; i++) {
        char text[40];
        double value;
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        uint64_t bits = i % 2 ? state : state >> i % 52 << i % 52;
        memcpy(&value, &bits, sizeof value);
        if (i % 3 == 0) {
            snprintf(text, sizeof text, "%de%d", (int)(state % 100000), (int)(state >> 32) % 640 - 320);
            value = strtod(text, NULL);
        }
        if (isnan(value) || isinf(value) || value == 0)
            continue;
        int len = snprintf(text, sizeof text, "%.17g", value);
        struct shape_text printed = score_text_printed(value);
        ck_assert_msg(printed.is_integer || printed.len == (uint64_t)len, "%s: %lu", text, (unsigned long)printed.len);
    }
}
END_TEST

START_TEST(test_integral_scores)
{
    struct shape_text text;
    ck_assert(score_is_small_integer(17, &text) && text.integer == 17);
    ck_assert(!score_is_small_integer(-0.0, &text));
    ck_assert(!score_is_small_integer(4503599627370496.0, &text));
    ck_assert(!score_is_small_integer(NAN, &text));
    struct shape_text other = {.len = 99};
    ck_assert(score_text_integral(-0.0, other).is_integer);
    ck_assert(score_text_integral(4611686018427387904.0, other).is_integer);
    ck_assert_uint_eq(score_text_integral(9e18, other).len, 99);
    ck_assert_uint_eq(score_text_printed(-0.0).len, 2);
    ck_assert(!score_text_printed(-0.0).is_integer);
    ck_assert(score_text_printed(9007199254740992.0).is_integer); /* 16 digits that read as an integer */
    ck_assert_uint_eq(score_text_printed(0.1).len, strlen("0.10000000000000001"));
    ck_assert(score_text_shortest(9007199254740993.0).is_integer);
}
END_TEST

/* What MEMORY USAGE of redis 8.8 said of a sorted set `z:13` of one member, read from a ziplist of redis 3.0: entries
 * stay what they were, though 8.8 itself would write these scores as integers. */
START_TEST(test_scores_of_ziplists)
{
    static const struct {
        double score;
        uint64_t name_len, memory_usage;
    } rows[] = {{-0.0, 4, 38},
                {0.1, 4, 55},
                {1e17, 4, 41},
                {1e18, 5, 41},
                {2305843009213693952.0, 5, 57},
                {9007199254740992.0, 5, 44},
                {INFINITY, 5, 39}};
    struct fixture f;
    fixture_init(&f, "redis-8.8");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct shape_text member = text_of_len(1);
        shape_begin(f.shape, OBJECT_ZSET, ORIGIN_ZIPLIST, 0);
        shape_blob(f.shape, 40, 0);
        shape_zset_member(f.shape, &member, rows[i].score);
        shape_end(f.shape, 40);
        ck_assert_uint_eq(fixture_cost(&f, rows[i].name_len, false).memory_usage, rows[i].memory_usage);
    }
    fixture_release(&f);
}
END_TEST

START_TEST(test_steps)
{
    struct steps *steps = calloc(1, sizeof *steps);
    ck_assert_uint_eq(steps_first_over(steps, 0), UINT64_MAX);
    static const uint64_t lens[] = {3, 3, 10, 2, 64, 65, 65, 1000};
    for (uint64_t i = 0; i < sizeof lens / sizeof *lens; i++)
        steps_add(steps, i, lens[i]);
    ck_assert_uint_eq(steps_first_over(steps, 2), 0);
    ck_assert_uint_eq(steps_first_over(steps, 3), 2);
    ck_assert_uint_eq(steps_first_over(steps, 63), 4);
    ck_assert_uint_eq(steps_first_over(steps, 64), 5);
    ck_assert_uint_eq(steps_first_over(steps, 999), 7);
    ck_assert_uint_eq(steps_first_over(steps, 1000), UINT64_MAX);
    ck_assert(!steps->is_coarse);
    for (uint64_t i = 0; i < 1000000; i++) /* rising for ever: bounded, and said */
        steps_add(steps, 8 + i, 1001 + i);
    ck_assert(steps->is_coarse);
    ck_assert_uint_eq(steps_first_over(steps, 63), 4);
    ck_assert_uint_lt(steps_first_over(steps, 500000), 1000000);
    free(steps);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_packed");
    TCase *tc = tcase_create("model_packed");
    tcase_add_test(tc, test_listpack_entries);
    tcase_add_test(tc, test_ziplist_entries);
    tcase_add_test(tc, test_integer_texts);
    tcase_add_test(tc, test_shortest_scores);
    tcase_add_test(tc, test_grisu_is_nearly_shortest);
    tcase_add_test(tc, test_integral_scores);
    tcase_add_test(tc, test_printed_scores);
    tcase_add_test(tc, test_scores_of_ziplists);
    tcase_add_test(tc, test_steps);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
