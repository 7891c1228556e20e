#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "complain.h"
#include "diff.h"
#include "document_output.h"
#include "gathered_report.h"
#include "privacy.h"
#include "summary.h"

/* What a diff compares. */
static bool *compared_sections(void)
{
    static const char *const ids[] = {"totals", "groups", "top_keys"};
    size_t count;
    const struct collector *rows = collectors(&count);
    bool *wanted = xcalloc(count, sizeof *wanted);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < sizeof ids / sizeof *ids; k++)
            wanted[i] |= strcmp(rows[i].id, ids[k]) == 0;
    return wanted;
}

static enum exit_status read_sides(struct diff *diff)
{
    enum exit_status status = EXIT_STATUS_DONE;
    bool *wanted = compared_sections();
    const struct gather gather = {.wanted = wanted, .top = DIFF_TOP};
    for (int side = 0; side < 2; side++) {
        enum exit_status read = EXIT_STATUS_DONE;
        diff->path[side] = diff->options->operands.text[side];
        bool is_summary = summary_is(diff->path[side]);
        diff->is_snapshot[side] = !is_summary && strcmp(diff->path[side], "-") != 0;
        diff->gathered[side] = gathered_read(diff->path[side], &gather, diff->options, diff->environment, &read);
        if (is_summary && diff->gathered[side] != NULL)
            gathered_complain(diff->gathered[side], privacy_redactor(diff->options) != NULL);
        status = exit_status_worst(status, read);
    }
    free(wanted);
    return status;
}

static enum exit_status write_diff(const struct diff *diff, struct document_outputs *outputs)
{
    struct document *document = document_of_program(diff->options);
    for (int side = 1; side >= 0; side--)
        if (diff->gathered[side]->facts.partial)
            document_set_partial(document, diff->gathered[side]->facts.partial_reason);
    diff_write_overview(diff, document);
    diff_write_patterns(diff, document);
    diff_write_types(diff, document);
    diff_write_databases(diff, document);
    enum exit_status status = diff_write_keys(diff, document);
    status = exit_status_worst(status, document_outputs_write(outputs, document));
    document_free(document);
    return status;
}

enum exit_status cmd_diff(const struct cli_options *options, const struct environment *environment)
{
    struct diff diff = {.options = options, .environment = environment};
    struct document_outputs outputs;
    enum exit_status status = document_outputs_open(&outputs, &options->output, environment);
    if (status != EXIT_STATUS_DONE)
        return status;
    status = read_sides(&diff);
    if (diff.gathered[DIFF_OLD] != NULL && diff.gathered[DIFF_NEW] != NULL)
        status = exit_status_worst(status, write_diff(&diff, &outputs));
    document_outputs_abandon(&outputs);
    gathered_free(diff.gathered[DIFF_OLD]);
    gathered_free(diff.gathered[DIFF_NEW]);
    return status;
}
