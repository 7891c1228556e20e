#include "help.h"

#include <string.h>

enum { OPTION_COLUMN = 30, COMMAND_COLUMN = 13, WIDEST = 110 };

/* Prints words from `column` on, wrapped and indented by `indent`; ends the line. */
static void wrap(FILE *out, const char *text, size_t column, size_t indent, size_t width)
{
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (column > indent && column + 1 + len > width) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        fwrite(text, 1, len, out);
        column += len;
        text += len;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

/* Pads a line that is at `column` to `indent`, on a new line when it is already past. */
static void advance(FILE *out, size_t column, size_t indent)
{
    if (column + 2 > indent) {
        fputc('\n', out);
        column = 0;
    }
    fprintf(out, "%*s", (int)(indent - column), "");
}

static void print_option(FILE *out, const struct option *option, size_t width)
{
    char head[80];
    int used = option->letter != 0 ? snprintf(head, sizeof head, "  -%c, ", option->letter)
                                   : snprintf(head, sizeof head, "      ");
    used += snprintf(head + used, sizeof head - (size_t)used, "--%s%s%s", option->name,
                     option->argument != NULL ? " " : "", option->argument != NULL ? option->argument : "");
    fputs(head, out);
    advance(out, (size_t)used, OPTION_COLUMN);
    wrap(out, option->help, OPTION_COLUMN, OPTION_COLUMN, width);
}

void help_usage(FILE *out, const struct command *command)
{
    fprintf(out, "usage: rdbmeter %s [options]%s%s\n", command->name, command->operands[0] != '\0' ? " " : "",
            command->operands);
}

static void print_program(FILE *out, size_t width)
{
    fputs("usage: rdbmeter [command] [options] FILE\n\n", out);
    wrap(out, "Says what every key in a Redis or Valkey snapshot (RDB) costs in memory, to the byte, without a server.",
         0, 0, width);
    fputs("\ncommands:\n", out);
    size_t count;
    const struct command *rows = commands(&count);
    for (size_t i = 0; i < count; i++) {
        advance(out, (size_t)fprintf(out, "  %s", rows[i].name), COMMAND_COLUMN);
        wrap(out, rows[i].summary, COMMAND_COLUMN, COMMAND_COLUMN, width);
    }
    fprintf(out, "\nWithout a command, %s. `rdbmeter COMMAND --help` lists a command's options.\n", rows[0].name);
    fputs("\nexit status: 0 done; 1 a check found a breach; 2 usage; 3 the input is damaged or truncated;\n"
          "4 it cannot be read at all, or the output cannot be written\n",
          out);
}

void help_print(FILE *out, const struct command *command, unsigned width)
{
    size_t columns = width < WIDEST ? width : WIDEST;
    if (command == NULL) {
        print_program(out, columns);
        return;
    }
    help_usage(out, command);
    fputc('\n', out);
    wrap(out, command->description, 0, 0, columns);
    for (size_t g = 0; command->groups[g] != NULL; g++) {
        fprintf(out, "\n%s:\n", command->groups[g]->title);
        for (size_t i = 0; i < command->groups[g]->count; i++)
            print_option(out, &command->groups[g]->rows[i], columns);
    }
}
