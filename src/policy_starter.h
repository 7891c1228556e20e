/* A first policy, from a snapshot: limits that it keeps to, with a little room. */
#ifndef POLICY_STARTER_H
#define POLICY_STARTER_H

#include <stdio.h>

#include "policy_check.h"

/* Writes the policy of what `check` has measured (check_init with `measure`), with comments. `file` is the snapshot. */
void policy_starter_write(const struct check *check, const struct file_facts *file, FILE *out);

/* A pattern of key names as a glob that matches its keys, into `glob`. False when JSON cannot hold it: not UTF-8, or a
 * control character. */
enum { STARTER_GLOB_MAX = 2 * 64 + 1 };
bool policy_starter_glob(const uint8_t *pattern, size_t len, char glob[STARTER_GLOB_MAX]);

#endif
