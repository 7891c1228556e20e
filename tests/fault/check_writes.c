/* Standard output fails after so many bytes, from none to all but one: the command ends with a status and a line that
 * says so, and what it wrote is the beginning of what it writes otherwise. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "in_process.h"
#include "run_suite.h"

enum {
    SNAPSHOT_BYTES = 1 << 16,
    STRIDE = 4001 /* then one in each buffer of standard output; and the last one */
};

static const struct {
    struct in_process_run run;
    size_t each; /* so many bytes are tried one by one: all of short outputs */
} runs[] = {
    {{"keys", {"IN"}}, SIZE_MAX},       {{"keys", {"IN", "-fndjson"}}, 20},
    {{"verify", {"IN"}}, SIZE_MAX},     {{"check", {"IN", "--max-name-bytes=100kb", "-fjunit"}}, SIZE_MAX},
    {{"report", {"IN"}}, 20},           {{"report", {"IN", "-fjson"}}, 20},
    {{"report", {"IN", "-fhtml"}}, 20},
};
enum { RUNS = sizeof runs / sizeof *runs };

static const char *const snapshots[] = {"types.rdb", "v5.rdb", "names.rdb"};
enum { SNAPSHOTS = sizeof snapshots / sizeof *snapshots };

static size_t load(const char *name, uint8_t *bytes)
{
    char path[512];
    snprintf(path, sizeof path, TESTDATA "/tiny/%s", name);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    size_t len = fread(bytes, 1, SNAPSHOT_BYTES, file);
    fclose(file);
    return len;
}

static size_t next_room(size_t room, size_t each, size_t len)
{
    size_t next = room + (room < each ? 1 : STRIDE);
    return next < len || room == len - 1 ? next : len - 1;
}

START_TEST(every_byte_of_the_output)
{
    static uint8_t snapshot[SNAPSHOT_BYTES];
    const struct in_process_run *run = &runs[_i / SNAPSHOTS].run;
    size_t size = load(snapshots[_i % SNAPSHOTS], snapshot);
    struct in_process_output whole, output, said;
    enum exit_status status = in_process_full(run, snapshot, size, 4 * 1024 * 1024, &whole, &said);
    ck_assert_msg(status == EXIT_STATUS_DONE && whole.len > 0, "%s: %s", run->command, said.text);
    free(said.text);
    for (size_t room = 0; room < whole.len; room = next_room(room, runs[_i / SNAPSHOTS].each, whole.len)) {
        status = in_process_full(run, snapshot, size, room, &output, &said);
        bool says = strstr(said.text, "cannot write") != NULL;
        bool begins = output.len <= room && memcmp(output.text, whole.text, output.len) == 0;
        ck_assert_msg(status == EXIT_STATUS_UNUSABLE && says && begins, "%s, room for %zu bytes: status %d, %s",
                      run->command, room, (int)status, said.text);
        free(output.text);
        free(said.text);
    }
    free(whole.text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("writes");
    TCase *cases = tcase_create("writes");
    tcase_set_timeout(cases, 300);
    tcase_add_loop_test(cases, every_byte_of_the_output, 0, RUNS * SNAPSHOTS);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
