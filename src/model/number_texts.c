#include "number_texts.h"

struct number_texts_less number_texts_less(const struct cost_context *c, const struct number_texts *numbers,
                                           enum text_layout layout)
{
    struct number_texts_less less = {0};
    uint64_t block = text_integer_block(layout);
    for (uint64_t len = 0; block && numbers->total && len <= NUMBER_TEXT_MAX; len++) {
        uint64_t count = numbers->of_length[len];
        less.held += count * (held(c, block + len) - held(c, OBJECT_BYTES));
        less.asked += count * (block + len - OBJECT_BYTES);
    }
    return less;
}
