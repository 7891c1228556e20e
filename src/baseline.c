#include "baseline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "saved_file.h"
#include "summary.h"

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
    if (!baseline_of(baseline, NULL).known)
        wrong = "it has no totals: rdbmeter report and rdbmeter check write them with -o FILE.json";
    else if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(baseline->json.root, "partial")))
        wrong = "its snapshot could not be read to the end, so its totals are too small";
    if (wrong == NULL) {
        copy_overview(baseline->json.root, "target", baseline->server);
        copy_overview(baseline->json.root, "allocator", baseline->allocator);
        return true;
    }
    snprintf(message, size, "%s", wrong);
    baseline_release(baseline);
    return false;
}

/* The files of a summary, with their own tables: what its report calls the memory of the data. */
static bool read_summary(struct baseline *baseline, const char *path)
{
    size_t count;
    enum exit_status status = EXIT_STATUS_DONE;
    (void)collectors(&count);
    bool *wanted = xcalloc(count, sizeof *wanted);
    struct gathered *gathered = summary_read(path, &(struct gather){.wanted = wanted}, &status);
    free(wanted);
    if (gathered == NULL)
        return false;
    for (size_t i = 0; i < gathered->file_count; i++) {
        baseline->sums.keys += gathered->file[i].keys;
        baseline->sums.bytes += gathered->file[i].key_bytes + gathered->file[i].table_bytes;
    }
    baseline->sums.known = status == EXIT_STATUS_DONE && gathered->plan != NULL;
    if (baseline->sums.known) {
        const struct plan_view *view = plan_view(gathered->plan, 0);
        snprintf(baseline->server, sizeof baseline->server, "%s", view->server->id);
        snprintf(baseline->allocator, sizeof baseline->allocator, "%s", view->allocator->name);
    } else {
        complain("--baseline %.200s: a snapshot in it is damaged or missing, so its totals are too small", path);
    }
    gathered_free(gathered);
    return baseline->sums.known;
}

bool baseline_read(struct baseline *baseline, const char *path)
{
    struct saved_file file;
    char message[200];
    if (summary_is(path))
        return read_summary(baseline, path);
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
    *baseline = (struct baseline){.sums = {.known = false}};
}

/* Figures are exact up to 2^53, where doubles are. */
static bool read_figures(const cJSON *object, const char *bytes_name, struct check_before *before)
{
    const cJSON *keys = cJSON_GetObjectItemCaseSensitive(object, "keys");
    const cJSON *bytes = cJSON_GetObjectItemCaseSensitive(object, bytes_name);
    static const double most = 9007199254740992.0;
    if (!cJSON_IsNumber(keys) || !cJSON_IsNumber(bytes) || !(keys->valuedouble >= 0 && keys->valuedouble <= most) ||
        !(bytes->valuedouble >= 0 && bytes->valuedouble <= most))
        return false;
    *before = (struct check_before){true, (uint64_t)keys->valuedouble, (uint64_t)bytes->valuedouble};
    return true;
}

struct check_before baseline_of(const struct baseline *baseline, const char *pattern)
{
    struct check_before before = {.known = false};
    const cJSON *root = baseline->json.root, *row;
    if (pattern == NULL && baseline->sums.known)
        return baseline->sums;
    if (pattern == NULL) {
        (void)read_figures(cJSON_GetObjectItemCaseSensitive(root, "totals"), "dataset_bytes", &before);
        return before;
    }
    const cJSON *check = cJSON_GetObjectItemCaseSensitive(root, "check");
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(check, "scopes"))
    {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "pattern"));
        if (name != NULL && strcmp(name, pattern) == 0 && read_figures(row, "bytes", &before))
            break;
    }
    return before;
}

bool baseline_is_of(const struct baseline *baseline, const char *server, const char *allocator)
{
    return (baseline->server[0] == '\0' || strcmp(baseline->server, server) == 0) &&
           (baseline->allocator[0] == '\0' || strcmp(baseline->allocator, allocator) == 0);
}
