#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "complain.h"
#include "gathered_report.h"
#include "privacy.h"
#include "summary.h"

/* An input. They are merged in the order of their checksums: what is said of them does not depend on the order in which
 * they are named, not even where a bounded table overflows. */
struct input {
    const char *path;
    uint64_t checksum;
};

static int by_checksum(const void *a, const void *b)
{
    const struct input *x = a, *y = b;
    if (x->checksum != y->checksum)
        return x->checksum < y->checksum ? -1 : 1;
    return strcmp(x->path, y->path);
}

static struct input *sorted_inputs(const struct operand_list *operands)
{
    struct input *input = xcalloc(operands->count, sizeof *input);
    for (size_t i = 0; i < operands->count; i++) {
        size_t len = 0;
        input[i].path = operands->text[i];
        uint8_t *bytes = summary_is(input[i].path) ? summary_load(input[i].path, &len) : NULL;
        input[i].checksum = bytes != NULL ? summary_checksum(bytes, len) : 0;
        free(bytes);
    }
    qsort(input, operands->count, sizeof *input, by_checksum);
    return input;
}

/* Adds one file. What cannot be read is listed as missing; what is costed otherwise ends the command. */
static bool add_input(struct gathered *merged, const char *path, const struct gather *gather, enum exit_status *status)
{
    char message[GATHERED_MESSAGE_BYTES];
    enum exit_status read;
    struct gathered *one = summary_read(path, gather, &read);
    *status = exit_status_worst(*status, read == EXIT_STATUS_UNUSABLE ? EXIT_STATUS_DAMAGED : read);
    if (one == NULL) {
        gathered_add_missing(merged, path, "it cannot be read as a summary");
        return true;
    }
    bool is_alike = merged->plan == NULL || gathered_is_alike(merged, one, message);
    if (is_alike)
        gathered_merge(merged, one, gather);
    else
        complain("%s", message);
    gathered_free(one);
    return is_alike;
}

static enum exit_status merge_inputs(struct gathered_report *report, const struct operand_list *operands)
{
    const struct gather gather = gathered_report_gather(report);
    struct gathered *merged = gathered_new();
    struct input *input = sorted_inputs(operands);
    enum exit_status status = EXIT_STATUS_DONE;
    bool is_alike = true;
    for (size_t i = 0; i < operands->count && is_alike; i++)
        is_alike = add_input(merged, input[i].path, &gather, &status);
    free(input);
    gathered_end(merged);
    if (!is_alike)
        status = EXIT_STATUS_USAGE;
    else if (merged->plan == NULL)
        status = EXIT_STATUS_UNUSABLE;
    else
        status = exit_status_worst(
            exit_status_worst(status, gathered_complain(merged, privacy_redactor(report->options) != NULL)),
            gathered_report_write(report, merged));
    gathered_free(merged);
    return status;
}

enum exit_status cmd_merge(const struct cli_options *options, const struct environment *environment)
{
    struct gathered_report report;
    enum exit_status status = gathered_report_open(&report, true, options, environment);
    if (status == EXIT_STATUS_DONE)
        status = merge_inputs(&report, &options->operands);
    gathered_report_release(&report);
    return status;
}
