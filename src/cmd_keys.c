#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "complain.h"
#include "key_form.h"
#include "privacy.h"
#include "record_builder.h"
#include "run.h"

struct keys_command {
    struct output output;
    const struct key_form *form;
    const struct plan *plan;
    void *table;                     /* NULL: could not be begun, and output.error says why */
    const struct redactor *redactor; /* NULL: names are shown */
    uint8_t *hidden;                 /* room for the longest name */
    char *text;                      /* of a fork: what output.stream holds */
    size_t text_len;
};

static void open_table(struct keys_command *keys, const struct run_context *context, bool is_continued)
{
    const struct key_form_settings options = {
        .name_format = (enum name_format)context->options->key_format,
        .has_memory_usage = plan_view(context->plan, 0)->server->has_memory_usage,
        .is_continued = is_continued,
    };
    keys->table = keys->form->open(&keys->output, &options);
}

/* Where the file is read once more, the table goes on. */
static void keys_begin(void *self, const struct run_context *context)
{
    struct keys_command *keys = self;
    keys->plan = context->plan;
    if (keys->table == NULL)
        open_table(keys, context, false);
}

static bool add_hidden(struct keys_command *keys, const struct record *record)
{
    struct record shown = *record;
    shown.key = keys->hidden;
    shown.key_bytes = (uint32_t)redact_name(keys->redactor, record->key, record->key_bytes, keys->hidden);
    shown.key_len = shown.key_bytes + (record->key_len - record->key_bytes);
    return keys->form->add(keys->table, &shown, keys->plan);
}

static bool keys_add(void *self, struct record *record)
{
    struct keys_command *keys = self;
    if (keys->table == NULL)
        return false;
    if (keys->redactor != NULL)
        return add_hidden(keys, record);
    return keys->form->add(keys->table, record, keys->plan);
}

/* ---- forks: rows of a part of the file are printed into memory -----------------------------------------------------
 */

static void *keys_fork(void *self, const struct run_context *context)
{
    const struct keys_command *keys = self;
    if (keys->table == NULL || keys->form->needs_file)
        return NULL;
    struct keys_command *fork = xcalloc(1, sizeof *fork);
    fork->form = keys->form;
    fork->plan = context->plan;
    fork->redactor = keys->redactor;
    fork->hidden = keys->redactor != NULL ? xmalloc(REDACT_MAX((size_t)RECORD_MAX_NAME)) : NULL;
    fork->output.stream = open_memstream(&fork->text, &fork->text_len);
    if (fork->output.stream == NULL) {
        free(fork->hidden);
        free(fork);
        return NULL;
    }
    open_table(fork, context, true);
    return fork;
}

/* What it had printed was passed on, or is not wanted. */
static void keys_join(void *self, void *forked)
{
    struct keys_command *fork = forked;
    (void)self;
    fork->form->free(fork->table);
    fclose(fork->output.stream);
    free(fork->text);
    free(fork->hidden);
    free(fork);
}

static bool keys_pass_on(void *self, void *forked)
{
    struct keys_command *keys = self, *fork = forked;
    FILE *rows = fork->output.stream;
    if (!keys->form->finish(keys->table)) /* what stands above the first row */
        return false;
    if (!fork->form->finish(fork->table) || fflush(rows) != 0) {
        keys->output.error = errno;
        return false;
    }
    size_t len = (size_t)ftello(rows);
    if (fwrite(fork->text, 1, len, keys->output.stream) != len)
        keys->output.error = errno;
    rewind(rows);
    return keys->output.error == 0;
}

static enum exit_status keys_end(void *self, const struct run_context *context)
{
    struct keys_command *keys = self;
    (void)context;
    if (keys->output.error == 0)
        keys->form->finish(keys->table);
    if (keys->table != NULL)
        keys->form->free(keys->table);
    keys->table = NULL;
    return output_commit(&keys->output) ? EXIT_STATUS_DONE : EXIT_STATUS_UNUSABLE;
}

static enum exit_status open_output(struct keys_command *keys, const struct cli_options *options)
{
    const struct text_list *paths = &options->output.paths;
    const char *path = paths->count != 0 ? paths->text[0] : NULL;
    if (paths->count > 1) {
        complain("-o: keys writes one file");
        return EXIT_STATUS_USAGE;
    }
    keys->form = key_form_choose(options->output.key_form, path);
    if (keys->form->needs_file && (path == NULL || strcmp(path, "-") == 0)) {
        complain("--format %s: only into a file, which -o names", keys->form->name);
        return EXIT_STATUS_USAGE;
    }
    if (!output_open(&keys->output, path))
        return EXIT_STATUS_UNUSABLE;
    if (keys->form->needs_file && keys->output.temporary == NULL) {
        complain("-o %s: %s needs a regular file", path, keys->form->name);
        output_abandon(&keys->output);
        return EXIT_STATUS_USAGE;
    }
    setvbuf(keys->output.stream, NULL, _IONBF, 0); /* every form gathers its rows */
    return EXIT_STATUS_DONE;
}

enum exit_status cmd_keys(const struct cli_options *options, const struct environment *environment)
{
    static const struct run_forks forks = {.fork = keys_fork, .join = keys_join, .pass_on = keys_pass_on};
    static const struct run_job job = {
        .with_slots = true, .costs_late = true, .forks = &forks, .begin = keys_begin, .add = keys_add, .end = keys_end};
    struct keys_command keys = {.form = NULL};
    enum exit_status status = open_output(&keys, options);
    keys.redactor = privacy_redactor(options);
    if (keys.redactor != NULL)
        keys.hidden = xmalloc(REDACT_MAX((size_t)RECORD_MAX_NAME));
    if (status == EXIT_STATUS_DONE)
        status = run_snapshot(&job, &keys, options, environment);
    if (keys.table != NULL)
        keys.form->free(keys.table);
    if (keys.output.stream != NULL)
        output_abandon(&keys.output);
    free(keys.hidden);
    return status;
}
