#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/json_object.h"
#include "run_suite.h"

struct seen {
    char text[600];
};

static void note(void *self, const struct json_text *name, const struct json_text *value)
{
    struct seen *seen = self;
    size_t at = strlen(seen->text);
    snprintf(seen->text + at, sizeof seen->text - at, "%.*s/%d=%.*s/%d;", (int)name->bytes_len,
             (const char *)name->bytes, (int)name->len, (int)value->bytes_len, (const char *)value->bytes,
             (int)value->len);
}

static bool reads(const char *text, char members[600])
{
    struct seen seen = {.text = ""};
    bool is_object = json_object_read((const uint8_t *)text, strlen(text), note, &seen);
    strcpy(members, seen.text);
    return is_object;
}

/* What a member is called, and how long name and value are as texts of a hash. */
START_TEST(members)
{
    static const struct {
        const char *text, *members;
    } cases[] = {
        {"{}", ""},
        {" { } \n", ""},
        {"{\"a\":1}", "a/1=1/1;"},
        {"{\"a\" : -1.5e+3 , \"bc\":\"\"}", "a/1=-1.5e+3/7;bc/2=/0;"},
        {"{\"a\":true,\"b\":false,\"c\":null}", "a/1=true/4;b/1=false/5;c/1=null/4;"},
        {"{\"a\":[1,[2,{\"x\":[]}]],\"b\":{}}", "a/1=[1,[2,{\"x\":[]}]]/16;b/1={}/2;"},
        {"{\"a\":{\"b\":{\"c\":\"}\"}}}", "a/1={\"b\":{\"c\":\"}\"}}/15;"},
        {"{\"\\\"\":\"\\n\\\\\"}", "\\\"/1=\\n\\\\/2;"},
        {"{\"e\":\"\\u0041\\u00e9\\u20ac\"}", "e/1=\\u0041\\u00e9\\u20ac/6;"},
        {"{\"e\":\"\\ud83d\\ude00\"}", "e/1=\\ud83d\\ude00/4;"},
        {"{\"\xc3\xa9\":\"\xe2\x82\xac\"}", "\xc3\xa9/2=\xe2\x82\xac/3;"},
    };
    char found[600];
    ck_assert_msg(reads(cases[_i].text, found), "%s", cases[_i].text);
    ck_assert_str_eq(found, cases[_i].members);
}
END_TEST

/* Text is looked at eight bytes at a time: every byte, at every place of a word and behind the last whole one. */
START_TEST(bytes_of_text)
{
    enum { LONGEST = 20 };
    uint8_t byte = (uint8_t)_i;
    for (size_t len = 1; len <= LONGEST; len++)
        for (size_t at = 0; at < len; at++) {
            char text[LONGEST + 8] = "{\"a\":\"";
            size_t start = strlen(text), end = start + len;
            memset(text + start, 'x', len);
            text[start + at] = (char)byte;
            memcpy(text + end, "\"}", 2);
            bool is_text = json_object_read((const uint8_t *)text, end + 2, NULL, NULL);
            /* Behind a backslash comes x, but at the end. */
            ck_assert_msg(is_text == (byte >= 0x20 && byte != '"' && byte != '\\'), "%d at %zu of %zu", byte, at, len);
        }
}
END_TEST

START_TEST(no_objects)
{
    static const char *const cases[] = {
        "",
        "{",
        "[]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":1}x",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":+1}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":tru}",
        "{\"a\":[1}",
        "{\"a\":[1,]}",
        "{\"a\":{1:2}}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":'x'}",
        "{\"a\":-}",
        "\"{}\"",
    };
    char found[600];
    ck_assert_msg(!reads(cases[_i], found), "%s", cases[_i]);
}
END_TEST

/* Every prefix of a document is none, and reading it stays inside its bytes (the sanitizers say so). */
START_TEST(prefixes)
{
    static const char text[] =
        "{\"id\": 7, \"t\\u00fc\": [1, {\"x\": [true, null]}, \"\\ud83d\\ude00\"], \"z\": {\"y\": -0.5e-7}}";
    for (size_t len = 0; len < sizeof text - 1; len++) {
        uint8_t *bytes = malloc(len + !len);
        memcpy(bytes, text, len);
        ck_assert_msg(!json_object_read(bytes, len, NULL, NULL), "%zu bytes", len);
        free(bytes);
    }
    ck_assert(json_object_read((const uint8_t *)text, sizeof text - 1, NULL, NULL));
}
END_TEST

START_TEST(depth)
{
    char text[4 * JSON_OBJECT_DEPTH + 20];
    for (int levels = 1; levels <= JSON_OBJECT_DEPTH + 1; levels++) {
        int at = snprintf(text, sizeof text, "{\"a\":");
        memset(text + at, '[', (size_t)levels);
        memset(text + at + levels, ']', (size_t)levels);
        snprintf(text + at + 2 * levels, 2, "}");
        ck_assert_int_eq(json_object_read((const uint8_t *)text, strlen(text), NULL, NULL),
                         levels <= JSON_OBJECT_DEPTH);
    }
}
END_TEST

START_TEST(shapes)
{
    const struct json_text number = {(const uint8_t *)"123", 3, 3}, escaped = {(const uint8_t *)"1\\u0032", 7, 2};
    ck_assert(json_text_shape(&number).is_integer);
    ck_assert_int_eq(json_text_shape(&number).integer, 123);
    ck_assert(!json_text_shape(&escaped).is_integer);
    ck_assert_uint_eq(json_text_shape(&escaped).len, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json_object");
    TCase *tests = tcase_create("json_object");
    tcase_add_loop_test(tests, members, 0, 11);
    tcase_add_loop_test(tests, no_objects, 0, 21);
    tcase_add_loop_test(tests, bytes_of_text, 0, 256);
    tcase_add_test(tests, prefixes);
    tcase_add_test(tests, depth);
    tcase_add_test(tests, shapes);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
