/* librdbparse when what it leans on fails: every allocation in turn, every byte of the source, every wrapping. Each
 * failure must come back as a status with a message; the address sanitizer's run of this program finds what leaks. */
#include <check.h>
#include <lz4frame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "rdbparse.h"

enum { BUFFER_BYTES = 1 << 20, SMALL_SNAPSHOT_BYTES = 2000 };

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

struct bytes {
    uint8_t *data;
    size_t len;
};

static struct bytes read_file(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tiny/%s", TESTDATA, name);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    struct bytes bytes = {.data = malloc(BUFFER_BYTES)};
    bytes.len = fread(bytes.data, 1, BUFFER_BYTES, file);
    fclose(file);
    return bytes;
}

typedef size_t wrap_function(const struct bytes *plain, uint8_t *out);

static size_t wrap_plain(const struct bytes *plain, uint8_t *out)
{
    memcpy(out, plain->data, plain->len);
    return plain->len;
}

static size_t wrap_gzip(const struct bytes *plain, uint8_t *out)
{
    z_stream z = {.next_in = plain->data, .avail_in = (uInt)plain->len, .next_out = out, .avail_out = BUFFER_BYTES};
    ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return BUFFER_BYTES - z.avail_out;
}

static size_t wrap_zstd(const struct bytes *plain, uint8_t *out)
{
    return ZSTD_compress(out, BUFFER_BYTES, plain->data, plain->len, 3);
}

static size_t wrap_lz4(const struct bytes *plain, uint8_t *out)
{
    return LZ4F_compressFrame(out, BUFFER_BYTES, plain->data, plain->len, NULL);
}

static wrap_function *const wrappings[] = {wrap_plain, wrap_gzip, wrap_zstd, wrap_lz4};
enum { WRAPPING_COUNT = sizeof wrappings / sizeof *wrappings };

static const char *const snapshots[] = {"types.rdb", "v1.rdb", "v5.rdb", "names.rdb", "empty.rdb"};
enum { SNAPSHOT_COUNT = sizeof snapshots / sizeof *snapshots };

static struct bytes wrapped_snapshot(const char *name, wrap_function *wrap)
{
    struct bytes plain = read_file(name), wrapped = {.data = malloc(BUFFER_BYTES)};
    wrapped.len = wrap(&plain, wrapped.data);
    free(plain.data);
    return wrapped;
}

/* A source of `len` bytes, at most `step` at a time, that fails behind them unless they are all there is. */
struct weak_source {
    const struct bytes *bytes;
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

static bool parse_with_failing_allocation(const struct bytes *bytes, const struct rdb_options *way,
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
    current = snapshots[_i / WRAPPING_COUNT];
    struct bytes bytes = wrapped_snapshot(current, wrappings[_i % WRAPPING_COUNT]);
    for (size_t way = 0; way < WAYS; way++) {
        unsigned long i = 1;
        while (parse_with_failing_allocation(&bytes, &ways[way], i))
            i++;
        ck_assert_uint_gt(i, 1);
    }
    free(bytes.data);
}
END_TEST

START_TEST(every_byte_of_the_source)
{
    current = snapshots[_i / WRAPPING_COUNT];
    struct bytes bytes = wrapped_snapshot(current, wrappings[_i % WRAPPING_COUNT]);
    size_t stride = bytes.len < SMALL_SNAPSHOT_BYTES ? 1 : 13;
    for (size_t len = 0; len < bytes.len; len += stride) {
        struct rdb_error error = {0};
        uint64_t sum = 0;
        const struct weak_source part = {.bytes = &bytes, .len = len, .step = SIZE_MAX};
        enum rdb_status status = parse_weak(&part, &ways[len / stride % WAYS], &sum, &error);
        /* A wrapping's own trailer may be left unread: the snapshot in it is whole without. */
        if (_i % WRAPPING_COUNT == 0 || status != RDB_OK) {
            ck_assert_msg(status == RDB_ERR_READ && strcmp(error.message, "weak") == 0, "%s, after %zu bytes: %s: %s",
                          current, len, rdb_status_name(status), error.message);
        }
    }
    free(bytes.data);
}
END_TEST

START_TEST(one_byte_at_a_time)
{
    current = snapshots[_i / WRAPPING_COUNT];
    struct bytes bytes = wrapped_snapshot(current, wrappings[_i % WRAPPING_COUNT]);
    for (size_t way = 0; way < WAYS; way++) {
        const struct weak_source all = {.bytes = &bytes, .len = bytes.len, .step = SIZE_MAX};
        const struct weak_source each = {.bytes = &bytes, .len = bytes.len, .step = 1};
        uint64_t whole = 0, slow = 0;
        struct rdb_error error = {0};
        ck_assert_msg(parse_weak(&all, &ways[way], &whole, &error) == RDB_OK, "%s: %s", current, error.message);
        ck_assert_msg(parse_weak(&each, &ways[way], &slow, &error) == RDB_OK, "%s: %s", current, error.message);
        ck_assert_uint_eq(whole, slow);
    }
    free(bytes.data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("library faults");
    TCase *cases = tcase_create("faults");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, every_allocation, 0, SNAPSHOT_COUNT * WRAPPING_COUNT);
    tcase_add_loop_test(cases, every_byte_of_the_source, 0, SNAPSHOT_COUNT * WRAPPING_COUNT);
    tcase_add_loop_test(cases, one_byte_at_a_time, 0, SNAPSHOT_COUNT * WRAPPING_COUNT);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    /* in one process: the leak sanitizer looks when it ends */
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
