/* The reader of MEMORY MALLOC-STATS, on a real one and on the forms of other releases of jemalloc. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "malloc_stats.h"
#include "run_suite.h"

static struct malloc_stats stats;

static bool parse(const char *text)
{
    return malloc_stats_parse(&stats, text, strlen(text));
}

static const struct malloc_bin *bin(uint64_t size)
{
    for (size_t i = 0; i < stats.bin_count; i++)
        if (stats.bin[i].size == size)
            return &stats.bin[i];
    ck_abort_msg("no bin of %llu", (unsigned long long)size);
}

START_TEST(test_saved_output)
{
    static char text[1 << 17];
    FILE *file = fopen(TESTDATA "/saved/fragmented.malloc-stats", "r");
    ck_assert_ptr_nonnull(file);
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    ck_assert(malloc_stats_parse(&stats, text, len));
    ck_assert_str_eq(stats.version, "5.3.0");
    ck_assert_uint_eq(stats.quantum, 16);
    ck_assert_uint_eq(stats.page, 4096);
    ck_assert(stats.has_summary);
    uint64_t allocated = 0, held = 0;
    for (size_t i = 0; i < stats.bin_count; i++) {
        ck_assert(i == 0 || stats.bin[i - 1].size < stats.bin[i].size);
        ck_assert_uint_eq(stats.bin[i].blocks * stats.bin[i].size, stats.bin[i].allocated);
        ck_assert_uint_ge(stats.bin[i].held, stats.bin[i].allocated);
        allocated += stats.bin[i].allocated;
        held += stats.bin[i].held;
    }
    ck_assert_uint_eq(allocated, stats.allocated); /* the bins are the summary, over all arenas */
    ck_assert_uint_eq(held, stats.active);
    ck_assert_uint_gt(held, 2 * allocated);
}
END_TEST

/* jemalloc 5.3 prints the sums of all arenas first when there are several, and then each of them. */
START_TEST(test_merged_arenas)
{
    ck_assert(parse("Page size: 4096\nAllocated: 4096, active: 8192, metadata: 1, resident: 3, mapped: 4\n"
                    "Merged arenas stats:\n"
                    "bins:  size ind allocated nmalloc (#/sec) curregs curslabs nonfull_slabs regs pgs util\n"
                    "          8   0      4096     600     600     512        2             1  512   1 0.5\n"
                    "                     ---\n"
                    "large: size ind allocated nmalloc (#/sec) curlextents\n"
                    "      16384  36     32768       2       2           2\n"
                    "                     ---\n"
                    "arenas[0]:\n"
                    "bins:  size ind allocated nmalloc (#/sec) curregs curslabs nonfull_slabs regs pgs util\n"
                    "          8   0      4096     600     600     512        2             1  512   1 0.5\n"
                    "--- End jemalloc statistics ---\n"));
    ck_assert_uint_eq(stats.bin_count, 2);
    ck_assert_uint_eq(bin(8)->allocated, 4096);
    ck_assert_uint_eq(bin(8)->held, 8192);
    ck_assert_uint_eq(bin(16384)->blocks, 2);
    ck_assert_uint_eq(bin(16384)->held, 32768);
    ck_assert_uint_eq(stats.resident, 3);
}
END_TEST

/* Without the merged part arenas are added up. */
START_TEST(test_arenas_add_up)
{
    ck_assert(parse("arenas[0]:\nbins: size ind allocated curregs curslabs regs pgs\n 16 1 160 10 1 256 1\n"
                    "arenas[1]:\nbins: size ind allocated curregs curslabs regs pgs\n 16 1 32 2 1 256 1\n"));
    ck_assert_uint_eq(bin(16)->allocated, 192);
    ck_assert_uint_eq(bin(16)->blocks, 12);
    ck_assert_uint_eq(bin(16)->held, 8192);
}
END_TEST

/* jemalloc 4 has runs and huge classes; 3.6 has no numbers of blocks, and another order of columns. */
START_TEST(test_older_releases)
{
    ck_assert(parse("Version: 4.0.3-0-ge9192ea\nQuantum size: 8\nPage size: 4096\n"
                    "small:  111 1 2 3\nlarge:  222 1 2 3\n"
                    "bins:  size ind allocated nmalloc ndalloc nrequests curregs curruns regs pgs util nfill\n"
                    "         24   2       240      10       0        10      10       1  512   3 0.019 1\n"
                    "large: size ind allocated nmalloc ndalloc nrequests curruns\n"
                    "      20480  37     40960       2       0         2       2\n"
                    "huge:  size ind allocated nmalloc ndalloc nrequests curhchunks\n"
                    "    4194304  68   4194304       1       0         1          1\n"));
    ck_assert_str_eq(stats.version, "4.0.3");
    ck_assert_uint_eq(stats.quantum, 8);
    ck_assert_uint_eq(bin(24)->held, 12288);
    ck_assert_uint_eq(bin(20480)->blocks, 2);
    ck_assert_uint_eq(bin(4194304)->held, 4194304);
    ck_assert(parse("Version: 3.6.0-0-g46c0af68\nbins:     bin  size regs pgs    allocated      nmalloc\n"
                    "            0     8  501   1           24           31\n"
                    "[1..2]\n"
                    "            3    48   84   1          480           99\n"));
    ck_assert_uint_eq(bin(8)->blocks, 3);
    ck_assert_uint_eq(bin(48)->allocated, 480);
    ck_assert_uint_eq(bin(48)->held, 0);
}
END_TEST

START_TEST(test_hostile_numbers)
{
    ck_assert(parse("bins: size ind allocated curregs curslabs regs pgs\n"
                    " 8 0 18446744073709551615 2 18446744073709551615 1 18446744073709551615\n"
                    " 8 0 18446744073709551615 2 1 1 1\n"
                    " 0 0 5 5 5 5 5\n"));
    ck_assert_uint_eq(bin(8)->allocated, UINT64_MAX);
    ck_assert_uint_eq(bin(8)->held, UINT64_MAX);
    ck_assert_uint_eq(stats.bin_count, 1);
    ck_assert(!parse("bins: size\n99999999999999999999999\n"));
    ck_assert(!parse("bins:\nlarge:\n"));
    ck_assert(!parse("Stats not supported for the current allocator"));
    ck_assert(!parse(""));
}
END_TEST

START_TEST(test_bound_of_bins)
{
    static char text[1 << 16];
    size_t len = (size_t)sprintf(text, "bins: size allocated\n");
    for (int i = 2 * MALLOC_STATS_MAX_BINS; i > 0; i--)
        len += (size_t)sprintf(text + len, " %d %d\n", 8 * i, 80 * i);
    ck_assert(malloc_stats_parse(&stats, text, len));
    ck_assert_uint_eq(stats.bin_count, MALLOC_STATS_MAX_BINS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("malloc_stats");
    TCase *tcase = tcase_create("malloc_stats");
    tcase_add_test(tcase, test_saved_output);
    tcase_add_test(tcase, test_merged_arenas);
    tcase_add_test(tcase, test_arenas_add_up);
    tcase_add_test(tcase, test_older_releases);
    tcase_add_test(tcase, test_hostile_numbers);
    tcase_add_test(tcase, test_bound_of_bins);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
