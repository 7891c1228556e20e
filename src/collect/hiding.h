/* Stand-ins in place of names in what was gathered, so that it can be handed on: in a summary. Hashes of names become
 * those of stand-ins, too, for a hash tells a name to whoever guesses it. */
#ifndef HIDING_H
#define HIDING_H

#include <stddef.h>
#include <stdint.h>

#include "document.h"

/* Writes the stand-in of a name, as far as `room` bytes hold it, and returns how many that are; *hash, where it is not
 * NULL, is that of all of it. */
size_t hiding_name(const struct doc_hider *hider, const uint8_t *name, size_t len, uint8_t *out, size_t room,
                   uint64_t *hash);

#endif
