/* Numbers and times as text, without printf, for rows by the million. Each writes at `out` and returns the end. */
#ifndef DECIMAL_H
#define DECIMAL_H

#include <stdint.h>

enum { DECIMAL_MAX = 20, DECIMAL_TIME_MAX = 24 };

/* At most DECIMAL_MAX characters. */
char *decimal_print(char *out, uint64_t number);
/* "2026-11-20T07:36:00.123Z" of milliseconds since 1970; outside the years 1 to 9999 the plain number of milliseconds.
 * At most DECIMAL_TIME_MAX characters. */
char *decimal_print_time(char *out, int64_t ms);

#endif
