#include "full_disk.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* A sanitizer makes it slower; what it would find depends on the byte less than on the command. */
#ifdef SANITIZED
enum { STEP = 13 };
#else
enum { STEP = 1 };
#endif

enum { PATH_BYTES = 512 };

static size_t min(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Standard error into `said` until end_messages(). */
static FILE *begin_messages(struct in_process_output *said)
{
    FILE *before = stderr;
    stderr = open_memstream(&said->text, &said->len);
    ck_assert_ptr_nonnull(stderr);
    return before;
}

static void end_messages(FILE *before)
{
    fclose(stderr);
    stderr = before;
}

/* The next number of bytes to try behind `room`: the last one is len - 1. */
static size_t next_room(size_t room, size_t step, size_t len)
{
    return room == len - 1 ? len : min(room + step, len - 1);
}

static void expect_failure(const struct disk_writer *writer, size_t room, enum exit_status status, bool is_sound,
                           const char *said)
{
    if (status != EXIT_STATUS_UNUSABLE || !is_sound)
        ck_abort_msg("%s, room for %zu bytes: status %d%s, said: %s", writer->what, room, (int)status,
                     is_sound ? "" : ", other words or bytes than expected", said);
}

/* ---- standard output -----------------------------------------------------------------------------------------------
 */

/* Of one write, the end is compared: a page with half a megabyte of script is written once for each of its bytes. */
enum { COMPARED = 4096 };

struct disk {
    struct in_process_output *whole;
    bool is_endless; /* `whole` is what was written, and grows */
    size_t room, len;
    bool differs, failed;
};

static ssize_t keep(struct in_process_output *whole, const char *bytes, size_t len)
{
    whole->text = realloc(whole->text, whole->len + len + 1);
    ck_assert_ptr_nonnull(whole->text);
    memcpy(whole->text + whole->len, bytes, len);
    whole->len += len;
    return (ssize_t)len;
}

/* Once it was full there is room again, so that no later write tells what an earlier one hid. */
static ssize_t take(void *cookie, const char *bytes, size_t len)
{
    struct disk *disk = cookie;
    if (disk->is_endless)
        return keep(disk->whole, bytes, len);
    if (disk->failed)
        return (ssize_t)len;
    size_t part = min(disk->room - disk->len, len), compared = min(part, COMPARED);
    disk->len += part;
    if (memcmp(disk->whole->text + disk->len - compared, bytes + part - compared, compared) != 0)
        disk->differs = true;
    disk->failed = part < len;
    if (disk->failed)
        errno = ENOSPC;
    return (ssize_t)part;
}

/* Prints on `disk`; what is said meanwhile is the caller's. */
static enum exit_status print_on(const struct disk_writer *writer, struct disk *disk, struct in_process_output *said)
{
    FILE *out = fopencookie(disk, "w", (cookie_io_functions_t){.write = take});
    ck_assert_ptr_nonnull(out);
    FILE *before = begin_messages(said);
    enum exit_status status = writer->print(writer->context, out);
    end_messages(before);
    fclose(out);
    return status;
}

static void print_whole(const struct disk_writer *writer, struct in_process_output *whole)
{
    struct disk disk = {.whole = whole, .is_endless = true};
    struct in_process_output said;
    enum exit_status status = print_on(writer, &disk, &said);
    ck_assert_msg(status == EXIT_STATUS_DONE && whole->len > 0, "%s: status %d, %s", writer->what, (int)status,
                  said.text);
    free(said.text);
}

static void print_on_full(const struct disk_writer *writer, struct in_process_output *whole, size_t room)
{
    struct disk disk = {.whole = whole, .room = room};
    struct in_process_output said;
    enum exit_status status = print_on(writer, &disk, &said);
    bool says = strcmp(said.text, "rdbmeter: cannot write standard output: No space left on device\n") == 0;
    expect_failure(writer, room, status, says && !disk.differs && disk.len == room, said.text);
    free(said.text);
}

size_t full_disk_print(const struct disk_writer *writer)
{
    struct in_process_output whole = {0};
    print_whole(writer, &whole);
    for (size_t room = 0; room < whole.len; room = next_room(room, writer->step * STEP, whole.len))
        print_on_full(writer, &whole, room);
    free(whole.text);
    return whole.len;
}

/* ---- files ---------------------------------------------------------------------------------------------------------
 */

static const char older[] = "older";

struct place {
    char folder[64], path[PATH_BYTES];
};

static void put_older(const struct place *place)
{
    FILE *file = fopen(place->path, "w");
    ck_assert_msg(file != NULL && fputs(older, file) >= 0 && fclose(file) == 0, "%s", place->path);
}

/* Files cannot grow beyond so many bytes: neither can that of Check, which every one of its assertions writes to. */
static void limit_files(rlim_t most)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = most;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        abort();
}

static bool is_untouched(const struct place *place)
{
    char text[sizeof older] = "";
    FILE *file = fopen(place->path, "r");
    size_t len = file != NULL ? fread(text, 1, sizeof text, file) : 0, files = 0;
    if (file != NULL)
        fclose(file);
    DIR *folder = opendir(place->folder);
    while (readdir(folder) != NULL)
        files++;
    closedir(folder);
    return len == sizeof older - 1 && memcmp(text, older, len) == 0 && files == 3; /* with . and .. */
}

static size_t save_whole(const struct disk_writer *writer, const struct place *place)
{
    struct in_process_output said;
    FILE *before = begin_messages(&said);
    enum exit_status status = writer->save(writer->context, place->path);
    end_messages(before);
    ck_assert_msg(status == EXIT_STATUS_DONE, "%s: status %d, %s", writer->what, (int)status, said.text);
    free(said.text);
    FILE *file = fopen(place->path, "r");
    ck_assert(file != NULL && fseek(file, 0, SEEK_END) == 0);
    size_t len = (size_t)ftell(file);
    fclose(file);
    return len;
}

static void save_on_full(const struct disk_writer *writer, const struct place *place, size_t room)
{
    struct in_process_output said;
    FILE *before = begin_messages(&said);
    limit_files(room);
    enum exit_status status = writer->save(writer->context, place->path);
    limit_files(RLIM_INFINITY);
    end_messages(before);
    bool says = strstr(said.text, "rdbmeter: cannot write '") != NULL && strstr(said.text, place->path) != NULL;
    expect_failure(writer, room, status, says && is_untouched(place), said.text);
    free(said.text);
}

size_t full_disk_save(const struct disk_writer *writer, const char *name)
{
    struct place place = {.folder = "/tmp/full_disk.XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(place.folder));
    snprintf(place.path, sizeof place.path, "%s/%s", place.folder, name);
    signal(SIGXFSZ, SIG_IGN);
    size_t len = save_whole(writer, &place);
    put_older(&place);
    for (size_t room = 0; room < len; room = next_room(room, writer->step * STEP, len))
        save_on_full(writer, &place, room);
    unlink(place.path);
    rmdir(place.folder);
    return len;
}
