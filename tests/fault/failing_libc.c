/* Preloaded into the program under test: allocations fail, or reading does.
 *
 *   FAIL_ALLOCATION=i      the i-th malloc, calloc or realloc after start-up returns NULL; 0: none
 *   COUNT_ALLOCATIONS=FILE their number is written there at exit
 *   FAIL_READ_AT=n         from byte n of a file on, or after n bytes of a pipe, reading ends with EIO
 *   FAIL_PREAD_AT=n        likewise, but only of pread()
 *   READ_MOST=n            read() gives at most n bytes a call
 *   TRY=allocations|reads  at each allocation, or each byte that is read, the program goes on in a fork of itself with
 *                          that one failing, whose output is kept, and when that has ended without it. SAYS is what
 *                          the fork must have said, TRIED a folder: in TRIED/log a line for each fork that ended in
 *                          another way than with status 3 or 4 and these words, "number, status as of
 *                          waitpid, bytes of standard output before it", with number.out and number.err beside it; for
 *                          an allocation by libc itself "alone, number": it may hold locks, which belong to the thread
 *                          that forked; and at last "all, number of forks".
 *
 * glibc's own entry points are called directly: looking them up with dlsym would itself allocate. */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static struct {
    unsigned long fail_at, count;
    long read_at, pread_at; /* -1: no limit */
    long read_most;         /* 0: no limit */
    long read_all;          /* from pipes */
    const char *count_path;
    bool armed;
} faults;

static struct {
    bool allocations, reads;
    const char *folder, *says;
    unsigned long count;
    uintptr_t libc_begin, libc_end;
} tries;

static long number_of(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtol(text, NULL, 10) : otherwise;
}

static int find_libc(struct dl_phdr_info *object, size_t size, void *context)
{
    (void)size;
    (void)context;
    if (strstr(object->dlpi_name, "/libc.so") == NULL)
        return 0;
    tries.libc_begin = object->dlpi_addr;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        uintptr_t end = object->dlpi_addr + object->dlpi_phdr[i].p_vaddr + object->dlpi_phdr[i].p_memsz;
        if (object->dlpi_phdr[i].p_type == PT_LOAD && end > tries.libc_end)
            tries.libc_end = end;
    }
    return 1;
}

__attribute__((constructor)) static void arm(void)
{
    const char *what = getenv("TRY");
    faults.fail_at = (unsigned long)number_of("FAIL_ALLOCATION", 0);
    faults.read_at = number_of("FAIL_READ_AT", -1);
    faults.pread_at = number_of("FAIL_PREAD_AT", faults.read_at);
    faults.read_most = number_of("READ_MOST", 0);
    faults.count_path = getenv("COUNT_ALLOCATIONS");
    tries.allocations = what != NULL && strcmp(what, "allocations") == 0;
    tries.reads = what != NULL && strcmp(what, "reads") == 0;
    tries.folder = getenv("TRIED");
    tries.says = getenv("SAYS");
    dl_iterate_phdr(find_libc, NULL);
    faults.armed = true;
}

__attribute__((format(printf, 3, 4))) static void print_line(const char *path, int flags, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);
    if (fd < 0 || vdprintf(fd, format, arguments) < 0)
        abort();
    close(fd);
    va_end(arguments);
}

/* ---- forks ---------------------------------------------------------------------------------------------------------
 */

struct path {
    char text[200];
};

static struct path tried(const char *name, const char *extension)
{
    struct path path;
    snprintf(path.text, sizeof path.text, "%.150s/%.20s%s", tries.folder, name, extension);
    return path;
}

static void redirect(int fd, const char *extension)
{
    int file = open(tried("fork", extension).text, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || dup2(file, fd) != fd)
        abort();
    close(file);
}

static bool ended_in_words(int status)
{
    char said[4096];
    int fd = open(tried("fork", ".err").text, O_RDONLY);
    ssize_t len = syscall(SYS_read, fd, said, sizeof said - 1);
    close(fd);
    said[len > 0 ? len : 0] = '\0';
    bool ended = WIFEXITED(status) && (WEXITSTATUS(status) == 3 || WEXITSTATUS(status) == 4);
    return ended && strstr(said, tries.says) != NULL;
}

static void keep(unsigned long point, int status, long before)
{
    char number[24];
    snprintf(number, sizeof number, "%lu", point);
    if (rename(tried("fork", ".out").text, tried(number, ".out").text) != 0 ||
        rename(tried("fork", ".err").text, tried(number, ".err").text) != 0)
        abort();
    print_line(tried("log", "").text, O_APPEND, "%s %d %ld\n", number, status, before);
}

enum { HUNG_SECONDS = 60 };

/* True in the fork, in which nothing more is tried. */
static bool goes_on_in_fork(unsigned long point)
{
    int status, error = errno;
    faults.armed = false;
    tries.count++;
    long before = lseek(STDOUT_FILENO, 0, SEEK_CUR);
    pid_t child = fork();
    if (child == 0) {
        redirect(STDOUT_FILENO, ".out");
        redirect(STDERR_FILENO, ".err");
        alarm(HUNG_SECONDS);
        tries.allocations = tries.reads = false;
        return true;
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    if (!ended_in_words(status))
        keep(point, status, before);
    faults.armed = true;
    errno = error;
    return false;
}

__attribute__((destructor)) static void report(void)
{
    faults.armed = false;
    if (faults.count_path != NULL)
        print_line(faults.count_path, O_TRUNC, "%lu\n", faults.count);
    if (tries.allocations || tries.reads)
        print_line(tried("log", "").text, O_APPEND, "all %lu\n", tries.count);
}

/* ---- allocations ---------------------------------------------------------------------------------------------------
 */

static bool try_allocation(uintptr_t caller, unsigned long number)
{
    bool is_by_libc = caller >= tries.libc_begin && caller < tries.libc_end;
    if (!is_by_libc)
        return goes_on_in_fork(number);
    faults.armed = false;
    print_line(tried("log", "").text, O_APPEND, "alone %lu\n", number);
    faults.armed = true;
    return false;
}

static bool fails(void *caller)
{
    if (!faults.armed)
        return false;
    unsigned long number = __atomic_add_fetch(&faults.count, 1, __ATOMIC_RELAXED);
    bool this_one = tries.allocations ? try_allocation((uintptr_t)caller, number) : number == faults.fail_at;
    if (this_one)
        errno = ENOMEM;
    return this_one;
}

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(memory, size);
}

/* ---- reading -------------------------------------------------------------------------------------------------------
 */

static ssize_t cannot_read(void)
{
    errno = EIO;
    return -1;
}

/* How many bytes from `at` on can be read. */
static size_t within(long limit, long at, size_t capacity)
{
    if (limit < 0 || at + (long)capacity <= limit)
        return capacity;
    return at < limit ? (size_t)(limit - at) : 0;
}

/* In a fork for each of them, reading fails behind so many bytes of those that were got, from none on. */
static ssize_t try_reads(long at, ssize_t got)
{
    for (ssize_t part = 0; part < got; part++) {
        if (!goes_on_in_fork((unsigned long)(at + part)))
            continue;
        faults.read_at = at + part;
        return part > 0 ? part : cannot_read();
    }
    return got;
}

ssize_t read(int fd, void *buffer, size_t capacity)
{
    long at = lseek(fd, 0, SEEK_CUR);
    bool is_pipe = at < 0;
    at = is_pipe ? faults.read_all : at;
    if (faults.read_most > 0 && capacity > (size_t)faults.read_most)
        capacity = (size_t)faults.read_most;
    size_t room = within(faults.read_at, at, capacity);
    if (room == 0 && capacity != 0)
        return cannot_read();
    ssize_t got = syscall(SYS_read, fd, buffer, room);
    if (tries.reads && got >= 0)
        got = try_reads(at, got);
    if (is_pipe && got > 0)
        faults.read_all += got;
    return got;
}

ssize_t pread(int fd, void *buffer, size_t capacity, off_t at)
{
    size_t room = within(faults.pread_at, at, capacity);
    return room == 0 && capacity != 0 ? cannot_read() : syscall(SYS_pread64, fd, buffer, room, at);
}
