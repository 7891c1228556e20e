/* What a server calls its values: TYPE and OBJECT ENCODING. */
#ifndef MODEL_OBJECT_H
#define MODEL_OBJECT_H

enum object_type {
    OBJECT_STRING,
    OBJECT_LIST,
    OBJECT_SET,
    OBJECT_ZSET,
    OBJECT_HASH,
    OBJECT_STREAM,
    OBJECT_ARRAY,
    OBJECT_VECTORSET,
    OBJECT_MODULE, /* sized by its serialized bytes, kept apart from the totals */
    OBJECT_TYPE_COUNT
};

enum object_encoding {
    ENCODING_INT,
    ENCODING_EMBSTR,
    ENCODING_RAW,
    ENCODING_LINKEDLIST,
    ENCODING_ZIPLIST,
    ENCODING_QUICKLIST,
    ENCODING_LISTPACK,
    ENCODING_LISTPACKEX,
    ENCODING_INTSET,
    ENCODING_HASHTABLE,
    ENCODING_SKIPLIST,
    ENCODING_STREAM,
    ENCODING_SLICED_ARRAY,
    ENCODING_VECTORSET, /* OBJECT ENCODING prints "raw" */
    ENCODING_MODULE,    /* likewise "raw" */
    ENCODING_COUNT
};

/* Of integers from 0 up to this one every server has one object for all keys, where it shares objects (redis
 * src/server.h OBJ_SHARED_INTEGERS, before 3.0 src/redis.h; every release). */
enum { OBJECT_SHARED_INTEGERS = 10000 };

/* "string", "list", ... as TYPE prints it ("zset", "vectorset"). Never NULL. */
const char *object_type_name(enum object_type type);
/* As OBJECT ENCODING prints it. Never NULL. */
const char *object_encoding_name(enum object_encoding encoding);

#endif
