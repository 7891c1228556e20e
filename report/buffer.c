#include "buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

char *buffer_reserve(struct buffer *buffer, size_t more)
{
    if (more > SIZE_MAX / 4 - buffer->len)
        arena_out_of_memory();
    if (buffer->capacity - buffer->len < more) {
        size_t capacity = buffer->capacity ? buffer->capacity : 256;
        while (capacity - buffer->len < more)
            capacity *= 2;
        char *data = realloc(buffer->data, capacity);
        if (!data)
            arena_out_of_memory();
        buffer->data = data;
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->len;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    memcpy(buffer_reserve(buffer, len), bytes, len);
    buffer->len += len;
}

void buffer_puts(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_fill(struct buffer *buffer, char c, size_t count)
{
    if (count == 0)
        return;
    memset(buffer_reserve(buffer, count), c, count);
    buffer->len += count;
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (len > 0) {
        vsnprintf(buffer_reserve(buffer, (size_t)len + 1), (size_t)len + 1, format, again);
        buffer->len += (size_t)len;
    }
    va_end(again);
}

void buffer_release(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}
