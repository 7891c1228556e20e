#include "in_process.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collect/collector.h"
#include "command.h"
#include "utf8.h"

enum { PATH_SIZE = 64 };

static void need(bool fine, const char *what)
{
    if (fine)
        return;
    dprintf(STDERR_FILENO, "in_process: %s\n", what);
    abort();
}

/* ---- files in memory ------------------------------------------------------------------------------------------------
 */

struct memory_file {
    int fd;
    char path[PATH_SIZE];
};

static struct memory_file memory_file(const char *name)
{
    struct memory_file file = {.fd = memfd_create(name, 0)};
    need(file.fd >= 0, "no file in memory");
    snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.fd);
    return file;
}

static void fill(int fd, const uint8_t *data, size_t size)
{
    need(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size, "a file in memory cannot be filled");
}

static void take(int fd, struct in_process_output *output)
{
    output->len = (size_t)lseek(fd, 0, SEEK_END);
    output->text = malloc(output->len + 1);
    need(output->text != NULL && pread(fd, output->text, output->len, 0) == (ssize_t)output->len, "output is lost");
    output->text[output->len] = '\0';
}

/* ---- the command line -----------------------------------------------------------------------------------------------
 */

struct command_line {
    const char *words[IN_PROCESS_WORDS_MAX];
    char paths[IN_PROCESS_WORDS_MAX][PATH_SIZE];
    char sections[2000];
    int count;
};

static char links[PATH_SIZE]; /* the folder of links; empty until there is one */

static void remove_links(void)
{
    DIR *folder = opendir(links);
    for (const struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder != NULL)
        closedir(folder);
    rmdir(links);
}

/* A link with a telling extension to where bytes go nowhere: the program writes devices as they are. */
static const char *link_to_null(const char *extension, char path[PATH_SIZE])
{
    if (links[0] == '\0') {
        strcpy(links, "/tmp/in_process.XXXXXX");
        need(mkdtemp(links) != NULL && atexit(remove_links) == 0, "no temporary folder");
    }
    snprintf(path, PATH_SIZE, "-o%.40s/out%.10s", links, extension);
    need(access(path + 2, F_OK) == 0 || symlink("/dev/null", path + 2) == 0, "no link");
    return path;
}

static const char *every_section(char *word, size_t size)
{
    size_t count, used = (size_t)snprintf(word, size, "--sections=");
    const struct collector *rows = collectors(&count);
    for (size_t i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(word + used, size - used, "%s%s", i ? "," : "", rows[i].id);
    need(used < size, "too many sections");
    return word;
}

static void set_words(struct command_line *line, const struct in_process_run *run, const char *input)
{
    line->count = 0;
    for (; line->count < IN_PROCESS_WORDS_MAX && run->words[line->count] != NULL; line->count++) {
        const char *word = run->words[line->count];
        if (strcmp(word, "IN") == 0)
            word = input;
        else if (strcmp(word, "EVERY") == 0)
            word = every_section(line->sections, sizeof line->sections);
        else if (strncmp(word, "-o*", 3) == 0)
            word = link_to_null(word + 3, line->paths[line->count]);
        line->words[line->count] = word;
    }
}

static enum exit_status call(const struct in_process_run *run, const char *input)
{
    static const struct environment environment = {.clock_ms = INT64_C(1700000000000), .width = 80, .unicode = true};
    const struct command *command = command_by_name(run->command);
    struct command_line line;
    struct cli_options options;
    const char *operands[IN_PROCESS_WORDS_MAX];
    char message[OPTIONS_MESSAGE_BYTES];
    need(command != NULL, run->command);
    set_words(&line, run, input);
    cli_options_init(&options);
    options.operands = (struct operand_list){.text = operands, .capacity = IN_PROCESS_WORDS_MAX};
    need(options_parse(command->groups, &options, &options.operands, line.count, line.words, message), message);
    return command->run(&options, &environment);
}

enum exit_status in_process_on(const struct in_process_run *run, const uint8_t *snapshot, size_t size, FILE *out,
                               FILE *messages)
{
    static struct memory_file input;
    static bool has_input;
    if (!has_input)
        input = memory_file("snapshot");
    has_input = true;
    fill(input.fd, snapshot, size);
    FILE *old_stdout = stdout, *old_stderr = stderr;
    stdout = out;
    stderr = messages;
    enum exit_status status = call(run, input.path);
    stdout = old_stdout;
    stderr = old_stderr;
    return status;
}

enum exit_status in_process(const struct in_process_run *run, const uint8_t *snapshot, size_t size,
                            struct in_process_output *output)
{
    static struct memory_file standard_output;
    static FILE *nowhere;
    if (nowhere == NULL) {
        standard_output = memory_file("output");
        nowhere = fopen("/dev/null", "w");
        need(nowhere != NULL, "no /dev/null");
    }
    fill(standard_output.fd, NULL, 0);
    FILE *out = fopen(standard_output.path, "w");
    need(out != NULL, "no standard output");
    enum exit_status status = in_process_on(run, snapshot, size, out, nowhere);
    fclose(out);
    take(standard_output.fd, output);
    return status;
}

/* ---- what is in it --------------------------------------------------------------------------------------------------
 */

/* Bytes of a sequence that sets a colour, 0 when there is none. */
static size_t color_sequence(const char *text, size_t len)
{
    size_t at = 2;
    if (len < 3 || text[0] != 0x1B || text[1] != '[')
        return 0;
    while (at < len && text[at] != '\0' && strchr("0123456789;", text[at]) != NULL)
        at++;
    return at < len && text[at] == 'm' ? at + 1 : 0;
}

const char *in_process_unprintable(const struct in_process_output *output)
{
    for (size_t at = 0; at < output->len;) {
        const char *here = output->text + at;
        uint32_t point;
        unsigned len = utf8_decode((const uint8_t *)here, output->len - at, &point);
        size_t color = color_sequence(here, output->len - at);
        if (len == 0)
            return "invalid UTF-8";
        if (utf8_is_control(point) && color == 0 && point != '\n' && point != '\r' && point != '\t')
            return "a control character";
        at += color != 0 ? color : len;
    }
    return NULL;
}
