/* Compressed lengths, held against what the compressor of redis 8.8 (src/lzf_c.c) makes of the same bytes. */
#include <stdlib.h>

#include "model/lzf_length.h"
#include "model_fixture.h"

enum { LEN_MAX = 16384, KINDS = 5 };

/* Literals and repetitions of all lengths: one byte, a short pattern, three letters, noise, and noise that comes again.
 */
static void fill(uint8_t *bytes, unsigned len, unsigned kind)
{
    uint64_t state = len + kind;
    for (unsigned i = 0; i < len; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint8_t noise = (uint8_t)(state >> 33);
        unsigned three = (unsigned)(state >> 33) % 3;
        if (kind == 0)
            bytes[i] = 'a';
        else if (kind == 1)
            bytes[i] = (uint8_t)("item:status:"[i % 12] + (i % 12 == 0 ? i / 12 % 26 : 0));
        else if (kind == 2)
            bytes[i] = (uint8_t)('a' + three);
        else
            bytes[i] = kind == 4 && i >= 40 && noise % 8 ? bytes[i - 1 - i / 64 % 39] : noise;
    }
}

static const struct {
    unsigned len;
    uint64_t compressed[KINDS];
} rows[] = {
    {1, {2, 2, 2, 2, 2}},
    {2, {3, 3, 3, 3, 3}},
    {3, {4, 4, 4, 4, 4}},
    {4, {5, 5, 5, 5, 5}},
    {20, {9, 19, 17, 21, 21}},
    {47, {9, 29, 37, 49, 47}},
    {48, {9, 30, 40, 50, 49}},
    {100, {9, 51, 75, 104, 68}},
    {264, {9, 120, 158, 273, 164}},
    {265, {9, 120, 167, 274, 150}},
    {266, {9, 120, 169, 275, 138}},
    {267, {9, 121, 166, 276, 135}},
    {268, {9, 121, 165, 277, 161}},
    {269, {8, 123, 171, 278, 161}},
    {283, {12, 129, 171, 292, 148}},
    {284, {12, 129, 185, 293, 174}},
    {285, {9, 129, 175, 294, 172}},
    {500, {12, 148, 301, 516, 264}},
    {1000, {18, 154, 585, 1032, 531}},
    {4096, {54, 190, 2387, 4224, 2052}},
    {8191, {101, 235, 4695, 8447, 4052}},
    {8192, {101, 235, 4759, 8447, 4156}},
    {8193, {101, 235, 4687, 8450, 4024}},
    {16384, {195, 328, 9418, 16893, 8351}},
};

/* Whatever the table has seen before. */
START_TEST(as_the_server)
{
    struct lzf_table *table = lzf_table_new();
    uint8_t *bytes = malloc(LEN_MAX);
    for (unsigned round = 0; round < 3; round++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            for (unsigned kind = 0; kind < KINDS; kind++) {
                fill(bytes, rows[i].len, kind);
                ck_assert_uint_eq(lzf_length(table, bytes, rows[i].len), rows[i].compressed[kind]);
            }
    free(bytes);
    lzf_table_free(table);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lzf_length");
    TCase *tests = tcase_create("lzf_length");
    tcase_add_test(tests, as_the_server);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
