/* A map of uint64 keys in order, in bounded memory: what the field-expiry indexes keep their buckets in. Keys lie in
 * small sorted blocks below one directory, so that every operation is a binary search and a short move, in whatever
 * order keys come. */
#ifndef MODEL_SORTED_MAP_H
#define MODEL_SORTED_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sorted_block;

struct sorted_map {
    struct sorted_block **block; /* the directory, in order; no block is empty. Behind it: blocks to be used again */
    size_t block_count, allocated, block_capacity;
    size_t count;
};

/* A place in the map, valid until the map changes. */
struct sorted_place {
    size_t block, slot;
};

void sorted_map_init(struct sorted_map *map);
void sorted_map_release(struct sorted_map *map);
void sorted_map_clear(struct sorted_map *map);
/* Sets the value of a key, new or not. Aborts when out of memory. */
void sorted_map_put(struct sorted_map *map, uint64_t key, uint32_t value);
/* The greatest key <= `key`; the least key > `key`. false when there is none. */
bool sorted_map_floor(const struct sorted_map *map, uint64_t key, struct sorted_place *place);
bool sorted_map_above(const struct sorted_map *map, uint64_t key, struct sorted_place *place);
uint64_t sorted_map_key(const struct sorted_map *map, struct sorted_place place);
uint32_t sorted_map_value(const struct sorted_map *map, struct sorted_place place);
void sorted_map_remove(struct sorted_map *map, struct sorted_place place);
/* From the least key on: false at the end. */
bool sorted_map_first(const struct sorted_map *map, struct sorted_place *place);
bool sorted_map_next(const struct sorted_map *map, struct sorted_place *place);

#endif
