/* Private: what a deep parse asks of entries beyond their form: no duplicates, order, numbers where numbers belong. */
#ifndef RDB_DEEP_CHECK_H
#define RDB_DEEP_CHECK_H

#include "rdbparse.h"

struct rdb_check;
void rdb_check_entries(struct rdb_check *check, const struct rdb_string *entries, size_t count);

#endif
