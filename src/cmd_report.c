#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "collect_run.h"
#include "command.h"
#include "complain.h"
#include "document_output.h"
#include "nodes_option.h"
#include "section_names.h"
#include "summary.h"
#include "sweep_option.h"

struct report_command {
    struct document_outputs outputs;
    bool *wanted;        /* a truth value per collector: what is gathered; NULL: the default ones */
    bool *printed;       /* likewise: what is printed of it; NULL: all */
    bool prints_default; /* nobody chose what `printed` has */
    bool *wanted_audit;  /* a truth value per section of the audit; NULL: all where there is something to audit */
    struct audit_inputs inputs;
    struct slot_nodes nodes; /* none: nothing is to be levelled */
};

/* ---- --sections ----------------------------------------------------------------------------------------------------
 */

/* With `with_slots`, the one about them, too: it is not of every file. */
static bool *default_sections(bool with_slots)
{
    size_t count;
    const struct collector *rows = collectors(&count);
    bool *sections = xcalloc(count, sizeof *sections);
    for (size_t i = 0; i < count; i++)
        sections[i] = rows[i].by_default || (with_slots && (rows[i].needs & COLLECT_NEEDS_SLOTS));
    return sections;
}

/* What the audit reads has to be gathered, too: the doctor judges by what the sections of the report recommend, and the
 * allocator's own bins are shown beside those of the data. */
static void gather_for_audit(struct report_command *report)
{
    size_t count, audit_count;
    const struct collector *rows = collectors(&count);
    const struct audit_section *audit_rows = audit_sections(&audit_count);
    bool has_inputs = report->inputs.info != NULL || report->inputs.malloc_stats != NULL;
    bool has_nodes = report->nodes.count != 0;
    if (report->wanted == NULL && (has_inputs || has_nodes)) {
        report->wanted = default_sections(true);
        report->printed = default_sections(has_nodes);
        report->prints_default = true;
    }
    if (report->wanted == NULL || (report->wanted_audit == NULL && !has_inputs))
        return;
    for (size_t i = 0; i < audit_count; i++) {
        if (report->wanted_audit != NULL && !report->wanted_audit[i])
            continue;
        for (size_t k = 0; k < count; k++)
            report->wanted[k] |= (audit_rows[i].is_doctors && rows[k].by_default) ||
                                 (audit_rows[i].reads != NULL && strcmp(audit_rows[i].reads, rows[k].id) == 0);
    }
}

/* With a section goes what it reads of others. */
static void gather_for_sections(struct report_command *report)
{
    size_t count;
    const struct collector *rows = collectors(&count);
    for (size_t i = 0; i < count; i++) {
        for (const char *id = report->printed[i] ? rows[i].reads : NULL; id != NULL && *id != '\0';) {
            size_t len = strcspn(id, " ");
            for (size_t k = 0; k < count; k++)
                report->wanted[k] |= strlen(rows[k].id) == len && memcmp(rows[k].id, id, len) == 0;
            id += len + (id[len] == ' ');
        }
    }
}

static bool choose_sections(struct report_command *report, const struct text_list *sections)
{
    size_t count, audit_count;
    (void)collectors(&count);
    const struct audit_section *audit_rows = audit_sections(&audit_count);
    if (sections->count == 0)
        return true;
    const char **audit_ids = xcalloc(audit_count, sizeof *audit_ids);
    for (size_t i = 0; i < audit_count; i++)
        audit_ids[i] = audit_rows[i].id;
    report->wanted = xcalloc(count, sizeof *report->wanted);
    report->printed = xcalloc(count, sizeof *report->printed);
    report->wanted_audit = xcalloc(audit_count, sizeof *report->wanted_audit);
    const struct section_names names = {report->printed, audit_count, audit_ids, report->wanted_audit};
    bool done = section_names_read(&names, sections);
    free(audit_ids);
    memcpy(report->wanted, report->printed, count * sizeof *report->wanted);
    gather_for_sections(report);
    return done;
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

/* Of a cluster's file, known by now, slots are printed by default. */
static void print_slots(struct report_command *report, const struct file_facts *file)
{
    size_t count;
    const struct collector *rows = collectors(&count);
    for (size_t i = 0; i < count && report->prints_default && file->is_cluster; i++)
        report->printed[i] |= (rows[i].needs & COLLECT_NEEDS_SLOTS) != 0;
}

static enum exit_status write_report(const struct collect_run *run, const struct run_context *context)
{
    struct report_command *report = run->owner;
    struct document *document = document_of_program(context->options);
    if (context->file->partial)
        document_set_partial(document, context->file->partial_reason);
    print_slots(report, context->file);
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
    if (options->operands.count > 1 || summary_is(options->operands.text[0]))
        return cmd_report_files(options, environment);
    struct report_command report = {.wanted = NULL};
    struct collect_run run = {.gather = gather_of_options(options), .owner = &report, .end = write_report};
    struct cli_options own;
    enum exit_status status = EXIT_STATUS_USAGE;
    if (sweep_option_read(&run.gather.points, &options->output.sweep) &&
        nodes_option_read(&report.nodes, options->output.nodes) && audit_inputs_read(&report.inputs, options, &own) &&
        choose_sections(&report, &options->output.sections))
        status = document_outputs_open(&report.outputs, &options->output, environment);
    gather_for_audit(&report);
    run.gather.wanted = report.wanted;
    run.gather.nodes = report.nodes.count != 0 ? &report.nodes : NULL;
    if (status == EXIT_STATUS_DONE)
        status = collect_run(&run, &own, environment);
    document_outputs_abandon(&report.outputs);
    audit_inputs_release(&report.inputs);
    slot_nodes_release(&report.nodes);
    free(report.wanted_audit);
    free(report.printed);
    free(report.wanted);
    return status;
}
