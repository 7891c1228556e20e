/* Any bytes as a saved INFO: read or refused; what was read is bounded and printable. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "info.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int fine)
{
    if (!fine)
        abort();
}

static void need_printable(const char *text, size_t size)
{
    size_t len = strnlen(text, size);
    need(len < size);
    for (size_t i = 0; i < len; i++)
        need(text[i] >= ' ' && text[i] <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct info info;
    /* A copy of just this size: reading beyond it is found. */
    char *text = malloc(size ? size : 1);
    need(text != NULL);
    if (size)
        memcpy(text, data, size);
    bool is_info = info_parse(&info, text, size), any = info.has_keyspace;
    free(text);
    for (int i = 0; i < INFO_FIELD_COUNT; i++) {
        any |= info.value[i].present;
        need_printable(info.value[i].text, sizeof info.value[i].text);
        need(isfinite(info.value[i].number));
    }
    need(is_info == any);
    need(info.database_count <= INFO_MAX_DATABASES);
    for (size_t i = 0; i < info.unknown_count && i < INFO_MAX_UNKNOWN; i++) {
        need_printable(info.unknown[i].name, sizeof info.unknown[i].name);
        need_printable(info.unknown[i].text, sizeof info.unknown[i].text);
    }
    return 0;
}
