#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "complain.h"

static bool fail(const char *path, int error)
{
    if (path == NULL)
        complain("cannot write standard output: %s", strerror(error));
    else
        complain("cannot write '%s': %s", path, strerror(error));
    return false;
}

static bool open_temporary(struct output *output, mode_t mode)
{
    size_t size = strlen(output->path) + sizeof ".XXXXXX";
    output->temporary = xmalloc(size);
    snprintf(output->temporary, size, "%s.XXXXXX", output->path);
    int fd = mkstemp(output->temporary);
    if (fd >= 0 && fchmod(fd, mode) == 0 && (output->stream = fdopen(fd, "w")) != NULL)
        return true;
    int error = errno;
    if (fd >= 0) {
        close(fd);
        unlink(output->temporary);
    }
    free(output->temporary);
    output->temporary = NULL;
    return fail(output->path, error);
}

static mode_t mode_of_new_file(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

bool output_open(struct output *output, const char *path)
{
    *output = (struct output){.path = path != NULL && strcmp(path, "-") != 0 ? path : NULL};
    if (output->path == NULL) {
        output->stream = stdout;
        return true;
    }
    struct stat status;
    if (stat(path, &status) != 0)
        return open_temporary(output, mode_of_new_file());
    if (S_ISREG(status.st_mode))
        return open_temporary(output, status.st_mode & 0777);
    output->stream = fopen(path, "w");
    return output->stream != NULL || fail(path, errno);
}

static void release(struct output *output)
{
    free(output->temporary);
    *output = (struct output){0};
}

bool output_commit(struct output *output)
{
    errno = output->error;
    bool failed = fflush(output->stream) != 0 || ferror(output->stream) != 0 || output->error != 0;
    int error = errno != 0 ? errno : EIO;
    if (output->path != NULL && fclose(output->stream) != 0 && !failed) {
        failed = true;
        error = errno;
    }
    if (!failed && output->temporary != NULL && rename(output->temporary, output->path) != 0) {
        failed = true;
        error = errno;
    }
    if (failed) {
        fail(output->path, error);
        if (output->temporary != NULL)
            unlink(output->temporary);
    }
    release(output);
    return !failed;
}

void output_abandon(struct output *output)
{
    if (output->path != NULL)
        fclose(output->stream);
    if (output->temporary != NULL)
        unlink(output->temporary);
    release(output);
}
