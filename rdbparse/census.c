#include "census.h"

#include <inttypes.h>
#include <stdlib.h>

#include "parser.h"

struct rdb_census *rdb_census_new(void)
{
    struct rdb_census *census = calloc(1, sizeof *census);
    if (census)
        census->database = &census->databases[0];
    return census;
}

void rdb_census_free(struct rdb_census *census)
{
    free(census);
}

void rdb_census_member_expiry(struct rdb_census *census)
{
    if (census->member_expiry || census->last_key_expires)
        return;
    census->member_expiry = true;
    census->database->read.expires++;
    census->slot.read.expires++;
}

static bool differs(const struct rdb_claim *claim)
{
    return claim->made && (claim->claimed.keys != claim->read.keys || claim->claimed.expires != claim->read.expires);
}

static enum rdb_status report(struct rdb_parser *parser, const struct rdb_claim *claim, const char *scope,
                              uint64_t number)
{
    if (parser->is_part || !differs(claim))
        return RDB_OK;
    return rdb_emit_finding(parser, RDB_FINDING_COUNT_MISMATCH, claim->offset,
                            "%s %" PRIu64 " announces %" PRIu64 " keys, %" PRIu64 " of them expiring; %" PRIu64
                            " and %" PRIu64 " were read",
                            scope, number, claim->claimed.keys, claim->claimed.expires, claim->read.keys,
                            claim->read.expires);
}

/* Valkey's forkless save announces all slots first: then only the sum can be compared. */
static enum rdb_status close_slot(struct rdb_parser *parser)
{
    struct rdb_census *census = parser->census;
    struct rdb_claim *slot = &census->slot;
    if (!slot->made)
        return RDB_OK;
    census->slots_up_front |= slot->claimed.keys > 0 && slot->read.keys == 0;
    if (!census->slots_up_front)
        return report(parser, slot, "slot", census->slot_number);
    if (!census->slots.made)
        census->slots.offset = slot->offset;
    census->slots.made = true;
    census->slots.claimed.keys += slot->claimed.keys;
    census->slots.claimed.expires += slot->claimed.expires;
    census->slots.read.keys += slot->read.keys;
    census->slots.read.expires += slot->read.expires;
    return RDB_OK;
}

enum rdb_status rdb_census_select(struct rdb_parser *parser, uint64_t database)
{
    struct rdb_census *census = parser->census;
    RDB_TRY(census->slots_up_front ? RDB_OK : close_slot(parser));
    if (!census->slots_up_front)
        census->slot = (struct rdb_claim){0};
    census->database = &census->databases[database < RDB_CENSUS_DATABASES ? database : RDB_CENSUS_DATABASES];
    return RDB_OK;
}

void rdb_census_resizedb(struct rdb_census *census, struct rdb_tally claimed, uint64_t offset)
{
    census->database->made = true;
    census->database->claimed = claimed;
    census->database->offset = offset;
}

enum rdb_status rdb_census_slot(struct rdb_parser *parser, uint64_t slot, struct rdb_tally claimed, uint64_t offset)
{
    struct rdb_census *census = parser->census;
    RDB_TRY(close_slot(parser));
    census->slot = (struct rdb_claim){.claimed = claimed, .offset = offset, .made = true};
    census->slot_number = slot;
    return RDB_OK;
}

enum rdb_status rdb_census_report(struct rdb_census *census, struct rdb_parser *parser)
{
    RDB_TRY(close_slot(parser));
    RDB_TRY(report(parser, &census->slots, "the slots, before all keys, from slot", census->slot_number));
    for (uint64_t i = 0; i < RDB_CENSUS_DATABASES; i++)
        RDB_TRY(report(parser, &census->databases[i], "database", i));
    return RDB_OK;
}
