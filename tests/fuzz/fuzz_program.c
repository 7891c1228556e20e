/* Any bytes as a snapshot through the whole program: every command that reads one, every renderer. Its length chooses
 * the command, so that snapshots are seeds as they are. The status is one that is documented, and what goes to standard
 * output holds no byte that a terminal obeys and is valid UTF-8. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collect/collector.h"
#include "command.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define need(fine) need_at((fine) != 0, #fine)

static void need_at(bool fine, const char *what)
{
    static const char behind[] = " does not hold\n";
    if (fine)
        return;
    /* stderr may lead nowhere: see below */
    if (write(STDERR_FILENO, what, strlen(what)) < 0 || write(STDERR_FILENO, behind, strlen(behind)) < 0)
        abort();
    abort();
}

enum { WORDS_MAX = 14, PATH_SIZE = 64 };

/* "IN" stands for the snapshot, "-o*.json" and its like for files whose bytes go nowhere, "EVERY" for all sections. */
static const struct run {
    const char *command;
    const char *words[WORDS_MAX];
    bool may_miss; /* it asks for something that a snapshot need not have, which is a usage error */
} runs[] = {
    {"report", {"IN", "EVERY", "-o*.txt", "-o*.json", "-o*.csv", "-o*.md", "-o*.html", "--section=types"}, true},
    {"report", {"IN", "--now=1700000000", "--top=3", "--color=always"}},
    {"report",
     {"IN", "--format=json", "--type=hash,stream,string", "--expiry=any", "--set=hash-max-listpack-entries=3"}},
    {"report", {"IN", "--format=markdown", "--target=valkey-9.0", "--regex=.", "--min-size=60"}},
    {"keys", {"IN"}},
    {"keys", {"IN", "--key-format=hex", "--no-checksum", "--target=redis-6.2"}},
    {"keys", {"IN", "--key-format=base64", "--allocator=libc", "--match=*a*"}},
    {"verify", {"IN", "--deep"}},
    {"verify", {"IN", "--deep", "--format=json", "--no-checksum"}},
    {"explain", {"IN", "a", "--format=json"}, true},
    {"upgrade", {"IN"}},
};
enum { RUN_COUNT = sizeof runs / sizeof *runs };

/* ---- files in memory ------------------------------------------------------------------------------------------------
 */

struct memory_file {
    int fd;
    char path[PATH_SIZE];
};

static struct memory_file memory_file(const char *name)
{
    struct memory_file file = {.fd = memfd_create(name, 0)};
    need(file.fd >= 0);
    snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.fd);
    return file;
}

static void fill(int fd, const uint8_t *data, size_t size)
{
    need(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
}

/* A link with a telling extension to where bytes go nowhere: the program writes such files as they are. */
static const char *link_to_null(const char *extension, char path[PATH_SIZE])
{
    static char folder[PATH_SIZE];
    if (folder[0] == '\0') {
        strcpy(folder, "/tmp/fuzz_program.XXXXXX");
        need(mkdtemp(folder) != NULL);
    }
    snprintf(path, PATH_SIZE, "-o%.40s/out%.10s", folder, extension);
    need(access(path + 2, F_OK) == 0 || symlink("/dev/null", path + 2) == 0);
    return path;
}

static const char *every_section(void)
{
    static char word[2000] = "--sections=";
    size_t count, used = strlen(word);
    const struct collector *rows = collectors(&count);
    for (size_t i = 0; i < count && word[used - 1] == (i ? ',' : '='); i++)
        used += (size_t)snprintf(word + used, sizeof word - used, "%s%s", rows[i].id, i + 1 < count ? "," : "");
    need(used < sizeof word);
    return word;
}

/* ---- a run ----------------------------------------------------------------------------------------------------------
 */

static enum exit_status run_words(const struct run *run, const char *input)
{
    static char links[WORDS_MAX][PATH_SIZE];
    static const struct environment environment = {
        .clock_ms = INT64_C(1700000000000), .width = 80, .unicode = true, .progress = false};
    const struct command *command = command_by_name(run->command);
    const char *words[WORDS_MAX];
    struct cli_options options;
    char message[OPTIONS_MESSAGE_BYTES];
    int count = 0;
    need(command != NULL);
    for (; count < WORDS_MAX && run->words[count] != NULL; count++) {
        const char *word = run->words[count];
        words[count] = strcmp(word, "IN") == 0        ? input
                       : strcmp(word, "EVERY") == 0   ? every_section()
                       : strncmp(word, "-o*", 3) == 0 ? link_to_null(word + 3, links[count])
                                                      : word;
    }
    cli_options_init(&options);
    need(options_parse(command->groups, &options, &options.operands, count, words, message));
    return command->run(&options, &environment);
}

/* Bytes of a sequence that sets a colour, 0 when there is none. */
static size_t color_sequence(const char *text, size_t len)
{
    size_t at = 2;
    if (len < 3 || text[0] != 0x1B || text[1] != '[')
        return 0;
    while (at < len && strchr("0123456789;", text[at]) != NULL)
        at++;
    return at < len && text[at] == 'm' ? at + 1 : 0;
}

static void check_output(int fd, size_t size)
{
    char *text = malloc(size ? size : 1);
    need(text != NULL && pread(fd, text, size, 0) == (ssize_t)size);
    for (size_t at = 0; at < size;) {
        uint32_t point;
        unsigned len = utf8_decode((const uint8_t *)text + at, size - at, &point);
        size_t color = color_sequence(text + at, size - at);
        need(len != 0);
        need(!utf8_is_control(point) || color != 0 || (point < 128 && strchr("\n\r\t", (int)point) != NULL));
        at += color != 0 ? color : len;
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct memory_file input, output;
    static FILE *nowhere;
    if (nowhere == NULL) {
        input = memory_file("snapshot");
        output = memory_file("output");
        nowhere = fopen("/dev/null", "w");
        need(nowhere != NULL);
    }
    fill(input.fd, data, size);
    fill(output.fd, NULL, 0);
    FILE *old_stdout = stdout, *old_stderr = stderr;
    stdout = fopen(output.path, "w");
    stderr = nowhere;
    need(stdout != NULL);
    const struct run *run = &runs[size % RUN_COUNT];
    enum exit_status status = run_words(run, input.path);
    fclose(stdout);
    stdout = old_stdout;
    stderr = old_stderr;
    need(status == EXIT_STATUS_DONE || status == EXIT_STATUS_DAMAGED || status == EXIT_STATUS_UNUSABLE ||
         (status == EXIT_STATUS_USAGE && run->may_miss));
    check_output(output.fd, (size_t)lseek(output.fd, 0, SEEK_END));
    return 0;
}
