/* The lowest layer: window, lengths, numbers, strings, decompression, sets of fingerprints. */
#include <math.h>

#include "expect_events.h"
#include "fingerprints.h"
#include "primitives.h"
#include "trickle.h"
#include "unpack.h"

static struct rdb_error error;
static struct trickle trickle;
static struct rdb_source source;

static void open_input(struct rdb_input *in, const void *bytes, size_t len, size_t step, size_t window)
{
    const struct rdb_options options = {.window_bytes = window};
    error = (struct rdb_error){0};
    trickle = trickle_of(bytes, len, step);
    source = trickle_source(&trickle);
    ck_assert_int_eq(rdb_input_init(in, &source, &options, &error), RDB_OK);
}

START_TEST(decimal_lengths)
{
    char text[32];
    uint64_t value = 1;
    for (int digits = 0; digits < 19; digits++, value *= 10) {
        for (int64_t near = -1; near <= 1; near++) {
            int64_t number = (int64_t)value + near;
            int n = snprintf(text, sizeof text, "%lld", (long long)number);
            ck_assert_uint_eq(rdb_decimal_len(number), n);
            n = snprintf(text, sizeof text, "%lld", (long long)-number);
            ck_assert_uint_eq(rdb_decimal_len(-number), n);
        }
    }
    for (unsigned shift = 0; shift < 64; shift++) {
        int n = snprintf(text, sizeof text, "%lld", (long long)(int64_t)(UINT64_C(1) << shift));
        ck_assert_uint_eq(rdb_decimal_len((int64_t)(UINT64_C(1) << shift)), n);
    }
    ck_assert_uint_eq(rdb_decimal_len(INT64_MAX), 19);
    ck_assert_uint_eq(rdb_decimal_len(INT64_MIN), 20);
}
END_TEST

START_TEST(lengths)
{
    static const uint64_t values[] = {0, 63, 64, 16383, 16384, UINT32_MAX, UINT64_C(1) << 32, UINT64_MAX};
    struct rdb_writer w;
    struct rdb_input in;
    uint64_t got;
    rdb_writer_init(&w);
    for (size_t i = 0; i < 8; i++)
        put_len(&w, values[i]);
    put_len_form(&w, 5, LEN_14_BITS);
    put_len_form(&w, 5, LEN_32_BITS);
    put_u8(&w, 0x83);
    for (size_t step = 1; step <= 5; step++) {
        open_input(&in, w.data, w.len, step, 1);
        for (size_t i = 0; i < 8; i++) {
            ck_assert_int_eq(rdb_read_len(&in, &got, "a length"), RDB_OK);
            ck_assert_uint_eq(got, values[i]);
        }
        for (int i = 0; i < 2; i++) {
            ck_assert_int_eq(rdb_read_len(&in, &got, "a length"), RDB_OK);
            ck_assert_uint_eq(got, 5);
        }
        ck_assert_int_eq(rdb_read_len(&in, &got, "a length"), RDB_ERR_CORRUPT);
        ck_assert_uint_eq(error.offset, w.len - 1);
        rdb_input_release(&in);
    }
    rdb_writer_release(&w);
}
END_TEST

START_TEST(text_numbers)
{
    ck_assert(rdb_text_double("1.5") == 1.5 && rdb_text_double("-1e3") == -1000 && rdb_text_double("0") == 0);
    ck_assert(isinf(rdb_text_double("inf")) && isinf(rdb_text_double("-inf")));
    static const char *const wrong[] = {"", " 1", "1 ", "0x10", "1.5x", "nan", "1,5", "one", "--1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(isnan(rdb_text_double(wrong[i])), "\"%s\" is no number", wrong[i]);
}
END_TEST

/* The quick way and the slow way to a string agree, for every form. */
START_TEST(two_ways_to_a_string)
{
    struct rdb_writer w;
    char text[200];
    memset(text, 'c', sizeof text);
    rdb_writer_init(&w);
    put_text(&w, "short");
    put_string(&w, text, 63);
    put_string(&w, text, 64);
    put_string(&w, text, 200);
    put_int_string_width(&w, -100, 1);
    put_int_string_width(&w, -30000, 2);
    put_int_string_width(&w, 2000000000, 4);
    ck_assert(put_lzf_string(&w, text, 200));
    struct rdb_input quick, slow;
    struct rdb_error errors[2];
    const struct rdb_options wide = {0}, narrow = {.window_bytes = 1};
    struct rdb_source sources[2];
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(rdb_source_memory(&sources[i], w.data, w.len, &errors[i]), RDB_OK);
    ck_assert_int_eq(rdb_input_init(&quick, &sources[0], &wide, &errors[0]), RDB_OK);
    ck_assert_int_eq(rdb_input_init(&slow, &sources[1], &narrow, &errors[1]), RDB_OK);
    ck_assert_int_eq(rdb_input_want(&quick, w.len), RDB_OK);
    for (int i = 0; i < 8; i++) {
        struct rdb_string one, other;
        const uint8_t *bytes[2];
        ck_assert(rdb_string_peek(&quick, &quick.pos, &one));
        ck_assert_int_eq(rdb_string_hold(&slow, RDB_HOLD_FIRST, &other, "a string"), RDB_OK);
        ck_assert(one.len == other.len && one.stored_len == other.stored_len && one.form == other.form);
        size_t n = rdb_string_bytes(&one, 1000, &bytes[0]);
        ck_assert_uint_eq(n, one.len);
        ck_assert_uint_eq(rdb_string_bytes(&other, 1000, &bytes[1]), n);
        ck_assert(memcmp(bytes[0], bytes[1], n) == 0);
        ck_assert_uint_eq(rdb_input_tell(&quick), rdb_input_tell(&slow));
    }
    struct rdb_string none;
    ck_assert(!rdb_string_peek(&quick, &quick.pos, &none));
    ck_assert_uint_eq(rdb_input_checksum(&slow), rdb_crc64(0, w.data, w.len));
    rdb_input_release(&quick);
    rdb_input_release(&slow);
    for (int i = 0; i < 2; i++)
        rdb_source_close(&sources[i]);
    rdb_writer_release(&w);
}
END_TEST

START_TEST(skips_and_checksum)
{
    uint8_t bytes[1000];
    struct rdb_input in;
    uint64_t passed;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    for (size_t step = 1; step < 70; step += 17) {
        open_input(&in, bytes, sizeof bytes, step, 64);
        ck_assert_int_eq(rdb_input_skip(&in, 333, "bytes"), RDB_OK);
        ck_assert_uint_eq(rdb_input_tell(&in), 333);
        ck_assert_uint_eq(rdb_input_checksum(&in), rdb_crc64(0, bytes, 333));
        ck_assert_int_eq(rdb_input_need(&in, 64, "bytes"), RDB_OK);
        ck_assert(memcmp(in.pos, bytes + 333, 64) == 0);
        ck_assert_int_eq(rdb_input_copy(&in, RDB_HOLD_FIRST, 600, "bytes"), RDB_OK);
        ck_assert(memcmp(in.hold[RDB_HOLD_FIRST].bytes, bytes + 333, 600) == 0);
        ck_assert_uint_eq(rdb_input_checksum(&in), rdb_crc64(0, bytes, 933));
        ck_assert_int_eq(rdb_input_drain(&in, &passed), RDB_OK);
        ck_assert_uint_eq(passed, 67);
        ck_assert_int_eq(rdb_input_skip(&in, 1, "bytes"), RDB_ERR_TRUNCATED);
        ck_assert_uint_eq(error.offset, 1000);
        rdb_input_release(&in);
    }
    ck_assert_uint_eq(rdb_crc64(0, "123456789", 9), UINT64_C(0xe9c6d914c4b8d9ca));
}
END_TEST

START_TEST(a_source_that_fails)
{
    uint8_t bytes[100] = {0};
    struct rdb_input in;
    open_input(&in, bytes, sizeof bytes, 10, 64);
    trickle.fail_at = 50;
    ck_assert_int_eq(rdb_input_skip(&in, 99, "bytes"), RDB_ERR_READ);
    ck_assert_int_eq(rdb_input_skip(&in, 99, "bytes"), RDB_ERR_READ);
    rdb_input_release(&in);
}
END_TEST

START_TEST(unpacking_a_prefix)
{
    struct rdb_writer w;
    struct rdb_input in;
    uint8_t text[5000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)("abcdefgh"[i % 8] + (i / 900));
    rdb_writer_init(&w);
    ck_assert(put_lzf_string(&w, text, sizeof text));
    open_input(&in, w.data, w.len, 0, 0);
    struct rdb_string string;
    ck_assert_int_eq(rdb_string_open(&in, &string, "a string"), RDB_OK);
    for (size_t max = 0; max <= 5000; max += 1 + max / 7) {
        const uint8_t *bytes;
        ck_assert_uint_eq(rdb_string_bytes(&string, max, &bytes), max);
        ck_assert(memcmp(bytes, text, max) == 0);
    }
    /* of a part of the compressed bytes only what is sure comes out */
    struct rdb_lzf part = {string.stored, (size_t)string.stored_len - 1, string.stored_len, string.len};
    size_t got;
    ck_assert_int_eq(rdb_lzf_unpack(&in, &part, RDB_HOLD_UNPACKED, 5000, &got), RDB_OK);
    ck_assert_uint_lt(got, 5000);
    ck_assert(!rdb_lzf_plausible(0, 5) && !rdb_lzf_plausible(5, 0) && !rdb_lzf_plausible(10, 10 * 88 + 265));
    ck_assert(rdb_lzf_plausible(10, 10 * 88 + 264) && !rdb_lzf_plausible(UINT64_MAX, UINT64_MAX));
    rdb_input_release(&in);
    rdb_writer_release(&w);
}
END_TEST

/* How many of the first `count` pairs are answered so when they are added. */
static uint64_t answered(struct rdb_fingerprints *set, uint64_t count, bool ones, enum rdb_membership answer)
{
    uint64_t answers = 0;
    for (uint64_t i = 0; i < count; i++)
        answers += rdb_fingerprints_add(set, rdb_fingerprint_pair(i, ones ? 1 : i)) == answer;
    return answers;
}

START_TEST(fingerprints)
{
    struct rdb_fingerprints set = {0};
    ck_assert_uint_eq(answered(&set, 100000, true, RDB_NOT_MEMBER), 100000);
    ck_assert_uint_eq(answered(&set, 100000, true, RDB_MEMBER), 100000);
    ck_assert_int_eq(rdb_fingerprints_find(&set, rdb_fingerprint_pair(1, 0)), RDB_NOT_MEMBER);
    rdb_fingerprints_clear(&set);
    ck_assert_int_eq(rdb_fingerprints_find(&set, rdb_fingerprint_pair(0, 1)), RDB_NOT_MEMBER);
    /* values that all want one place: the set gives up instead of slowing down, and says so */
    for (uint64_t i = 1; i < 100000; i++)
        rdb_fingerprints_add(&set, i << 40);
    ck_assert(set.overflowed);
    ck_assert_int_eq(rdb_fingerprints_find(&set, UINT64_C(99999) << 40), RDB_MEMBER_UNKNOWN);
    ck_assert_int_eq(rdb_fingerprints_find(&set, UINT64_C(1) << 40), RDB_MEMBER);
    rdb_fingerprints_clear(&set);
    ck_assert_uint_eq(answered(&set, 2 * RDB_FINGERPRINTS_MAX, false, RDB_MEMBER), 0);
    ck_assert(set.overflowed && set.capacity * 8 <= 16 * 1024 * 1024);
    rdb_fingerprints_release(&set);
    ck_assert(rdb_fingerprint_bytes((const uint8_t *)"ab", 2) != rdb_fingerprint_bytes((const uint8_t *)"ab\0", 3));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        decimal_lengths,    lengths,     text_numbers, two_ways_to_a_string, skips_and_checksum, a_source_that_fails,
        unpacking_a_prefix, fingerprints};
    return run_tests("parse_primitives", tests, sizeof tests / sizeof *tests);
}
