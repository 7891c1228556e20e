/* Parses what a writer holds and compares the events with text. */
#ifndef EXPECT_EVENTS_H
#define EXPECT_EVENTS_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event_log.h"
#include "rdb_writer.h"
#include "run_suite.h"

/* `expected` is the log without header and end lines of a whole snapshot, for every window. */
static inline void expect_events(const struct rdb_writer *writer, const struct rdb_options *options,
                                 const char *expected)
{
    static const size_t windows[] = {0, 1, 77, 200};
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        struct rdb_options mine = options ? *options : (struct rdb_options){0};
        struct event_log log = {0};
        struct rdb_error error;
        mine.window_bytes = windows[i];
        enum rdb_status status = event_log_parse(&log, writer->data, writer->len, 0, &mine, &error);
        ck_assert_msg(status == RDB_OK, "window %zu: %s", windows[i], log.text);
        const char *body = strchr(log.text, '\n') + 1;
        char *end = strstr(log.text, "\nend checksum");
        ck_assert(end != NULL);
        end[1] = '\0';
        ck_assert_msg(strcmp(end < body ? "" : body, expected) == 0, "window %zu: got\n%s\nnot\n%s", windows[i], body,
                      expected);
        event_log_release(&log);
    }
}

/* Parsing fails at `offset` and the message has `part` in it. */
static inline void expect_failure(const struct rdb_writer *writer, enum rdb_status expected, uint64_t offset,
                                  const char *part)
{
    struct event_log log = {0};
    struct rdb_error error;
    enum rdb_status status = event_log_parse(&log, writer->data, writer->len, 0, NULL, &error);
    ck_assert_msg(status == expected && error.offset == offset && strstr(error.message, part), "got %s", log.text);
    ck_assert_int_eq(error.status, status);
    event_log_release(&log);
}

static inline void begin(struct rdb_writer *writer, const char *magic)
{
    rdb_writer_init(writer);
    rdb_writer_reserve(writer, 16); /* even nothing lies somewhere */
    put_magic(writer, magic);
}

/* Ends the snapshot, compares and releases. */
static inline void finish(struct rdb_writer *writer, const char *expected)
{
    put_eof(writer);
    expect_events(writer, NULL, expected);
    rdb_writer_release(writer);
}

static inline int run_tests(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 60);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}

#endif
