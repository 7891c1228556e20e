/* Any bytes as a policy and as a baseline: read or refused with a line that holds nothing a terminal obeys; every value
 * of the JSON has its place in the text, in order; a limit that was read is within its bounds. */
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "policy.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int fine)
{
    if (!fine)
        abort();
}

static size_t count_values(const cJSON *value)
{
    size_t count = 0;
    for (; value != NULL; value = value->next)
        count += 1 + count_values(value->child);
    return count;
}

static void check_message(bool done, const char *message)
{
    size_t len = strlen(message);
    need(done == (len == 0));
    for (size_t at = 0; at < len;) {
        uint32_t point;
        unsigned step = utf8_decode((const uint8_t *)message + at, len - at, &point);
        need(step != 0 && !utf8_is_control(point));
        at += step;
    }
}

/* The values of the tree are as many as are found in the text, and each begins behind the one before. */
static void check_places(const struct json_text *json)
{
    size_t count = count_values(json->root), len = strlen(json->text), before = 0;
    need(count > 0 && json_text_offset(json, count - 1) < len);
    need(json_text_offset(json, count) == len);
    for (size_t i = 0; i < count && i < 50; i++) {
        size_t offset = json_text_offset(json, i);
        need(i == 0 || offset > before);
        before = offset;
    }
}

static void check_limits(const struct policy *policy)
{
    char text[100];
    for (size_t i = 0; i < policy->count; i++)
        for (unsigned rule = 0; rule < RULE_COUNT; rule++) {
            const struct rule_limit *limit = &policy->scope[i].limit[rule];
            need(limit->wishes <= RULE_MAX_ENCODINGS && limit->share >= 0 && limit->share <= 1e9);
            need(strlen(rule_limit_print((enum check_rule)rule, limit, text, sizeof text)) < sizeof text);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct policy policy;
    struct baseline baseline = {.sums = {.known = false}};
    char message[300] = "";
    /* A copy of just this size: reading beyond it is found. */
    char *text = malloc(size ? size : 1);
    need(text != NULL);
    if (size)
        memcpy(text, data, size);
    policy_init(&policy);
    bool done = policy_parse(&policy, text, size, message, sizeof message);
    check_message(done, message);
    if (policy.json.root != NULL)
        check_places(&policy.json);
    if (done)
        check_limits(&policy);
    policy_release(&policy);
    message[0] = '\0';
    done = baseline_parse(&baseline, text, size, message, sizeof message);
    check_message(done, message);
    baseline_release(&baseline);
    free(text);
    return 0;
}
