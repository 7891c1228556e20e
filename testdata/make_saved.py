#!/usr/bin/env python3
"""Makes saved/: what a real redis-server (Debian's 7.0) prints of itself once it holds the snapshots here.

  showcase.*    holds showcase.rdb, as configured by default
  fragmented.*  the same keys, written among many others that were deleted again: holes between blocks
  healthy.*     holds healthy.rdb, with a limit and a policy

NAME.info is INFO, NAME.malloc-stats MEMORY MALLOC-STATS. What tells of the machine that made them (kernel, paths, ids)
is left out; times to live depend on the moment.

usage: make_saved.py [DIRECTORY]
"""
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'tests', 'pylib'))
from redis_server import RedisServer  # noqa: E402

OF_THE_MACHINE = ('os', 'executable', 'config_file', 'run_id', 'process_id', 'master_replid', 'redis_build_id')
FILLERS = 8  # written for every key that stays


def save(redis, path):
    lines = [line for line in redis('INFO').decode().split('\r\n') if line.split(':')[0] not in OF_THE_MACHINE]
    with open(path + '.info', 'w', newline='') as f:
        f.write('\r\n'.join(lines))
    with open(path + '.malloc-stats', 'wb') as f:
        f.write(redis('MEMORY', 'MALLOC-STATS'))


def keys_of(rdb):
    """[(db, key, ttl, dump)]"""
    found = []
    with RedisServer(rdb=rdb) as redis:
        for db in (0, 1):
            redis('SELECT', db)
            keys = sorted(redis('KEYS', '*'))
            found += zip([db] * len(keys), keys, redis.run([('PTTL', k) for k in keys]), redis.run([('DUMP', k) for k in keys]))
    return found


def fragment(redis, keys):
    r = random.Random(20261120)
    for db, key, ttl, dump in keys:
        redis.run([('SELECT', db), ('RESTORE', key, max(ttl, 0), dump, 'REPLACE'), ('SELECT', 15)] +
                  [('SET', 'filler:%d' % r.getrandbits(60), b'x' * r.randrange(16, 1200)) for _ in range(FILLERS)])
    redis.run([('SELECT', 15), ('FLUSHDB', 'SYNC'), ('SELECT', 0)])


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, 'saved')
    showcase, healthy = os.path.join(HERE, 'showcase.rdb'), os.path.join(HERE, 'healthy.rdb')
    os.makedirs(folder, exist_ok=True)
    with RedisServer(rdb=showcase) as redis:
        save(redis, os.path.join(folder, 'showcase'))
    keys = keys_of(showcase)
    with RedisServer() as redis:
        fragment(redis, keys)
        save(redis, os.path.join(folder, 'fragmented'))
    with RedisServer(rdb=healthy, options={'maxmemory': '100mb', 'maxmemory-policy': 'allkeys-lru'}) as redis:
        save(redis, os.path.join(folder, 'healthy'))


if __name__ == '__main__':
    main()
