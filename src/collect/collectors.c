/* The sections of a report, in its order. */
#include "collector.h"

const struct collector *collectors(size_t *count)
{
    static const struct collector row[1];
    *count = 0;
    return row;
}
