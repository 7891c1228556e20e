/* report of several files: each read by itself, reported together. */
#include "audit.h"
#include "command.h"
#include "complain.h"
#include "gather_files.h"
#include "gathered_report.h"
#include "shared_names.h"

enum exit_status cmd_report_files(const struct cli_options *options, const struct environment *environment)
{
    struct gathered_report report;
    if (options->audit.info != NULL || options->audit.malloc_stats != NULL) {
        complain("--info and --malloc-stats are about one server: give its snapshot");
        return EXIT_STATUS_USAGE;
    }
    enum exit_status status = gathered_report_open(&report, false, options, environment);
    if (status == EXIT_STATUS_DONE) {
        const struct gather gather = gathered_report_gather(&report);
        struct gathered *all = gather_files(&gather, options, environment, &status);
        if (all != NULL && gathered_report_prints(&report, "shared_keys"))
            shared_names_find(all, options, environment);
        if (all != NULL)
            status = exit_status_worst(status, gathered_report_write(&report, all));
        gathered_free(all);
    }
    gathered_report_release(&report);
    return status;
}
