/* Private: how a fault is recorded, once, where it is found. */
#ifndef RDB_ERROR_H
#define RDB_ERROR_H

#include "rdbparse.h"

/* Fills *error (may be NULL) and returns `status`, so that a caller can write `return rdb_error_set(...)`. `offset` is
 * in the unwrapped snapshot; the text is cut at the size of struct rdb_error's message. */
enum rdb_status rdb_error_set(struct rdb_error *error, enum rdb_status status, uint64_t offset, const char *format, ...)
    __attribute__((cold, format(printf, 4, 5)));

#endif
