/* What --format prometheus shows: one row a metric. */
#ifndef METRICS_H
#define METRICS_H

#include <render.h>

const struct metric_row *metrics(size_t *count);

#endif
