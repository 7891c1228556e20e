#!/usr/bin/env python3
"""Are the simulated size classes those of a real allocator? A redis-server loads a snapshot of strings, lists, and of
hashes and sets that are tables, with elements of all lengths; what MEMORY MALLOC-STATS counts in each small class beyond
an empty server is held against the section allocator_bins. Sorted sets and streams are left out: sizes of their nodes
are drawn by lot or follow from their neighbours, and are known by their average.

The seed is new in each run and printed; RDBMETER_SEED repeats one. Exits 77 (skipped) where there is no redis-server, or
one whose allocator is not jemalloc.

usage: bins.py --bin RDBMETER
"""
import os
import random
import sys
import tempfile

import cases
from redis_server import SKIPPED, RedisServer

# Blocks that come and go with a connection and with rehashing by the server's clock.
BLOCKS, SHARE = 150, 0.02


def text(r, longest):
    return cases.text(r, r.randrange(1, longest))


def fill(r):
    commands = []
    for i in range(4000):
        commands.append(('SET', 'string:%d' % i, text(r, 900)))
        commands.append(('SET', 'number:%d' % i, 10 ** 6 + i))
    for i in range(250):
        commands.append(('HSET', 'hash:%d' % i, 'long', 'x' * 70, *[text(r, r.choice([9, 40, 400])) for _ in range(2 * r.randrange(20, 120))]))
        commands.append(('SADD', 'set:%d' % i, *[text(r, 200) for _ in range(r.randrange(20, 200))]))
        commands.append(('RPUSH', 'list:%d' % i, *[text(r, 150) for _ in range(r.randrange(1, 400))]))
    return commands


def small_bins(redis):
    """Blocks in use by size, of the classes that share slabs."""
    blocks, columns = {}, None
    for line in redis('MEMORY', 'MALLOC-STATS').decode().splitlines():
        words = line.replace('(#/sec)', '').split()
        if line.startswith('bins:'):
            columns = words[1:]
        elif columns and line.startswith('large:'):
            break
        elif columns and words and words[0].isdigit():
            # Each number of events is followed by its rate.
            rates = sum(name in ('nmalloc', 'ndalloc', 'nrequests') for name in columns[:columns.index('curregs')])
            blocks[int(words[0])] = int(words[columns.index('curregs') + rates])
    return blocks


def main():
    a, seed = cases.arguments()
    with tempfile.TemporaryDirectory(prefix='rdbmeter-bins-') as folder:
        path = os.path.join(folder, 'bins.rdb')
        with RedisServer() as redis:
            empty = small_bins(redis)
            if not empty:
                print('skipped: no jemalloc')
                sys.exit(SKIPPED)
            redis.run(fill(random.Random(seed)))
            redis.save(path)
        with RedisServer(rdb=path) as redis:
            loaded = small_bins(redis)
        section = cases.report_of(a.bin, path, None, '--sections', 'allocator_bins')['allocator_bins']
    ours = {row['size']: row['allocations'] for row in section['bins']}
    complaints = []
    for size in sorted(set(loaded) | {s for s in ours if s <= max(loaded)}):
        real = loaded.get(size, 0) - empty.get(size, 0)
        if abs(real - ours.get(size, 0)) > BLOCKS + SHARE * real:
            complaints.append('%d bytes: %d blocks, the report says %d' % (size, real, ours.get(size, 0)))
    if section.get('spread', 0) > section['allocations'] / 50:
        complaints.append('%d of %d allocations are known by their average' % (section['spread'], section['allocations']))
    print('    %d classes, %d blocks; %d known by their average' % (len(ours), section['allocations'], section.get('spread', 0)))
    cases.finish(complaints)


main()
