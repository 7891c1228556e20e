/* librdbparse when what it leans on fails: every allocation in turn, every byte of the source, every wrapping. Each
 * failure must come back as a status with a message; the address sanitizer's run of this program finds what leaks. */
#include <check.h>
#include <lz4frame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "rdbparse.h"
#include "wrap.h"

enum { SMALL_SNAPSHOT_BYTES = 2000 };

/* ---- the i-th allocation fails --------------------------------------------------------------------------------------
 */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static struct {
    unsigned long count, fail_at; /* 0: never */
} allocations;

static bool allocation_fails(void)
{
    return ++allocations.count == allocations.fail_at;
}

void *__wrap_malloc(size_t size)
{
    return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocation_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return allocation_fails() ? NULL : __real_realloc(memory, size);
}

/* ---- a sink that needs every byte -----------------------------------------------------------------------------------
 */

static void touch_string(const struct rdb_string *string, uint64_t *sum)
{
    const uint8_t *bytes = NULL;
    size_t len = rdb_string_bytes(string, SIZE_MAX, &bytes);
    for (size_t i = 0; i < len; i++)
        *sum = *sum * 31 + bytes[i];
}

static void touch_packed(const struct rdb_packed *packed, uint64_t *sum)
{
    struct rdb_string entries[8];
    size_t count;
    while ((count = rdb_packed_read(packed, entries, 8)) > 0) {
        for (size_t i = 0; i < count; i++)
            touch_string(&entries[i], sum);
    }
    *sum += rdb_packed_status(packed, &(struct rdb_error){0});
}

static enum rdb_status touch(void *context, const struct rdb_event *event)
{
    uint64_t *sum = context;
    *sum += (uint64_t)event->kind;
    if (event->kind == RDB_EVENT_KEY)
        touch_string(&event->key.name, sum);
    else if (event->kind == RDB_EVENT_STRING)
        touch_string(&event->string, sum);
    else if (event->kind == RDB_EVENT_ELEMENT)
        touch_string(&event->element.text, sum);
    else if (event->kind == RDB_EVENT_PACKED)
        touch_packed(&event->packed, sum);
    else if (event->kind == RDB_EVENT_STREAM_NODE)
        touch_packed(&event->stream_node.packed, sum);
    return RDB_OK;
}

/* ---- inputs ---------------------------------------------------------------------------------------------------------
 */

/* Hash templates, so many that what is kept of them grows. */
static void put_templates(struct rdb_writer *w)
{
    enum { TEMPLATES = 60 };
    char name[32];
    put_magic(w, "REDIS0015");
    for (unsigned i = 0; i < TEMPLATES; i++) {
        snprintf(name, sizeof name, "a-field-of-template-%u", i);
        put_u8(w, 242);
        put_len(w, i);
        put_len(w, 1);
        put_text(w, name);
        put_key(w, 32, name);
        put_len(w, i);
        put_text(w, "value");
    }
    put_eof(w);
}

/* Blobs of compressed records, as Dragonfly writes them. */
static void put_blobs(struct rdb_writer *w)
{
    struct rdb_writer records;
    rdb_writer_init(&records);
    put_string_key(&records, "a", "inside");
    put_u8(&records, 203);
    uint8_t packed[1000];
    put_magic(w, "REDIS0009");
    put_u8(w, 201);
    put_string(w, packed, ZSTD_compress(packed, sizeof packed, records.data, records.len, 1));
    put_u8(w, 202);
    put_string(w, packed, LZ4F_compressFrame(packed, sizeof packed, records.data, records.len, NULL));
    put_eof(w);
    rdb_writer_release(&records);
}

static const struct snapshot {
    const char *name;
    void (*put)(struct rdb_writer *); /* NULL: it is a file of testdata */
} snapshots[] = {
    {TESTDATA "/tiny/types.rdb", NULL}, {TESTDATA "/tiny/v1.rdb", NULL},
    {TESTDATA "/tiny/v5.rdb", NULL},    {TESTDATA "/tiny/names.rdb", NULL},
    {TESTDATA "/tiny/empty.rdb", NULL}, {TESTDATA "/accuracy/redis-8.8-modern.rdb", NULL},
    {"templates", put_templates},       {"blobs", put_blobs},
};
enum { SNAPSHOT_COUNT = sizeof snapshots / sizeof *snapshots };

static void put_snapshot(struct rdb_writer *w, const struct snapshot *snapshot)
{
    rdb_writer_init(w);
    if (snapshot->put != NULL)
        snapshot->put(w);
    else
        put_file(w, snapshot->name);
}

static struct rdb_writer wrapped_snapshot(const struct snapshot *snapshot, wrap_function *wrap)
{
    struct rdb_writer plain, wrapped;
    put_snapshot(&plain, snapshot);
    rdb_writer_init(&wrapped);
    wrap(&wrapped, plain.data, plain.len);
    rdb_writer_release(&plain);
    return wrapped;
}

/* A source of `len` bytes, at most `step` at a time, that fails behind them unless they are all there is. */
struct weak_source {
    const struct rdb_writer *bytes;
    size_t at, len, step;
};

static enum rdb_status weak_read(void *self, uint8_t *buffer, size_t capacity, size_t *got, struct rdb_error *error)
{
    struct weak_source *weak = self;
    *got = 0;
    if (weak->at == weak->len) {
        if (weak->len == weak->bytes->len)
            return RDB_OK;
        *error = (struct rdb_error){.status = RDB_ERR_READ, .message = "weak"};
        return RDB_ERR_READ;
    }
    size_t n = weak->len - weak->at;
    n = n < capacity ? n : capacity;
    n = n < weak->step ? n : weak->step;
    memcpy(buffer, weak->bytes->data + weak->at, n);
    weak->at += n;
    *got = n;
    return RDB_OK;
}

static void weak_close(void *self)
{
    (void)self;
}

/* As it is parsed: shallow; or deep, compressed blobs unpacked piece by piece. */
static const struct rdb_options ways[] = {{0}, {.deep = true, .max_unpack_bytes = 1}};
enum { WAYS = sizeof ways / sizeof *ways };

static enum rdb_status parse_weak(const struct weak_source *bytes, const struct rdb_options *way, uint64_t *sum,
                                  struct rdb_error *error)
{
    struct weak_source weak = *bytes;
    struct rdb_source inner = {.self = &weak, .read = weak_read, .close = weak_close}, source;
    enum rdb_status status = rdb_source_unwrap(&source, inner, NULL, error);
    if (status != RDB_OK)
        return status;
    status = rdb_parse(&source, way, touch, sum, error);
    rdb_source_close(&source);
    return status;
}

/* ---- the tests ------------------------------------------------------------------------------------------------------
 */

static const char *current; /* for messages */

static bool parse_with_failing_allocation(const struct rdb_writer *bytes, const struct rdb_options *way,
                                          unsigned long fail_at)
{
    const struct weak_source all = {.bytes = bytes, .len = bytes->len, .step = SIZE_MAX};
    struct rdb_error error = {0};
    uint64_t sum = 0;
    allocations.count = 0;
    allocations.fail_at = fail_at;
    enum rdb_status status = parse_weak(&all, way, &sum, &error);
    bool failed = allocations.count >= fail_at;
    allocations.fail_at = 0;
    if (!failed)
        ck_assert_msg(status == RDB_OK, "%s: %s", current, error.message);
    else if (status != RDB_OK) {
        ck_assert_msg(status == RDB_ERR_NO_MEMORY && error.status == status && error.message[0] != '\0',
                      "%s, allocation %lu: %s: %s", current, fail_at, rdb_status_name(status), error.message);
    }
    return failed;
}

START_TEST(every_allocation)
{
    current = snapshots[_i / WRAP_COUNT].name;
    struct rdb_writer bytes = wrapped_snapshot(&snapshots[_i / WRAP_COUNT], wrap_functions[_i % WRAP_COUNT]);
    for (size_t way = 0; way < WAYS; way++) {
        unsigned long i = 1;
        while (parse_with_failing_allocation(&bytes, &ways[way], i))
            i++;
        ck_assert_uint_gt(i, 1);
    }
    rdb_writer_release(&bytes);
}
END_TEST

/* Parses all records as one part; returns whether an allocation failed. */
static bool part_with_failing_allocation(const struct rdb_writer *bytes, unsigned long fail_at)
{
    static const struct rdb_options deep = {.deep = true, .skip_checksum = true};
    const struct weak_source all = {.bytes = bytes, .at = RDB_HEADER_BYTES, .len = bytes->len, .step = SIZE_MAX};
    const struct rdb_header header = {.dialect = RDB_DIALECT_REDIS,
                                      .version = (unsigned)strtoul((const char *)bytes->data + 5, NULL, 10)};
    struct weak_source weak = all;
    struct rdb_source source = {.self = &weak, .read = weak_read, .close = weak_close};
    struct rdb_error error = {0};
    uint64_t sum = 0;
    enum rdb_status status = RDB_ERR_NO_MEMORY;
    allocations.count = 0;
    allocations.fail_at = fail_at;
    struct rdb_part_parser *parser = rdb_part_parser_new(&header, &deep);
    if (parser != NULL)
        status = rdb_part_parse(parser, &source, RDB_HEADER_BYTES, touch, &sum, &error);
    bool failed = allocations.count >= fail_at;
    allocations.fail_at = 0;
    rdb_part_parser_free(parser);
    ck_assert_msg(status == RDB_OK || (failed && status == RDB_ERR_NO_MEMORY), "%s, allocation %lu: %s: %s", current,
                  fail_at, rdb_status_name(status), error.message);
    return failed;
}

START_TEST(every_allocation_of_parts)
{
    current = snapshots[_i].name;
    struct rdb_writer bytes;
    put_snapshot(&bytes, &snapshots[_i]);
    unsigned long i = 1;
    while (part_with_failing_allocation(&bytes, i))
        i++;
    ck_assert_uint_gt(i, 1);
    rdb_writer_release(&bytes);
}
END_TEST

START_TEST(every_byte_of_the_source)
{
    current = snapshots[_i / WRAP_COUNT].name;
    struct rdb_writer bytes = wrapped_snapshot(&snapshots[_i / WRAP_COUNT], wrap_functions[_i % WRAP_COUNT]);
    /* of long ones in a wrapping, and under a sanitizer, some */
    size_t stride = bytes.len < SMALL_SNAPSHOT_BYTES || (_i % WRAP_COUNT == WRAP_PLAIN && !IS_SANITIZED) ? 1 : 13;
    for (size_t len = 0; len < bytes.len; len += stride) {
        struct rdb_error error = {0};
        uint64_t sum = 0;
        const struct weak_source part = {.bytes = &bytes, .len = len, .step = SIZE_MAX};
        enum rdb_status status = parse_weak(&part, &ways[len / stride % WAYS], &sum, &error);
        /* A wrapping's own trailer may be left unread: the snapshot in it is whole without. */
        if (_i % WRAP_COUNT == WRAP_PLAIN || status != RDB_OK) {
            ck_assert_msg(status == RDB_ERR_READ && strcmp(error.message, "weak") == 0, "%s, after %zu bytes: %s: %s",
                          current, len, rdb_status_name(status), error.message);
        }
    }
    rdb_writer_release(&bytes);
}
END_TEST

START_TEST(one_byte_at_a_time)
{
    current = snapshots[_i / WRAP_COUNT].name;
    struct rdb_writer bytes = wrapped_snapshot(&snapshots[_i / WRAP_COUNT], wrap_functions[_i % WRAP_COUNT]);
    for (size_t way = 0; way < WAYS; way++) {
        const struct weak_source all = {.bytes = &bytes, .len = bytes.len, .step = SIZE_MAX};
        const struct weak_source each = {.bytes = &bytes, .len = bytes.len, .step = 1};
        uint64_t whole = 0, slow = 0;
        struct rdb_error error = {0};
        ck_assert_msg(parse_weak(&all, &ways[way], &whole, &error) == RDB_OK, "%s: %s", current, error.message);
        ck_assert_msg(parse_weak(&each, &ways[way], &slow, &error) == RDB_OK, "%s: %s", current, error.message);
        ck_assert_uint_eq(whole, slow);
    }
    rdb_writer_release(&bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("library faults");
    TCase *cases = tcase_create("faults");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, every_allocation, 0, SNAPSHOT_COUNT * WRAP_COUNT);
    tcase_add_loop_test(cases, every_allocation_of_parts, 0, SNAPSHOT_COUNT);
    tcase_add_loop_test(cases, every_byte_of_the_source, 0, SNAPSHOT_COUNT * WRAP_COUNT);
    tcase_add_loop_test(cases, one_byte_at_a_time, 0, SNAPSHOT_COUNT * WRAP_COUNT);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    /* in one process: the leak sanitizer looks when it ends */
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
