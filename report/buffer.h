/* A growing text. It ends the program as the arena does when there is no memory; a renderer bounds what it puts in. */
#ifndef BUFFER_H
#define BUFFER_H

#include <stddef.h>

struct buffer {
    char *data; /* not terminated; NULL while nothing was ever added */
    size_t len, capacity;
};

/* Room for `more` bytes after data + len; the caller adds what it wrote to len. */
char *buffer_reserve(struct buffer *buffer, size_t more);
void buffer_add(struct buffer *buffer, const void *bytes, size_t len);
void buffer_puts(struct buffer *buffer, const char *text);
void buffer_fill(struct buffer *buffer, char c, size_t count);
void buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_release(struct buffer *buffer);

#endif
