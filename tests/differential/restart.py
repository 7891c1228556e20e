#!/usr/bin/env python3
"""What does a restart give back, for real? A redis-server comes to hold tables that a load packs, or packed values that
a load unpacks, and saves; a fresh server loads that. What the second one holds less must be what the report's action
"restart" said, within half a percent of the data.

A snapshot says how many elements a table has, not what it was before. So the first two servers have no other past than
a snapshot that they loaded under other limits: then the action is the whole of it. The third's tables grew beyond the
limits by commands and shrank again: a table keeps buckets that it had when it was larger, up to ten for an element.
DEBUG HTSTATS-KEY tells how many; without them it is the action again, and with them more.

The servers keep no histograms of their commands' times, of which each takes some 24 KB.

The seed is new in each run and printed; RDBMETER_SEED repeats one. Exits 77 (skipped) where there is no redis-server.

usage: restart.py --bin RDBMETER [NAME...]
"""
import os
import random
import re

from cases import TOLERANCE, report_of, run_cases, text
from jemalloc import held_by_jemalloc_16
from redis_server import RedisServer, used_memory_with

FEWEST_BUCKETS = 4
SERVER = {'latency-tracking': 'no'}  # redis 7.0 src/latency.c, an hdr_histogram for each command that was called
CARDINALITY = {b'set': 'SCARD', b'zset': 'ZCARD', b'hash': 'HLEN'}
LOOKUP = {b'set': 'SISMEMBER', b'zset': 'ZSCORE', b'hash': 'HEXISTS'}


def values(r, fewest, most, prefix='', keys=500):
    """Commands for hashes, sets of integers and sorted sets with so many elements, all short enough to be packed."""
    commands = []
    for i in range(keys):
        commands.append(('HSET', '%shash:%d' % (prefix, i), *[x for k in range(r.randrange(fewest, most)) for x in ('field%d' % k, text(r, r.randrange(1, 40)))]))
        commands.append(('ZADD', '%szset:%d' % (prefix, i), *[x for k in range(r.randrange(fewest, most)) for x in (r.randrange(10 ** 6), 'member%d' % k)]))
        commands.append(('SADD', '%sset:%d' % (prefix, i), *[k * r.randrange(1, 10 ** 6) for k in range(1, r.randrange(fewest, most))]))
    return commands


# Servers that are to be restarted: each takes a folder and a random.Random and yields itself, its settings at last.

def under_lower_limits(folder, r):
    """Loaded under limits that were too low for most; they are the default now."""
    path = os.path.join(folder, 'lower.rdb')
    lower = {'hash-max-listpack-value': 16, 'hash-max-listpack-entries': 30, 'zset-max-listpack-entries': 30, 'set-max-intset-entries': 30}
    with RedisServer(options=SERVER) as redis:
        redis.run(values(r, 5, 128))
        redis.save(path)
    with RedisServer(rdb=path, options={**SERVER, **lower}) as redis:
        yield redis, {}


def under_higher_limits(folder, r):
    """The same, but values of another half are packed that will be over the limits after the restart."""
    path = os.path.join(folder, 'higher.rdb')
    lower = {'hash-max-listpack-value': 16, 'hash-max-listpack-entries': 10, 'zset-max-listpack-entries': 10, 'set-max-intset-entries': 10}
    higher = {'hash-max-listpack-entries': 512, 'zset-max-listpack-entries': 512, 'set-max-intset-entries': 512}
    last = {'hash-max-listpack-entries': 100, 'zset-max-listpack-entries': 100, 'set-max-intset-entries': 100}
    with RedisServer(options=SERVER) as redis:
        redis.run(values(r, 60, 100))
        redis.save(path)
    with RedisServer(rdb=path, options={**SERVER, **lower}) as redis:
        redis.run([('CONFIG', 'SET', *item) for item in [*higher.items(), ('hash-max-listpack-value', 64)]])
        redis.run([c for c in values(r, 103, 160, 'large:') if r.random() < 0.3])
        redis.run([('CONFIG', 'SET', *item) for item in last.items()])
        yield redis, last


def with_a_past(folder, r):
    """Grown beyond the limits, most of it removed again."""
    with RedisServer(options=SERVER) as redis:
        for command in values(r, 520, 1500, keys=200):
            redis.run([command])
            name, gone = command[1], r.randrange(1, 480)
            if command[0] == 'SADD':
                redis('SREM', name, *redis('SMEMBERS', name)[gone:])
            elif command[0] == 'ZADD':
                redis('ZREMRANGEBYRANK', name, gone % 128, -1)
            else:
                redis('HDEL', name, *['field%d' % k for k in r.sample(range((len(command) - 2) // 2), (len(command) - 2) // 2 - gone)])
        yield redis, {}


CASES = {'under_lower_limits': under_lower_limits, 'under_higher_limits': under_higher_limits, 'with_a_past': with_a_past}


def buckets_bytes(slots):
    return held_by_jemalloc_16(8 * slots)


def table_slots(redis, key, kind):
    """Of a hash table, once it does not move to another one any more: each lookup moves it on. Of two tables, one may be
    without elements."""
    while True:
        stats = redis('DEBUG', 'HTSTATS-KEY', key).decode()
        if 'rehashing target' not in stats and 'No stats' not in stats:
            return int(re.search(r'table size: (\d+)', stats).group(1))
        redis.run([(LOOKUP[kind], key, 'no such element')] * 100)


def tables(redis):
    """(elements, slots) of each hash table."""
    for key in redis('KEYS', '*'):
        if redis('OBJECT', 'ENCODING', key) in (b'hashtable', b'skiplist'):
            kind = redis('TYPE', key)
            yield redis(CARDINALITY[kind], key), table_slots(redis, key, kind)


def kept_buckets_bytes(redis):
    """What tables have beyond the buckets that a load gives them."""
    return sum(buckets_bytes(slots) - buckets_bytes(max(FEWEST_BUCKETS, 1 << (elements - 1).bit_length())) for elements, slots in tables(redis))


def promised(binary, snapshot, settings):
    report = report_of(binary, snapshot, settings)
    packed = {row['type'] for row in report['violations']['reasons'] if row['reason_id'] == 'packed_by_load'}
    unpacked = {row['type'] for row in report['violations']['reasons'] if row['reason_id'] in ('unpacked_by_load', 'unpacked_integers')}
    return next(a['saves_bytes'] for a in report['actions'] if a['id'] == 'restart'), packed, unpacked


def run_case(binary, name, seed, folder, empty):
    snapshot = os.path.join(folder, name + '.rdb')
    for redis, settings in CASES[name](folder, random.Random(seed)):
        kept = kept_buckets_bytes(redis)
        before = redis.used_memory() - empty
        redis.save(snapshot)
    after = used_memory_with({**SERVER, **settings}, snapshot) - empty
    promise, packed, unpacked = promised(binary, snapshot, settings)
    off = (before - after - kept - promise) / after
    print('    %s: %d bytes, after it %d: gives back %d, of them %d of kept buckets; the report says %d (off by %+.3f %% of the data)' % (
        name, before, after, before - after, kept, promise, 100 * off), flush=True)
    every = {'hash', 'set', 'zset'}
    complaints = []
    if abs(off) > TOLERANCE:
        complaints.append('%s: gives back %d bytes beside kept buckets, not %d' % (name, before - after - kept, promise))
    if (kept > promise / 10) != (name == 'with_a_past'):
        complaints.append('%s: %d bytes of kept buckets' % (name, kept))
    if packed != every or unpacked != (every if name == 'under_higher_limits' else set()):
        complaints.append('%s: not all types took part: %s, %s' % (name, packed, unpacked))
    return complaints


run_cases(run_case, CASES, SERVER)
