#include "render.h"

#include <string.h>

#include "renderers.h"

/* The first is the default. */
static const struct renderer rows[] = {
    {"text", ".txt", "for a terminal, 80 columns and wider", render_text},
    {"json", ".json", "one object with every section, exact integers", render_json},
    {"csv", ".csv", "one table (--section)", render_csv},
    {"html", ".html", "one self-contained page with charts", render_html},
    {"markdown", ".md", "for a pull request or a CI summary page", render_markdown},
    {"prometheus", ".prom", "metrics for node_exporter's textfile collector", render_prometheus},
    {"junit", ".xml", "of check: JUnit XML, a test case for each rule", render_junit},
    {"github", "", "of check: annotations of GitHub Actions", render_github},
    {"gitlab", "", "of check: GitLab's code quality report", render_gitlab},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

const struct renderer *renderers(size_t *count)
{
    *count = ROWS;
    return rows;
}

const struct renderer *renderer_by_name(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

const struct renderer *renderer_by_extension(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    for (size_t i = 0; dot && i < ROWS; i++)
        if (strcmp(rows[i].extension, dot) == 0)
            return &rows[i];
    return NULL;
}
