#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "command.h"
#include "manual.h"

enum { MAX_GROUPS = 32 };

/* Text as roff takes it: backslashes and hyphens are escaped, and no line begins with a control character. */
static void put_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
    }
}

static void put_sentence(FILE *out, const char *text)
{
    fputs("\\&", out);
    char first[2] = {(char)toupper((unsigned char)text[0]), '\0'};
    put_text(out, first);
    put_text(out, text[0] != '\0' ? text + 1 : "");
    fputs(".\n", out);
}

static void put_option(FILE *out, const struct option *option)
{
    fputs(".TP\n", out);
    if (option->letter != 0)
        fprintf(out, "\\fB\\-%c\\fR, ", option->letter);
    fputs("\\fB\\-\\-", out);
    put_text(out, option->name);
    fputs("\\fR", out);
    if (option->argument != NULL) {
        fputs(" \\fI", out);
        put_text(out, option->argument);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    put_sentence(out, option->help);
}

static bool command_has(const struct command *command, const struct option_group *group)
{
    for (size_t i = 0; command->groups[i] != NULL; i++) {
        if (command->groups[i] == group)
            return true;
    }
    return false;
}

static void put_group(FILE *out, const struct option_group *group)
{
    size_t count;
    const struct command *rows = commands(&count);
    const char *between = "";
    fprintf(out, ".SS %s\n(", group->title);
    for (size_t i = 0; i < count; i++) {
        if (command_has(&rows[i], group)) {
            fprintf(out, "%s\\fB%s\\fR", between, rows[i].name);
            between = ", ";
        }
    }
    fputs(")\n", out);
    for (size_t i = 0; i < group->count; i++)
        put_option(out, &group->rows[i]);
}

/* Every group of every command once, in the order of the commands. */
static void put_groups(FILE *out)
{
    const struct option_group *seen[MAX_GROUPS];
    size_t seen_count = 0, count;
    const struct command *rows = commands(&count);
    for (size_t c = 0; c < count; c++) {
        for (size_t g = 0; rows[c].groups[g] != NULL; g++) {
            size_t i = 0;
            while (i < seen_count && seen[i] != rows[c].groups[g])
                i++;
            if (i == seen_count && seen_count < MAX_GROUPS) {
                seen[seen_count++] = rows[c].groups[g];
                put_group(out, rows[c].groups[g]);
            }
        }
    }
}

static void put_commands(FILE *out)
{
    size_t count;
    const struct command *rows = commands(&count);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, ".TP\n\\fBrdbmeter %s\\fR [\\fIoptions\\fR] \\fI%s\\fR\n\\&", rows[i].name, rows[i].operands);
        put_text(out, rows[i].description);
        fputc('\n', out);
    }
}

static const char *const head =
    ".SH NAME\n"
    "rdbmeter \\- what every key in a Redis or Valkey snapshot costs in memory\n"
    ".SH SYNOPSIS\n"
    "\\fBrdbmeter\\fR [\\fIcommand\\fR] [\\fIoptions\\fR] \\fIFILE\\fR\n"
    ".SH DESCRIPTION\n"
    "Reads a snapshot (RDB) as a stream, rebuilds what the server\\(aqs allocator would hold for each key, and reports "
    "where the memory goes and what other settings would save. No server is needed, and memory stays small whatever "
    "the size of the file.\n"
    ".PP\n"
    "Each key has two exact numbers: \\fBsize_in_bytes\\fR, what the allocator holds for it, which adds up to the "
    "server\\(aqs used_memory, and \\fBmemory_usage\\fR, what MEMORY USAGE \\fIkey\\fR SAMPLES 0 would print.\n";

static const char *const tail =
    ".SH EXIT STATUS\n"
    ".TP\n0\nDone.\n"
    ".TP\n1\nA check found a limit exceeded.\n"
    ".TP\n2\nThe command line cannot be understood.\n"
    ".TP\n3\nThe input is damaged or truncated; what was read is reported and marked partial.\n"
    ".TP\n4\nThe input cannot be read at all, or the output cannot be written.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n\\fBNO_COLOR\\fR\nWhen set and not empty, no colours are used.\n"
    ".SH EXAMPLES\n"
    ".TP\nWhere is the memory, and what should change?\n\\fBrdbmeter dump.rdb\\fR\n"
    ".TP\nThe ten largest keys of a compressed backup\n\\fBrdbmeter report \\-\\-top 10 \\-\\-sections top_keys "
    "backup.rdb.gz\\fR\n"
    ".TP\nEvery hash above a megabyte\n\\fBrdbmeter keys \\-\\-type hash \\-\\-min\\-size 1mb dump.rdb\\fR\n"
    ".TP\nWhat would another setting do?\n\\fBrdbmeter report \\-\\-set hash\\-max\\-listpack\\-value=128 "
    "dump.rdb\\fR\n"
    ".SH SEE ALSO\n"
    "\\fBredis-check-rdb\\fR(1), \\fBredis-cli\\fR(1)\n";

void manual_write_man_page(FILE *out)
{
    fputs(".TH RDBMETER 1 \"\" \"rdbmeter " RDBMETER_VERSION "\" \"User Commands\"\n", out);
    fputs(head, out);
    fputs(".SH COMMANDS\n", out);
    put_commands(out);
    fputs(".SH OPTIONS\n", out);
    put_groups(out);
    fputs(tail, out);
}
