/* The disk is full after so many bytes of a document, for each number of bytes and every form, from every command.
 *
 * A command runs once, up to where it hands its finished document over; there the document is written once for each
 * byte, by the code that writes it otherwise. All that comes back to the command is a status: it gets that of the last
 * failure, and what it ends with tells whether a failure is lost on the way. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "document_output.h"
#include "full_disk.h"
#include "run_suite.h"

/* A page with half a megabyte of script is tried whole only where it has little else. */
enum { SPARSE = 997, SNAPSHOT_BYTES = 1 << 16 };

static const struct writes {
    const char *snapshot;
    struct in_process_run run;
    const char *name; /* of a file; NULL: what is printed */
    size_t step;      /* 0: 1 */
    bool is_summary;  /* it is the snapshot's summary that the command reads */
} writes[] = {
    {"empty.rdb", {"report", {"IN"}}, NULL, 0},
    {"v1.rdb", {"report", {"IN", "--sections=overview,types,parts,thresholds,ttl"}}, NULL, 0},
    {"names.rdb", {"report", {"IN", "--sections=top_keys,groups", "--color=always"}}, NULL, 0},
    {"v1.rdb", {"report", {"IN", "-fjson"}}, NULL, 0},
    {"names.rdb", {"report", {"IN", "-fmarkdown"}}, NULL, 0},
    {"names.rdb", {"report", {"IN", "-fcsv", "--section=groups"}}, NULL, 0},
    {"types.rdb", {"report", {"IN", "-fcsv", "--section=types"}}, NULL, 0},
    {"types.rdb", {"report", {"IN", "-fprometheus"}}, NULL, 0},
    {"types.rdb", {"report", {"IN", "-fhtml"}}, NULL, SPARSE},
    {"empty.rdb", {"report", {"IN"}}, "report.txt", 0},
    {"empty.rdb", {"report", {"IN", "EVERY"}}, "report.json", 0},
    {"empty.rdb", {"report", {"IN", "IN", "--sections=files,types"}}, NULL, 0},
    {"empty.rdb", {"report", {"IN", "-fhtml", "--sections=types"}}, NULL, 0},
    {"types.rdb", {"verify", {"IN", "--deep"}}, NULL, 0},
    {"types.rdb", {"verify", {"IN", "-fjson"}}, NULL, 0},
    {"types.rdb", {"doctor", {"IN"}}, NULL, 0},
    {"types.rdb", {"doctor", {"IN", "-fjson"}}, NULL, 0},
    {"types.rdb", {"upgrade", {"IN"}}, NULL, 0},
    {"types.rdb", {"upgrade", {"IN", "-fmarkdown"}}, NULL, 0},
    {"types.rdb", {"explain", {"IN", "zset:large"}}, NULL, 0},
    {"types.rdb", {"diff", {"IN", "IN"}}, NULL, 0},
    {"types.rdb", {"trend", {"IN", "IN"}}, NULL, 0},
    {"empty.rdb", {"merge", {"IN", "--sections=files,types,groups"}}, NULL, 0, .is_summary = true},
    {"types.rdb", {"check", {"IN", "--max-elements=2"}}, NULL, 0},
    {"types.rdb", {"check", {"IN", "--max-elements=2", "-fjson"}}, NULL, 0},
    {"types.rdb", {"check", {"IN", "--max-elements=2", "-fjunit"}}, NULL, 0},
    {"types.rdb", {"check", {"IN", "--max-elements=2", "-fgithub"}}, NULL, 0},
    {"types.rdb", {"check", {"IN", "--max-elements=2", "-fgitlab"}}, NULL, 0},
    {"empty.rdb", {"policy", {NULL}}, NULL, 0},
    {"empty.rdb", {"servers", {NULL}}, NULL, 0},
    {"empty.rdb", {"servers", {"-fjson"}}, NULL, 0},
};
enum { WRITES = sizeof writes / sizeof *writes };

/* ---- one document --------------------------------------------------------------------------------------------------
 */

/* What the program calls document_outputs_write. */
enum exit_status document_outputs_write_once(struct document_outputs *outputs, const struct document *document);

static struct {
    const struct writes *row;
    size_t len; /* of what was written */
} current;

struct job {
    const struct document_outputs *outputs;
    const struct document *document;
    enum exit_status last;
};

static enum exit_status print(void *context, FILE *standard_output)
{
    struct job *job = context;
    struct document_outputs outputs = *job->outputs;
    outputs.item[0].output.stream = standard_output;
    return job->last = document_outputs_write_once(&outputs, job->document);
}

static enum exit_status save(void *context, const char *path)
{
    struct job *job = context;
    struct output_options options = *job->outputs->options;
    struct document_outputs outputs;
    options.paths = (struct text_list){.text = {path}, .count = 1};
    if (document_outputs_open(&outputs, &options, job->outputs->environment) != EXIT_STATUS_DONE)
        return EXIT_STATUS_USAGE;
    return job->last = document_outputs_write_once(&outputs, job->document);
}

enum exit_status document_outputs_write(struct document_outputs *outputs, const struct document *document)
{
    struct job job = {.outputs = outputs, .document = document};
    const struct disk_writer writer = {.what = current.row->run.command,
                                       .context = &job,
                                       .print = print,
                                       .save = save,
                                       .step = current.row->step != 0 ? current.row->step : 1};
    current.len = current.row->name != NULL ? full_disk_save(&writer, current.row->name) : full_disk_print(&writer);
    outputs->count = 0;
    return job.last;
}

/* ---- one command ---------------------------------------------------------------------------------------------------
 */

static struct in_process_output load(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, TINY "%s", name);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    struct in_process_output bytes = {.text = malloc(SNAPSHOT_BYTES)};
    bytes.len = fread(bytes.text, 1, SNAPSHOT_BYTES, file);
    fclose(file);
    return bytes;
}

static struct in_process_output input_of(const struct writes *row)
{
    static const struct in_process_run summarize = {"summarize", {"IN"}};
    struct in_process_output summary, snapshot = load(row->snapshot);
    if (!row->is_summary)
        return snapshot;
    in_process(&summarize, (const uint8_t *)snapshot.text, snapshot.len, &summary);
    free(snapshot.text);
    return summary;
}

START_TEST(every_byte)
{
    current.row = &writes[_i];
    struct in_process_output input = input_of(current.row);
    enum exit_status status = in_process_on(&current.row->run, (const uint8_t *)input.text, input.len, stdout, stderr);
    ck_assert_msg(status == EXIT_STATUS_UNUSABLE && current.len > 0, "%s: status %d", current.row->run.command,
                  (int)status);
    free(input.text);
}
END_TEST

int main(void)
{
    return run_loop("document_writes", every_byte, WRITES);
}
