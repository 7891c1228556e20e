/* The form in which a server holds a set, sorted set or hash after loading it. */
#ifndef MODEL_LOADED_H
#define MODEL_LOADED_H

#include "dict_growth.h"
#include "object.h"
#include "settings.h"
#include "shape.h"

struct loaded {
    enum object_encoding encoding;
    uint64_t packed_len;      /* packed: bytes of the blob */
    uint64_t packed_request;  /* packed: bytes asked for it; may be more, where it was allocated ahead */
    struct dict_growth table; /* table-encoded */
    uint64_t sorted_fields;   /* hash with field expiries: so many came out of a listpack, sorted by expiry */
    /* Why it is not packed. */
    enum unpacked_reason reason;
    enum setting limit_setting;
    uint64_t actual;
};

/* Says why a value is not packed. */
static inline void loaded_exceeds(struct loaded *loaded, enum unpacked_reason reason, enum setting setting,
                                  uint64_t actual)
{
    loaded->reason = reason;
    loaded->limit_setting = setting;
    loaded->actual = actual;
}

#endif
