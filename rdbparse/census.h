/* Private: what the file announces of its keys (RESIZEDB, slot info) against what was read. */
#ifndef RDB_CENSUS_H
#define RDB_CENSUS_H

#include "rdbparse.h"

struct rdb_parser;

struct rdb_tally {
    uint64_t keys, expires;
};

/* What was announced, and what was read in its scope. */
struct rdb_claim {
    struct rdb_tally claimed, read;
    uint64_t offset; /* of the announcement */
    bool made;
};

/* Databases beyond this number are counted together and not compared. */
enum { RDB_CENSUS_DATABASES = 4096 };

struct rdb_census {
    struct rdb_claim *database; /* the selected one */
    struct rdb_claim slot;      /* the slot whose keys are being read */
    uint64_t slot_number;
    struct rdb_claim slots; /* all of them, where the file announces them before the keys */
    bool slots_up_front;
    bool member_expiry; /* KeyDB: the last key was counted for its members' expiry */
    bool last_key_expires;
    struct rdb_claim databases[RDB_CENSUS_DATABASES + 1];
};

/* NULL when out of memory. */
struct rdb_census *rdb_census_new(void);
void rdb_census_free(struct rdb_census *census);

static inline void rdb_census_key(struct rdb_census *census, bool has_expiry)
{
    census->database->read.keys++;
    census->database->read.expires += has_expiry;
    census->slot.read.keys++;
    census->slot.read.expires += has_expiry;
    census->member_expiry = false;
    census->last_key_expires = has_expiry;
}

/* KeyDB keeps keys with expiring members among the expiring ones. */
void rdb_census_member_expiry(struct rdb_census *census);
RDB_MUST_CHECK enum rdb_status rdb_census_select(struct rdb_parser *parser, uint64_t database);
void rdb_census_resizedb(struct rdb_census *census, struct rdb_tally claimed, uint64_t offset);
RDB_MUST_CHECK enum rdb_status rdb_census_slot(struct rdb_parser *parser, uint64_t slot, struct rdb_tally claimed,
                                               uint64_t offset);
/* Delivers a finding for every difference. */
RDB_MUST_CHECK enum rdb_status rdb_census_report(struct rdb_census *census, struct rdb_parser *parser);

#endif
