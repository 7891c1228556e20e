#include "stream_packer.h"

#include "packed_size.h"

/* 0 says that there is none. */
static uint64_t limit_of(int64_t value)
{
    return value ? (uint64_t)value : UINT64_MAX;
}

void stream_packers_add(struct stream_packers *packers, struct shape *shape, int64_t max_bytes, int64_t max_entries)
{
    packers->packer[packers->count++] =
        (struct stream_packer){.shape = shape, .max_bytes = limit_of(max_bytes), .max_entries = limit_of(max_entries)};
}

void stream_packers_begin(struct stream_packers *packers)
{
    packers->entries = packers->bytes = packers->worst = 0;
    packers->entries_end = packers->worst_end = 0;
    for (unsigned i = 0; i < packers->count; i++) {
        struct stream_packer *packer = &packers->packer[i];
        packer->entries = packer->counted_entries = packer->counted_bytes = 0;
        packer->entries_end = packer->worst_end = 0;
    }
}

/* ---- one node ------------------------------------------------------------------------------------------------------
 */

static void close_node(struct stream_packer *packer)
{
    if (packer->entries)
        shape_stream_node(packer->shape, packer->ms, packer->seq,
                          packer->len + listpack_integer_entry((int64_t)packer->entries));
    packer->entries = 0;
}

/* The node's own entries: items, deleted ones, number of fields, their names, a terminator. */
static void open_node(struct stream_packer *packer, const struct stream_entry *entry)
{
    packer->ms = entry->ms;
    packer->seq = entry->seq;
    packer->names = entry->names;
    packer->len = LISTPACK_FRAME + listpack_integer_entry(0) + listpack_integer_entry((int64_t)entry->fields) +
                  entry->names_packed + listpack_integer_entry(0);
}

/* Of an entry with the names of the node's first one, without its id: flags, values, how many items it has. */
static inline uint64_t bytes_of_same(const struct stream_entry *entry)
{
    enum { SAME_FIELDS = 2 };
    return listpack_integer_entry(SAME_FIELDS) + entry->values_packed +
           listpack_integer_entry((int64_t)(entry->fields + 3));
}

static uint64_t bytes_of_other(const struct stream_entry *entry)
{
    return listpack_integer_entry(0) + listpack_integer_entry((int64_t)entry->fields) + entry->names_packed +
           entry->values_packed + listpack_integer_entry((int64_t)(2 * entry->fields + 4));
}

static uint64_t id_bytes_of(const struct stream_packer *packer, const struct stream_entry *entry)
{
    return listpack_integer_entry((int64_t)(entry->ms - packer->ms)) +
           listpack_integer_entry((int64_t)(entry->seq - packer->seq));
}

static void push_to(struct stream_packer *packer, const struct stream_entry *entry)
{
    uint64_t len = packer->len + listpack_integer_entry((int64_t)packer->entries);
    if (packer->entries == 0 || packer->entries >= packer->max_entries || len + entry->text_len >= packer->max_bytes) {
        close_node(packer);
        open_node(packer, entry);
    }
    packer->len +=
        (packer->names == entry->names ? bytes_of_same(entry) : bytes_of_other(entry)) + id_bytes_of(packer, entry);
    packer->entries++;
}

/* ---- several at once -----------------------------------------------------------------------------------------------
 */

static inline bool window_has(const struct id_window *window, uint64_t value)
{
    return value - window->from < window->span;
}

/* The values whose distance from `first` takes as many bytes as that of `value`. None where sums could overflow. */
static struct id_window window_around(uint64_t first, uint64_t value)
{
    static const uint64_t end[] = {UINT64_C(1) << 7,  UINT64_C(1) << 12, UINT64_C(1) << 15,
                                   UINT64_C(1) << 23, UINT64_C(1) << 31, UINT64_C(1) << 62};
    uint64_t distance = value - first, from = 0;
    for (unsigned i = 0; first <= INT64_MAX && i < sizeof(end) / sizeof(*end); i++) {
        if (distance < end[i])
            return (struct id_window){first + from, end[i] - from};
        from = end[i];
    }
    return (struct id_window){0, 0};
}

static struct id_window window_of_both(const struct id_window *a, const struct id_window *b)
{
    uint64_t from = a->from > b->from ? a->from : b->from;
    uint64_t a_end = a->from + a->span, b_end = b->from + b->span, end = a_end < b_end ? a_end : b_end;
    return (struct id_window){from, end > from ? end - from : 0};
}

static uint64_t end_from(uint64_t now, uint64_t room)
{
    return room < UINT64_MAX - now ? now + room : UINT64_MAX;
}

/* The packer takes part in what has been counted since it was looked at. */
static void catch_up(const struct stream_packers *packers, struct stream_packer *packer)
{
    uint64_t entries = packers->entries - packer->counted_entries;
    packer->entries += entries;
    packer->len += packers->bytes - packer->counted_bytes + entries * packer->id_bytes;
    packer->counted_entries = packers->entries;
    packer->counted_bytes = packers->bytes;
}

static bool takes(const struct stream_packers *packers, const struct stream_packer *packer,
                  const struct stream_entry *entry)
{
    return packer->names == entry->names && packers->entries < packer->entries_end &&
           packers->worst + entry->text_len < packer->worst_end && window_has(&packer->ms_window, entry->ms) &&
           window_has(&packer->seq_window, entry->seq);
}

/* Says what the packer takes from now on. `entry`: the last one, which is in and has been counted. */
static void look_ahead(const struct stream_packers *packers, struct stream_packer *packer,
                       const struct stream_entry *entry)
{
    enum { COUNT_MOST = 10 }; /* bytes of the entry that counts the node's items */
    packer->counted_entries = packers->entries;
    packer->counted_bytes = packers->bytes;
    packer->id_bytes = id_bytes_of(packer, entry);
    packer->ms_window = window_around(packer->ms, entry->ms);
    packer->seq_window = window_around(packer->seq, entry->seq);
    packer->entries_end = end_from(packers->entries, packer->max_entries - packer->entries);
    bool has_room = packer->names == entry->names && packer->len + COUNT_MOST < packer->max_bytes;
    packer->worst_end = has_room ? end_from(packers->worst, packer->max_bytes - packer->len - COUNT_MOST) : 0;
}

static uint64_t lower(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void look_at_each(struct stream_packers *packers, const struct stream_entry *entry, uint64_t bytes)
{
    bool was_taken[sizeof(packers->packer) / sizeof(*packers->packer)];
    for (unsigned i = 0; i < packers->count; i++) {
        struct stream_packer *packer = &packers->packer[i];
        was_taken[i] = takes(packers, packer, entry);
        if (was_taken[i])
            continue;
        catch_up(packers, packer);
        push_to(packer, entry);
    }
    packers->entries++;
    packers->bytes += bytes;
    packers->worst += bytes + packers->id_most;
    packers->names = entry->names;
    packers->id_most = 0;
    packers->entries_end = packers->worst_end = UINT64_MAX;
    packers->ms_window = packers->seq_window = (struct id_window){0, UINT64_MAX};
    for (unsigned i = 0; i < packers->count; i++) {
        struct stream_packer *packer = &packers->packer[i];
        if (!was_taken[i])
            look_ahead(packers, packer, entry);
        packers->id_most = packer->id_bytes > packers->id_most ? packer->id_bytes : packers->id_most;
        packers->entries_end = lower(packers->entries_end, packer->entries_end);
        packers->worst_end = lower(packers->worst_end, packer->worst_end);
        packers->ms_window = window_of_both(&packers->ms_window, &packer->ms_window);
        packers->seq_window = window_of_both(&packers->seq_window, &packer->seq_window);
    }
}

void stream_packers_push(struct stream_packers *packers, const struct stream_entry *entry)
{
    const uint64_t bytes = bytes_of_same(entry);
    if (packers->names != entry->names || packers->entries >= packers->entries_end ||
        packers->worst + entry->text_len >= packers->worst_end || !window_has(&packers->ms_window, entry->ms) ||
        !window_has(&packers->seq_window, entry->seq)) {
        look_at_each(packers, entry, bytes);
        return;
    }
    packers->entries++;
    packers->bytes += bytes;
    packers->worst += bytes + packers->id_most;
}

void stream_packers_end(struct stream_packers *packers)
{
    for (unsigned i = 0; i < packers->count; i++) {
        catch_up(packers, &packers->packer[i]);
        close_node(&packers->packer[i]);
    }
}
