#include "sorted_map.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"

enum { BLOCK_KEYS = 64 };

struct sorted_block {
    uint32_t count;
    uint32_t value[BLOCK_KEYS];
    uint64_t key[BLOCK_KEYS];
};

void sorted_map_init(struct sorted_map *map)
{
    *map = (struct sorted_map){0};
}

void sorted_map_clear(struct sorted_map *map)
{
    map->block_count = map->count = 0;
}

void sorted_map_release(struct sorted_map *map)
{
    for (size_t i = 0; i < map->allocated; i++)
        free(map->block[i]);
    free(map->block);
    sorted_map_init(map);
}

/* The number of blocks whose first key is <= key. */
static size_t blocks_from(const struct sorted_map *map, uint64_t key)
{
    size_t low = 0, high = map->block_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (map->block[middle]->key[0] <= key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The number of keys <= key in a block. */
static size_t slots_from(const struct sorted_block *block, uint64_t key)
{
    size_t low = 0, high = block->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (block->key[middle] <= key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert_block(struct sorted_map *map, size_t at)
{
    if (map->block_count == map->allocated) {
        size_t unused = 0;
        map->block = grow(map->block, &map->block_capacity, map->allocated + 1, sizeof(struct sorted_block *));
        map->block[map->allocated++] = grow(NULL, &unused, 1, sizeof **map->block);
    }
    struct sorted_block *block = map->block[map->block_count];
    memmove(map->block + at + 1, map->block + at, (map->block_count - at) * sizeof *map->block);
    map->block[at] = block;
    block->count = 0;
    map->block_count++;
}

static void split_block(struct sorted_map *map, size_t at)
{
    insert_block(map, at + 1);
    struct sorted_block *left = map->block[at], *right = map->block[at + 1];
    right->count = BLOCK_KEYS / 2;
    left->count = BLOCK_KEYS - right->count;
    memcpy(right->key, left->key + left->count, right->count * sizeof *right->key);
    memcpy(right->value, left->value + left->count, right->count * sizeof *right->value);
}

void sorted_map_put(struct sorted_map *map, uint64_t key, uint32_t value)
{
    struct sorted_place found;
    if (sorted_map_floor(map, key, &found) && sorted_map_key(map, found) == key) {
        map->block[found.block]->value[found.slot] = value;
        return;
    }
    if (map->block_count == 0)
        insert_block(map, 0);
    size_t at = blocks_from(map, key);
    at -= at > 0;
    if (map->block[at]->count == BLOCK_KEYS) {
        split_block(map, at);
        at += map->block[at + 1]->key[0] <= key;
    }
    struct sorted_block *block = map->block[at];
    size_t slot = slots_from(block, key), moved = block->count - slot;
    memmove(block->key + slot + 1, block->key + slot, moved * sizeof *block->key);
    memmove(block->value + slot + 1, block->value + slot, moved * sizeof *block->value);
    block->key[slot] = key;
    block->value[slot] = value;
    block->count++;
    map->count++;
}

bool sorted_map_floor(const struct sorted_map *map, uint64_t key, struct sorted_place *place)
{
    size_t blocks = blocks_from(map, key);
    if (blocks == 0)
        return false;
    *place = (struct sorted_place){blocks - 1, slots_from(map->block[blocks - 1], key) - 1};
    return true;
}

bool sorted_map_above(const struct sorted_map *map, uint64_t key, struct sorted_place *place)
{
    if (!sorted_map_floor(map, key, place))
        return sorted_map_first(map, place);
    return sorted_map_next(map, place);
}

uint64_t sorted_map_key(const struct sorted_map *map, struct sorted_place place)
{
    return map->block[place.block]->key[place.slot];
}

uint32_t sorted_map_value(const struct sorted_map *map, struct sorted_place place)
{
    return map->block[place.block]->value[place.slot];
}

void sorted_map_remove(struct sorted_map *map, struct sorted_place place)
{
    struct sorted_block *block = map->block[place.block];
    size_t moved = --block->count - place.slot;
    memmove(block->key + place.slot, block->key + place.slot + 1, moved * sizeof *block->key);
    memmove(block->value + place.slot, block->value + place.slot + 1, moved * sizeof *block->value);
    map->count--;
    if (block->count)
        return;
    map->block_count--;
    memmove(map->block + place.block, map->block + place.block + 1,
            (map->block_count - place.block) * sizeof *map->block);
    map->block[map->block_count] = block;
}

bool sorted_map_first(const struct sorted_map *map, struct sorted_place *place)
{
    *place = (struct sorted_place){0, 0};
    return map->count > 0;
}

bool sorted_map_next(const struct sorted_map *map, struct sorted_place *place)
{
    if (++place->slot < map->block[place->block]->count)
        return true;
    *place = (struct sorted_place){place->block + 1, 0};
    return place->block < map->block_count;
}
