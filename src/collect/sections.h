/* Sections that are written from the inventory, the keyspace and the file's own facts: they have no state. */
#ifndef SECTIONS_H
#define SECTIONS_H

#include "collector.h"

typedef void section_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                            struct document *document);

section_finish overview_finish;     /* the file, its server, its age, what is wrong with it */
section_finish types_finish;        /* by type and encoding */
section_finish parts_finish;        /* where the bytes go, by cause */
section_finish databases_finish;    /* by database, as INFO keyspace */
section_finish ttl_finish;          /* when keys expire */
section_finish access_finish;       /* idle times and LFU counters, where the file has them */
section_finish distribution_finish; /* of element counts, longest elements, sizes and names */

#endif
