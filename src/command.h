/* The commands: one row each. main.c finds the row, reads the options it lists, and calls it. */
#ifndef COMMAND_H
#define COMMAND_H

#include <stddef.h>

#include "cli_options.h"
#include "environment.h"
#include "exit_status.h"

struct command {
    const char *name;
    const char *summary;     /* a line of the program's --help */
    const char *operands;    /* "FILE", "FILE KEY", "" */
    const char *description; /* a paragraph or two of the command's --help */
    size_t operand_count;    /* exactly, or at least where `operands_max` says more */
    const struct option_group *const *groups;
    enum exit_status (*run)(const struct cli_options *options, const struct environment *environment);
    size_t operands_max; /* 0: operand_count */
    size_t keys;         /* so many operands, the last ones, name keys; the others are files */
};

/* All rows, in the order of --help; the first is run when no command is named. */
const struct command *commands(size_t *count);
/* NULL when there is none of that name. */
const struct command *command_by_name(const char *name);

/* One file each: cmd_report.c, cmd_keys.c, ... The operands have been counted. */
enum exit_status cmd_report(const struct cli_options *options, const struct environment *environment);
/* Likewise, of several files. */
enum exit_status cmd_report_files(const struct cli_options *options, const struct environment *environment);
enum exit_status cmd_keys(const struct cli_options *options, const struct environment *environment);
enum exit_status cmd_explain(const struct cli_options *options, const struct environment *environment);
enum exit_status cmd_doctor(const struct cli_options *options, const struct environment *environment);
enum exit_status cmd_rewrite(const struct cli_options *options, const struct environment *environment);
enum exit_status cmd_upgrade(const struct cli_options *options, const struct environment *environment);
enum exit_status cmd_verify(const struct cli_options *options, const struct environment *environment);
enum exit_status cmd_diff(const struct cli_options *options, const struct environment *environment);
enum exit_status cmd_trend(const struct cli_options *options, const struct environment *environment);
enum exit_status cmd_summarize(const struct cli_options *options, const struct environment *environment);
enum exit_status cmd_merge(const struct cli_options *options, const struct environment *environment);
enum exit_status cmd_check(const struct cli_options *options, const struct environment *environment);
enum exit_status cmd_policy(const struct cli_options *options, const struct environment *environment);
enum exit_status cmd_servers(const struct cli_options *options, const struct environment *environment);

#endif
