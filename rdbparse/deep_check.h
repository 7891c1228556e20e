/* Private: what a deep parse asks beyond the form of blobs, as servers do with sanitize-dump-payload yes: no
 * duplicates, order, numbers where numbers belong, the grammar of stream nodes, pending lists that fit together. */
#ifndef RDB_DEEP_CHECK_H
#define RDB_DEEP_CHECK_H

#include "fingerprints.h"
#include "rdbparse.h"

struct rdb_parser;

/* What entries of a blob mean. */
enum rdb_check_kind {
    RDB_CHECK_NOTHING, /* a list's */
    RDB_CHECK_MEMBERS, /* the first of each group is unique; groups of three end with an expiry */
    RDB_CHECK_SCORES,  /* the same, followed by a score */
    RDB_CHECK_INTSET,
    RDB_CHECK_STREAM
};

/* What may be wrong. One row of texts each, in deep_check.c. */
enum rdb_violation {
    RDB_VIOLATION_DUPLICATE,
    RDB_VIOLATION_EMPTY,
    RDB_VIOLATION_NOT_ASCENDING,
    RDB_VIOLATION_SCORE,
    RDB_VIOLATION_EXPIRY,
    RDB_VIOLATION_EXPIRY_ORDER,
    RDB_VIOLATION_STREAM_NUMBER,
    RDB_VIOLATION_STREAM_MASTER,
    RDB_VIOLATION_STREAM_COUNT,
    RDB_VIOLATION_STREAM_EMPTY,
    RDB_VIOLATION_STREAM_DELETED,
    RDB_VIOLATION_STREAM_ENTRIES,
    RDB_VIOLATION_STREAM_ID,
    RDB_VIOLATION_STREAM_END,
    RDB_VIOLATION_COUNT
};

/* Where a stream node's walk is: each value says what the next entry must be. */
enum rdb_stream_step {
    RDB_STREAM_COUNT,
    RDB_STREAM_DELETED,
    RDB_STREAM_FIELDS,
    RDB_STREAM_MASTER_FIELD,
    RDB_STREAM_MASTER_END,
    RDB_STREAM_FLAGS,
    RDB_STREAM_MS,
    RDB_STREAM_SEQ,
    RDB_STREAM_ENTRY_FIELDS,
    RDB_STREAM_TEXT,
    RDB_STREAM_SIZE
};

struct rdb_stream_check {
    enum rdb_stream_step step;
    struct rdb_id node, before;      /* the node's id; the entry before */
    uint64_t left;                   /* texts until the next step */
    int64_t live, deleted, fields;   /* as the node's head says */
    int64_t seen_live, seen_deleted; /* as its entries say */
    int64_t flags, ms, size;         /* of the entry */
    bool has_before, failed;
    bool node_behind;            /* its id is not above what came before */
    uint64_t stream_live, nodes; /* of the whole stream */
    struct rdb_id last;          /* its greatest id */
};

struct rdb_check {
    enum rdb_check_kind kind;
    unsigned arity;
    uint64_t entries; /* of the blob, so far */
    struct rdb_fingerprints members;
    int64_t before; /* intset: the integer before; triples: the expiry before */
    bool has_before;
    uint32_t found;                         /* a bit for each violation */
    uint64_t entry_of[RDB_VIOLATION_COUNT]; /* the first entry with it */
    struct rdb_stream_check stream;
    struct rdb_fingerprints pending, owned, groups, consumers, producers;
};

/* NULL when out of memory. */
struct rdb_check *rdb_check_new(void);
void rdb_check_free(struct rdb_check *check);

/* A new value starts. */
void rdb_check_value(struct rdb_check *check);
/* A member of a value stored element by element. False: it was there before. */
bool rdb_check_member(struct rdb_check *check, const struct rdb_string *member);

/* Likewise, with a finding at `offset`. The event being made of the element stays as it is. */
RDB_MUST_CHECK enum rdb_status rdb_check_element(struct rdb_parser *parser, const struct rdb_string *member,
                                                 uint64_t offset);

/* A blob starts; its entries follow; what they violate is delivered as findings at `offset`. */
void rdb_check_blob(struct rdb_check *check, enum rdb_check_kind kind, unsigned arity);
void rdb_check_entries(struct rdb_check *check, const struct rdb_string *entries, size_t count);
RDB_MUST_CHECK enum rdb_status rdb_check_report(struct rdb_parser *parser, uint64_t offset);

static inline void rdb_check_note(struct rdb_check *check, enum rdb_violation violation, uint64_t entry)
{
    if (!(check->found >> violation & 1))
        check->entry_of[violation] = entry;
    check->found |= UINT32_C(1) << violation;
}

/* ---- streams (deep_stream.c) ---- */

void rdb_check_stream_start(struct rdb_check *check);
void rdb_check_stream_node(struct rdb_check *check, struct rdb_id id);
void rdb_check_stream_entries(struct rdb_check *check, const struct rdb_string *entries, size_t count);
void rdb_check_stream_node_end(struct rdb_check *check);
RDB_MUST_CHECK enum rdb_status rdb_check_stream_meta(struct rdb_parser *parser, const struct rdb_stream_meta *meta,
                                                     uint64_t offset);
RDB_MUST_CHECK enum rdb_status rdb_check_stream_group(struct rdb_parser *parser, const struct rdb_stream_group *group,
                                                      uint64_t offset);
RDB_MUST_CHECK enum rdb_status rdb_check_stream_pending(struct rdb_parser *parser,
                                                        const struct rdb_stream_pending *pending, uint64_t offset);
RDB_MUST_CHECK enum rdb_status rdb_check_stream_consumer(struct rdb_parser *parser,
                                                         const struct rdb_stream_consumer *consumer, uint64_t offset);
RDB_MUST_CHECK enum rdb_status rdb_check_stream_producer(struct rdb_parser *parser,
                                                         const struct rdb_stream_producer *producer, uint64_t offset);
/* Behind all of a group: every pending entry has an owner. */
RDB_MUST_CHECK enum rdb_status rdb_check_stream_group_end(struct rdb_parser *parser, uint64_t offset);

#endif
