/* Grouping: small strings and hashes as fields of larger hashes. The rule is one that clients can follow without asking
 * anybody: the last digits of the last number in the name become the field (of a hash: in front of its fields, with a
 * colon), an x stands in the name for each of them. With two digits user:12345:name is field 45 of hash
 * user:123xx:name. How many digits follows from the limit on packed hashes for strings; of hashes ten are grouped.
 *
 * Keys whose names end in an id with letters in it (a UUID, hexadecimal digits, random letters) are spread by
 * CRC-32, the one of gzip that every language has: the whole id becomes the field (of a hash it goes in front of each
 * of its fields), and in the name its place is taken by a # and the first hexadecimal digits of its CRC. With two
 * digits session:6fa459ea-ee8a-3ca4-894e-db77e160355e is a field of hash session:#38. How many digits is chosen once
 * all keys are known: the fewest that keep every hash under the limits and within GROUPING_LONGEST_HASH bytes. Parts of
 * an id would save more, but ids that begin or end with a time or a node (UUID 1 and 7, ULID, ObjectId) would all meet
 * in one hash. The # keeps such hashes apart from keys that have a short number there.
 *
 * A number, date or address as long as an id (GROUPING_SHORTEST_ID) may be one: hexadecimal digits that happen to have
 * no letter, or numbers drawn by lot, which hardly ever share all but their last digits. Of patterns that have ids they
 * are ids, so that one rule is for all of them; of others they are what saves more.
 *
 * Expiries of keys become those of fields: of a hash, of each of its fields. Where a hash with such a field is a table
 * (Valkey 9.0), rules put no more of them into a hash than a table's index of expiries has in one vector: its size
 * would depend on the times else.
 *
 * A cell is one hash that would come of it, with the bytes of its entries, so that its cost is exact. Up to
 * GROUPING_CELLS of them are kept; keys that would begin another one are counted as left. */
#ifndef GROUPING_H
#define GROUPING_H

#include "alternatives.h"

/* What a table of 2^19 holds before it grows. */
enum { GROUPING_CELLS = (3 << 17) - 16, GROUPING_MAX_DIGITS = 3, GROUPING_HASHES = 10 };
enum { GROUPING_SHORTEST_ID = 8, GROUPING_BUCKET_DIGITS = 4, GROUPING_LONGEST_HASH = 8 << 10 };

/* The first GROUPING_BUCKET_DIGITS hexadecimal digits of an id's CRC-32. */
uint16_t grouping_bucket(const uint8_t *id, size_t len);

/* `cells`: how many are kept; 0: GROUPING_CELLS. */
struct grouping *grouping_new(const struct plan *plan, uint32_t cells);
void grouping_free(struct grouping *grouping);
/* A string or packed hash, which takes that many bytes. What is added shows in the row after grouping_flush. */
void grouping_add(struct grouping *grouping, struct alternative_row *row, const struct key_pattern *pattern,
                  const struct record *record, uint64_t bytes);
/* What strings that are alike (alike.h) have in common on their way into hashes. */
struct grouped_key {
    struct alternative_row *row;
    uint32_t bytes, entries; /* size_in_bytes; of fields and values in a hash, here without the field */
    uint16_t fields, bucket;
    uint8_t name_len, kind;
    bool has_expiry;
    uint8_t digits; /* of their names' last number that become the field; 0: nothing is prepared for them */
};
/* Of the first one, which takes that many bytes; and then one by one, where its name is no better example than the ones
 * before (grouping_names_upto: collector.h, names_upto). `record`: NULL where there is none yet. False: there must be
 * one, or nothing is prepared for it and it goes through grouping_add. */
void grouping_prepare(const struct grouping *grouping, struct alternative_row *row, const struct key_pattern *pattern,
                      const struct record *record, uint64_t bytes, struct grouped_key *prepared);
bool grouping_add_prepared(struct grouping *grouping, const struct grouped_key *prepared,
                           const struct key_pattern *pattern, const uint8_t *name, const struct record *record);
uint64_t grouping_names_upto(const struct grouped_key *prepared, const struct record *record, size_t from);
/* There was no room for a key, in the cells or in its own: which one that was depends on their order. */
bool grouping_is_crowded(const struct grouping *grouping);
/* collector.h, is_large(). */
bool grouping_is_large(const struct grouping *grouping, unsigned sharers);
/* Takes the better of both examples. */
void grouping_merge_example(struct alternative_row *to, const struct alternative_row *from);
/* To be called before rows move, are changed by others or are read. */
void grouping_flush(struct grouping *grouping);
/* Puts other hashes in place of those of names: hiding.h. */
void grouping_hide(struct alternatives *alternatives, const struct doc_hider *hider);
/* Once rows are merged. `serial`: by the serial of other's rows that of ours; UINT32_MAX: dropped. */
void grouping_merge(struct alternatives *alternatives, const struct grouping *other, const uint32_t *serial);
/* The cells of the rows order[0..rows), of those with more than there is room for a sample; and back into rows that
 * have been read, in their order. */
void grouping_write(const struct alternatives *alternatives, const uint32_t *order, size_t rows,
                    struct archive *archive);
void grouping_read(struct alternatives *alternatives, struct archive *archive);

/* What a row would come to. */
struct grouping_result {
    uint64_t hashes;
    uint64_t after; /* size_in_bytes of the hashes, expiries as fields have them; without them where none can */
    uint64_t timed_hashes, after_untimed; /* hashes with such expiries; `after` if no field had one */
    int64_t saved;                        /* of keys and hashes and of the tables of the database */
    bool is_estimate;                     /* from a sample of the hashes */
    uint64_t off_by;                      /* then: `after` is this near the truth with a probability of 95 % */
    bool loses_expiry;
    bool has_numbers;      /* some names are split by the rule of numbers */
    bool has_ids;          /* there are ids that are no numbers */
    bool has_as_ids;       /* numbers as long as an id are taken for ids */
    bool is_too_many;      /* ids, of which no number of digits keeps the hashes packed: left as they are */
    uint8_t bucket_digits; /* of names with ids; 0: there are none */
};
/* One result a row, by its index; made once, and kept until the next grouping_flush. */
const struct grouping_result *grouping_results(const struct collect_context *context);
/* Whether a row's result is to be recommended: it loses nothing, and nearly all keys of the pattern take part. */
bool grouping_is_clean(const struct alternative_row *row, const struct grouping_result *result);

#endif
