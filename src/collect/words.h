/* Words that follow a number. */
#ifndef WORDS_H
#define WORDS_H

#include <stdint.h>

/* "key" or "keys", "is" or "are". */
static inline const char *words_for(uint64_t number, const char *one, const char *many)
{
    return number == 1 ? one : many;
}

#endif
