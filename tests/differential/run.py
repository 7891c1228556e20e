#!/usr/bin/env python3
"""Asks a real redis-server what every key costs and holds rdbmeter against it.

A redis-server on a unix socket is filled from a seed and saves. Then, under its default settings and under others, a
fresh server loads that snapshot and is asked for OBJECT ENCODING and MEMORY USAGE key SAMPLES 0 of every key, and for
used_memory. rdbmeter reads the same snapshot with the same settings: every encoding and every number must be equal (skip
lists, whose levels are random, as chance allows), the total within half a percent, and what the threshold section says
a setting would save must be what the server then holds less.

The seed is new in each run and printed; RDBMETER_SEED repeats one. Exits 77 (skipped) where there is no redis-server.

usage: run.py --bin RDBMETER [--keep SNAPSHOT]
"""
import argparse
import csv
import io
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'pylib'))
sys.path.insert(0, HERE)
from chance import chance_bytes  # noqa: E402
from dataset import Dataset  # noqa: E402
from redis_server import RedisServer, ServerError, available  # noqa: E402

SKIPPED = 77
ALLOCATOR = 'jemalloc-16'  # what Debian builds its package with
TOTAL_TOLERANCE = 0.005
SHOWN = 10

VARIANTS = {
    'default': {},
    'larger': {'hash-max-listpack-entries': 1024, 'hash-max-listpack-value': 256, 'zset-max-listpack-entries': 512,
               'zset-max-listpack-value': 256, 'set-max-intset-entries': 2048},
    'smaller': {'hash-max-listpack-entries': 16, 'hash-max-listpack-value': 32, 'zset-max-listpack-entries': 16,
                'zset-max-listpack-value': 32, 'set-max-intset-entries': 64},
    'lists': {'list-max-listpack-size': -1, 'list-compress-depth': 1, 'stream-node-max-entries': 10},
}
CARDINALITY = {b'string': 'STRLEN', b'list': 'LLEN', b'set': 'SCARD', b'zset': 'ZCARD', b'hash': 'HLEN', b'stream': 'XLEN'}


class Measured:
    """What one server holds: rows {(db, key): (type, encoding, usage, elements)} and the bytes of its dataset."""

    def __init__(self, snapshot, options, empty_bytes):
        self.rows = {}
        self.empty_bytes = empty_bytes
        with RedisServer(rdb=snapshot, options=options) as redis:
            self.dataset_bytes = redis.used_memory() - empty_bytes
            self.version = redis.version()
            for line in redis('INFO', 'keyspace').decode().splitlines():
                if line.startswith('db'):
                    self.ask(redis, int(line[2:].split(':')[0]))

    def ask(self, redis, db):
        redis('SELECT', db)
        keys = redis('KEYS', '*')
        types = redis.run([('TYPE', k) for k in keys])
        encodings = redis.run([('OBJECT', 'ENCODING', k) for k in keys])
        usages = redis.run([('MEMORY', 'USAGE', k, 'SAMPLES', 0) for k in keys])
        counts = redis.run([(CARDINALITY[t], k) for k, t in zip(keys, types)])
        for key, kind, encoding, usage, count in zip(keys, types, encodings, usages, counts):
            self.rows[db, key] = (kind.decode(), encoding.decode(), usage, count)


def empty_bytes(options):
    with RedisServer(options=options) as redis:
        return redis.used_memory()


def rdbmeter(binary, command, snapshot, settings, *more):
    arguments = [binary, command, '--allocator', ALLOCATOR]
    for name, value in settings.items():
        arguments += ['--set', '%s=%s' % (name, value)]
    p = subprocess.run(arguments + list(more) + [snapshot], capture_output=True, stdin=subprocess.DEVNULL)
    if p.returncode != 0:
        sys.exit('rdbmeter %s: exit %d: %s' % (command, p.returncode, p.stderr.decode(errors='replace')))
    return p.stdout.decode()


def estimated(binary, snapshot, settings):
    rows = csv.DictReader(io.StringIO(rdbmeter(binary, 'keys', snapshot, settings, '--key-format', 'hex')))
    return {(int(r['database']), bytes.fromhex(r['key'])): r for r in rows}


def former_table_bytes(elements):
    """A table that grew element by element may keep its former half-size bucket array until the next command touches it:
    whether the last rehash had finished depends on which buckets were empty, so on the server's hash seed."""
    return 8 << max(2, (elements - 1).bit_length() - 1)


class Judge:
    """Compares MEMORY USAGE key by key; tells what chance explains from what it does not."""

    def __init__(self, target):
        self.target = target
        self.wrong, self.far, self.half_rehashed = [], [], []
        self.lists = self.tables = self.off_sum = self.elements_sum = 0

    def within(self, kind, encoding, elements, off, sigmas):
        return abs(off) <= (chance_bytes(self.target, kind, encoding, elements, sigmas) if encoding == 'skiplist' else 0)

    def add(self, kind, encoding, elements, off, name):
        line = 'memory_usage %+d: %s' % (off, name)
        self.lists += encoding == 'skiplist'
        self.tables += encoding in ('hashtable', 'skiplist')
        if encoding in ('hashtable', 'skiplist') and not self.within(kind, encoding, elements, off, 3):
            without = [off - former_table_bytes(elements), off + former_table_bytes(elements)]
            explained = [o for o in without if self.within(kind, encoding, elements, o, 3)]
            if explained:
                self.half_rehashed.append(line)
                off = explained[0]
        if encoding == 'skiplist':
            self.off_sum += off
            self.elements_sum += elements
        if not self.within(kind, encoding, elements, off, 5):
            self.wrong.append(line)
        elif not self.within(kind, encoding, elements, off, 3):
            self.far.append(line)

    def complaints(self):
        """Of skip lists one in 25 may be beyond three standard deviations, none beyond five, their sum not beyond four;
        one table in 25 may have a bucket array more or less."""
        found = list(self.wrong)
        if len(self.far) > max(2, self.lists // 25):
            found += self.far
        if len(self.half_rehashed) > max(2, self.tables // 25):
            found += self.half_rehashed
        if abs(self.off_sum) > 16 + 4 * 10.7 * math.sqrt(self.elements_sum + 1):
            found.append('skip lists: %+d bytes over %d lists of %d elements' % (self.off_sum, self.lists, self.elements_sum))
        return found


def compare_keys(target, measured, got):
    complaints, judge = [], Judge(target)
    for where, (kind, encoding, usage, elements) in sorted(measured.items()):
        name = '%s/%s of %d elements, db %d, key %s' % (kind, encoding, elements, where[0], where[1][:40].hex())
        row = got.get(where)
        if row is None:
            complaints.append('missing: ' + name)
            continue
        if row['encoding'] != encoding:
            complaints.append('encoding %s: %s' % (row['encoding'], name))
        if int(row['num_elements']) != elements and kind != 'string':
            complaints.append('%s elements: %s' % (row['num_elements'], name))
        judge.add(kind, encoding, elements, int(row['memory_usage']) - usage, name)
    complaints += judge.complaints()
    complaints += ['not on the server: db %d, key %s' % (db, key[:40].hex()) for db, key in got.keys() - measured.keys()]
    return complaints


def compare_total(measured, report):
    estimate = report['totals']['dataset_bytes']
    error = (estimate - measured.dataset_bytes) / measured.dataset_bytes
    print('    %d keys; dataset %d bytes, estimated %d (%+.3f %%)' % (len(measured.rows), measured.dataset_bytes, estimate, 100 * error))
    return ['the total is off by %+.3f %%' % (100 * error)] if abs(error) > TOTAL_TOLERANCE else []


# Grids of the threshold section, and the settings that their columns `entries` and `value` are, on Redis 7.0.
GRIDS = {'hash': ('hash-max-listpack-entries', 'hash-max-listpack-value'),
         'zset': ('zset-max-listpack-entries', 'zset-max-listpack-value'),
         'intset': ('set-max-intset-entries', None)}
POINTS = 2  # of each grid
USED_MEMORY_NOISE = 4096


def grid_points(report, rng):
    """(grid, settings, bytes that the report says they save), some of each grid."""
    for grid, (entries, value) in GRIDS.items():
        rows = [r for r in report['thresholds'].get(grid, []) if not r['in_force']]
        for row in rng.sample(rows, min(POINTS, len(rows))):
            settings = {entries: row['entries']}
            if value:
                settings[value] = row['value']
            yield grid, settings, row['saved_bytes']


def compare_simulation(snapshot, default, report, rng):
    """Complaints: what a setting saves by the report against what a server under it holds less."""
    complaints = []
    levels = sum(elements for _, encoding, _, elements in default.rows.values() if encoding == 'skiplist')
    points = list(grid_points(report, rng))
    if len(points) < POINTS * len(GRIDS):
        complaints.append('the threshold section has %d of %d points' % (len(points), POINTS * len(GRIDS)))
    for grid, settings, promised in points:
        with RedisServer(rdb=snapshot, options=settings) as redis:
            saved = default.dataset_bytes - (redis.used_memory() - default.empty_bytes)
        # both servers have drawn their own skip list levels
        tolerance = USED_MEMORY_NOISE + TOTAL_TOLERANCE * abs(saved) + 4 * 10.7 * math.sqrt(2 * levels)
        print('    %s: saves %d bytes, the report says %d' % (' '.join('%s=%s' % s for s in settings.items()), saved, promised))
        if abs(saved - promised) > tolerance:
            complaints.append('%s: saves %d bytes, not %d' % (settings, saved, promised))
    return complaints


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--keep', help='leave the snapshot here')
    a = ap.parse_args()
    if not available():
        print('skipped: no redis-server')
        sys.exit(SKIPPED)
    seed = int(os.environ.get('RDBMETER_SEED') or random.SystemRandom().randrange(1 << 32))
    print('seed %d (RDBMETER_SEED=%d repeats this run)' % (seed, seed), flush=True)
    folder = tempfile.mkdtemp(prefix='rdbmeter-differential-')
    try:
        snapshot = os.path.join(folder, 'dump.rdb')
        with RedisServer() as redis:
            redis.run(Dataset(seed).fill())
            redis.save(snapshot)
        if a.keep:
            shutil.copyfile(snapshot, a.keep)
        failed = compare_variants(a.bin, snapshot, seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failed else 0)


def compare_variants(binary, snapshot, seed):
    failed = False
    for variant, settings in VARIANTS.items():
        print('%s: %s' % (variant, ' '.join('%s=%s' % s for s in settings.items()) or 'as the server starts'), flush=True)
        m = Measured(snapshot, settings, empty_bytes(settings))
        target = 'redis-' + '.'.join(m.version.split('.')[:2])
        complaints = compare_keys(target, m.rows, estimated(binary, snapshot, settings))
        report = json.loads(rdbmeter(binary, 'report', snapshot, settings, '--format', 'json'))
        complaints += compare_total(m, report)
        if variant == 'default':
            complaints += compare_simulation(snapshot, m, report, random.Random(seed))
        for line in complaints[:SHOWN]:
            print('    ' + line)
        if complaints:
            print('    %d complaints' % len(complaints))
            failed = True
    return failed


main()
