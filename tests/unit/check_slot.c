#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "run_suite.h"
#include "slot.h"

static unsigned slot_of(const char *name)
{
    return slot_of_key((const uint8_t *)name, strlen(name));
}

/* The polynomial, bit by bit. */
static unsigned crc16_by_bits(const uint8_t *bytes, size_t len)
{
    unsigned crc = 0;
    for (size_t i = 0; i < len; i++) {
        crc ^= (unsigned)bytes[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x8000 ? (crc << 1 ^ 0x1021) & 0xffff : crc << 1;
    }
    return crc;
}

START_TEST(published_values)
{
    /* The check value of CRC-16/XMODEM, and slots that a server's CLUSTER KEYSLOT printed. */
    ck_assert_uint_eq(slot_of("123456789"), 0x31c3 % SLOT_COUNT);
    ck_assert_uint_eq(slot_of("foo"), 12182);
    ck_assert_uint_eq(slot_of("bar"), 5061);
    ck_assert_uint_eq(slot_of(""), 0);
}
END_TEST

START_TEST(every_length_agrees_with_the_polynomial)
{
    uint8_t name[100] = {0};
    for (size_t len = 0; len <= sizeof name; len++) {
        for (size_t i = 0; i < len; i++)
            name[i] = (uint8_t)(i * 37 + len * 11) == '{' ? 'x' : (uint8_t)(i * 37 + len * 11);
        ck_assert_uint_eq(slot_of_key(name, len), crc16_by_bits(name, len) % SLOT_COUNT);
    }
}
END_TEST

/* "{" at each place of each length, so that no path of the search is missed. */
START_TEST(a_tag_is_found_wherever_it_stands)
{
    char name[64];
    for (size_t len = 3; len < sizeof name; len++) {
        for (size_t at = 0; at + 3 <= len; at++) {
            memset(name, '|', len);
            memcpy(name + at, "{t}", 3);
            ck_assert_uint_eq(slot_of_key((const uint8_t *)name, len), slot_of("t"));
        }
    }
}
END_TEST

START_TEST(hash_tags)
{
    ck_assert_uint_eq(slot_of("{user1000}.following"), slot_of("user1000"));
    ck_assert_uint_eq(slot_of("a{b}c{d}"), slot_of("b"));
    ck_assert_uint_eq(slot_of("foo{{bar}}zap"), slot_of("{bar"));
    const char *const whole[] = {"foo{}{bar}", "foo{bar", "foo}bar", "{}"};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        ck_assert_uint_eq(slot_of(whole[i]), crc16_by_bits((const uint8_t *)whole[i], strlen(whole[i])) % SLOT_COUNT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slot");
    TCase *cases = tcase_create("slot");
    tcase_add_test(cases, published_values);
    tcase_add_test(cases, every_length_agrees_with_the_polynomial);
    tcase_add_test(cases, a_tag_is_found_wherever_it_stands);
    tcase_add_test(cases, hash_tags);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
