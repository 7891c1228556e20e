#include "error.h"
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_source {
    uint64_t taken;
    int fd;
    bool owned;
    char path[]; /* for messages */
};

static enum rdb_status file_fail(struct rdb_error *error, const char *path, uint64_t offset, const char *verb,
                                 int number)
{
    char reason[128];
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    return rdb_error_set(error, RDB_ERR_READ, offset, "%s: cannot be %s: %s", name, verb,
                         strerror_r(number, reason, sizeof reason));
}

static enum rdb_status file_read(void *self, uint8_t *buffer, size_t capacity, size_t *got, struct rdb_error *error)
{
    struct file_source *file = self;
    ssize_t n;
    do {
        n = read(file->fd, buffer, capacity);
    } while (n < 0 && errno == EINTR);
    *got = n < 0 ? 0 : (size_t)n;
    if (n < 0)
        return file_fail(error, file->path, file->taken, "read", errno);
    file->taken += (uint64_t)n;
    return RDB_OK;
}

static void file_close(void *self)
{
    struct file_source *file = self;
    if (file->owned)
        close(file->fd);
    free(file);
}

static uint64_t file_position(void *self)
{
    const struct file_source *file = self;
    return file->taken;
}

enum rdb_status rdb_source_file(struct rdb_source *source, const char *path, uint64_t *size_bytes,
                                struct rdb_error *error)
{
    *source = (struct rdb_source){0};
    *size_bytes = 0;
    size_t path_size = strlen(path) + 1;
    struct file_source *file = malloc(sizeof *file + path_size);
    if (!file)
        return rdb_error_set(error, RDB_ERR_NO_MEMORY, 0, "no memory for a source");
    *file = (struct file_source){.fd = STDIN_FILENO};
    memcpy(file->path, path, path_size);
    file->owned = strcmp(path, "-") != 0;
    if (file->owned)
        file->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (file->fd < 0) {
        int number = errno;
        free(file);
        return file_fail(error, path, 0, "opened", number);
    }
    struct stat status;
    if (fstat(file->fd, &status) == 0 && S_ISREG(status.st_mode)) {
        *size_bytes = (uint64_t)status.st_size;
        (void)posix_fadvise(file->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    *source = (struct rdb_source){.self = file, .read = file_read, .close = file_close, .position = file_position};
    return RDB_OK;
}
