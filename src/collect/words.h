/* Numbers in sentences, and words that follow them. */
#ifndef WORDS_H
#define WORDS_H

#include <stdint.h>
#include <stdio.h>

/* "key" or "keys", "is" or "are". */
static inline const char *words_for(uint64_t number, const char *one, const char *many)
{
    return number == 1 ? one : many;
}

/* "12.3 MB", as 1024-based as everything else. */
static inline const char *words_bytes(uint64_t bytes, char text[16])
{
    static const char *const unit[] = {"bytes", "KB", "MB", "GB", "TB", "PB", "EB"};
    unsigned u = 0;
    double value = (double)bytes;
    for (; value >= 1024 && u < 6; u++)
        value /= 1024;
    snprintf(text, 16, u && value < 100 ? "%.1f %s" : "%.0f %s", value, unit[u]);
    return text;
}

#endif
