/* --sweep: which values of which settings a report tries. */
#ifndef SWEEP_OPTION_H
#define SWEEP_OPTION_H

#include "cli_options.h"
#include "collect/sweep.h"

/* Complains and returns false when one makes no sense. */
bool sweep_option_read(struct sweep_points *points, const struct text_list *texts);

#endif
