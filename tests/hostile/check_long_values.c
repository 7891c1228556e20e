/* A packed value costs the same and holds the same, raw or compressed, however much longer than what is at hand of the
 * file at a time or is unpacked in one piece. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "in_process.h"
#include "rdb_writer.h"
#include "run_suite.h"

enum { MIB = 1 << 20 };

typedef void begin_packed(struct packed_builder *packed);
typedef void put_text_entry(struct packed_builder *packed, const void *bytes, size_t len);
typedef void put_number_entry(struct packed_builder *packed, int64_t value);

/* Elements are groups of entries: a text, then a text of another length, a score or an expiry. */
static const struct value {
    unsigned type;
    begin_packed *begin;
    put_text_entry *text;
    put_number_entry *number;
    begin_packed *end;
    const char *group; /* t: a text, n: a number */
} values[] = {
    {16, listpack_begin, listpack_string, listpack_int, listpack_end, "tt"},
    {16, listpack_begin, listpack_string, listpack_int, listpack_end, "tn"},
    {25, listpack_begin, listpack_string, listpack_int, listpack_end, "ttn"},
    {17, listpack_begin, listpack_string, listpack_int, listpack_end, "tn"},
    {20, listpack_begin, listpack_string, listpack_int, listpack_end, "t"},
    {18, listpack_begin, listpack_string, listpack_int, listpack_end, "t"},
    {13, ziplist_begin, ziplist_string, ziplist_int, ziplist_end, "tt"},
    {12, ziplist_begin, ziplist_string, ziplist_int, ziplist_end, "tn"},
};
enum { VALUES = sizeof values / sizeof *values };

/* So many elements, every 1000th with a text of `longest` bytes. */
static const struct size {
    uint64_t elements;
    size_t longest;
} sizes[] = {
    {50, 60},                   /* whole at hand */
    {20 * 1000, 60},            /* longer than the window */
    {3000, 400 * 1000},         /* single entries are */
    {300 * 1000, 60},           /* longer than what is unpacked in one piece */
    {10 * 1000, 2 * MIB + 100}, /* single entries are longer than what is kept of a name */
};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void build(struct packed_builder *packed, const struct value *value, const struct size *size)
{
    char *text = malloc(size->longest);
    memset(text, 'v', size->longest);
    value->begin(packed);
    for (uint64_t i = 0; i < size->elements; i++) {
        size_t len = i % 1000 == 999 ? size->longest : 20 + i % 41;
        snprintf(text, 20, "member:%012u", (unsigned)i);
        text[19] = '-';
        for (const char *what = value->group; *what; what++) {
            bool first = what == value->group;
            if (*what == 't')
                value->text(packed, text, first ? 20 + i % 11 : len);
            else
                value->number(packed, (int64_t)(1900000000000 + i));
        }
    }
    value->end(packed);
    free(text);
}

static void put_value(struct rdb_writer *w, const struct value *value, const struct packed_builder *packed, bool lzf)
{
    rdb_writer_init(w);
    put_magic(w, "REDIS0012");
    put_select_db(w, 0);
    put_key(w, value->type, "k");
    if (value->type == 25)
        put_le(w, 1900000000000, 8);
    if (value->type == 18) {
        put_len(w, 1);
        put_len(w, 2);
    }
    (lzf ? put_packed_lzf : put_packed)(w, packed);
    put_string_key(w, "next", "value");
    put_eof(w);
}

/* What is compared, and whether the number of elements is in it. */
static const struct comparison {
    struct in_process_run run;
    bool counts;
} comparisons[] = {
    {{"keys", {"IN", "--now=1700000000", "--target=redis-7.4"}}, true},
    {{"keys", {"IN", "--now=1700000000", "--target=redis-7.4", "--max-memory=16mb"}}, true},
    {{"report", {"IN", "--now=1700000000", "-fcsv", "--section=types"}}, false},
    {{"report", {"IN", "--now=1700000000", "-fcsv", "--section=violations"}},
     false}, /* a usage error where there is none */
};
enum { COMPARISONS = sizeof comparisons / sizeof *comparisons };

static const struct in_process_run deep = {"verify", {"IN", "--deep"}};

static void compare(const struct comparison *comparison, const struct rdb_writer *raw, const struct rdb_writer *lzf,
                    const char *elements)
{
    struct in_process_output of_raw, of_lzf;
    enum exit_status status = in_process(&comparison->run, raw->data, raw->len, &of_raw);
    ck_assert_int_eq(in_process(&comparison->run, lzf->data, lzf->len, &of_lzf), status);
    ck_assert_msg(strcmp(of_raw.text, of_lzf.text) == 0, "raw\n%s\ncompressed\n%s", of_raw.text, of_lzf.text);
    ck_assert(!comparison->counts || status == EXIT_STATUS_DONE);
    ck_assert_msg(!comparison->counts || strstr(of_raw.text, elements) != NULL, "not %s\n%s", elements, of_raw.text);
    free(of_raw.text);
    free(of_lzf.text);
}

static void expect_sound(const struct rdb_writer *snapshot)
{
    struct in_process_output output;
    enum exit_status status = in_process(&deep, snapshot->data, snapshot->len, &output);
    ck_assert_msg(status == EXIT_STATUS_DONE && strstr(output.text, "every one walked") != NULL, "%s", output.text);
    free(output.text);
}

START_TEST(raw_or_compressed)
{
    const struct value *value = &values[_i / SIZES];
    const struct size *size = &sizes[_i % SIZES];
    struct packed_builder packed;
    struct rdb_writer raw, lzf;
    packed_init(&packed);
    build(&packed, value, size);
    put_value(&raw, value, &packed, false);
    put_value(&lzf, value, &packed, true);
    ck_assert_uint_gt(raw.len, lzf.len);
    char elements[32];
    snprintf(elements, sizeof elements, ",%llu,", (unsigned long long)size->elements);
    for (size_t i = 0; i < COMPARISONS; i++)
        compare(&comparisons[i], &raw, &lzf, elements);
    expect_sound(&raw);
    expect_sound(&lzf);
    rdb_writer_release(&raw);
    rdb_writer_release(&lzf);
    packed_release(&packed);
}
END_TEST

int main(void)
{
    return run_loop("long_values", raw_or_compressed, VALUES * SIZES);
}
