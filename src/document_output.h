/* Where a document goes: standard output or files, each through the renderer that --format or its extension names. */
#ifndef DOCUMENT_OUTPUT_H
#define DOCUMENT_OUTPUT_H

#include <render.h>

#include "cli_options.h"
#include "environment.h"
#include "exit_status.h"
#include "output.h"

struct document_outputs {
    struct {
        const struct renderer *renderer;
        struct output output;
    } item[OPTIONS_MAX_TEXTS];
    size_t count;
    const struct output_options *options;
    const struct environment *environment;
};

/* Opens every output, before any work is done. On failure complains, leaves nothing open and returns the status. */
enum exit_status document_outputs_open(struct document_outputs *outputs, const struct output_options *options,
                                       const struct environment *environment);
/* Writes `document` everywhere and closes. Complains of what went wrong. */
enum exit_status document_outputs_write(struct document_outputs *outputs, const struct document *document);
/* Closes without writing; files keep what they held. */
void document_outputs_abandon(struct document_outputs *outputs);

/* An empty document of this program and its schema version, which shows of names and values what the options allow. */
struct document *document_of_program(const struct cli_options *options);

#endif
