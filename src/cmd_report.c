#include <stdlib.h>
#include <string.h>

#include "collect/collector.h"
#include "command.h"
#include "complain.h"
#include "document_output.h"
#include "nearest.h"
#include "run.h"

struct report_command {
    struct document_outputs outputs;
    bool *wanted; /* a truth value per collector; NULL: the default ones */
    struct collection *collection;
};

/* ---- --sections ----------------------------------------------------------------------------------------------------
 */

static bool want_section(bool *wanted, const char *word, size_t len)
{
    struct nearest nearest;
    char name[64], hint[120];
    size_t count;
    const struct collector *rows = collectors(&count);
    snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : sizeof name - 1), word);
    nearest_init(&nearest, name);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].id, name) == 0)
            return wanted[i] = true;
        nearest_offer(&nearest, rows[i].id);
    }
    complain("--sections: there is no section '%s'%s", name, nearest_hint(&nearest, "", hint, sizeof hint));
    return false;
}

static bool choose_sections(struct report_command *report, const struct text_list *sections)
{
    size_t count;
    (void)collectors(&count);
    if (sections->count == 0)
        return true;
    report->wanted = xcalloc(count, sizeof *report->wanted);
    for (size_t i = 0; i < sections->count; i++) {
        for (const char *word = sections->text[i]; word != NULL;) {
            size_t len = strcspn(word, ",");
            if (!want_section(report->wanted, word, len))
                return false;
            word = word[len] == ',' ? word + len + 1 : NULL;
        }
    }
    return true;
}

/* ---- the pass ------------------------------------------------------------------------------------------------------
 */

/* View 1 is the same server on the other allocator that it commonly runs on. */
static size_t report_views(void *self, const struct target *target, const struct file_facts *file,
                           struct plan_view *views, size_t count)
{
    (void)self;
    enum allocator_id other =
        views[0].allocator->id == ALLOCATOR_JEMALLOC_8 ? ALLOCATOR_JEMALLOC_16 : ALLOCATOR_JEMALLOC_8;
    target_view(target, file, views[0].server, allocator_get(other), &views[count]);
    return count + 1;
}

static void report_begin(void *self, const struct run_context *context)
{
    struct report_command *report = self;
    struct collect_context collect_context = {
        .plan = context->plan,
        .now_ms = context->now_ms,
        .top = (size_t)context->options->output.top,
        .keyspace = context->keyspace,
        .file = context->file,
    };
    report->collection = collection_new(&collect_context, report->wanted);
}

static bool report_add(void *self, const struct record *record)
{
    struct report_command *report = self;
    collection_add(report->collection, record);
    return true;
}

static enum exit_status report_end(void *self, const struct run_context *context)
{
    struct report_command *report = self;
    struct document *document = document_of_program();
    if (context->file->partial)
        document_set_partial(document, context->file->partial_reason);
    collection_finish(report->collection, document);
    enum exit_status status = document_outputs_write(&report->outputs, document);
    document_free(document);
    return status;
}

enum exit_status cmd_report(const struct cli_options *options, const struct environment *environment)
{
    struct run_job job = {
        .with_keyspace = true, .add_views = report_views, .begin = report_begin, .add = report_add, .end = report_end};
    struct report_command report = {.wanted = NULL};
    enum exit_status status = EXIT_STATUS_USAGE;
    if (choose_sections(&report, &options->output.sections)) {
        job.with_values = collectors_need(report.wanted) & COLLECT_NEEDS_VALUES;
        status = document_outputs_open(&report.outputs, &options->output, environment);
    }
    if (status == EXIT_STATUS_DONE)
        status = run_snapshot(&job, &report, options, environment);
    document_outputs_abandon(&report.outputs);
    collection_free(report.collection);
    free(report.wanted);
    return status;
}
