#include "baseline.h"

#include <stdio.h>
#include <string.h>

#include "complain.h"
#include "saved_file.h"

bool baseline_parse(struct baseline *baseline, const char *text, size_t len, char *message, size_t size)
{
    if (!json_text_parse(&baseline->json, text, len, message, size))
        return false;
    const char *wrong = NULL;
    if (!baseline_of(baseline, NULL).known)
        wrong = "it has no totals: rdbmeter report and rdbmeter check write them with -o FILE.json";
    else if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(baseline->json.root, "partial")))
        wrong = "its snapshot could not be read to the end, so its totals are too small";
    if (wrong == NULL)
        return true;
    snprintf(message, size, "%s", wrong);
    baseline_release(baseline);
    return false;
}

bool baseline_read(struct baseline *baseline, const char *path)
{
    struct saved_file file;
    char message[200];
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

const char *baseline_overview(const struct baseline *baseline, const char *fact)
{
    const cJSON *overview = cJSON_GetObjectItemCaseSensitive(baseline->json.root, "overview");
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(overview, fact));
}
