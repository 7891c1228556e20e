/* The keys that a server holds in another form than it would under the settings given: existing keys do not follow a
 * CONFIG SET, but DUMP and RESTORE write them anew. As a list, or as a script for redis-cli. */
#include <errno.h>
#include <inttypes.h>
#include <render.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "complain.h"
#include "output.h"
#include "record_builder.h"
#include "run.h"

/* One key at a time, inside the server: no other client's command runs between DUMP and RESTORE, so no write is lost. A
 * key that is gone, or is not in the form that the snapshot showed, is left alone. RESTORE checks and builds the value
 * before it drops the old one. The expiry is taken as a point in time where the server can tell it (7.0 and later),
 * else as what remains; idle time and LFU counter are handed on, but to servers that refuse them (before 5.0). No
 * backslash and no double quote in it: it is quoted for redis-cli as it is. */
static const char rewrite_lua[] = "local k=KEYS[1] "
                                  "if redis.pcall('OBJECT','ENCODING',k)~=ARGV[1] then return 0 end "
                                  "local i=redis.pcall('OBJECT','IDLETIME',k) local f=redis.pcall('OBJECT','FREQ',k) "
                                  "local e=redis.pcall('PEXPIRETIME',k) "
                                  "local a={'RESTORE',k,0,redis.call('DUMP',k),'REPLACE'} "
                                  "if type(e)=='number' then if e>=0 then a[3]=e a[6]='ABSTTL' end "
                                  "else e=redis.call('PTTL',k) if e>=0 then a[3]=math.max(e,1) end end "
                                  "local b={unpack(a)} "
                                  "if type(i)=='number' then b[#b+1]='IDLETIME' b[#b+1]=i "
                                  "elseif type(f)=='number' then b[#b+1]='FREQ' b[#b+1]=f end "
                                  "if redis.pcall(unpack(b)).err then redis.call(unpack(a)) end return 1";

struct rewrite_command {
    struct output output;
    const struct cli_options *options;
    const struct plan *plan;
    bool has_db;
    uint64_t db;           /* of the script's last SELECT */
    uint64_t unnamed_keys; /* whose names are too long to be held */
    char *text;            /* of a name, for the longest one that is held */
};

enum { TEXT_BYTES = 4 * RECORD_MAX_NAME + 8 };

/* ---- which ---------------------------------------------------------------------------------------------------------
 */

/* How the server that wrote the file held the value: told by how it lies there. ENCODING_COUNT: not one of the types
 * that limits decide about. */
static enum object_encoding encoding_now(const struct record *record)
{
    static const enum object_encoding packed[ORIGIN_COUNT] = {
        [ORIGIN_ELEMENTS] = ENCODING_COUNT,         [ORIGIN_ZIPMAP] = ENCODING_COUNT,
        [ORIGIN_ZIPLIST] = ENCODING_ZIPLIST,        [ORIGIN_LISTPACK] = ENCODING_LISTPACK,
        [ORIGIN_LISTPACK_EX] = ENCODING_LISTPACKEX, [ORIGIN_INTSET] = ENCODING_INTSET,
        [ORIGIN_QUICKLIST] = ENCODING_COUNT,        [ORIGIN_QUICKLIST_2] = ENCODING_COUNT,
        [ORIGIN_FIELD_EXPIRES] = ENCODING_COUNT,
    };
    static const enum object_encoding table[OBJECT_TYPE_COUNT] = {
        [OBJECT_SET] = ENCODING_HASHTABLE, [OBJECT_ZSET] = ENCODING_SKIPLIST, [OBJECT_HASH] = ENCODING_HASHTABLE};
    enum shape_origin origin = shape_origin(record->shape);
    if (record->type != OBJECT_SET && record->type != OBJECT_ZSET && record->type != OBJECT_HASH)
        return ENCODING_COUNT;
    return packed[origin] != ENCODING_COUNT ? packed[origin] : table[record->type];
}

static bool is_table(enum object_encoding encoding)
{
    return encoding == ENCODING_HASHTABLE || encoding == ENCODING_SKIPLIST;
}

/* A change between packed and not, or between packed forms of a set; what the server calls its packed form is not. */
static bool changes(enum object_encoding now, enum object_encoding then)
{
    return is_table(now) != is_table(then) || (now == ENCODING_INTSET) != (then == ENCODING_INTSET);
}

/* ---- rows ----------------------------------------------------------------------------------------------------------
 */

static void write_name(struct rewrite_command *rewrite, const struct record *record)
{
    enum name_format format = (enum name_format)rewrite->options->key_format;
    size_t len = name_print(rewrite->text, TEXT_BYTES, format, record->key, record->key_bytes);
    csv_field(rewrite->output.stream, (const uint8_t *)rewrite->text, len);
}

static void write_row(struct rewrite_command *rewrite, const struct record *record, enum object_encoding now)
{
    FILE *out = rewrite->output.stream;
    struct packing packing = {0};
    model_packing(rewrite->plan, 0, NULL, record->shape, &record->facts, &packing);
    uint64_t before = is_table(now) ? packing.table_bytes : packing.packed_bytes;
    fprintf(out, "%" PRIu64 ",%s,", record->db, object_type_name(record->type));
    write_name(rewrite, record);
    fprintf(out, ",%" PRIu64 ",%s,%s,", record->elements, object_encoding_name(now),
            object_encoding_name(record->cost.encoding));
    if (before != 0)
        fprintf(out, "%" PRIu64, before);
    fprintf(out, ",%" PRIu64 "\n", record->cost.size_in_bytes);
}

/* As redis-cli reads its arguments (sds.c sdssplitargs): every byte that is not plain as \xHH. */
static void write_argument(FILE *out, const uint8_t *bytes, size_t len)
{
    fputc('"', out);
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] < ' ' || bytes[i] > '~' || bytes[i] == '"' || bytes[i] == '\\')
            fprintf(out, "\\x%02x", bytes[i]);
        else
            fputc(bytes[i], out);
    }
    fputc('"', out);
}

static void write_command(struct rewrite_command *rewrite, const struct record *record, enum object_encoding now)
{
    FILE *out = rewrite->output.stream;
    if (!rewrite->has_db || rewrite->db != record->db)
        fprintf(out, "SELECT %" PRIu64 "\n", record->db);
    rewrite->has_db = true;
    rewrite->db = record->db;
    fprintf(out, "EVAL \"%s\" 1 ", rewrite_lua);
    write_argument(out, record->key, record->key_bytes);
    fprintf(out, " %s\n", object_encoding_name(now));
}

/* The settings of the command line, so that the keys are written anew under what they were listed for. */
static void write_settings(FILE *out, const struct text_list *set)
{
    for (size_t i = 0; i < set->count; i++) {
        const char *equals = strchr(set->text[i], '=');
        if (equals == NULL)
            continue;
        fprintf(out, "CONFIG SET %.*s ", (int)(equals - set->text[i]), set->text[i]);
        write_argument(out, (const uint8_t *)equals + 1, strlen(equals + 1));
        fputc('\n', out);
    }
}

/* ---- the pass ------------------------------------------------------------------------------------------------------
 */

static void rewrite_begin(void *self, const struct run_context *context)
{
    struct rewrite_command *rewrite = self;
    rewrite->plan = context->plan;
    if (context->options->script)
        write_settings(rewrite->output.stream, &context->options->target.set);
    else
        fputs("database,type,key,num_elements,encoding,new_encoding,size_in_bytes,new_size_in_bytes\n",
              rewrite->output.stream);
}

static bool rewrite_add(void *self, struct record *record)
{
    struct rewrite_command *rewrite = self;
    enum object_encoding now = encoding_now(record);
    if (record->damaged || now == ENCODING_COUNT || !changes(now, record->cost.encoding))
        return true;
    if (record->key_bytes < record->key_len) {
        rewrite->unnamed_keys++;
        return true;
    }
    if (rewrite->options->script)
        write_command(rewrite, record, now);
    else
        write_row(rewrite, record, now);
    if (!ferror(rewrite->output.stream))
        return true;
    rewrite->output.error = errno;
    return false;
}

static enum exit_status rewrite_end(void *self, const struct run_context *context)
{
    struct rewrite_command *rewrite = self;
    (void)context;
    if (rewrite->unnamed_keys != 0)
        complain("%" PRIu64 " keys have names above a megabyte and are left out", rewrite->unnamed_keys);
    return output_commit(&rewrite->output) ? EXIT_STATUS_DONE : EXIT_STATUS_UNUSABLE;
}

enum exit_status cmd_rewrite(const struct cli_options *options, const struct environment *environment)
{
    static const struct run_job job = {.begin = rewrite_begin, .add = rewrite_add, .end = rewrite_end};
    struct rewrite_command rewrite = {.options = options};
    const struct text_list *paths = &options->output.paths;
    if (paths->count > 1) {
        complain("-o: rewrite writes one file");
        return EXIT_STATUS_USAGE;
    }
    if (!output_open(&rewrite.output, paths->count != 0 ? paths->text[0] : NULL))
        return EXIT_STATUS_UNUSABLE;
    rewrite.text = xmalloc(TEXT_BYTES);
    enum exit_status status = run_snapshot(&job, &rewrite, options, environment);
    if (rewrite.output.stream != NULL)
        output_abandon(&rewrite.output);
    free(rewrite.text);
    return status;
}
