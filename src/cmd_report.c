#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "collect_run.h"
#include "command.h"
#include "complain.h"
#include "document_output.h"
#include "nearest.h"
#include "sweep_option.h"

struct report_command {
    struct document_outputs outputs;
    bool *wanted;       /* a truth value per collector: what is gathered; NULL: the default ones */
    bool *printed;      /* likewise: what is printed of it; NULL: all */
    bool *wanted_audit; /* a truth value per section of the audit; NULL: all where there is something to audit */
    struct audit_inputs inputs;
};

/* ---- --sections ----------------------------------------------------------------------------------------------------
 */

static bool want_section(struct report_command *report, const char *word, size_t len)
{
    struct nearest nearest;
    char name[64], hint[120];
    size_t count, audit_count;
    const struct collector *rows = collectors(&count);
    const struct audit_section *audit_rows = audit_sections(&audit_count);
    snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : sizeof name - 1), word);
    nearest_init(&nearest, name);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].id, name) == 0)
            return report->wanted[i] = report->printed[i] = true;
        nearest_offer(&nearest, rows[i].id);
    }
    for (size_t i = 0; i < audit_count; i++) {
        if (strcmp(audit_rows[i].id, name) == 0)
            return report->wanted_audit[i] = true;
        nearest_offer(&nearest, audit_rows[i].id);
    }
    complain("--sections: there is no section '%s'%s", name, nearest_hint(&nearest, "", hint, sizeof hint));
    return false;
}

static bool *default_sections(void)
{
    size_t count;
    const struct collector *rows = collectors(&count);
    bool *sections = xcalloc(count, sizeof *sections);
    for (size_t i = 0; i < count; i++)
        sections[i] = rows[i].by_default;
    return sections;
}

/* What the audit reads has to be gathered, too: the doctor judges by what the sections of the report recommend, and the
 * allocator's own bins are shown beside those of the data. */
static void gather_for_audit(struct report_command *report)
{
    size_t count, audit_count;
    const struct collector *rows = collectors(&count);
    const struct audit_section *audit_rows = audit_sections(&audit_count);
    if (report->wanted == NULL && report->inputs.info == NULL && report->inputs.malloc_stats == NULL)
        return;
    if (report->wanted == NULL) {
        report->wanted = default_sections();
        report->printed = default_sections();
    }
    for (size_t i = 0; i < audit_count; i++) {
        if (report->wanted_audit != NULL && !report->wanted_audit[i])
            continue;
        for (size_t k = 0; k < count; k++)
            report->wanted[k] |= (audit_rows[i].is_doctors && rows[k].by_default) ||
                                 (audit_rows[i].reads != NULL && strcmp(audit_rows[i].reads, rows[k].id) == 0);
    }
}

static bool choose_sections(struct report_command *report, const struct text_list *sections)
{
    size_t count, audit_count;
    (void)collectors(&count);
    (void)audit_sections(&audit_count);
    if (sections->count == 0)
        return true;
    report->wanted = xcalloc(count, sizeof *report->wanted);
    report->printed = xcalloc(count, sizeof *report->printed);
    report->wanted_audit = xcalloc(audit_count, sizeof *report->wanted_audit);
    for (size_t i = 0; i < sections->count; i++) {
        for (const char *word = sections->text[i]; word != NULL;) {
            size_t len = strcspn(word, ",");
            if (!want_section(report, word, len))
                return false;
            word = word[len] == ',' ? word + len + 1 : NULL;
        }
    }
    return true;
}

/* ---- writing -------------------------------------------------------------------------------------------------------
 */

/* The audit, behind the sections whose recommendations are findings of it. */
static void write_audit(const struct report_command *report, const struct cli_options *options,
                        const struct collection *collection, struct document *document)
{
    struct audit audit;
    size_t count;
    const struct audit_section *rows = audit_sections(&count);
    struct findings *findings = xmalloc(sizeof *findings);
    struct document *all = document_of_program(options);
    collection_finish(collection, all);
    audit_init(&audit, &report->inputs, collection, all);
    audit_judge(&audit, findings);
    for (size_t i = 0; i < count; i++) {
        if (report->wanted_audit == NULL || report->wanted_audit[i])
            rows[i].write(&audit, findings, &rows[i], document);
    }
    document_free(all);
    free(findings);
}

static enum exit_status write_report(const struct collect_run *run, const struct run_context *context)
{
    struct report_command *report = run->owner;
    struct document *document = document_of_program(context->options);
    if (context->file->partial)
        document_set_partial(document, context->file->partial_reason);
    collection_finish_some(run->collection, report->printed, document);
    if (report->wanted_audit != NULL || audit_inputs_any(&report->inputs))
        write_audit(report, context->options, run->collection, document);
    enum exit_status status = document_outputs_write(&report->outputs, document);
    document_free(document);
    return status;
}

enum exit_status cmd_report(const struct cli_options *options, const struct environment *environment)
{
    if (options->operands.count > 1 && (options->audit.info || options->audit.malloc_stats)) {
        complain("--info and --malloc-stats are of one server: they go with one snapshot");
        return EXIT_STATUS_USAGE;
    }
    if (options->operands.count > 1)
        return cmd_report_files(options, environment);
    struct report_command report = {.wanted = NULL};
    struct collect_run run = {.owner = &report, .end = write_report};
    struct cli_options own;
    enum exit_status status = EXIT_STATUS_USAGE;
    if (sweep_option_read(&run.points, &options->output.sweep) && audit_inputs_read(&report.inputs, options, &own) &&
        choose_sections(&report, &options->output.sections))
        status = document_outputs_open(&report.outputs, &options->output, environment);
    gather_for_audit(&report);
    run.wanted = report.wanted;
    if (status == EXIT_STATUS_DONE)
        status = collect_run(&run, &own, environment);
    document_outputs_abandon(&report.outputs);
    audit_inputs_release(&report.inputs);
    free(report.wanted_audit);
    free(report.printed);
    free(report.wanted);
    return status;
}
