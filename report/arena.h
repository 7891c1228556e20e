/* Memory that is given back all at once. When there is none left, every call ends the program with a message. */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* the newest first; all zero is an empty arena */
};

/* `size` bytes, zeroed, aligned for any object of the language. */
void *arena_alloc(struct arena *arena, size_t size);
/* A copy with a terminating NUL after `len` bytes. */
char *arena_copy(struct arena *arena, const void *bytes, size_t len);
void arena_release(struct arena *arena);

enum { ARENA_EXIT_STATUS = 4 };

/* Ends the program with a message and this status: the one answer of this library to a failed allocation. */
_Noreturn void arena_out_of_memory(void);

#endif
