/* A string key before there is a record of it: enough to tell whether it is like others that came (collect/alike.h),
 * for of most strings nothing else is wanted. It has no expiry and no time of its last use, no one looks into its
 * value, and its lengths and database are below 2^PLAIN_STRING_BITS. */
#ifndef PLAIN_STRING_H
#define PLAIN_STRING_H

#include <stdint.h>

enum { PLAIN_STRING_BITS = 16 };

struct plain_string {
    const uint8_t *name; /* whole; borrowed while the string is being added */
    uint32_t name_len;
    uint32_t len; /* of the value */
    uint64_t db;
    uint64_t saved; /* bytes that LZF saves on the value in the file */
    uint64_t flags; /* string_kind_flags */
};

#endif
