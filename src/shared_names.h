/* Which keys are in several snapshots: found by reading them once more, keys of those slots only that several have. */
#ifndef SHARED_NAMES_H
#define SHARED_NAMES_H

#include "gathered.h"

/* Looks up the keys of section shared_keys, where it was gathered and is not exact without names: the operands must be
 * files that can be read again, and at most SHARED_NAMES_MAX keys be in slots that several of them have. Else the
 * section stays what it is. */
enum { SHARED_NAMES_MAX = 1 << 21 };
void shared_names_find(struct gathered *all, const struct cli_options *options, const struct environment *environment);

#endif
