#include <stdlib.h>

#include "command.h"
#include "complain.h"
#include "gathered.h"
#include "privacy.h"
#include "section_names.h"
#include "summary.h"

enum exit_status cmd_summarize(const struct cli_options *options, const struct environment *environment)
{
    bool *wanted = gathered_sections(false);
    const struct gather gather = {.wanted = wanted, .top = SUMMARY_TOP};
    enum exit_status status = EXIT_STATUS_USAGE;
    if (options->output.paths.count > 1) {
        complain("-o: a summary is written to one file");
    } else if (section_names_read(&(struct section_names){.row = wanted}, &options->output.sections)) {
        struct gathered *gathered = gathered_read(options->operands.text[0], &gather, options, environment, &status);
        const char *path = options->output.paths.count != 0 ? options->output.paths.text[0] : NULL;
        if (gathered != NULL && privacy_redactor(options) != NULL)
            gathered_hide_names(gathered, privacy_redactor(options), summary_is(options->operands.text[0]));
        if (gathered != NULL)
            status = exit_status_worst(status, summary_save(gathered, path));
        gathered_free(gathered);
    }
    free(wanted);
    return status;
}
