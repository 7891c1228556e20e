/* Private: the hash templates of a snapshot (Redis 8.10, opcode 242): fields that many hashes share. They are kept in
 * bounded memory: near the bound fields keep their length but not their bytes, beyond it parsing ends with
 * RDB_ERR_LIMIT. */
#ifndef RDB_TEMPLATES_H
#define RDB_TEMPLATES_H

#include "rdbparse.h"

struct rdb_parser;
struct rdb_templates;

/* Walks the fields of one template. */
struct rdb_template_walk {
    const uint8_t *at;
    uint64_t left;
};

/* NULL when out of memory. */
struct rdb_templates *rdb_templates_new(void);
void rdb_templates_free(struct rdb_templates *templates);
/* Forgets all of them. */
void rdb_templates_clear(struct rdb_templates *templates);

/* Takes `count` fields from the input as template `id`. */
RDB_MUST_CHECK enum rdb_status rdb_templates_load(struct rdb_parser *parser, uint64_t id, uint64_t count);
/* The number of fields of template `id`, or an error: unknown. */
RDB_MUST_CHECK enum rdb_status rdb_templates_count(struct rdb_parser *parser, uint64_t id, uint64_t *count);
/* False when there is no such template. */
bool rdb_templates_walk(const struct rdb_templates *templates, uint64_t id, struct rdb_template_walk *walk);

/* Fields that one value brings along: they replace those of the value before. */
void rdb_templates_own_start(struct rdb_templates *templates);
RDB_MUST_CHECK enum rdb_status rdb_templates_own_add(struct rdb_parser *parser, const struct rdb_string *field);
struct rdb_template_walk rdb_templates_own_walk(const struct rdb_templates *templates);

/* The next field; its bytes are NULL where they were not kept. walk->left must not be 0. */
void rdb_template_next(struct rdb_template_walk *walk, struct rdb_string *field);

#endif
