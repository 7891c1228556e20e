#include "model/allocator.h"
#include "model/size_classes.h"
#include "model_fixture.h"

static uint64_t held_by(const char *name, uint64_t request)
{
    return allocator_usable(allocator_by_name(name), request);
}

/* jemalloc 5.3.0 with --with-lg-quantum=3: the size classes that its stats print. */
static const uint64_t jemalloc_8_classes[] = {8,    16,   24,   32,   40,   48,   56,   64,   80,   96,   112,  128,
                                              160,  192,  224,  256,  320,  384,  448,  512,  640,  768,  896,  1024,
                                              1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096, 5120, 6144, 7168, 8192};

START_TEST(test_jemalloc_8)
{
    size_t k = 0;
    for (uint64_t n = 0; n <= 8192; n++) {
        if (n > jemalloc_8_classes[k])
            k++;
        ck_assert_uint_eq(held_by("jemalloc-8", n), jemalloc_8_classes[k]);
    }
    ck_assert_uint_eq(held_by("jemalloc-8", 16384), 16384);
    ck_assert_uint_eq(held_by("jemalloc-8", 16385), 20480);
    ck_assert_uint_eq(held_by("jemalloc-8", 1048747), 1310720);
}
END_TEST

/* Only requests of 17-24, 33-40, 49-56 bytes cost more with steps of 16. */
START_TEST(test_jemalloc_16)
{
    for (uint64_t n = 0; n <= 100000; n++) {
        bool rounds_more = (n >= 17 && n <= 24) || (n >= 33 && n <= 40) || (n >= 49 && n <= 56);
        ck_assert_uint_eq(held_by("jemalloc-16", n), held_by("jemalloc-8", n) + (rounds_more ? 8 : 0));
    }
}
END_TEST

START_TEST(test_jemalloc_3_6)
{
    static const struct {
        uint64_t request, held;
    } rows[] = {{0, 8},       {8, 8},       {9, 16},      {17, 32},           {113, 128},         {129, 160},
                {3584, 3584}, {3585, 4096}, {4097, 8192}, {4169728, 4169728}, {4169729, 4194304}, {4194305, 8388608}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_uint_eq(held_by("jemalloc-3.6", rows[i].request), rows[i].held);
}
END_TEST

/* Blocks that real servers built on glibc measured: strings of 1048747 and 131039 (mapped), 131038, 131072 and 300000
 * bytes (heap). A page's last 8 bytes are not enough for a mapped block's own header. */
START_TEST(test_libc)
{
    const struct allocator *libc = allocator_by_name("libc");
    ck_assert_uint_eq(held_by("libc", 0), 24);
    ck_assert_uint_eq(held_by("libc", 24), 24);
    ck_assert_uint_eq(held_by("libc", 25), 40);
    ck_assert_uint_eq(held_by("libc", 131038 + 10), 131048);
    ck_assert_uint_eq(held_by("libc", 131039 + 10), 135152);
    ck_assert_uint_eq(held_by("libc", 33 * 4096 - 24), 33 * 4096 - 16);
    ck_assert_uint_eq(held_by("libc", 33 * 4096 - 23), 34 * 4096 - 16);
    ck_assert_uint_eq(held_by("libc", 1048747 + 10), 1052656);
    ck_assert_uint_eq(libc->heap_size(131072 + 10), 131096);
}
END_TEST

START_TEST(test_small_classes)
{
    for (int id = 0; id < ALLOCATOR_COUNT; id++) {
        const struct allocator *allocator = allocator_get((enum allocator_id)id);
        struct size_classes classes;
        size_classes_init(&classes, allocator);
        ck_assert_ptr_eq(allocator_by_name(allocator->name), allocator);
        for (uint64_t n = 0; n < 5000; n++)
            ck_assert_uint_eq(size_classes_held(&classes, n), allocator_usable(allocator, n));
    }
    ck_assert_ptr_null(allocator_by_name("tcmalloc"));
}
END_TEST

/* Claimed lengths of hostile files must neither wrap nor hang. */
START_TEST(test_huge_requests)
{
    for (int id = 0; id < ALLOCATOR_COUNT; id++) {
        const struct allocator *allocator = allocator_get((enum allocator_id)id);
        ck_assert_uint_ge(allocator_usable(allocator, UINT64_MAX), (uint64_t)1 << 60);
        ck_assert_uint_ge(allocator_usable(allocator, (uint64_t)1 << 59), (uint64_t)1 << 59);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("allocator");
    TCase *tc = tcase_create("allocator");
    tcase_add_test(tc, test_jemalloc_8);
    tcase_add_test(tc, test_jemalloc_16);
    tcase_add_test(tc, test_jemalloc_3_6);
    tcase_add_test(tc, test_libc);
    tcase_add_test(tc, test_small_classes);
    tcase_add_test(tc, test_huge_requests);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
