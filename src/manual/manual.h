/* What a distribution installs beside the program, written from the same tables of commands and options that parse. */
#ifndef MANUAL_H
#define MANUAL_H

#include <stdio.h>

void manual_write_man_page(FILE *out);
void manual_write_bash(FILE *out);
void manual_write_zsh(FILE *out);
void manual_write_fish(FILE *out);

#endif
