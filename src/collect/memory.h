/* Allocation that does not fail: the program ends with a message when there is no memory left. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* `count` zeroed items of `size` bytes; at least one byte. Release with free(). */
void *memory_new(size_t count, size_t size) __attribute__((cold));

#endif
