#include "gathered_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect_run.h"
#include "complain.h"
#include "nearest.h"
#include "privacy.h"
#include "summary.h"

/* ---- choosing ------------------------------------------------------------------------------------------------------
 */

static bool print_section(struct gathered_report *report, const char *word, size_t len)
{
    struct nearest nearest;
    char name[64], hint[120];
    size_t count;
    const struct collector *rows = collectors(&count);
    snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : sizeof name - 1), word);
    nearest_init(&nearest, name);
    if (strcmp(name, "files") == 0)
        return report->with_files = true;
    nearest_offer(&nearest, "files");
    for (size_t i = 0; i < count; i++) {
        if (!report->wanted[i])
            continue;
        if (strcmp(rows[i].id, name) == 0)
            return report->printed[i] = true;
        nearest_offer(&nearest, rows[i].id);
    }
    complain("--sections: there is no section '%s'%s", name, nearest_hint(&nearest, "", hint, sizeof hint));
    return false;
}

static bool choose(struct gathered_report *report, const struct text_list *sections)
{
    size_t count;
    (void)collectors(&count);
    report->with_files = sections->count == 0;
    if (sections->count == 0)
        return true;
    report->printed = xcalloc(count, sizeof *report->printed);
    for (size_t i = 0; i < sections->count; i++) {
        for (const char *word = sections->text[i]; word != NULL;) {
            size_t len = strcspn(word, ",");
            if (!print_section(report, word, len))
                return false;
            word = word[len] == ',' ? word + len + 1 : NULL;
        }
    }
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
    report->wanted = gathered_all_sections(is_saved);
    report->output.paths.count = 0;
    for (size_t i = 0; i < paths->count; i++) {
        struct text_list *list = is_summary_path(paths->text[i]) ? &report->summaries : &report->output.paths;
        list->text[list->count++] = paths->text[i];
    }
    report->has_documents = report->output.paths.count != 0 || report->summaries.count == 0;
    if (!choose(report, &options->output.sections))
        return EXIT_STATUS_USAGE;
    return report->has_documents ? document_outputs_open(&report->documents, &report->output, environment)
                                 : EXIT_STATUS_DONE;
}

struct gather gathered_report_gather(const struct gathered_report *report)
{
    size_t top = (size_t)report->options->output.top;
    if (report->summaries.count != 0 && top < SUMMARY_TOP)
        top = SUMMARY_TOP;
    return (struct gather){.wanted = report->wanted, .top = top, .cuts = report_cuts(report->options)};
}

void gathered_report_release(struct gathered_report *report)
{
    document_outputs_abandon(&report->documents);
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
        bool is_of_several = strcmp(rows[i].id, "slots") == 0 || strcmp(rows[i].id, "shared_keys") == 0;
        printed[i] = report->printed != NULL ? report->printed[i]
                                             : rows[i].by_default || (is_of_several && gathered->file_count > 1);
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
    const struct gather gather = {
        .wanted = report->wanted, .top = (size_t)report->options->output.top, .cuts = report_cuts(report->options)};
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

enum exit_status gathered_report_write(struct gathered_report *report, const struct gathered *gathered)
{
    enum exit_status status = EXIT_STATUS_DONE;
    for (size_t i = 0; i < report->summaries.count; i++)
        status = exit_status_worst(status, summary_save(gathered, report->summaries.text[i]));
    if (!report->has_documents)
        return status;
    bool is_longer = report->summaries.count != 0 && report->options->output.top < SUMMARY_TOP;
    return exit_status_worst(status, is_longer ? write_shorter(report, gathered) : write_document(report, gathered));
}
