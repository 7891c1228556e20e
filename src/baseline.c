#include "baseline_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "collect/groups.h"
#include "complain.h"
#include "saved_file.h"
#include "summary.h"

/* ---- JSON ----------------------------------------------------------------------------------------------------------
 */

bool baseline_figure(const cJSON *object, const char *name, uint64_t *figure)
{
    static const double most = 9007199254740992.0;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= most))
        return false;
    *figure = (uint64_t)item->valuedouble;
    return true;
}

static bool read_figures(const cJSON *object, const char *bytes_name, struct check_before *before)
{
    *before = (struct check_before){.known = false};
    return before->known =
               baseline_figure(object, "keys", &before->keys) && baseline_figure(object, bytes_name, &before->bytes);
}

/* A fact of section overview; "" when there is none. */
static void copy_overview(const cJSON *root, const char *fact, char text[32])
{
    const cJSON *overview = cJSON_GetObjectItemCaseSensitive(root, "overview");
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(overview, fact));
    snprintf(text, 32, "%s", value != NULL ? value : "");
}

bool baseline_parse(struct baseline *baseline, const char *text, size_t len, char *message, size_t size)
{
    if (!json_text_parse(&baseline->json, text, len, message, size))
        return false;
    const char *wrong = NULL;
    struct check_before totals;
    if (!read_figures(cJSON_GetObjectItemCaseSensitive(baseline->json.root, "totals"), "dataset_bytes", &totals))
        wrong = "it has no totals: rdbmeter report and rdbmeter check write them with -o FILE.json";
    else if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(baseline->json.root, "partial")))
        wrong = "its snapshot could not be read to the end, so its totals are too small";
    if (wrong == NULL) {
        copy_overview(baseline->json.root, "target", baseline->server);
        copy_overview(baseline->json.root, "allocator", baseline->allocator);
        baseline_groups_of_json(baseline);
        return true;
    }
    snprintf(message, size, "%s", wrong);
    baseline_release(baseline);
    return false;
}

/* ---- the others ----------------------------------------------------------------------------------------------------
 */

/* The files of a summary, with their own tables: what its report calls the memory of the data. */
static void take_summary(struct baseline *baseline, const struct gathered *gathered)
{
    const struct plan_view *view = plan_view(gathered->plan, 0);
    const struct collect_context *context = collection_context(gathered->collection);
    for (size_t i = 0; i < gathered->file_count; i++) {
        baseline->sums.keys += gathered->file[i].keys;
        baseline->sums.bytes += gathered->file[i].key_bytes + gathered->file[i].table_bytes;
    }
    baseline->sums.known = true;
    if (*gathered->facts.redact_key == '\0')
        baseline_groups_of_table(baseline, collection_state(context, "groups"));
    snprintf(baseline->server, sizeof baseline->server, "%s", view->server->id);
    snprintf(baseline->allocator, sizeof baseline->allocator, "%s", view->allocator->name);
}

static bool read_summary(struct baseline *baseline, const char *path)
{
    size_t count;
    enum exit_status status = EXIT_STATUS_DONE;
    const struct collector *rows = collectors(&count);
    bool *wanted = xcalloc(count, sizeof *wanted);
    for (size_t i = 0; i < count; i++)
        wanted[i] = strcmp(rows[i].id, "groups") == 0;
    struct gathered *gathered = summary_read(path, &(struct gather){.wanted = wanted}, &status);
    free(wanted);
    if (gathered == NULL)
        return false;
    if (status == EXIT_STATUS_DONE && gathered->plan != NULL)
        take_summary(baseline, gathered);
    else
        complain("--baseline %.200s: a snapshot in it is damaged or missing, so its totals are too small", path);
    gathered_free(gathered);
    return baseline->sums.known;
}

/* What begins as neither JSON nor a summary; a pipe is not looked into. */
static bool is_snapshot(const char *path)
{
    struct stat facts;
    int byte;
    if (stat(path, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size == 0)
        return false;
    FILE *stream = fopen(path, "r");
    if (stream == NULL)
        return false;
    do
        byte = getc(stream);
    while (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n');
    fclose(stream);
    return byte != '{' && byte != '[';
}

bool baseline_read(struct baseline *baseline, const struct policy *policy, const struct cli_options *options,
                   const struct environment *environment)
{
    struct saved_file file;
    char message[200];
    const char *path = options->limits.baseline;
    if (summary_is(path))
        return read_summary(baseline, path);
    if (is_snapshot(path))
        return baseline_read_snapshot(baseline, policy, options, environment);
    if (!saved_file_read(&file, "--baseline", path))
        return false;
    bool done = baseline_parse(baseline, file.text, file.len, message, sizeof message);
    if (!done)
        complain("--baseline %.200s: %s", path, message);
    saved_file_release(&file);
    return done;
}

void baseline_release(struct baseline *baseline)
{
    json_text_release(&baseline->json);
    free(baseline->group);
    free(baseline->scope);
    *baseline = (struct baseline){.sums = {.known = false}};
}

/* ---- asking --------------------------------------------------------------------------------------------------------
 */

/* Of a pattern that check was asked about then. */
static bool find_scope(const struct baseline *baseline, const char *pattern, struct check_before *before)
{
    const cJSON *check = cJSON_GetObjectItemCaseSensitive(baseline->json.root, "check"), *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(check, "scopes"))
    {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "pattern"));
        if (name != NULL && strcmp(name, pattern) == 0 && read_figures(row, "bytes", before))
            return true;
    }
    return false;
}

struct check_before baseline_of(const struct baseline *baseline, const struct policy_scope *scope)
{
    struct check_before before = {.known = false};
    if (baseline->scope != NULL)
        return baseline->scope[scope - baseline->policy->scope];
    if (scope->pattern == NULL && baseline->sums.known)
        return baseline->sums;
    if (scope->pattern == NULL)
        (void)read_figures(cJSON_GetObjectItemCaseSensitive(baseline->json.root, "totals"), "dataset_bytes", &before);
    else if (!find_scope(baseline, scope->pattern, &before) && baseline->group != NULL)
        before = baseline_groups_within(baseline, scope);
    return before;
}

bool baseline_is_of(const struct baseline *baseline, const char *server, const char *allocator)
{
    return (baseline->server[0] == '\0' || strcmp(baseline->server, server) == 0) &&
           (baseline->allocator[0] == '\0' || strcmp(baseline->allocator, allocator) == 0);
}
