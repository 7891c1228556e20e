#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "fixture_document.h"
#include "names.h"
#include "render.h"
#include "run_suite.h"
#include "utf8.h"

enum { NAME_MAX_BYTES = 300, CAPACITY = 4 * NAME_MAX_BYTES + 4, ROUNDS = 20000 };

static const enum name_format all_formats[] = {NAME_ESCAPED, NAME_HEX, NAME_BASE64};

static const char *print(char *out, enum name_format format, const char *bytes, size_t len)
{
    out[name_print(out, CAPACITY, format, (const uint8_t *)bytes, len)] = 0;
    return out;
}

#define PRINTED(format, literal) print(text, format, literal, sizeof(literal) - 1)

START_TEST(escaped_form)
{
    char text[CAPACITY + 1];
    ck_assert_str_eq(PRINTED(NAME_ESCAPED, "user:1"), "user:1");
    ck_assert_str_eq(PRINTED(NAME_ESCAPED, "a\\b"), "a\\\\b");
    ck_assert_str_eq(PRINTED(NAME_ESCAPED, "\0\t\n\x1b\x7f"), "\\x00\\x09\\x0a\\x1b\\x7f");
    ck_assert_str_eq(PRINTED(NAME_ESCAPED, "caf\xC3\xA9 \xF0\x9F\x98\x80"), "caf\xC3\xA9 \xF0\x9F\x98\x80");
    /* Not shortest, a surrogate, past the last code point, cut short, a lone continuation. */
    ck_assert_str_eq(PRINTED(NAME_ESCAPED, "\xC0\x80"), "\\xc0\\x80");
    ck_assert_str_eq(PRINTED(NAME_ESCAPED, "\xED\xA0\x80"), "\\xed\\xa0\\x80");
    ck_assert_str_eq(PRINTED(NAME_ESCAPED, "\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
    ck_assert_str_eq(PRINTED(NAME_ESCAPED, "\xE2\x82"), "\\xe2\\x82");
    ck_assert_str_eq(PRINTED(NAME_ESCAPED, "\xBFx"), "\\xbfx");
    /* A terminal obeys C1 controls; marks that reorder text show another name than there is. */
    ck_assert_str_eq(PRINTED(NAME_ESCAPED, "\xC2\x9B"), "\\xc2\\x9b");
    ck_assert_str_eq(PRINTED(NAME_ESCAPED, "\xE2\x80\xAE"), "\\xe2\\x80\\xae");
    ck_assert_str_eq(PRINTED(NAME_HEX, "\0\xFFk"), "00ff6b");
    ck_assert_str_eq(PRINTED(NAME_BASE64, "foobar"), "Zm9vYmFy");
    ck_assert_str_eq(PRINTED(NAME_BASE64, "fooba"), "Zm9vYmE=");
    ck_assert_str_eq(PRINTED(NAME_BASE64, "foob"), "Zm9vYg==");
}
END_TEST

static void round_trip(enum name_format format, const uint8_t *bytes, size_t len)
{
    char text[CAPACITY];
    uint8_t back[NAME_MAX_BYTES];
    size_t text_len = name_print(text, sizeof text, format, bytes, len);
    bool printable = true;
    for (size_t i = 0; i < text_len; i++)
        printable = printable && (uint8_t)text[i] >= 0x20 && text[i] != 0x7F;
    size_t back_len = name_parse(back, sizeof back, format, text, text_len);
    if (!printable || back_len != len || memcmp(back, bytes, len) != 0)
        ck_abort_msg("form %d of %zu bytes: '%.*s'", format, len, (int)text_len, text);
}

START_TEST(every_byte_comes_back)
{
    /* Random lengths over alphabets from one that is mostly UTF-8 to all bytes. */
    static const uint8_t alphabet[] = "ab\\x0f:\xC3\xA9\xE2\x80\xAE\xF0\x9F\x98\x80\x1B\n\xFF";
    uint8_t bytes[NAME_MAX_BYTES];
    srand(20231);
    for (int round = 0; round < ROUNDS; round++) {
        size_t len = (size_t)rand() % (round % 10 ? 20 : sizeof bytes);
        for (size_t i = 0; i < len; i++)
            bytes[i] = round % 2 ? (uint8_t)rand() : alphabet[(size_t)rand() % (sizeof alphabet - 1)];
        for (size_t f = 0; f < sizeof all_formats / sizeof *all_formats; f++)
            round_trip(all_formats[f], bytes, len);
    }
    for (size_t i = 0; i < hostile_name_count; i++)
        for (size_t f = 0; f < sizeof all_formats / sizeof *all_formats; f++)
            round_trip(all_formats[f], (const uint8_t *)hostile_names[i].bytes, hostile_names[i].len);
}
END_TEST

START_TEST(a_small_capacity_keeps_whole_units)
{
    static const uint8_t bytes[] = "a\x1b\xC3\xA9\\z";
    static const char *const expected[] = {"",
                                           "a",
                                           "a",
                                           "a",
                                           "a",
                                           "a\\x1b",
                                           "a\\x1b",
                                           "a\\x1b\xC3\xA9",
                                           "a\\x1b\xC3\xA9",
                                           "a\\x1b\xC3\xA9\\\\",
                                           "a\\x1b\xC3\xA9\\\\z"};
    for (size_t capacity = 0; capacity < sizeof expected / sizeof *expected; capacity++) {
        char text[16] = {0};
        size_t len = name_print(text, capacity, NAME_ESCAPED, bytes, sizeof bytes - 1);
        ck_assert_uint_le(len, capacity);
        ck_assert_str_eq(text, expected[capacity]);
    }
    char text[8];
    ck_assert_uint_eq(name_print(text, 5, NAME_HEX, bytes, 6), 4);
    ck_assert_uint_eq(name_print(text, 7, NAME_BASE64, bytes, 6), 4);
}
END_TEST

static size_t parse(enum name_format format, const char *text)
{
    uint8_t out[64];
    return name_parse(out, sizeof out, format, text, strlen(text));
}

START_TEST(malformed_text_is_refused)
{
    static const char *const escaped[] = {"\\", "\\x", "\\x1", "\\xg0", "\\n", "a\\"};
    for (size_t i = 0; i < sizeof escaped / sizeof *escaped; i++)
        ck_assert_uint_eq(parse(NAME_ESCAPED, escaped[i]), SIZE_MAX);
    ck_assert_uint_eq(parse(NAME_ESCAPED, "\\xAB\\xab"), 2);
    ck_assert_uint_eq(parse(NAME_HEX, "abc"), SIZE_MAX);
    ck_assert_uint_eq(parse(NAME_HEX, "0x"), SIZE_MAX);
    ck_assert_uint_eq(parse(NAME_HEX, "AbCd"), 2);
    static const char *const base64[] = {"Zg", "Zg=", "Z===", "====", "Zh==", "Zm9=", "Zg==Zg==", "Zm9v!mFy"};
    for (size_t i = 0; i < sizeof base64 / sizeof *base64; i++)
        ck_assert_uint_eq(parse(NAME_BASE64, base64[i]), SIZE_MAX);
    uint8_t small[2];
    ck_assert_uint_eq(name_parse(small, sizeof small, NAME_ESCAPED, "abc", 3), SIZE_MAX);
    ck_assert_uint_eq(name_parse(small, sizeof small, NAME_HEX, "616263", 6), SIZE_MAX);
    ck_assert_uint_eq(name_parse(small, sizeof small, NAME_BASE64, "YWJj", 4), SIZE_MAX);
}
END_TEST

START_TEST(ascii_units)
{
    struct name_unit unit = name_next_unit((const uint8_t *)"\xC3\xA9", 2, true);
    ck_assert_uint_eq(unit.size, 2);
    ck_assert_uint_eq(unit.text_len, 8);
    ck_assert_mem_eq(unit.text, "\\xc3\\xa9", 8);
}
END_TEST

START_TEST(widths)
{
    struct utf8_locale locale = utf8_locale_enter();
    ck_assert_uint_eq(utf8_width('a'), 1);
    ck_assert_uint_eq(utf8_width(0xE9), 1);
    ck_assert_uint_eq(utf8_width(0x301), 0);
    ck_assert_uint_eq(utf8_width(0x65E5), 2);
    ck_assert_uint_eq(utf8_width(0x1F600), 2);
    utf8_locale_leave(&locale);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("names");
    TCase *cases = tcase_create("names");
    tcase_add_test(cases, escaped_form);
    tcase_add_test(cases, every_byte_comes_back);
    tcase_add_test(cases, a_small_capacity_keeps_whole_units);
    tcase_add_test(cases, malformed_text_is_refused);
    tcase_add_test(cases, ascii_units);
    tcase_add_test(cases, widths);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
