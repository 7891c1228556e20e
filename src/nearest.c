#include "nearest.h"

#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 64 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, both at most WORD_MAX long. */
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_len; j++)
        above[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            row[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(row[j], least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b_len];
}

void nearest_init(struct nearest *nearest, const char *wanted)
{
    *nearest = (struct nearest){.wanted = wanted, .distance = strlen(wanted) / 3 + 1};
}

void nearest_offer(struct nearest *nearest, const char *word)
{
    size_t wanted_len = strlen(nearest->wanted), len = strlen(word);
    if (wanted_len > WORD_MAX || len > WORD_MAX)
        return;
    size_t distance = edit_distance(nearest->wanted, wanted_len, word, len);
    if (distance > nearest->distance || (nearest->best != NULL && distance == nearest->distance))
        return;
    nearest->best = word;
    nearest->distance = distance;
}

const char *nearest_hint(const struct nearest *nearest, const char *prefix, char *text, size_t size)
{
    if (nearest->best == NULL)
        text[0] = '\0';
    else
        snprintf(text, size, "; did you mean '%s%s'?", prefix, nearest->best);
    return text;
}
