#include <stdlib.h>

#include "audit.h"
#include "command.h"
#include "complain.h"
#include "document_output.h"
#include "run.h"

struct doctor_command {
    struct document_outputs outputs;
    struct audit_inputs inputs;
    struct collection *collection;
};

static void doctor_begin(void *self, const struct run_context *context)
{
    struct doctor_command *doctor = self;
    struct collect_context collect_context = {
        .plan = context->plan,
        .now_ms = context->now_ms,
        .top = (size_t)context->options->output.top,
        .keyspace = context->keyspace,
        .file = context->file,
    };
    doctor->collection = collection_new(&collect_context, NULL);
}

static bool doctor_add(void *self, const struct record *record)
{
    struct doctor_command *doctor = self;
    collection_add(doctor->collection, record);
    return true;
}

/* The whole report is made, for its actions; of the audit's own sections two are printed. */
static enum exit_status doctor_end(void *self, const struct run_context *context)
{
    struct doctor_command *doctor = self;
    struct audit audit;
    struct findings *findings = xmalloc(sizeof *findings);
    struct document *report = document_of_program(), *document = document_of_program();
    if (context->file->partial)
        document_set_partial(document, context->file->partial_reason);
    collection_finish(doctor->collection, report);
    audit_init(&audit, &doctor->inputs, doctor->collection, report);
    audit_judge(&audit, findings);
    size_t count;
    const struct audit_section *rows = audit_sections(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].is_doctors)
            rows[i].write(&audit, findings, &rows[i], document);
    }
    enum exit_status status = document_outputs_write(&doctor->outputs, document);
    if (audit_failed(&audit, findings))
        status = exit_status_worst(status, EXIT_STATUS_BREACH);
    document_free(document);
    document_free(report);
    free(findings);
    return status;
}

enum exit_status cmd_doctor(const struct cli_options *options, const struct environment *environment)
{
    const struct run_job job = {.with_keyspace = true,
                                .with_values = collectors_need(NULL) & COLLECT_NEEDS_VALUES,
                                .begin = doctor_begin,
                                .add = doctor_add,
                                .end = doctor_end};
    struct doctor_command doctor = {.collection = NULL};
    enum exit_status status = EXIT_STATUS_USAGE;
    if (audit_inputs_read(&doctor.inputs, options))
        status = document_outputs_open(&doctor.outputs, &options->output, environment);
    if (status == EXIT_STATUS_DONE)
        status = run_snapshot(&job, &doctor, options, environment);
    document_outputs_abandon(&doctor.outputs);
    collection_free(doctor.collection);
    audit_inputs_release(&doctor.inputs);
    return status;
}
