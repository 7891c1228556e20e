#include <stdlib.h>

#include "audit.h"
#include "collect_run.h"
#include "command.h"
#include "complain.h"
#include "document_output.h"
#include "sweep_option.h"

struct doctor_command {
    struct document_outputs outputs;
    struct audit_inputs inputs;
};

/* The whole report is made, for its actions; of the audit's own sections two are printed. */
static enum exit_status write_findings(const struct collect_run *run, const struct run_context *context)
{
    struct doctor_command *doctor = run->owner;
    struct audit audit;
    struct findings *findings = xmalloc(sizeof *findings);
    struct document *report = document_of_program(context->options), *document = document_of_program(context->options);
    if (context->file->partial)
        document_set_partial(document, context->file->partial_reason);
    collection_finish(run->collection, report);
    audit_init(&audit, &doctor->inputs, run->collection, report);
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
    struct doctor_command doctor = {.inputs = {.info = NULL}};
    struct collect_run run = {.gather = gather_of_options(options), .owner = &doctor, .end = write_findings};
    struct cli_options own;
    enum exit_status status = EXIT_STATUS_USAGE;
    if (sweep_option_read(&run.gather.points, &options->output.sweep) &&
        audit_inputs_read(&doctor.inputs, options, &own))
        status = document_outputs_open(&doctor.outputs, &options->output, environment);
    if (status == EXIT_STATUS_DONE)
        status = collect_run(&run, &own, environment);
    document_outputs_abandon(&doctor.outputs);
    audit_inputs_release(&doctor.inputs);
    return status;
}
