/* "Did you mean": the known word nearest to a misspelt one. */
#ifndef NEAREST_H
#define NEAREST_H

#include <stddef.h>

struct nearest {
    const char *wanted;
    const char *best; /* NULL while no word is near enough */
    size_t distance;
};

/* Starts a search for `wanted` (borrowed). Words further off than a third of its length are not suggested. */
void nearest_init(struct nearest *nearest, const char *wanted);
/* Offers one known word (borrowed); the first of equally near ones wins. */
void nearest_offer(struct nearest *nearest, const char *word);
/* Into `text`: "; did you mean 'best'?", with `prefix` before the word, or "" when nothing is near. Returns `text`. */
const char *nearest_hint(const struct nearest *nearest, const char *prefix, char *text, size_t size);

#endif
