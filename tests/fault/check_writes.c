/* The disk is full after so many bytes of what commands write while they read, or at once: for each number of bytes the
 * command runs anew. */
#include <check.h>
#include <malloc.h>
#include <string.h>

#include "full_disk.h"
#include "run_suite.h"

/* Settings that have some keys written anew. */
#define PACKED_LESS "--set=hash-max-listpack-entries=1", "--set=set-max-intset-entries=1"

/* PATH among the words: a file of that name; else the command prints. */
static const struct writes {
    const char *snapshot;
    struct in_process_run run;
    const char *name; /* of the file; NULL: the command prints */
    size_t step;
} writes[] = {
    {TINY "types.rdb", {"keys", {"IN"}}, NULL, 1},
    {TINY "names.rdb", {"keys", {"IN"}}, NULL, 1},
    {TINY "names.rdb", {"keys", {"IN", "--key-format=base64"}}, NULL, 1},
    {TINY "types.rdb", {"keys", {"IN", "-fndjson"}}, NULL, 1},
    {TINY "types.rdb", {"rewrite", {"IN", PACKED_LESS}}, NULL, 1},
    {TINY "types.rdb", {"rewrite", {"IN", PACKED_LESS, "--script"}}, NULL, 1},
    {TINY "v5.rdb", {"policy", {"--init", "IN"}}, NULL, 1},
    {TINY "empty.rdb", {"summarize", {"IN"}}, NULL, 1},
    {TINY "types.rdb", {"keys", {"IN", "-o", "PATH"}}, "keys.csv", 1},
    {TINY "names.rdb", {"keys", {"IN", "-o", "PATH", "-fndjson"}}, "keys.ndjson", 1},
    {TINY "names.rdb", {"keys", {"IN", "-o", "PATH", "-fsqlite"}}, "keys.sqlite", 509}, /* in pages of 8192 bytes */
    {TINY "types.rdb", {"rewrite", {"IN", "-o", "PATH", PACKED_LESS}}, "rewrite.csv", 1},
    {TINY "v5.rdb", {"policy", {"--init", "IN", "-o", "PATH"}}, "policy.json", 1},
    {TINY "empty.rdb", {"summarize", {"IN", "-o", "PATH"}}, "summary.rdbm", 1},
};
enum { WRITES = sizeof writes / sizeof *writes };

struct job {
    const struct in_process_run *run;
    const char *snapshot;
};

static enum exit_status run_on(const struct job *job, const char *path, FILE *standard_output)
{
    struct in_process_run run = *job->run;
    for (size_t i = 0; i < IN_PROCESS_WORDS_MAX && run.words[i] != NULL; i++) {
        if (strcmp(run.words[i], "IN") == 0)
            run.words[i] = job->snapshot;
        if (strcmp(run.words[i], "PATH") == 0)
            run.words[i] = path;
    }
    return in_process_on(&run, NULL, 0, standard_output, stderr);
}

static enum exit_status print(void *context, FILE *standard_output)
{
    return run_on(context, NULL, standard_output);
}

static enum exit_status save(void *context, const char *path)
{
    return run_on(context, path, stdout);
}

START_TEST(every_byte)
{
    const struct writes *row = &writes[_i];
    struct job job = {.run = &row->run, .snapshot = row->snapshot};
    const struct disk_writer writer = {
        .what = row->run.command, .context = &job, .print = print, .save = save, .step = row->step};
    if (row->name == NULL)
        full_disk_print(&writer);
    else
        full_disk_save(&writer, row->name);
}
END_TEST

int main(void)
{
    /* Memory of one run is there for the next one: most of the time would be taken by getting it anew. */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    return run_loop("writes", every_byte, WRITES);
}
