/* Any bytes as a redis.conf: read or refused with a line, what is set is within its range, and what was read reads the
 * same again when it is written as setting_format writes it. */
#include <stdlib.h>
#include <string.h>

#include "model/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int fine)
{
    if (!fine)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings settings = {{0}};
    bool seen[SETTING_COUNT] = {false};
    char message[100] = "";
    /* A copy of just this size: reading beyond it is found. */
    char *text = malloc(size ? size : 1);
    need(text != NULL);
    memcpy(text, data, size);
    bool ok = settings_read_conf(&settings, text, size, seen, message, sizeof message);
    need(ok == (message[0] == '\0'));
    for (int i = 0; i < SETTING_COUNT; i++) {
        const struct setting_info *info = setting_info((enum setting)i);
        int64_t value = settings.value[i];
        if (!seen[i]) {
            need(value == 0);
            continue;
        }
        need(value >= info->minimum && value <= info->maximum);
        struct settings again = {{0}};
        char formatted[64];
        need(settings_set(&again, info->name, setting_format((enum setting)i, value, formatted, sizeof formatted),
                          NULL) == SETTING_OK);
        need(again.value[i] == value);
    }
    free(text);
    return 0;
}
