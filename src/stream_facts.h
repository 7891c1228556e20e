/* What a record says of a stream beside its cost, gathered from the parser's events: who waits for what, since when. */
#ifndef STREAM_FACTS_H
#define STREAM_FACTS_H

#include "rdbparse.h"
#include "record.h"

struct stream_facts {
    struct record_stream stream;
    struct record_short_name group; /* the current one */
    struct record_consumer open;    /* likewise; only with in_consumer */
    bool in_consumer;
};

void stream_facts_begin(struct stream_facts *facts);
/* Takes the events of a stream; others pass. */
void stream_facts_add(struct stream_facts *facts, const struct rdb_event *event);
void stream_facts_end(struct stream_facts *facts);

#endif
