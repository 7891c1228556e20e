/* The sections of a report, in its order: first what this is and what it comes to, then where the memory is, then what
 * could be better, then how it is distributed. */
#include "collector.h"

#include "allocator_bins.h"
#include "alternative_sections.h"
#include "groups.h"
#include "intset_strays.h"
#include "node_sweeps.h"
#include "savings.h"
#include "sections.h"
#include "settings_in_force.h"
#include "shared_keys.h"
#include "slots.h"
#include "streams.h"
#include "thresholds.h"
#include "top.h"
#include "totals.h"
#include "violations.h"

enum { PACKABLE = 1 << OBJECT_SET | 1 << OBJECT_ZSET | 1 << OBJECT_HASH };

static const struct collector row[] = {
    {"overview", "Overview", true, .finish = overview_finish},
    {"totals", "Totals", true, COLLECT_ALL_TYPES, sizeof(struct totals), NULL, totals_add, totals_merge, totals_finish,
     .archive = totals_archive, .takes_alike = true},
    {"types", "By type and encoding", true, .finish = types_finish},
    {"parts", "Where the bytes go", true, .finish = parts_finish},
    {"groups", "By key pattern", true, COLLECT_ALL_TYPES, sizeof(struct group_table), groups_init, groups_add,
     groups_merge, groups_finish, groups_release, COLLECT_NEEDS_PATTERN, groups_archive,
     .reads = "violations intset_strays node_sweeps savings", .hide = groups_hide, .takes_alike = true,
     .expect = groups_expect, .is_full = groups_are_full, .depends_on_order = groups_depend_on_order,
     .is_large = groups_are_large},
    {"top_keys", "Largest keys", true, COLLECT_ALL_TYPES, sizeof(struct top_list), top_init, top_add_bytes, top_merge,
     top_finish, top_release, .archive = top_archive, .hide = top_hide, .names_upto = top_bytes_names_upto},
    {"top_elements", "Keys with most elements", true, COLLECT_ALL_TYPES & ~(1U << OBJECT_STRING),
     sizeof(struct top_list), top_init, top_add_elements, top_merge, top_finish, top_release, .archive = top_archive,
     .hide = top_hide},
    {"top_longest", "Keys with the longest element", true, COLLECT_ALL_TYPES, sizeof(struct top_list), top_init,
     top_add_longest, top_merge, top_longest_finish, top_release, .archive = top_archive, .hide = top_hide,
     .names_upto = top_longest_names_upto},
    {"top_idle", "Keys that were not used for longest", false, COLLECT_ALL_TYPES, sizeof(struct top_list), top_init,
     top_add_idle, top_merge, top_times_finish, top_release, .archive = top_archive, .hide = top_hide,
     .names_upto = top_idle_names_upto},
    {"top_ttl", "Keys that live longest until they expire", false, COLLECT_ALL_TYPES, sizeof(struct top_list), top_init,
     top_add_ttl, top_merge, top_times_finish, top_release, .archive = top_archive, .hide = top_hide},
    {"thresholds", "Encoding limits", true, PACKABLE, sizeof(struct thresholds), thresholds_init, thresholds_add,
     thresholds_merge, thresholds_finish, .archive = thresholds_archive},
    {"violations", "Not packed", true, PACKABLE | 1 << OBJECT_LIST, sizeof(struct violations), violations_init,
     violations_add, violations_merge, violations_finish, violations_release,
     COLLECT_NEEDS_PATTERN | COLLECT_NEEDS_VALUES, violations_archive, .hide = violations_hide,
     .depends_on_order = violations_depend_on_order},
    {"allocator_bins", "Size classes of the allocator", false, COLLECT_ALL_TYPES, sizeof(struct allocator_bins), NULL,
     allocator_bins_add, allocator_bins_merge, allocator_bins_finish, .needs = COLLECT_NEEDS_CENSUS,
     .archive = allocator_bins_archive},
    {"settings_in_force", "Settings that the file proves", true, PACKABLE, sizeof(struct settings_in_force), NULL,
     settings_in_force_add, settings_in_force_merge, settings_in_force_finish, .archive = settings_in_force_archive,
     .hide = settings_in_force_hide},
    {"intset_strays", "Sets that a few members keep from intset", true, 1 << OBJECT_SET, sizeof(struct intset_strays),
     intset_strays_init, intset_strays_add, intset_strays_merge, intset_strays_finish, intset_strays_release,
     COLLECT_NEEDS_VALUES, intset_strays_archive, .hide = intset_strays_hide},
    {"node_sweeps", "Nodes of lists and streams", true, 1 << OBJECT_LIST | 1 << OBJECT_STREAM,
     sizeof(struct node_sweeps), node_sweeps_init, node_sweeps_add, node_sweeps_merge, node_sweeps_finish,
     .needs = COLLECT_NEEDS_NODES, .archive = node_sweeps_archive},
    {"streams", "Streams", true, 1 << OBJECT_STREAM, sizeof(struct streams), streams_init, streams_add, streams_merge,
     streams_finish, streams_release, .archive = streams_archive, .hide = streams_hide},
    {"grouping", "Small keys grouped into hashes", true, .finish = grouping_finish,
     .needs = COLLECT_NEEDS_ALTERNATIVES},
    {"json_strings", "JSON documents as hashes", true, .finish = json_strings_finish,
     .needs = COLLECT_NEEDS_ALTERNATIVES},
    {"compressible", "Values compressed by the client", true, .finish = compressible_finish,
     .needs = COLLECT_NEEDS_ALTERNATIVES},
    {"text_numbers", "Numbers that are not kept as integers", true, .finish = text_numbers_finish,
     .needs = COLLECT_NEEDS_ALTERNATIVES},
    {"key_names", "Long key names", true, .finish = key_names_finish, .needs = COLLECT_NEEDS_ALTERNATIVES},
    {"sparse_values", "HyperLogLogs and bitmaps of mostly nothing", true, .finish = sparse_values_finish,
     .needs = COLLECT_NEEDS_ALTERNATIVES},
    {"savings", "All changes together", true, .finish = savings_finish, .needs = COLLECT_NEEDS_ALTERNATIVES,
     .reads = "thresholds intset_strays node_sweeps"},
    {"slots", "Cluster slots and hash tags", false, COLLECT_ALL_TYPES, sizeof(struct slots), slots_init, slots_add,
     slots_merge, slots_finish, slots_release, COLLECT_NEEDS_SLOTS, slots_archive, .of_several = true,
     .hide = slots_hide, .depends_on_order = slots_depend_on_order, .is_large = slots_are_large},
    {"shared_keys", "Keys in several files", false, COLLECT_ALL_TYPES, sizeof(struct shared_keys), NULL,
     shared_keys_add, shared_keys_merge, shared_keys_finish, shared_keys_release, .archive = shared_keys_archive,
     .of_several = true, .has_hashes = true},
    {"databases", "Databases", true, .finish = databases_finish},
    {"ttl", "Time to live", true, .finish = ttl_finish, .needs = COLLECT_NEEDS_EXPIRY, .reads = "groups"},
    {"access", "Idle times and frequencies", true, .finish = access_finish},
    {"distributions", "Distributions", true, .finish = distribution_finish},
};

const struct collector *collectors(size_t *count)
{
    *count = sizeof(row) / sizeof(*row);
    return row;
}
