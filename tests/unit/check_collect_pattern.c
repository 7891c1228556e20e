#include <check.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "collect/key_pattern.h"
#include "collect_random.h"
#include "run_suite.h"

static const char *pattern_text(const char *name, size_t len, char text[KEY_PATTERN_MAX + 1])
{
    struct key_pattern pattern;
    key_pattern_of(&pattern, (const uint8_t *)name, len);
    size_t text_len = key_pattern_text(&pattern, (uint8_t *)text);
    text[text_len] = '\0';
    return text;
}

static const struct {
    const char *name, *pattern;
} folding[] = {
    {"", ""},
    {"user", "user"},
    {"7", "*"},
    {"user:1000:profile", "user:*:profile"},
    {"user:31:profile", "user:*:profile"},
    {"sess:0:token", "sess:*:token"},
    {"sess:1671963072000", "sess:*"},
    {"f:123e4567-e89b-12d3-a456-426614174000:z", "f:*:z"},
    {"f:123E4567-E89B-12D3-A456-426614174000", "f:*"},
    {"f:abcdefab-cdef-abcd-efab-cdefabcdefab", "f:*"},
    {"f:123e4567:e89b-12d3-a456-426614174000", "f:*:e*b-*d3-a*"},
    {"md5:d41d8cd98f00b204e9800998ecf8427e", "md5:*"},
    {"deadbeef:x", "deadbeef:x"},
    {"deadbee1:x", "*:x"},
    {"cache:x7Gh2kL9pQ:v", "cache:*:v"},
    {"page:aBcDeFgHiJkLmNoPqRsT5", "page:*"},
    {"node17:up", "node*:up"},
    {"v2:api", "v2:api"},
    {"2024-01-15:visits", "*:visits"},
    {"ip:10.0.0.1:hits", "ip:*:hits"},
    {"{user:42}:cart", "{user:*}:cart"},
    {"order_12345_items", "order_*_items"},
    {"a-b-c-d-e", "a-b-c-d-e"},
    {"h\xc3\xa9llo:12:\xc3\xa9", "h\xc3\xa9llo:*:\xc3\xa9"},
};

START_TEST(names_fold_as_documented)
{
    char text[KEY_PATTERN_MAX + 1];
    ck_assert_str_eq(pattern_text(folding[_i].name, strlen(folding[_i].name), text), folding[_i].pattern);
}
END_TEST

START_TEST(long_names_end_in_one_star)
{
    char name[200], text[KEY_PATTERN_MAX + 1];
    memset(name, 'x', sizeof name);
    ck_assert_str_eq(pattern_text(name, sizeof name, text), "*");
    memcpy(name, "log:", 4);
    ck_assert_str_eq(pattern_text(name, sizeof name, text), "log:*");
    memset(name, ':', 64);
    pattern_text(name, sizeof name, text);
    ck_assert_uint_eq(strlen(text), KEY_PATTERN_MAX);
    ck_assert_int_eq(text[KEY_PATTERN_MAX - 1], '*');
}
END_TEST

/* ---- the same rules, byte by byte -----------------------------------------------------------------------------------
 */

static bool is_word(uint8_t c)
{
    return c >= 128 || isalnum(c);
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(uint8_t c)
{
    return c < 128 && isxdigit(c);
}

static bool is_uuid(const uint8_t *name, size_t len)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (len < sizeof shape - 1)
        return false;
    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (shape[i] == '-' ? name[i] != '-' : !is_hex(name[i]))
            return false;
    return true;
}

static void fold_token_slowly(const uint8_t *name, size_t first, size_t end, bool *folded)
{
    size_t digits = 0, changes = 0, hex = 0, len = end - first;
    for (size_t i = first; i < end; i++) {
        digits += is_digit(name[i]);
        hex += is_hex(name[i]);
        changes += i > first && is_digit(name[i]) != is_digit(name[i - 1]);
    }
    bool whole = digits == len || (len >= 8 && digits && (hex == len || changes >= 3)) || (len >= 20 && digits);
    for (size_t i = first; i < end && digits; i++) {
        bool in_run =
            is_digit(name[i]) && ((i > first && is_digit(name[i - 1])) || (i + 1 < end && is_digit(name[i + 1])));
        if (whole || in_run)
            folded[i] = true;
    }
}

static void fold_slowly(const uint8_t *name, size_t len, bool folded[KEY_PATTERN_MAX])
{
    memset(folded, 0, KEY_PATTERN_MAX);
    for (size_t i = 0; i < len; i++)
        if (is_uuid(name + i, len - i))
            memset(folded + i, 1, 36);
    for (size_t first = 0; first < len;) {
        size_t end = first;
        bool has_free_digit = false;
        for (; end < len && is_word(name[end]); end++)
            has_free_digit |= is_digit(name[end]) && !folded[end];
        if (has_free_digit)
            fold_token_slowly(name, first, end, folded);
        first = end + 1;
    }
    bool before[KEY_PATTERN_MAX];
    memcpy(before, folded, sizeof before);
    for (size_t i = 1; i + 1 < len; i++)
        if ((name[i] == '-' || name[i] == '.') && before[i - 1] && before[i + 1])
            folded[i] = true;
}

/* Few letters, so that all rules come to pass. */
static size_t random_name(uint64_t *seed, uint8_t name[KEY_PATTERN_MAX])
{
    static const char alphabet[] = "0123459afxZ:-._{}\xc3";
    static const char uuid[] = "123e4567-e89b-12d3-a456-426614174000";
    size_t len = next_random(seed) % (KEY_PATTERN_MAX + 1);
    unsigned letters = 2 + next_random(seed) % (sizeof alphabet - 3);
    unsigned first = next_random(seed) % (sizeof alphabet - 1 - letters);
    for (size_t i = 0; i < len; i++)
        name[i] = (uint8_t)alphabet[first + next_random(seed) % letters];
    if (len > 40 && next_random(seed) % 4 == 0)
        memcpy(name + next_random(seed) % (len - 36), uuid, 36);
    return len;
}

START_TEST(random_names_fold_as_byte_by_byte)
{
    uint64_t seed = (uint64_t)_i * 1000;
    for (int n = 0; n < 20000; n++) {
        uint8_t bytes[KEY_PATTERN_MAX];
        size_t len = random_name(&seed, bytes);
        uint8_t *name = malloc(len ? len : 1); /* exactly as long: a read behind it is a fault */
        memcpy(name, bytes, len);
        bool folded[KEY_PATTERN_MAX];
        fold_slowly(name, len, folded);
        struct key_pattern pattern;
        key_pattern_of(&pattern, name, len);
        ck_assert_uint_eq(pattern.len, len);
        uint64_t expected = 0;
        for (size_t i = 0; i < len; i++)
            expected |= (uint64_t)folded[i] << i;
        ck_assert_msg(pattern.folded == expected, "%.*s: %llx, not %llx", (int)len, name,
                      (unsigned long long)pattern.folded, (unsigned long long)expected);
        free(name);
    }
}
END_TEST

START_TEST(hashes_are_of_the_text)
{
    enum { COUNT = 4000 };
    static struct {
        uint64_t hash;
        char text[KEY_PATTERN_MAX + 1];
        size_t len;
    } seen[COUNT];
    uint64_t seed = 5;
    for (int n = 0; n < COUNT; n++) {
        uint8_t name[KEY_PATTERN_MAX];
        size_t len = random_name(&seed, name) % 12;
        struct key_pattern pattern;
        key_pattern_of(&pattern, name, len);
        seen[n].hash = key_pattern_hash(&pattern);
        seen[n].len = key_pattern_text(&pattern, (uint8_t *)seen[n].text);
        for (int i = 0; i < n; i++) {
            bool same = seen[i].len == seen[n].len && memcmp(seen[i].text, seen[n].text, seen[n].len) == 0;
            if (same != (seen[i].hash == seen[n].hash)) /* eight million pairs: ck_assert writes a line for each */
                ck_abort_msg("\"%s\" and \"%s\" have %s hash", seen[i].text, seen[n].text, same ? "not one" : "one");
        }
    }
}
END_TEST

/* Names of a few shapes with other digits and other letters, and whatever comes. */
START_TEST(recalled_patterns_are_those_found_anew)
{
    enum { COUNT = 20000, SHAPES = 100 };
    static struct key_pattern_memos memos;
    static uint8_t shape[SHAPES][KEY_PATTERN_MAX + 8];
    size_t len[SHAPES];
    uint64_t seed = 7;
    for (int i = 0; i < SHAPES; i++)
        len[i] = random_name(&seed, shape[i]);
    for (int n = 0; n < COUNT; n++) {
        int which = (int)(next_random(&seed) % SHAPES);
        uint8_t *name = malloc(len[which] + !len[which]);
        for (size_t i = 0; i < len[which]; i++) {
            bool is_digit = shape[which][i] >= '0' && shape[which][i] <= '9';
            name[i] = is_digit ? (uint8_t)('0' + next_random(&seed) % 10) : shape[which][i];
        }
        if (len[which] > 0 && next_random(&seed) % 8 == 0)
            name[next_random(&seed) % len[which]] ^= (uint8_t)(1 << next_random(&seed) % 8);
        struct key_pattern recalled, anew;
        uint64_t hash = key_pattern_recall(&memos, &recalled, name, len[which]);
        key_pattern_of(&anew, name, len[which]);
        ck_assert_uint_eq(hash, key_pattern_hash(&anew));
        ck_assert_uint_eq(recalled.folded, anew.folded);
        ck_assert_uint_eq(recalled.digits, anew.digits);
        ck_assert_uint_eq(recalled.len, anew.len);
        ck_assert_uint_eq(recalled.varying.at, anew.varying.at);
        ck_assert_uint_eq(recalled.varying.len, anew.varying.len);
        ck_assert_int_eq(recalled.varying.is_id, anew.varying.is_id);
        uint64_t letters = key_pattern_letters(&recalled);
        for (unsigned i = 0; i < recalled.len; i++)
            ck_assert_int_eq((int)(letters >> i & 1), isascii(name[i]) && isalpha(name[i]));
        free(name);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("key_pattern");
    TCase *cases = tcase_create("key_pattern");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, names_fold_as_documented, 0, sizeof folding / sizeof *folding);
    tcase_add_test(cases, long_names_end_in_one_star);
    tcase_add_loop_test(cases, random_names_fold_as_byte_by_byte, 0, 5);
    tcase_add_test(cases, hashes_are_of_the_text);
    tcase_add_test(cases, recalled_patterns_are_those_found_anew);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
