#include "saved_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"

/* Grows by doubling, so that a small file takes little and a device without end is given up at the bound. */
static bool read_all(struct saved_file *file, FILE *stream)
{
    size_t capacity = 0;
    for (;;) {
        if (file->len == capacity) {
            if (capacity > SAVED_FILE_MAX_BYTES)
                return false;
            capacity = capacity ? 2 * capacity : 1 << 16;
            char *grown = xmalloc(capacity);
            if (file->len)
                memcpy(grown, file->text, file->len);
            free(file->text);
            file->text = grown;
        }
        size_t got = fread(file->text + file->len, 1, capacity - file->len, stream);
        file->len += got;
        if (got == 0)
            return !ferror(stream) && file->len <= SAVED_FILE_MAX_BYTES;
    }
}

bool saved_file_read(struct saved_file *file, const char *option, const char *path)
{
    *file = (struct saved_file){NULL, 0};
    FILE *stream = fopen(path, "r");
    if (stream == NULL) {
        complain("%s: cannot open '%.200s': %s", option, path, strerror(errno));
        return false;
    }
    bool is_read = read_all(file, stream);
    fclose(stream);
    if (is_read)
        return true;
    complain("%s: cannot read '%.200s', or it is longer than %d MB", option, path, SAVED_FILE_MAX_BYTES >> 20);
    saved_file_release(file);
    return false;
}

void saved_file_release(struct saved_file *file)
{
    free(file->text);
    *file = (struct saved_file){NULL, 0};
}
