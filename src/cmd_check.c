#include <stdlib.h>
#include <string.h>

#include "check_document.h"
#include "collect/collector.h"
#include "command.h"
#include "complain.h"
#include "document_output.h"
#include "run.h"
#include "saved_file.h"

struct check_command {
    struct document_outputs outputs;
    struct policy policy;
    struct baseline baseline;
    struct check check;
    bool *wanted;                  /* sections that stand beside the verdict */
    struct collection *collection; /* NULL until the first record */
};

/* ---- what was asked for ---------------------------------------------------------------------------------------------
 */

static bool read_policy_file(struct policy *policy, const char *path)
{
    struct saved_file file;
    char message[300];
    if (path == NULL)
        return true;
    if (!saved_file_read(&file, "--policy", path))
        return false;
    bool done = policy_parse(policy, file.text, file.len, message, sizeof message);
    if (!done)
        complain("%.200s: %s", path, message);
    saved_file_release(&file);
    return done;
}

static bool read_limits(struct policy *policy, const struct limit_options *options)
{
    const char *limits[RULE_COUNT];
    char message[300];
    for (unsigned rule = 0; rule < RULE_COUNT; rule++)
        limits[rule] = options->flag[rule] ? "true" : options->limit[rule];
    if (policy_take_options(policy, limits, message, sizeof message))
        return true;
    complain("%s", message);
    return false;
}

static bool read_asked(struct check_command *command, const struct cli_options *options,
                       const struct environment *environment)
{
    const struct limit_options *limits = &options->limits;
    return read_policy_file(&command->policy, limits->policy) && read_limits(&command->policy, limits) &&
           (limits->baseline == NULL || baseline_read(&command->baseline, &command->policy, options, environment));
}

/* The sections whose figures a baseline is made of. */
static bool *wanted_sections(void)
{
    size_t count;
    const struct collector *rows = collectors(&count);
    bool *wanted = xcalloc(count, sizeof *wanted);
    for (size_t i = 0; i < count; i++)
        wanted[i] = strcmp(rows[i].id, "overview") == 0 || strcmp(rows[i].id, "totals") == 0;
    return wanted;
}

/* ---- the pass ------------------------------------------------------------------------------------------------------
 */

static void check_begin(void *self, const struct run_context *context)
{
    struct check_command *command = self;
    struct collect_context collect_context = {
        .plan = context->plan, .now_ms = context->now_ms, .keyspace = context->keyspace, .file = context->file};
    command->collection = collection_new(&collect_context, command->wanted);
    command->check.plan = context->plan;
}

static bool check_record(void *self, struct record *record)
{
    struct check_command *command = self;
    collection_add(command->collection, record);
    check_add(&command->check, record);
    return true;
}

/* A baseline of another server or allocator differs for that alone. */
static void compare_targets(const struct baseline *baseline, const struct plan_view *view, struct document *document)
{
    if (!baseline_is_of(baseline, view->server->id, view->allocator->name))
        section_note(document_section(document, "check", "Check"), DOC_WARNING,
                     "The baseline was costed for another server or allocator than this snapshot: --target and "
                     "--allocator make them alike.");
}

static enum exit_status check_end(void *self, const struct run_context *context)
{
    struct check_command *command = self;
    struct keyspace_cost keyspace;
    const struct limit_options *options = &context->options->limits;
    model_keyspace(context->plan, 0, context->keyspace, &keyspace);
    check_finish(&command->check, keyspace.total_bytes);
    struct document *document = document_of_program(context->options);
    if (context->file->partial)
        document_set_partial(document, context->file->partial_reason);
    const struct check_report report = {&command->check, context->file, &command->baseline, options->policy,
                                        options->baseline};
    uint64_t failed = check_document_add(&report, document);
    compare_targets(&command->baseline, plan_view(context->plan, 0), document);
    collection_finish(command->collection, document);
    enum exit_status status = document_outputs_write(&command->outputs, document);
    document_free(document);
    return exit_status_worst(status, failed != 0 ? EXIT_STATUS_BREACH : EXIT_STATUS_DONE);
}

enum exit_status cmd_check(const struct cli_options *options, const struct environment *environment)
{
    static const struct run_job job = {
        .with_keyspace = true, .begin = check_begin, .add = check_record, .end = check_end};
    struct check_command command = {.wanted = NULL};
    enum exit_status status = EXIT_STATUS_USAGE;
    policy_init(&command.policy);
    if (read_asked(&command, options, environment))
        status = document_outputs_open(&command.outputs, &options->output, environment);
    if (status == EXIT_STATUS_DONE) {
        command.wanted = wanted_sections();
        check_init(&command.check, &command.policy, (size_t)options->output.top, false);
        status = run_snapshot(&job, &command, options, environment);
        document_outputs_abandon(&command.outputs);
    }
    collection_free(command.collection);
    check_release(&command.check);
    baseline_release(&command.baseline);
    policy_release(&command.policy);
    free(command.wanted);
    return status;
}
