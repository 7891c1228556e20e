/* The one way in which the program says what went wrong: one line on standard error, "rdbmeter: ...". */
#ifndef COMPLAIN_H
#define COMPLAIN_H

#include <stddef.h>

/* Prints one line, in which a terminal obeys nothing: what could be obeyed is escaped, as in names; backslashes stay as
 * they are, so names that were escaped already are not changed. What is longer than 4 KB is cut. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Memory, or an end of the program with a message: the program, unlike its libraries, does not go on without memory. */
void die_out_of_memory(void) __attribute__((noreturn));
void *xmalloc(size_t size) __attribute__((cold, malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((cold, malloc, returns_nonnull));

#endif
