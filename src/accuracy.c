#include "accuracy.h"

#include <stddef.h>
#include <string.h>

static const struct accuracy_row {
    const char *target; /* "redis-7.2" or "redis-7.2+libc"; NULL: the end */
    uint64_t keys, encoding_exact, usage_measured, usage_exact, allocated_exact;
} rows[] = {
#include "accuracy_rows.inc"
    {NULL}};

bool accuracy_of_server(const char *id, struct accuracy *accuracy)
{
    size_t len = strlen(id);
    *accuracy = (struct accuracy){0};
    for (const struct accuracy_row *row = rows; row->target != NULL; row++) {
        if (strncmp(row->target, id, len) != 0 || (row->target[len] != '\0' && row->target[len] != '+'))
            continue;
        accuracy->keys += row->keys;
        accuracy->encoding_exact += row->encoding_exact;
        accuracy->usage_measured += row->usage_measured;
        accuracy->usage_exact += row->usage_exact;
        accuracy->allocated_exact += row->allocated_exact;
    }
    return accuracy->keys != 0;
}
