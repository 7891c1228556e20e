#include "complain.h"

#include <arena.h>
#include <render.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"

void complain(const char *format, ...)
{
    enum { LONGEST = 4096 };
    char message[LONGEST], line[2 * LONGEST];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    size_t len = text_print(line, sizeof line, message, strlen(message));
    fprintf(stderr, "rdbmeter: %.*s\n", (int)len, line);
}

_Static_assert((int)ARENA_EXIT_STATUS == (int)EXIT_STATUS_UNUSABLE, "one status for it, whoever notices");

void die_out_of_memory(void)
{
    complain("out of memory");
    exit(EXIT_STATUS_UNUSABLE);
}

static void *or_exit(void *memory)
{
    if (memory == NULL)
        die_out_of_memory();
    return memory;
}

void *xmalloc(size_t size)
{
    return or_exit(malloc(size != 0 ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
    return or_exit(calloc(count != 0 ? count : 1, size != 0 ? size : 1));
}
