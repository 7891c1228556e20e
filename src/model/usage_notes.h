/* Why MEMORY USAGE prints something else than the allocator holds, in words, for `explain`. */
#ifndef MODEL_USAGE_NOTES_H
#define MODEL_USAGE_NOTES_H

#include "object.h"
#include "server.h"

enum { USAGE_MAX_NOTES = 8 };

/* What is known to differ for a key of this type and encoding on this server: static sentences into `notes`; returns
 * their number. None where the two numbers are known to agree. */
size_t model_usage_notes(const struct server_model *server, enum object_type type, enum object_encoding encoding,
                         bool has_expiry, const char *notes[USAGE_MAX_NOTES]);

#endif
