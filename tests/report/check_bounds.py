#!/usr/bin/env python3
"""Many more patterns than a small memory holds: every error that the report states for a pattern, and for those it does
not list, is held against an exact count from the keys CSV; and with all the memory that it wants nothing is stated.

usage: check_bounds.py --bin RDBMETER [--seed N]
"""
import argparse
import csv
import io
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
from rdb_records import encode_string  # noqa: E402

PATTERNS, KEYS = 6000, 40000


def write_snapshot(path, rng):
    """Words of letters that no rule folds, some far heavier than others, in no order."""
    words = sorted({''.join(rng.choices('ghijklmnopqrstuvwxyz', k=rng.randint(5, 9))) for _ in range(PATTERNS)})
    weights = [1 / (1 + i) for i in range(len(words))]
    names = words + rng.choices(words, weights, k=KEYS)
    rng.shuffle(names)
    with open(path, 'wb') as f:
        f.write(b'REDIS0009\xfa\x09redis-ver\x056.2.6\xfe\0')
        for i, word in enumerate(names):
            name, size = b'%s:%d' % (word.encode(), i), min(20000, int(rng.paretovariate(1.1) * 20))
            f.write(b'\0' + encode_string(name) + encode_string(b'v' * size))
        f.write(b'\xff' + bytes(8))


def run(binary, *arguments):
    p = subprocess.run([binary, *arguments], capture_output=True)
    if p.returncode:
        sys.exit('%s: %s' % (' '.join(arguments), p.stderr.decode()))
    return p.stdout.decode()


def check(groups, truth):
    rows = {row['pattern']: row for row in groups['list']}
    missing = {name: row.get('missing_bytes', 0) for name, row in rows.items()}
    for name, row in rows.items():
        if not row['bytes'] <= truth[name] <= row['bytes'] + missing[name]:
            sys.exit('%s: %d bytes and at most %d more, but there are %d' % (name, row['bytes'], missing[name], truth[name]))
    bound = groups.get('bound_bytes', 0)
    beyond = {name: size for name, size in truth.items() if name not in rows and size > bound}
    if beyond:
        sys.exit('not listed, but above %d bytes: %r' % (bound, beyond))
    return len(rows), bound, sum(1 for size in missing.values() if size)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--seed', type=int, default=1)
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'many.rdb')
        write_snapshot(path, random.Random(a.seed))
        truth = Counter()
        for row in csv.DictReader(io.StringIO(run(a.bin, 'keys', path))):
            truth[row['key'].split(':')[0] + ':*'] += int(row['size_in_bytes'])
        options = ('report', path, '--format', 'json', '--sections', 'groups,totals', '--top', str(2 * PATTERNS))
        exact, small = (json.loads(run(a.bin, *options, *more)) for more in ((), ('--max-memory', '17mb')))
    listed, bound, estimated = check(exact['groups'], truth)
    if (listed, bound, estimated) != (len(truth), 0, 0):
        sys.exit('not exact: %r of %d' % ((listed, bound, estimated), len(truth)))
    listed, bound, estimated = check(small['groups'], truth)
    rest = small['groups']['rest_bytes'] + sum(row['bytes'] for row in small['groups']['list'])
    if rest != sum(truth.values()) or rest != small['totals']['keys_bytes']:
        sys.exit('all patterns have %d bytes, not %d' % (rest, sum(truth.values())))
    if not (bound and estimated and listed < len(truth) / 2):
        sys.exit('nothing was estimated: %r' % ((listed, bound, estimated),))
    print('%d patterns; %d listed in small memory, %d of them estimated, none beyond has more than %d bytes' %
          (len(truth), listed, estimated, bound))


main()
