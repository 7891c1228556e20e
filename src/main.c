#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "complain.h"
#include "help.h"
#include "nearest.h"
#include "output.h"
#include "privacy.h"

static enum exit_status finish_stdout(void)
{
    struct output output;
    return output_open(&output, NULL) && output_commit(&output) ? EXIT_STATUS_DONE : EXIT_STATUS_UNUSABLE;
}

/* A word that is no file but nearly a command: "rdbmeter verfy dump.rdb". */
static bool is_misspelt_command(const char *word)
{
    struct nearest nearest;
    size_t count;
    const struct command *rows = commands(&count);
    nearest_init(&nearest, word);
    for (size_t i = 0; i < count; i++)
        nearest_offer(&nearest, rows[i].name);
    if (nearest.best == NULL || strcmp(word, "-") == 0 || access(word, F_OK) == 0)
        return false;
    complain("there is no command and no file '%.80s'; did you mean '%s'?", word, nearest.best);
    return true;
}

static bool count_operands(const struct command *command, const struct operand_list *operands)
{
    size_t most = command->operands_max > command->operand_count ? command->operands_max : command->operand_count;
    if (operands->count >= command->operand_count && operands->count <= most)
        return true;
    if (operands->count > most)
        complain("too many arguments: '%.80s'", operands->text[most]);
    help_usage(stderr, command);
    return false;
}

static enum exit_status run_words(const struct command *command, struct cli_options *options, int argc,
                                  const char *const *argv, const struct environment *environment)
{
    char message[OPTIONS_MESSAGE_BYTES];
    if (!options_parse(command->groups, options, &options->operands, argc, argv, message)) {
        complain("%s (see rdbmeter %s --help)", message, command->name);
        return EXIT_STATUS_USAGE;
    }
    if (options->help) {
        help_print(stdout, command, environment->width);
        return finish_stdout();
    }
    if (options->version) {
        puts("rdbmeter " RDBMETER_VERSION);
        return finish_stdout();
    }
    if (!count_operands(command, &options->operands) || !privacy_prepare(options, environment))
        return EXIT_STATUS_USAGE;
    struct memory_work work = {
        .files = options->operands.count - command->keys, .jobs = options->output.jobs, .rows = options->output.top};
    if (!memory_budget_prepare(&options->input.memory, options->input.memory_max, &work))
        return EXIT_STATUS_USAGE;
    options->output.jobs = work.jobs;
    options->output.top = work.rows;
    return command->run(options, environment);
}

static enum exit_status run_command(const struct command *command, int argc, const char *const *argv,
                                    const struct environment *environment)
{
    struct cli_options options;
    size_t capacity = (size_t)(argc > 0 ? argc : 0);
    cli_options_init(&options);
    options.operands = (struct operand_list){.text = xcalloc(capacity + 1, sizeof(char *)), .capacity = capacity};
    enum exit_status status = run_words(command, &options, argc, argv, environment);
    free(options.operands.text);
    return status;
}

int main(int argc, char **argv)
{
    const char *const *words = (const char *const *)argv;
    struct environment environment;
    size_t count;
    const struct command *command = commands(&count);
    environment_read(&environment);
    /* A closed pipe is then an error of the write that meets it, and gets its message and status there. */
    signal(SIGPIPE, SIG_IGN);
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)) {
        const struct command *asked = argc >= 3 ? command_by_name(argv[2]) : NULL;
        help_print(stdout, asked, environment.width);
        return finish_stdout();
    }
    const struct command *named = argc >= 2 ? command_by_name(argv[1]) : NULL;
    if (named != NULL)
        return run_command(named, argc - 2, words + 2, &environment);
    if (argc >= 2 && argv[1][0] != '-' && is_misspelt_command(argv[1]))
        return EXIT_STATUS_USAGE;
    if (argc < 2) {
        help_print(stderr, NULL, environment.width);
        return EXIT_STATUS_USAGE;
    }
    return run_command(command, argc - 1, words + 1, &environment);
}
