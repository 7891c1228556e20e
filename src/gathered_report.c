#include "gathered_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "nodes_option.h"
#include "privacy.h"
#include "section_names.h"
#include "summary.h"
#include "sweep_option.h"

/* ---- choosing ------------------------------------------------------------------------------------------------------
 */

static bool choose(struct gathered_report *report, bool is_saved)
{
    static const char *const more[] = {"files"};
    const struct text_list *sections = &report->options->output.sections;
    size_t count;
    (void)collectors(&count);
    report->wanted = gathered_sections(is_saved);
    report->with_files = sections->count == 0;
    if (sections->count == 0)
        return true;
    report->printed = xcalloc(count, sizeof *report->printed);
    const struct section_names names = {report->printed, 1, more, &report->with_files};
    if (!section_names_read(&names, sections))
        return false;
    for (size_t i = 0; i < count; i++)
        report->wanted[i] |= report->printed[i];
    return true;
}

static bool is_summary_path(const char *path)
{
    static const char extension[] = ".rdbm";
    size_t len = strlen(path);
    return len >= sizeof extension && strcmp(path + len + 1 - sizeof extension, extension) == 0;
}

enum exit_status gathered_report_open(struct gathered_report *report, bool is_saved, const struct cli_options *options,
                                      const struct environment *environment)
{
    const struct text_list *paths = &options->output.paths;
    *report = (struct gathered_report){.options = options, .output = options->output};
    report->output.paths.count = 0;
    for (size_t i = 0; i < paths->count; i++) {
        struct text_list *list = is_summary_path(paths->text[i]) ? &report->summaries : &report->output.paths;
        list->text[list->count++] = paths->text[i];
    }
    report->has_documents = report->output.paths.count != 0 || report->summaries.count == 0;
    if (!sweep_option_read(&report->points, &options->output.sweep) ||
        !nodes_option_read(&report->nodes, options->output.nodes) || !choose(report, is_saved))
        return EXIT_STATUS_USAGE;
    return report->has_documents ? document_outputs_open(&report->documents, &report->output, environment)
                                 : EXIT_STATUS_DONE;
}

struct gather gathered_report_gather(const struct gathered_report *report)
{
    struct gather gather = gather_of_options(report->options);
    gather.wanted = report->wanted;
    gather.points = report->points;
    gather.nodes = report->nodes.count != 0 ? &report->nodes : NULL;
    if (report->summaries.count != 0 && gather.top < SUMMARY_TOP)
        gather.top = SUMMARY_TOP;
    return gather;
}

bool gathered_report_prints(const struct gathered_report *report, const char *id)
{
    size_t count;
    const struct collector *rows = collectors(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].id, id) == 0)
            return report->has_documents && (report->printed == NULL || report->printed[i]);
    return false;
}

void gathered_report_release(struct gathered_report *report)
{
    document_outputs_abandon(&report->documents);
    slot_nodes_release(&report->nodes);
    free(report->wanted);
    free(report->printed);
}

/* ---- writing -------------------------------------------------------------------------------------------------------
 */

/* By default those of any report, and about several files how they share slots and keys. */
static bool *sections_to_print(const struct gathered_report *report, const struct gathered *gathered)
{
    size_t count;
    const struct collector *rows = collectors(&count);
    bool *printed = xcalloc(count, sizeof *printed);
    for (size_t i = 0; i < count; i++) {
        printed[i] = report->printed != NULL ? report->printed[i]
                                             : rows[i].by_default || (rows[i].of_several && gathered->file_count > 1);
        if (report->printed != NULL && printed[i] && !collection_has(gathered->collection, i))
            complain("--sections: not every summary holds section '%s': summarize --sections %s gathers it", rows[i].id,
                     rows[i].id);
    }
    return printed;
}

static enum exit_status write_document(struct gathered_report *report, const struct gathered *gathered)
{
    struct document *document = document_of_program(report->options);
    bool *printed = sections_to_print(report, gathered);
    if (gathered->facts.partial)
        document_set_partial(document, privacy_redactor(report->options) != NULL ? "a file could not be read to its end"
                                                                                 : gathered->facts.partial_reason);
    if (report->with_files)
        gathered_write_files(gathered, document);
    collection_finish_some(gathered->collection, printed, document);
    enum exit_status status = document_outputs_write(&report->documents, document);
    document_free(document);
    free(printed);
    return status;
}

/* With as many rows as --top says, where more were gathered for a summary. */
static enum exit_status write_shorter(struct gathered_report *report, const struct gathered *gathered)
{
    struct gather gather = gathered_report_gather(report);
    gather.top = (size_t)report->options->output.top;
    struct gathered *shorter = gathered_new();
    gathered_merge(shorter, gathered, &gather);
    gathered_end(shorter);
    enum exit_status status = write_document(report, shorter);
    gathered_free(shorter);
    return status;
}

enum exit_status gathered_complain(const struct gathered *gathered, bool hides_names)
{
    enum exit_status status = EXIT_STATUS_DONE;
    for (size_t i = 0; i < gathered->file_count; i++) {
        const struct gathered_file *file = &gathered->file[i];
        if (file->trouble[0] == '\0')
            continue;
        status = EXIT_STATUS_DAMAGED;
        complain("%s: %s", file->path, hides_names ? "damaged or incomplete" : file->trouble);
    }
    return status;
}

/* The summaries; where names are hidden, of a copy that has none. */
static enum exit_status write_summaries(const struct gathered_report *report, const struct gathered *gathered)
{
    const struct redactor *redactor = privacy_redactor(report->options);
    const struct gather gather = gathered_report_gather(report);
    struct gathered *hidden = NULL;
    enum exit_status status = EXIT_STATUS_DONE;
    if (redactor != NULL && report->summaries.count != 0) {
        hidden = gathered_new();
        gathered_merge(hidden, gathered, &gather);
        gathered_end(hidden);
        gathered_hide_names(hidden, redactor, true);
    }
    for (size_t i = 0; i < report->summaries.count; i++)
        status = exit_status_worst(status, summary_save(hidden != NULL ? hidden : gathered, report->summaries.text[i]));
    gathered_free(hidden);
    return status;
}

enum exit_status gathered_report_write(struct gathered_report *report, const struct gathered *gathered)
{
    enum exit_status status = write_summaries(report, gathered);
    if (!report->has_documents)
        return status;
    bool is_longer = report->summaries.count != 0 && report->options->output.top < SUMMARY_TOP;
    return exit_status_worst(status, is_longer ? write_shorter(report, gathered) : write_document(report, gathered));
}
