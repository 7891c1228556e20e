#include "memory.h"

#include <stdio.h>
#include <stdlib.h>

#include "../exit_status.h"

void *memory_new(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory) {
        fputs("rdbmeter: out of memory\n", stderr);
        exit(EXIT_STATUS_UNUSABLE);
    }
    return memory;
}
