/* What the tests craft is what it claims to be: sound snapshots, and damage where it was asked for. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "rdb_writer.h"
#include "rdbparse.h"
#include "run_suite.h"

START_TEST(checksum)
{
    /* The check value of CRC-64/Jones without inversions (redis 7.0 src/crc64.c, crc64Test). */
    ck_assert_uint_eq(rdb_crc64(0, "123456789", 9), UINT64_C(0xe9c6d914c4b8d9ca));
    ck_assert_uint_eq(rdb_crc64(rdb_crc64(0, "1234", 4), "56789", 5), UINT64_C(0xe9c6d914c4b8d9ca));
}
END_TEST

struct counts {
    uint64_t keys, findings;
    enum rdb_checksum checksum;
};

static enum rdb_status count(void *context, const struct rdb_event *event)
{
    struct counts *counts = context;
    counts->keys += event->kind == RDB_EVENT_KEY;
    counts->findings += event->kind == RDB_EVENT_FINDING;
    if (event->kind == RDB_EVENT_END)
        counts->checksum = event->end.checksum;
    return RDB_OK;
}

static enum rdb_status parse(const struct rdb_writer *writer, struct counts *counts, struct rdb_error *error)
{
    struct rdb_source source;
    const struct rdb_options options = {.deep = true};
    *counts = (struct counts){0};
    ck_assert_int_eq(rdb_source_memory(&source, writer->data, writer->len, error), RDB_OK);
    enum rdb_status status = rdb_parse(&source, &options, count, counts, error);
    rdb_source_close(&source);
    return status;
}

START_TEST(samples)
{
    unsigned version = (unsigned)_i;
    struct rdb_writer writer;
    struct counts counts;
    struct rdb_error error = {0};
    rdb_writer_init(&writer);
    put_sample(&writer, version);
    ck_assert_msg(parse(&writer, &counts, &error) == RDB_OK, "version %u: %s at %llu", version, error.message,
                  (unsigned long long)error.offset);
    ck_assert_uint_ge(counts.keys, 14);
    ck_assert_uint_eq(counts.findings, 0);
    ck_assert(counts.checksum == (version < 5 ? RDB_CHECKSUM_ABSENT : RDB_CHECKSUM_OK));
    rdb_writer_release(&writer);
}
END_TEST

START_TEST(damage)
{
    struct rdb_writer writer;
    struct counts counts;
    struct rdb_error error = {0};
    rdb_writer_init(&writer);
    put_magic(&writer, "REDIS0009");
    put_string_key(&writer, "name", "value");
    put_eof(&writer);
    size_t value = writer.len - 9 - 5;
    damage_set(&writer, value, "VALUE", 5);
    ck_assert_int_eq(parse(&writer, &counts, &error), RDB_OK);
    ck_assert(counts.checksum == RDB_CHECKSUM_MISMATCH);
    damage_fix_checksum(&writer);
    ck_assert_int_eq(parse(&writer, &counts, &error), RDB_OK);
    ck_assert(counts.checksum == RDB_CHECKSUM_OK);
    damage_splice(&writer, value, 5, "longer value", 12);
    damage_set(&writer, value - 1, "\x0c", 1);
    damage_fix_checksum(&writer);
    ck_assert_int_eq(parse(&writer, &counts, &error), RDB_OK);
    ck_assert_uint_eq(counts.keys, 1);
    ck_assert(counts.checksum == RDB_CHECKSUM_OK);
    damage_flip(&writer, 0, 1);
    ck_assert_int_eq(parse(&writer, &counts, &error), RDB_ERR_NOT_RDB);
    damage_flip(&writer, 0, 1);
    damage_truncate(&writer, writer.len - 1);
    ck_assert_int_eq(parse(&writer, &counts, &error), RDB_ERR_TRUNCATED);
    rdb_writer_release(&writer);
}
END_TEST

static bool collect(void *context, const uint8_t *data, size_t len)
{
    put_bytes(context, data, len);
    return true;
}

START_TEST(in_parts)
{
    struct rdb_writer whole, flushing, collected;
    rdb_writer_init(&whole);
    rdb_writer_init(&collected);
    rdb_writer_init_flushing(&flushing, collect, &collected);
    struct rdb_writer *const writers[] = {&whole, &flushing};
    for (size_t i = 0; i < 2; i++) {
        put_magic(writers[i], "REDIS0009");
        for (unsigned n = 0; n < 100000; n++)
            put_string_key(writers[i], "a name", "a value");
        put_eof(writers[i]);
    }
    ck_assert(rdb_writer_flush(&flushing));
    ck_assert_uint_eq(flushing.flushed_bytes, whole.len);
    ck_assert_uint_eq(collected.len, whole.len);
    ck_assert(memcmp(collected.data, whole.data, whole.len) == 0);
    ck_assert_uint_le(flushing.capacity, 1 << 20);
    rdb_writer_release(&whole);
    rdb_writer_release(&flushing);
    rdb_writer_release(&collected);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rdb_writer");
    TCase *all = tcase_create("all");
    tcase_add_test(all, checksum);
    tcase_add_loop_test(all, samples, 1, 13);
    tcase_add_test(all, damage);
    tcase_add_test(all, in_parts);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
