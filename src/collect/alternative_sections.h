/* Sections about other forms that keys could have: no state of their own, they read context->alternatives. */
#ifndef ALTERNATIVE_SECTIONS_H
#define ALTERNATIVE_SECTIONS_H

#include "collector.h"

typedef void alternative_finish(const void *self, const struct collect_context *context,
                                const struct collector *collector, struct document *document);

alternative_finish grouping_finish;      /* small strings and hashes in larger hashes */
alternative_finish json_strings_finish;  /* JSON objects as hashes */
alternative_finish compressible_finish;  /* what the client could compress */
alternative_finish text_numbers_finish;  /* numbers that are not kept as integers */
alternative_finish key_names_finish;     /* shorter names */
alternative_finish sparse_values_finish; /* dense HyperLogLogs, sparse bitmaps */

#endif
