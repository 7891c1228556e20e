#include "stream_entries.h"

#include "model/packed_size.h"

enum { BATCH = 64, DELETED = 1, SAME_FIELDS = 2 };

struct reader {
    const struct rdb_packed *packed;
    struct rdb_string item[BATCH];
    size_t at, count;
};

/* NULL at the end. Valid until the next one. */
static const struct rdb_string *next(struct reader *r)
{
    if (r->at == r->count) {
        r->count = rdb_packed_read(r->packed, r->item, BATCH);
        r->at = 0;
        if (r->count == 0)
            return NULL;
    }
    return &r->item[r->at++];
}

static bool next_integer(struct reader *r, int64_t *value)
{
    const struct rdb_string *item = next(r);
    if (!item || item->form != RDB_STRING_INT)
        return false;
    *value = item->value;
    return true;
}

static uint64_t packed_of(const struct rdb_string *item)
{
    return item->form == RDB_STRING_INT ? listpack_integer_entry(item->value) : listpack_text_entry(item->len);
}

static uint64_t mixed(uint64_t hash, const struct rdb_string *item)
{
    const uint64_t factor = UINT64_C(0x9fb21c651e98df25);
    if (item->form == RDB_STRING_INT)
        return (hash ^ (uint64_t)item->value) * factor + 1;
    for (uint32_t i = 0; i < item->bytes_len; i++)
        hash = (hash ^ item->bytes[i]) * factor;
    hash = (hash ^ item->len) * factor;
    return hash ^ hash >> 32;
}

static bool add_name(struct reader *r, struct stream_entry *entry)
{
    const struct rdb_string *item = next(r);
    if (!item)
        return false;
    entry->names = mixed(entry->names, item);
    entry->names_packed += packed_of(item);
    entry->text_len += item->len;
    return true;
}

static bool add_value(struct reader *r, struct stream_entry *entry)
{
    const struct rdb_string *item = next(r);
    if (!item)
        return false;
    entry->values_packed += packed_of(item);
    entry->text_len += item->len;
    return true;
}

/* Items, deleted ones, number of fields, names, 0. */
static bool read_master(struct reader *r, struct stream_entry *master)
{
    int64_t items, deleted, fields, end;
    *master = (struct stream_entry){.names = 1};
    if (!next_integer(r, &items) || !next_integer(r, &deleted) || !next_integer(r, &fields) || fields < 0)
        return false;
    master->fields = (uint64_t)fields;
    for (int64_t i = 0; i < fields; i++)
        if (!add_name(r, master))
            return false;
    return next_integer(r, &end);
}

static bool read_entry(struct reader *r, const struct stream_entry *master, struct stream_entry *entry, int64_t *flags)
{
    int64_t ms, seq, fields = (int64_t)master->fields, items;
    if (!next_integer(r, flags) || !next_integer(r, &ms) || !next_integer(r, &seq))
        return false;
    bool same = *flags & SAME_FIELDS;
    *entry = *master;
    if (!same) {
        *entry = (struct stream_entry){.names = 1};
        if (!next_integer(r, &fields) || fields < 0)
            return false;
    }
    entry->fields = (uint64_t)fields;
    entry->ms = (uint64_t)ms;
    entry->seq = (uint64_t)seq;
    for (int64_t i = 0; i < fields; i++)
        if ((!same && !add_name(r, entry)) || !add_value(r, entry))
            return false;
    return next_integer(r, &items);
}

void stream_entries_read(const struct rdb_packed *packed, uint64_t ms, uint64_t seq, struct node_rewrites *rewrites)
{
    struct reader r = {.packed = packed};
    struct stream_entry master, entry;
    int64_t flags;
    if (!read_master(&r, &master))
        return;
    while (read_entry(&r, &master, &entry, &flags)) {
        entry.ms += ms;
        entry.seq += seq;
        if (!(flags & DELETED))
            node_rewrites_stream_entry(rewrites, &entry);
    }
}
