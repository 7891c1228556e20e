#include <string.h>

#include "command.h"
#include "manual.h"

static bool takes_file(const struct option *option)
{
    return option->argument != NULL && strcmp(option->argument, "FILE") == 0;
}

static void put_choices(FILE *out, const struct option *option, const char *between)
{
    for (size_t i = 0; option->choices[i] != NULL; i++)
        fprintf(out, "%s%s", i > 0 ? between : "", option->choices[i]);
}

typedef void option_visitor(FILE *out, const struct command *command, const struct option *option);

static void each_option(FILE *out, const struct command *command, option_visitor *visit)
{
    for (size_t g = 0; command->groups[g] != NULL; g++) {
        for (size_t i = 0; i < command->groups[g]->count; i++)
            visit(out, command, &command->groups[g]->rows[i]);
    }
}

/* ---- bash -----------------------------------------------------------------------------------------------------------
 */

static void bash_name(FILE *out, const struct command *command, const struct option *option)
{
    (void)command;
    fprintf(out, " --%s", option->name);
}

static void bash_choices(FILE *out, const struct command *command, const struct option *option)
{
    if (option->choices == NULL)
        return;
    fprintf(out, "    %s:--%s) COMPREPLY=($(compgen -W '", command->name, option->name);
    put_choices(out, option, " ");
    fputs("' -- \"$word\")); return ;;\n", out);
}

static void bash_plain_argument(FILE *out, const struct command *command, const struct option *option)
{
    if (option->argument != NULL && option->choices == NULL && !takes_file(option))
        fprintf(out, "    %s:--%s) return ;;\n", command->name, option->name);
}

void manual_write_bash(FILE *out)
{
    size_t count;
    const struct command *rows = commands(&count);
    fputs("# bash completion of rdbmeter\n_rdbmeter()\n{\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=",
          out);
    fprintf(out, "%s\n    case ${COMP_WORDS[1]} in\n    ", rows[0].name);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%s", i > 0 ? " | " : "", rows[i].name);
    fputs(") command=${COMP_WORDS[1]} ;;\n    esac\n    case $command:$before in\n", out);
    for (size_t i = 0; i < count; i++) {
        each_option(out, &rows[i], bash_choices);
        each_option(out, &rows[i], bash_plain_argument);
    }
    fputs("    esac\n    if [[ $word == -* ]]; then\n        case $command in\n", out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "        %s) COMPREPLY=($(compgen -W '", rows[i].name);
        each_option(out, &rows[i], bash_name);
        fputs("' -- \"$word\")) ;;\n", out);
    }
    fputs("        esac\n        return\n    fi\n    COMPREPLY=($(compgen -f -- \"$word\"))\n"
          "    if ((COMP_CWORD == 1)); then\n        COMPREPLY+=($(compgen -W '",
          out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, " %s", rows[i].name);
    fputs("' -- \"$word\"))\n    fi\n}\ncomplete -o filenames -F _rdbmeter rdbmeter\n", out);
}

/* ---- zsh ------------------------------------------------------------------------------------------------------------
 */

/* Inside single quotes and square brackets of _arguments: quotes, brackets and colons are escaped. */
static void zsh_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else {
            if (strchr("[]:\\", *text) != NULL)
                fputc('\\', out);
            fputc(*text, out);
        }
    }
}

static void zsh_specification(FILE *out, const struct option *option)
{
    fputc('[', out);
    zsh_text(out, option->help);
    fputc(']', out);
    if (option->argument != NULL) {
        fputc(':', out);
        zsh_text(out, option->argument);
        fputc(':', out);
        if (option->choices != NULL) {
            fputc('(', out);
            put_choices(out, option, " ");
            fputc(')', out);
        } else if (takes_file(option)) {
            fputs("_files", out);
        }
    }
    fputs("' \\\n", out);
}

static void zsh_option(FILE *out, const struct command *command, const struct option *option)
{
    (void)command;
    const char *repeat = option->kind == OPTION_TEXTS ? "*" : "";
    fprintf(out, "            '%s--%s%s", repeat, option->name, option->argument != NULL ? "=" : "");
    zsh_specification(out, option);
    if (option->letter != 0) {
        fprintf(out, "            '%s-%c", repeat, option->letter);
        zsh_specification(out, option);
    }
}

void manual_write_zsh(FILE *out)
{
    size_t count;
    const struct command *rows = commands(&count);
    fputs("#compdef rdbmeter\n_rdbmeter() {\n    local -a commands=(\n", out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "        '%s:", rows[i].name);
        zsh_text(out, rows[i].summary);
        fputs("'\n", out);
    }
    fprintf(out,
            "    )\n    local command=%s\n    if ((CURRENT == 2)); then\n        _describe command commands\n"
            "        _files\n        return\n    fi\n",
            rows[0].name);
    fputs("    if ((${commands[(I)$words[2]:*]})); then\n        command=$words[2]\n        shift words\n"
          "        ((CURRENT--))\n    fi\n    case $command in\n",
          out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "    %s)\n        _arguments -s \\\n", rows[i].name);
        each_option(out, &rows[i], zsh_option);
        fputs("            '*:file:_files'\n        ;;\n", out);
    }
    fputs("    esac\n}\n_rdbmeter \"$@\"\n", out);
}

/* ---- fish -----------------------------------------------------------------------------------------------------------
 */

static void fish_text(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

static void fish_option(FILE *out, const struct command *command, const struct option *option)
{
    fprintf(out, "complete -c rdbmeter -n '__fish_seen_subcommand_from %s' -l %s", command->name, option->name);
    if (option->letter != 0)
        fprintf(out, " -s %c", option->letter);
    if (option->argument != NULL)
        fputs(takes_file(option) ? " -r -F" : " -x", out);
    if (option->choices != NULL) {
        fputs(" -a '", out);
        put_choices(out, option, " ");
        fputc('\'', out);
    }
    fputs(" -d ", out);
    fish_text(out, option->help);
    fputc('\n', out);
}

void manual_write_fish(FILE *out)
{
    size_t count;
    const struct command *rows = commands(&count);
    fputs("# fish completion of rdbmeter\n", out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "complete -c rdbmeter -n __fish_use_subcommand -a %s -d ", rows[i].name);
        fish_text(out, rows[i].summary);
        fputc('\n', out);
    }
    for (size_t i = 0; i < count; i++)
        each_option(out, &rows[i], fish_option);
}
