/* --help, from the tables of commands and options. */
#ifndef HELP_H
#define HELP_H

#include <stdio.h>

#include "command.h"

/* The program's help when `command` is NULL, else the command's. Wrapped to `width` columns. */
void help_print(FILE *out, const struct command *command, unsigned width);
/* "usage: rdbmeter keys [options] FILE". */
void help_usage(FILE *out, const struct command *command);

#endif
