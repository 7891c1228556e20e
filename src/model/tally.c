#include "tally.h"

void tally_line(struct cost_lines *lines, const struct cost_line *line)
{
    if (lines->count < lines->capacity) {
        lines->line[lines->count++] = *line;
        return;
    }
    if (lines->count == 0)
        return;
    struct cost_line *last = &lines->line[lines->count - 1];
    last->count += line->count;
    last->asked += line->asked;
    last->held += line->held;
}
