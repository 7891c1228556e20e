#include <errno.h>

#include "command.h"
#include "complain.h"
#include "key_rows.h"
#include "output.h"
#include "run.h"

struct keys_command {
    struct output output;
    struct key_rows *rows;
};

static void keys_begin(void *self, const struct run_context *context)
{
    struct keys_command *keys = self;
    const struct server_model *server = plan_view(context->plan, 0)->server;
    keys->rows =
        key_rows_new(keys->output.stream, (enum name_format)context->options->key_format, server->has_memory_usage);
}

static bool keys_add(void *self, const struct record *record)
{
    struct keys_command *keys = self;
    if (key_rows_add(keys->rows, record))
        return true;
    keys->output.error = errno;
    return false;
}

static enum exit_status keys_end(void *self, const struct run_context *context)
{
    struct keys_command *keys = self;
    (void)context;
    if (keys->output.error == 0 && !key_rows_flush(keys->rows))
        keys->output.error = errno;
    return output_commit(&keys->output) ? EXIT_STATUS_DONE : EXIT_STATUS_UNUSABLE;
}

enum exit_status cmd_keys(const struct cli_options *options, const struct environment *environment)
{
    static const struct run_job job = {.with_slots = true, .begin = keys_begin, .add = keys_add, .end = keys_end};
    struct keys_command keys = {.rows = NULL};
    const struct text_list *paths = &options->output.paths;
    if (paths->count > 1) {
        complain("-o: keys writes one file");
        return EXIT_STATUS_USAGE;
    }
    if (!output_open(&keys.output, paths->count != 0 ? paths->text[0] : NULL))
        return EXIT_STATUS_UNUSABLE;
    setvbuf(keys.output.stream, NULL, _IONBF, 0); /* rows are gathered in key_rows */
    enum exit_status status = run_snapshot(&job, &keys, options, environment);
    if (keys.output.stream != NULL)
        output_abandon(&keys.output);
    key_rows_free(keys.rows);
    return status;
}
