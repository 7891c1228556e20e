/* Section savings: what all changes give together, no byte counted twice. */
#ifndef SAVINGS_H
#define SAVINGS_H

#include "alternatives.h"
#include "collector.h"

/* What a change is called: "small keys in hashes". */
const char *savings_title(enum alternative alternative);

void savings_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                    struct document *document);

#endif
