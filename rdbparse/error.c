#include "error.h"

#include <stdarg.h>
#include <stdio.h>

enum rdb_status rdb_error_set(struct rdb_error *error, enum rdb_status status, uint64_t offset, const char *format, ...)
{
    if (!error)
        return status;
    error->status = status;
    error->offset = offset;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return status;
}

const char *rdb_status_name(enum rdb_status status)
{
    static const char *const names[] = {
        [RDB_OK] = "ok",
        [RDB_SKIP] = "skip",
        [RDB_STOPPED] = "stopped",
        [RDB_ERR_NO_MEMORY] = "out of memory",
        [RDB_ERR_READ] = "cannot be read",
        [RDB_ERR_NOT_RDB] = "not a snapshot",
        [RDB_ERR_VERSION] = "unknown version",
        [RDB_ERR_TRUNCATED] = "truncated",
        [RDB_ERR_CORRUPT] = "corrupt",
        [RDB_ERR_UNSUPPORTED] = "unsupported",
        [RDB_ERR_LIMIT] = "limit reached",
    };
    if ((size_t)status >= sizeof names / sizeof *names || !names[status])
        return "unknown status";
    return names[status];
}
