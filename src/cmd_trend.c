#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "command.h"
#include "complain.h"
#include "document_output.h"
#include "gathered_report.h"
#include "privacy.h"
#include "trend.h"

static int by_time(const void *a, const void *b)
{
    const struct trend_point *x = a, *y = b;
    if (x->ctime_ms != y->ctime_ms)
        return x->ctime_ms < y->ctime_ms ? -1 : 1;
    return strcmp(x->path, y->path);
}

static bool *needed_sections(void)
{
    size_t count;
    const struct collector *rows = collectors(&count);
    bool *wanted = xcalloc(count, sizeof *wanted);
    for (size_t i = 0; i < count; i++)
        wanted[i] = strcmp(rows[i].id, "groups") == 0;
    return wanted;
}

/* Adds one file, if it says when it was written. */
static enum exit_status add_point(struct trend *trend, const char *path, const struct cli_options *options,
                                  const struct environment *environment)
{
    bool *wanted = needed_sections();
    const struct gather gather = {.wanted = wanted, .top = 0};
    enum exit_status status;
    struct gathered *gathered = gathered_read(path, &gather, options, environment, &status);
    free(wanted);
    if (gathered == NULL)
        return status == EXIT_STATUS_USAGE ? status : EXIT_STATUS_DAMAGED;
    if (gathered->facts.partial)
        gathered_complain(gathered, privacy_redactor(options) != NULL);
    if (!gathered->facts.has_ctime) {
        complain("%.300s does not say when it was written: it is left out", path);
        status = EXIT_STATUS_DAMAGED;
    } else {
        trend_take(&trend->point[trend->count++], gathered);
        group_table_merge(&trend->names, collection_state(collection_context(gathered->collection), "groups"));
    }
    gathered_free(gathered);
    return status;
}

static uint64_t maxmemory_of(const struct audit_inputs *inputs, const struct cli_options *options)
{
    if (options->maxmemory != 0 || inputs->info == NULL)
        return options->maxmemory;
    return info_bytes(inputs->info, INFO_MAXMEMORY);
}

static enum exit_status write_trend(struct trend *trend, struct document_outputs *outputs, enum exit_status status,
                                    const struct cli_options *options)
{
    struct document *document = document_of_program(options);
    qsort(trend->point, trend->count, sizeof *trend->point, by_time);
    if (status != EXIT_STATUS_DONE)
        document_set_partial(document, "one of the files is damaged, incomplete or left out");
    trend_write(trend, document);
    status = exit_status_worst(status, document_outputs_write(outputs, document));
    document_free(document);
    return status;
}

static enum exit_status read_and_write(const struct audit_inputs *inputs, struct document_outputs *outputs,
                                       const struct cli_options *options, const struct environment *environment)
{
    struct trend trend = {.maxmemory = maxmemory_of(inputs, options), .top = (size_t)options->output.top};
    enum exit_status status = EXIT_STATUS_DONE;
    group_table_init(&trend.names, GROUP_MAX);
    trend.point = xcalloc(options->operands.count, sizeof *trend.point);
    for (size_t i = 0; i < options->operands.count && status != EXIT_STATUS_USAGE; i++)
        status = exit_status_worst(status, add_point(&trend, options->operands.text[i], options, environment));
    if (trend.count < 2 && status != EXIT_STATUS_USAGE) {
        complain("a trend needs two moments at least, and %zu could be read", trend.count);
        status = exit_status_worst(status, EXIT_STATUS_UNUSABLE);
    } else if (status != EXIT_STATUS_USAGE) {
        status = write_trend(&trend, outputs, status, options);
    }
    trend_release(&trend);
    return status;
}

enum exit_status cmd_trend(const struct cli_options *options, const struct environment *environment)
{
    struct audit_inputs inputs;
    struct cli_options *own = xmalloc(sizeof *own);
    struct document_outputs outputs;
    enum exit_status status = EXIT_STATUS_USAGE;
    if (audit_inputs_read(&inputs, options, own)) {
        status = document_outputs_open(&outputs, &options->output, environment);
        if (status == EXIT_STATUS_DONE) {
            status = read_and_write(&inputs, &outputs, options, environment);
            document_outputs_abandon(&outputs);
        }
        audit_inputs_release(&inputs);
    }
    free(own);
    return status;
}
