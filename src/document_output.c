#include "document_output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "metrics.h"
#include "nearest.h"
#include "privacy.h"

/* Raised whenever a reader of the JSON form could be broken; docs/json.md has the history. */
enum { SCHEMA_VERSION = 1 };

struct document *document_of_program(const struct cli_options *options)
{
    struct document *document = document_new("rdbmeter " RDBMETER_VERSION, SCHEMA_VERSION);
    const struct redactor *redactor = privacy_redactor(options);
    if (redactor != NULL)
        document_hide_names(document, &(struct doc_hider){redact_name, redactor, REDACT_TIMES, REDACT_MORE});
    if (options->privacy.show_values)
        document_show_values(document);
    return document;
}

static const struct renderer *renderer_of_format(const char *format)
{
    const struct renderer *renderer = renderer_by_name(format);
    if (renderer != NULL)
        return renderer;
    struct nearest nearest;
    char hint[120];
    size_t count;
    const struct renderer *rows = renderers(&count);
    nearest_init(&nearest, format);
    for (size_t i = 0; i < count; i++)
        nearest_offer(&nearest, rows[i].name);
    complain("--format: there is no format '%.40s'%s", format, nearest_hint(&nearest, "", hint, sizeof hint));
    return NULL;
}

/* The renderer of one output; NULL after a complaint. */
static const struct renderer *choose_renderer(const struct output_options *options, const char *path)
{
    const struct renderer *renderer = path != NULL ? renderer_by_extension(path) : NULL;
    if (renderer == NULL && path != NULL && options->format == NULL) {
        complain("-o %.200s: its extension names no format; --format does", path);
        return NULL;
    }
    if (renderer == NULL)
        renderer = renderer_of_format(options->format != NULL ? options->format : "text");
    if (renderer != NULL && options->section == NULL && strcmp(renderer->name, "csv") == 0) {
        complain("CSV holds one table: --section names it");
        return NULL;
    }
    return renderer;
}

enum exit_status document_outputs_open(struct document_outputs *outputs, const struct output_options *options,
                                       const struct environment *environment)
{
    size_t count = options->paths.count != 0 ? options->paths.count : 1;
    *outputs = (struct document_outputs){.options = options, .environment = environment};
    for (size_t i = 0; i < count; i++) {
        const char *path = options->paths.count != 0 ? options->paths.text[i] : NULL;
        outputs->item[i].renderer = choose_renderer(options, path);
        if (outputs->item[i].renderer == NULL || !output_open(&outputs->item[i].output, path)) {
            document_outputs_abandon(outputs);
            return outputs->item[i].renderer == NULL ? EXIT_STATUS_USAGE : EXIT_STATUS_UNUSABLE;
        }
        outputs->count++;
    }
    return EXIT_STATUS_DONE;
}

void document_outputs_abandon(struct document_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        output_abandon(&outputs->item[i].output);
    outputs->count = 0;
}

static enum exit_status complain_section(const struct document *document, const char *section)
{
    char *list = NULL;
    size_t size;
    FILE *stream = open_memstream(&list, &size);
    if (stream == NULL)
        return EXIT_STATUS_UNUSABLE;
    csv_list_sections(document, stream);
    fclose(stream);
    struct nearest nearest;
    char hint[120], *rest = list;
    nearest_init(&nearest, section);
    for (const char *name; (name = strsep(&rest, "\n")) != NULL;)
        if (name[0] != '\0') /* behind the last line */
            nearest_offer(&nearest, name);
    complain("--section: there is no table '%.80s'%s", section, nearest_hint(&nearest, "", hint, sizeof hint));
    free(list);
    return EXIT_STATUS_USAGE;
}

static bool wants_color(const struct document_outputs *outputs, const struct output *output)
{
    if (outputs->options->color != COLOR_AUTO)
        return outputs->options->color == COLOR_ALWAYS;
    return output->path == NULL && outputs->environment->color;
}

static enum exit_status write_one(struct document_outputs *outputs, size_t index, const struct document *document)
{
    struct output *output = &outputs->item[index].output;
    struct render_options render_options = {
        .width = outputs->environment->width,
        .color = wants_color(outputs, output),
        .unicode = outputs->environment->unicode,
        .section = outputs->options->section,
    };
    render_options.metrics = metrics(&render_options.metric_count);
    if (!outputs->item[index].renderer->render(document, &render_options, output->stream)) {
        output->error = errno;
        if (output->error == ENOENT) {
            output_abandon(output);
            return complain_section(document, outputs->options->section);
        }
        if (output->error == ENODATA) {
            output_abandon(output);
            complain("--format %s is about the rules of a policy: rdbmeter check has them",
                     outputs->item[index].renderer->name);
            return EXIT_STATUS_USAGE;
        }
    }
    return output_commit(output) ? EXIT_STATUS_DONE : EXIT_STATUS_UNUSABLE;
}

enum exit_status document_outputs_write(struct document_outputs *outputs, const struct document *document)
{
    enum exit_status worst = EXIT_STATUS_DONE;
    for (size_t i = 0; i < outputs->count; i++) {
        worst = exit_status_worst(worst, write_one(outputs, i, document));
    }
    outputs->count = 0;
    return worst;
}
