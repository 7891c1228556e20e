#include "ebuckets.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "plan_internal.h"

enum { SEGMENT = EBUCKETS_SEGMENT_ITEMS };

/* EB_EXPIRE_TIME_MAX: times have 48 bits (redis 7.4 src/ebuckets.h). */
static const uint64_t TIME_MASK = ((uint64_t)1 << 48) - 1;

struct ebucket {
    uint64_t time[SEGMENT]; /* of the first segment, sorted; all the same once there are more segments */
    uint32_t count;         /* in the first segment */
    uint32_t segments;
};

void ebuckets_init(struct ebuckets *ebuckets, const struct size_classes *classes, unsigned class_count)
{
    *ebuckets = (struct ebuckets){.classes = classes, .class_count = class_count};
    sorted_map_init(&ebuckets->by_key);
}

void ebuckets_release(struct ebuckets *ebuckets)
{
    free(ebuckets->bucket);
    sorted_map_release(&ebuckets->by_key);
}

void ebuckets_clear(struct ebuckets *ebuckets)
{
    ebuckets->items = ebuckets->played = ebuckets->next_segments = 0;
    ebuckets->bucket_count = 0;
    sorted_map_clear(&ebuckets->by_key);
}

/* Behind the items of the same time, as both the list and segments do (ebAddToList, ebSegAddAvail). */
static void insert_sorted(uint64_t *time, uint64_t count, uint64_t t)
{
    uint64_t i = count;
    while (i > 0 && time[i - 1] > t) {
        time[i] = time[i - 1];
        i--;
    }
    time[i] = t;
}

static struct ebucket *new_bucket(struct ebuckets *ebuckets, uint64_t key)
{
    ebuckets->bucket =
        grow(ebuckets->bucket, &ebuckets->bucket_capacity, ebuckets->bucket_count + 1, sizeof *ebuckets->bucket);
    sorted_map_put(&ebuckets->by_key, key, (uint32_t)ebuckets->bucket_count);
    struct ebucket *bucket = &ebuckets->bucket[ebuckets->bucket_count++];
    bucket->count = 0;
    bucket->segments = 1;
    return bucket;
}

static void add_single(struct ebuckets *ebuckets, uint64_t t)
{
    struct ebucket *bucket = new_bucket(ebuckets, t);
    bucket->time[0] = t;
    bucket->count = 1;
}

/* Where a full segment is cut: behind the last change of time in its first half, or behind the first one in its second
 * half when that is nearer to the middle. -1: all its times are the same. ebTrySegSplit. */
static int split_index(const struct ebucket *bucket)
{
    int best = -1, distance = SEGMENT / 2;
    for (int i = 0; i < SEGMENT - 1; i++) {
        if (bucket->time[i + 1] == bucket->time[i])
            continue;
        int from_middle = i < SEGMENT / 2 ? SEGMENT / 2 - i : i + 1 - SEGMENT / 2;
        if (i >= SEGMENT / 2 && from_middle >= distance)
            break;
        best = i;
        distance = from_middle;
    }
    return best;
}

static void split_and_add(struct ebuckets *ebuckets, uint32_t full, int index, uint64_t t)
{
    uint64_t key = ebuckets->bucket[full].time[index + 1];
    struct ebucket *right = new_bucket(ebuckets, key), *left = &ebuckets->bucket[full];
    right->count = (uint32_t)(SEGMENT - 1 - index);
    memcpy(right->time, left->time + index + 1, right->count * sizeof *right->time);
    left->count = (uint32_t)index + 1;
    struct ebucket *target = t < key ? left : right;
    insert_sorted(target->time, target->count++, t);
}

static void set_key(struct ebuckets *ebuckets, struct sorted_place place, uint64_t key)
{
    uint32_t bucket = sorted_map_value(&ebuckets->by_key, place);
    if (sorted_map_key(&ebuckets->by_key, place) == key)
        return;
    sorted_map_remove(&ebuckets->by_key, place);
    sorted_map_put(&ebuckets->by_key, key, bucket);
}

/* ebAddToRax and ebAddToBucket. */
static void add_to_tree(struct ebuckets *ebuckets, uint64_t t)
{
    struct sorted_place place;
    if (!sorted_map_floor(&ebuckets->by_key, t, &place)) {
        add_single(ebuckets, t);
        return;
    }
    uint32_t found = sorted_map_value(&ebuckets->by_key, place);
    struct ebucket *bucket = &ebuckets->bucket[found];
    if (bucket->segments == 1) {
        if (bucket->count < SEGMENT) {
            insert_sorted(bucket->time, bucket->count++, t);
            return;
        }
        int index = split_index(bucket);
        if (index >= 0) {
            split_and_add(ebuckets, found, index, t);
            return;
        }
    }
    uint64_t common = bucket->time[0]; /* of all items of the bucket */
    if (t != common) {
        if (t < common)
            set_key(ebuckets, place, common);
        add_single(ebuckets, t);
    } else if (bucket->count < SEGMENT) {
        bucket->time[bucket->count++] = t;
    } else {
        if (bucket->segments++ == 1)
            set_key(ebuckets, place, common);
        ebuckets->next_segments++;
        bucket->count = 1; /* a new first segment; the full one follows it */
    }
}

static void list_to_tree(struct ebuckets *ebuckets)
{
    struct ebucket *bucket = new_bucket(ebuckets, ebuckets->list[0]);
    memcpy(bucket->time, ebuckets->list, sizeof bucket->time);
    bucket->count = SEGMENT;
}

void ebuckets_add(struct ebuckets *ebuckets, int64_t expire_at_ms)
{
    uint64_t t = (uint64_t)expire_at_ms & TIME_MASK;
    ebuckets->items++;
    if (ebuckets->bucket_count >= EBUCKETS_MAX_BUCKETS)
        return;
    if (ebuckets->played < SEGMENT) {
        insert_sorted(ebuckets->list, ebuckets->played++, t);
        return;
    }
    if (ebuckets->played++ == SEGMENT)
        list_to_tree(ebuckets);
    add_to_tree(ebuckets, t);
}

static void measure_tree(const struct ebuckets *ebuckets, struct rax_sum *sum)
{
    struct rax_fixed tree;
    struct sorted_place place;
    rax_fixed_init(&tree, ebuckets->classes, ebuckets->class_count, 6, true);
    tree.max_collected = 0;
    bool more = sorted_map_first(&ebuckets->by_key, &place);
    for (; more; more = sorted_map_next(&ebuckets->by_key, &place))
        rax_fixed_add(&tree, &(struct rax_key){{sorted_map_key(&ebuckets->by_key, place) << 16, 0, 0}});
    rax_fixed_end(&tree, sum);
    rax_fixed_release(&tree);
}

void ebuckets_measure(const struct ebuckets *ebuckets, struct ebuckets_sum *sum)
{
    *sum = (struct ebuckets_sum){.has_tree = ebuckets->bucket_count > 0};
    if (!sum->has_tree)
        return;
    measure_tree(ebuckets, &sum->tree);
    sum->first_segments = ebuckets->bucket_count;
    sum->next_segments = ebuckets->next_segments;
    sum->is_coarse = ebuckets->items > ebuckets->played;
    if (!sum->is_coarse)
        return;
    double factor = (double)ebuckets->items / (double)ebuckets->played;
    rax_sum_extrapolate(&sum->tree, ebuckets->played, ebuckets->items);
    sum->first_segments = (uint64_t)((double)sum->first_segments * factor);
    sum->next_segments = (uint64_t)((double)sum->next_segments * factor);
}

uint64_t ebuckets_held(const struct ebuckets *ebuckets, unsigned allocator, uint64_t rax_header)
{
    struct ebuckets_sum sum;
    const struct size_classes *classes = &ebuckets->classes[allocator];
    ebuckets_measure(ebuckets, &sum);
    if (!sum.has_tree)
        return 0;
    return size_classes_held(classes, rax_header + EBUCKETS_COUNTER_BYTES) + sum.tree.held[allocator] +
           sum.first_segments * size_classes_held(classes, EBUCKETS_FIRST_SEGMENT_BYTES) +
           sum.next_segments * size_classes_held(classes, EBUCKETS_NEXT_SEGMENT_BYTES);
}
