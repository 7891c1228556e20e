/* Parts of server models for streams, arrays, vector sets and other module values. A part is data, named after the
 * release that introduced it; its members are private to its own file. */
#ifndef MODEL_VALUE_PARTS_H
#define MODEL_VALUE_PARTS_H

#include <stdint.h>

struct cost_context;
struct server_model;
struct tally;

extern const struct stream_part stream_redis_5_0; /* 5.0, 6.0 */
extern const struct stream_part stream_redis_6_2;
extern const struct stream_part stream_redis_7_0;
extern const struct stream_part stream_redis_7_2; /* 7.2, 7.4, 8.0 */
extern const struct stream_part stream_redis_8_2;
extern const struct stream_part stream_redis_8_4;
extern const struct stream_part stream_redis_8_6;
extern const struct stream_part stream_redis_8_8;
extern const struct stream_part stream_valkey_7_2; /* as Redis 7.2, but MEMORY USAGE averages groups and consumers */
extern const struct stream_part stream_valkey_8_0;
extern const struct stream_part stream_valkey_8_1; /* 8.1, 9.0, 9.1 */
extern const struct array_part array_redis_8_8;
extern const struct vectorset_part vectorset_redis_8_0; /* 8.0 .. 8.6 */
extern const struct vectorset_part vectorset_redis_8_8;

/* sizeof(rax), the head of a radix tree, on a server. */
uint64_t rax_header_bytes(const struct server_model *server);

/* Each adds the value (without key, object header, entry, expiry: the key's shell, which model_cost adds) to *t: what
 * is held, what MEMORY USAGE counts, and t->encoding. Called only where the server has the part. How MEMORY USAGE
 * counts the shell of a module key is the keyspace part's matter. */
void stream_cost(const struct cost_context *c, struct tally *t);
/* What of it the pending entries take. */
uint64_t stream_pending_bytes(const struct cost_context *c);
void array_cost(const struct cost_context *c, struct tally *t);
void vectorset_cost(const struct cost_context *c, struct tally *t);
void module_cost(const struct cost_context *c, struct tally *t); /* any server: payload = serialized bytes */

#endif
