/* Preloaded into the program under test: the i-th allocation fails, or reading fails after so many bytes.
 *
 *   FAIL_ALLOCATION=i      the i-th malloc, calloc or realloc after start-up returns NULL; 0: none
 *   COUNT_ALLOCATIONS=FILE their number is written there at exit
 *   FAIL_READ_AFTER=n      read() gives n bytes altogether, then EIO
 *   READ_MOST=n            read() gives at most n bytes a call
 *
 * glibc's own entry points are called directly: looking them up with dlsym would itself allocate. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static struct {
    unsigned long fail_at, count;
    long read_left; /* -1: no limit */
    long read_most; /* 0: no limit */
    const char *count_path;
    bool armed;
} faults;

static long number_of(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtol(text, NULL, 10) : otherwise;
}

__attribute__((constructor)) static void arm(void)
{
    faults.fail_at = (unsigned long)number_of("FAIL_ALLOCATION", 0);
    faults.read_left = number_of("FAIL_READ_AFTER", -1);
    faults.read_most = number_of("READ_MOST", 0);
    faults.count_path = getenv("COUNT_ALLOCATIONS");
    faults.armed = true;
}

__attribute__((destructor)) static void report(void)
{
    char text[32];
    faults.armed = false;
    int fd = faults.count_path != NULL ? open(faults.count_path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (fd < 0)
        return;
    int len = snprintf(text, sizeof text, "%lu\n", faults.count);
    if (write(fd, text, (size_t)len) != len)
        abort();
    close(fd);
}

static bool fails(void)
{
    if (!faults.armed || __atomic_add_fetch(&faults.count, 1, __ATOMIC_RELAXED) != faults.fail_at)
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return fails() ? NULL : __libc_realloc(memory, size);
}

ssize_t read(int fd, void *buffer, size_t capacity)
{
    if (faults.read_left == 0) {
        errno = EIO;
        return -1;
    }
    if (faults.read_most > 0 && capacity > (size_t)faults.read_most)
        capacity = (size_t)faults.read_most;
    if (faults.read_left > 0 && capacity > (size_t)faults.read_left)
        capacity = (size_t)faults.read_left;
    ssize_t got = syscall(SYS_read, fd, buffer, capacity);
    if (faults.read_left > 0 && got > 0)
        faults.read_left -= got;
    return got;
}
