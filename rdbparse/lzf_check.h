/* Private: whether LZF bytes unpack, found without unpacking them: each step is within what came before it, and all
 * steps together make the length that the string claims. Takes a string of any length piece by piece. */
#ifndef RDB_LZF_CHECK_H
#define RDB_LZF_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rdb_lzf_check {
    uint64_t made;     /* bytes that the steps so far make */
    uint64_t literals; /* still to come of a step that copies its own bytes */
    unsigned control;  /* of a step that goes back, whose other bytes are still to come; 0: none */
    unsigned length;   /* of that step: bytes it makes; 0: not known yet */
    bool failed;
};

/* Starts zeroed. */
void rdb_lzf_check_bytes(struct rdb_lzf_check *check, const uint8_t *bytes, size_t count);
/* Behind the last byte: whether they make exactly `len`. */
bool rdb_lzf_check_end(const struct rdb_lzf_check *check, uint64_t len);

#endif
