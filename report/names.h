/* The escaped form of a name, one unit at a time; see name_print in render.h for the whole. */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAME_UNIT_MAX = 16 };

struct name_unit {
    unsigned size;     /* bytes of the name it stands for, at least 1 */
    unsigned text_len; /* of `text`, no NUL */
    char text[NAME_UNIT_MAX];
};

/* The unit that begins `bytes` (len > 0): one character, or the escape of one. `ascii`: nothing but ASCII comes out. */
struct name_unit name_next_unit(const uint8_t *bytes, size_t len, bool ascii);

#endif
