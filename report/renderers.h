/* The functions behind renderers[], one a file. Contract: struct renderer. */
#ifndef RENDERERS_H
#define RENDERERS_H

#include "render.h"

bool render_text(const struct document *document, const struct render_options *options, FILE *out);
bool render_json(const struct document *document, const struct render_options *options, FILE *out);
bool render_csv(const struct document *document, const struct render_options *options, FILE *out);
bool render_html(const struct document *document, const struct render_options *options, FILE *out);
bool render_markdown(const struct document *document, const struct render_options *options, FILE *out);
bool render_prometheus(const struct document *document, const struct render_options *options, FILE *out);
bool render_junit(const struct document *document, const struct render_options *options, FILE *out);
bool render_github(const struct document *document, const struct render_options *options, FILE *out);
bool render_gitlab(const struct document *document, const struct render_options *options, FILE *out);

#endif
