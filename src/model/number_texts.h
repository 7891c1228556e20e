/* Numbers that the file holds as text, of a value that a server reads element by element. Redis 3.0 and 3.2 read each
 * into a block that the number keeps (lanes.h), but what is packed at first, and taken out of the packed form when that
 * will not do, comes out as a number in an object of its own. Counted by length until then. */
#ifndef MODEL_NUMBER_TEXTS_H
#define MODEL_NUMBER_TEXTS_H

#include "plan_internal.h"

enum { NUMBER_TEXT_MAX = 20 }; /* digits and sign of a 64-bit integer */

struct number_texts {
    uint64_t total;
    uint32_t of_length[NUMBER_TEXT_MAX + 1];
};

static inline void number_texts_begin(struct number_texts *numbers)
{
    if (numbers->total)
        *numbers = (struct number_texts){0};
}

static inline void number_texts_add(struct number_texts *numbers, const struct shape_text *text)
{
    if (!text->is_integer || text->stored_as_integer || text->len > NUMBER_TEXT_MAX)
        return;
    if (text->integer >= 0 && text->integer < OBJECT_SHARED_INTEGERS)
        return;
    numbers->total++;
    numbers->of_length[text->len]++;
}

/* By how much less they are held, and asked for, than a layout's lanes say; 0 for layouts that keep no block. */
struct number_texts_less {
    uint64_t held, asked;
};
struct number_texts_less number_texts_less(const struct cost_context *c, const struct number_texts *numbers,
                                           enum text_layout layout);

#endif
