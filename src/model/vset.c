#include "vset.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"

enum { NO_ITEM = UINT32_MAX };

/* VOLATILESET_BUCKET_INTERVAL_MIN and _MAX. */
static const uint64_t SHORT_WINDOW = 1 << 4, LONG_WINDOW = 1 << 13;

struct vset_item {
    uint64_t time;
    uint32_t next;
};

struct vset_bucket {
    uint64_t count;
    uint32_t first_item; /* of the chain; NO_ITEM in a table */
    bool is_table;
    bool is_resized; /* its vector came out of a split: sized as held, not as asked */
};

void vset_init(struct vset *vset)
{
    *vset = (struct vset){.free_item = NO_ITEM};
    sorted_map_init(&vset->by_key);
}

void vset_release(struct vset *vset)
{
    free(vset->bucket);
    free(vset->item);
    sorted_map_release(&vset->by_key);
}

void vset_clear(struct vset *vset)
{
    vset->items = vset->played = 0;
    vset->bucket_count = vset->item_count = 0;
    vset->free_item = NO_ITEM;
    sorted_map_clear(&vset->by_key);
}

static uint64_t window_end(uint64_t time, uint64_t window)
{
    return (time & ~(window - 1)) + window;
}

static bool pool_is_full(const struct vset *vset)
{
    return vset->item_count >= VSET_MAX_ITEMS && vset->free_item == NO_ITEM;
}

static void push(struct vset *vset, struct vset_bucket *bucket, uint64_t time)
{
    uint32_t item = vset->free_item;
    if (item != NO_ITEM) {
        vset->free_item = vset->item[item].next;
    } else {
        item = (uint32_t)vset->item_count;
        vset->item = grow(vset->item, &vset->item_capacity, vset->item_count + 1, sizeof *vset->item);
        vset->item_count++;
    }
    vset->item[item] = (struct vset_item){time, bucket->first_item};
    bucket->first_item = item;
    bucket->count++;
}

static struct vset_bucket *new_bucket(struct vset *vset, uint64_t key)
{
    vset->bucket = grow(vset->bucket, &vset->bucket_capacity, vset->bucket_count + 1, sizeof *vset->bucket);
    sorted_map_put(&vset->by_key, key, (uint32_t)vset->bucket_count);
    struct vset_bucket *bucket = &vset->bucket[vset->bucket_count++];
    *bucket = (struct vset_bucket){.first_item = NO_ITEM};
    return bucket;
}

static int compare_times(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Takes all items out of a bucket, into the pool of free ones; their times go to `time`, sorted. */
static void drain(struct vset *vset, struct vset_bucket *bucket, uint64_t time[VSET_VECTOR_MAX])
{
    unsigned count = 0;
    while (bucket->first_item != NO_ITEM) {
        struct vset_item *item = &vset->item[bucket->first_item];
        uint32_t next = item->next;
        time[count++] = item->time;
        item->next = vset->free_item;
        vset->free_item = bucket->first_item;
        bucket->first_item = next;
    }
    bucket->count = 0;
    qsort(time, count, sizeof *time, compare_times);
}

/* Where the short windows of two neighbours differ, as near to the middle as can be, the left one first
 * (findSplitPosition). The caller knows that there is such a place. */
static unsigned split_position(const uint64_t time[VSET_VECTOR_MAX])
{
    unsigned middle = VSET_VECTOR_MAX / 2;
    for (unsigned offset = 0; offset <= middle; offset++) {
        const unsigned place[2] = {middle - offset, middle + offset};
        for (unsigned i = 0; i < 2; i++)
            if (place[i] > 0 && place[i] < VSET_VECTOR_MAX &&
                window_end(time[place[i] - 1], SHORT_WINDOW) < window_end(time[place[i]], SHORT_WINDOW))
                return place[i];
    }
    return 0;
}

static void fill(struct vset *vset, uint32_t bucket, const uint64_t *time, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        push(vset, &vset->bucket[bucket], time[i]);
}

/* Makes room in a full vector (splitBucketIfPossible). false: its fields are all of one short window. */
static bool make_room(struct vset *vset, struct sorted_place place)
{
    uint64_t time[VSET_VECTOR_MAX];
    uint64_t key = sorted_map_key(&vset->by_key, place);
    uint32_t full = sorted_map_value(&vset->by_key, place);
    drain(vset, &vset->bucket[full], time);
    uint64_t first_end = window_end(time[0], SHORT_WINDOW);
    uint64_t last_end = window_end(time[VSET_VECTOR_MAX - 1], SHORT_WINDOW);
    if (last_end < key) {
        sorted_map_remove(&vset->by_key, place);
        sorted_map_put(&vset->by_key, last_end, full);
        fill(vset, full, time, VSET_VECTOR_MAX);
        return true;
    }
    if (first_end == last_end) {
        fill(vset, full, time, VSET_VECTOR_MAX);
        return false;
    }
    unsigned at = split_position(time);
    struct vset_bucket *left = new_bucket(vset, window_end(time[at - 1], SHORT_WINDOW));
    left->is_resized = vset->bucket[full].is_resized = true;
    fill(vset, (uint32_t)vset->bucket_count - 1, time, at);
    fill(vset, full, time + at, VSET_VECTOR_MAX - at);
    return true;
}

static void turn_into_table(struct vset *vset, struct vset_bucket *bucket)
{
    uint64_t time[VSET_VECTOR_MAX];
    drain(vset, bucket, time);
    bucket->is_table = true;
    bucket->count = VSET_VECTOR_MAX;
}

/* insertToBucket_RAX. */
static void add_to_tree(struct vset *vset, uint64_t time)
{
    struct sorted_place place;
    for (;;) {
        uint64_t window = window_end(time, LONG_WINDOW);
        if (!sorted_map_above(&vset->by_key, time, &place) || window < sorted_map_key(&vset->by_key, place)) {
            push(vset, new_bucket(vset, window), time);
            return;
        }
        struct vset_bucket *bucket = &vset->bucket[sorted_map_value(&vset->by_key, place)];
        if (bucket->is_table) {
            bucket->count++;
            return;
        }
        if (bucket->count < VSET_VECTOR_MAX) {
            push(vset, bucket, time);
            return;
        }
        if (!make_room(vset, place))
            turn_into_table(vset, &vset->bucket[sorted_map_value(&vset->by_key, place)]);
    }
}

/* The 128th field: the vector becomes a bucket whole, or is added field by field (vsetAddEntry). */
static void vector_to_tree(struct vset *vset)
{
    uint64_t window = window_end(vset->first[VSET_VECTOR_MAX - 1], LONG_WINDOW);
    if (window_end(vset->first[0], LONG_WINDOW) == window) {
        new_bucket(vset, window);
        fill(vset, 0, vset->first, VSET_VECTOR_MAX);
        return;
    }
    for (unsigned i = 0; i < VSET_VECTOR_MAX; i++)
        add_to_tree(vset, vset->first[i]);
}

void vset_add(struct vset *vset, int64_t expire_at_ms)
{
    uint64_t time = (uint64_t)expire_at_ms;
    vset->items++;
    if (vset->played < VSET_VECTOR_MAX) {
        uint64_t i = vset->played++;
        for (; i > 0 && vset->first[i - 1] > time; i--)
            vset->first[i] = vset->first[i - 1];
        vset->first[i] = time;
        return;
    }
    if (pool_is_full(vset))
        return;
    if (vset->played++ == VSET_VECTOR_MAX)
        vector_to_tree(vset);
    add_to_tree(vset, time);
}

static void measure_tree(const struct vset *vset, const struct size_classes *classes, unsigned class_count,
                         struct vset_sum *sum)
{
    struct rax_fixed tree;
    struct sorted_place place;
    rax_fixed_init(&tree, classes, class_count, 8, true);
    tree.max_collected = 0;
    bool more = sorted_map_first(&vset->by_key, &place);
    for (; more; more = sorted_map_next(&vset->by_key, &place)) {
        const struct vset_bucket *bucket = &vset->bucket[sorted_map_value(&vset->by_key, place)];
        rax_fixed_add(&tree, &(struct rax_key){{sorted_map_key(&vset->by_key, place), 0, 0}});
        if (bucket->is_table)
            sum->tables++;
        else if (bucket->count > 1 || bucket->is_resized) /* else a single field: a tagged pointer */
            sum->vectors[bucket->count]++;
        sum->fresh_pairs += !bucket->is_table && bucket->count == 2 && !bucket->is_resized;
    }
    rax_fixed_end(&tree, &sum->tree);
    rax_fixed_release(&tree);
}

void vset_measure(const struct vset *vset, const struct size_classes *classes, unsigned class_count,
                  struct vset_sum *sum)
{
    *sum = (struct vset_sum){.has_tree = vset->bucket_count > 0, .is_coarse = vset->items > vset->played};
    if (sum->has_tree) {
        measure_tree(vset, classes, class_count, sum);
    } else if (vset->played > 1) {
        sum->vectors[vset->played] = 1;
        sum->fresh_pairs = vset->played == 2;
    }
}

uint64_t vset_next_table(const struct vset *vset, size_t *at)
{
    while (*at < vset->bucket_count) {
        const struct vset_bucket *bucket = &vset->bucket[(*at)++];
        if (bucket->is_table)
            return bucket->count;
    }
    return 0;
}
