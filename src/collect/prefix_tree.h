/* A tree of prefixes over groups: "shop:*:cart:items" lies in "shop:*:cart:", that in "shop:*:", ... */
#ifndef PREFIX_TREE_H
#define PREFIX_TREE_H

#include "collector.h"
#include "document.h"
#include "group_table.h"

/* The bytes at which names are split, guessed from the groups: those of ":/|.;,#@" that at least a tenth of the keys
 * have; if that is none, those of "_-" likewise. Writes at most 10 and a NUL; "" when names have no structure. */
void prefix_separators(const struct group_table *table, char separators[11]);

/* Adds a table with a row per prefix that holds at least a thousandth of all bytes, heaviest first, drawn as a treemap.
 */
void prefix_tree_write(const struct group_table *table, const struct prefix_cuts *cuts, struct doc_section *section);

#endif
