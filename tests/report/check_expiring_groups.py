#!/usr/bin/env python3
"""Strings and hashes with and without a TTL are grouped as section grouping says, their TTLs as those of fields, into a
snapshot of larger hashes: it takes as much less as was said, to the byte, the tables of the database included. On servers that keep such
hashes packed and on those where they are tables; whole, and merged of summaries.

usage: check_expiring_groups.py --bin RDBMETER [--seed N]
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import zlib
from collections import defaultdict

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
from rdb_records import encode_length, encode_string  # noqa: E402

NOW = 1_800_000_000_000
# Magic, and how fields with an expiry lie in the file: Redis' type 24 with the earliest expiry in front, Valkey's 22.
SERVERS = {'redis-7.4': b'REDIS0012', 'redis-8.6': b'REDIS0012', 'valkey-9.0': b'VALKEY080', 'valkey-9.1': b'VALKEY080'}


def expiry(ms):
    return ms.to_bytes(8, 'little')


def some_keys(rng):
    """By pattern: all with a TTL, some, none; ids; long values, which a table has beside their fields; hashes."""
    keys = {}
    for i in range(3000):
        at = NOW + rng.randrange(10 ** 9)
        value = b'v' * rng.randint(1, 40)
        keys[b'service:accounts:session:%06d:token' % i] = (value, at)
        keys[b'service:accounts:profile:%06d:name' % i] = (value, at if i // 100 % 3 == 0 and i % 7 == 0 else 0)
        keys[b'counter:%06d' % i] = (b'%d' % rng.randrange(10 ** 6), 0)
        keys[b'service:accounts:blob:%06d' % i] = (b'v' * rng.randint(90, 200) if rng.random() < 0.5 else value, at)
        keys[b'token:%032x' % rng.getrandbits(128)] = (value, at if i % 2 else 0)
    for i in range(1500):
        at = NOW + rng.randrange(10 ** 9)
        small = {b'visits': b'%d' % i, b'7': b'v' * rng.randint(0, 60)}
        keys[b'cart:%06d' % i] = (small, at if i // 100 % 3 == 0 else 0)
        keys[b'basket:%06d' % i] = ({b'n': b'%d' % i}, at)
        keys[b'device:a7%014x' % rng.getrandbits(56)] = (small, at if i % 2 else 0)
        keys[b'link:f7%06x' % rng.getrandbits(24)] = ({b'url': b'v' * rng.randint(0, 60)}, 0)
    for i in rng.sample(range(3 * 10 ** 6), 24000):  # in each half more hashes than a summary holds of a pattern
        keys[b'service:accounts:spread:%07d' % i] = (b'v' * (i % 40), NOW + i if i % 3 else 0)
    return keys


def key_record(magic, name, value, at):
    if isinstance(value, dict):
        record = hash_record(magic, name, {field: (its, 0) for field, its in value.items()})
    else:
        record = b'\0' + encode_string(name) + encode_string(value)
    return (b'\xfc' + expiry(at) if at else b'') + record


def hash_record(magic, name, fields):
    timed = [at for _, at in fields.values() if at]
    if not timed:
        return b'\x04' + encode_string(name) + encode_length(len(fields)) + b''.join(encode_string(f) + encode_string(v) for f, (v, _) in fields.items())
    if magic.startswith(b'VALKEY'):
        items = b''.join(encode_string(f) + encode_string(v) + (expiry(at) if at else b'\xff' * 8) for f, (v, at) in fields.items())
        return b'\x16' + encode_string(name) + encode_length(len(fields)) + items
    first = min(timed)
    items = b''.join(encode_length(at - first + 1 if at else 0) + encode_string(f) + encode_string(v) for f, (v, at) in fields.items())
    return b'\x18' + encode_string(name) + expiry(first) + encode_length(len(fields)) + items


def snapshot(path, magic, records, expires):
    with open(path, 'wb') as f:
        f.write(magic + b'\xfe\0\xfb' + encode_length(len(records)) + encode_length(expires) + b''.join(records) + b'\xff' + bytes(8))
    return path


def place(name, row):
    """The hash and the field of a key, by the rule of its pattern's row."""
    prefix, rest = name.rsplit(b':', 1) if row['bucket_digits'] else (b'', name)
    if row['bucket_digits']:
        return prefix + b':#' + (b'%08x' % zlib.crc32(rest))[:row['bucket_digits']], rest
    end = max(i for i, c in enumerate(name) if 48 <= c < 58) + 1
    begin = end - row['digits']
    return name[:begin] + b'x' * row['digits'] + name[end:], name[begin:end]


def grouped(keys, row, magic):
    """The records of the hashes and of the other keys."""
    prefix = row['pattern'].split('*')[0].encode()
    hashes, records, expires = defaultdict(dict), [], 0
    for name, (value, at) in keys.items():
        if name.startswith(prefix):
            hash_, field = place(name, row)
            for inner, its in value.items() if isinstance(value, dict) else [(b'', value)]:
                hashes[hash_][field + (b':' + inner if inner else b'')] = (its, at)
        else:
            records.append(key_record(magic, name, value, at))
            expires += at != 0
    return records + [hash_record(magic, name, fields) for name, fields in hashes.items()], expires, len(hashes)


def report(binary, *arguments):
    p = subprocess.run([binary, *arguments, '--format', 'json', '--top', '50'], capture_output=True)
    if p.returncode:
        sys.exit(p.stderr.decode())
    return json.loads(p.stdout)


def total(document, magic):
    """All bytes; of Redis without its index of hashes by their first expiry, which depends on all times of a database and
    is not said to be in the savings."""
    totals = document['totals']
    if magic.startswith(b'VALKEY'):
        return totals['dataset_bytes']
    return totals['keys_bytes'] + totals['main_table_bytes'] + totals['expires_table_bytes']


def is_near(column, other, row):
    """Whether a merged row has what the row has, or is as near as it says: 1.96 deviations, of which five are allowed."""
    if not other['off_by_bytes'] or column == 'keeps_expiry':
        return other[column] == row[column]
    share = 5 / 1.96 * other['off_by_bytes'] / row['after_bytes']
    return share < 0.1 and abs(other[column] - row[column]) <= share * row[column]


def check_server(binary, server, magic, keys, folder):
    records = [key_record(magic, name, *key) for name, key in keys.items()]
    target = ['--target', server, '--set', 'hash-max-listpack-value=240']
    expires = sum(at != 0 for _, at in keys.values())
    before = report(binary, 'report', *target, snapshot(os.path.join(folder, 'before.rdb'), magic, records, expires))
    halves = []
    for i in range(2):
        part = snapshot(os.path.join(folder, 'part.rdb'), magic, records[i::2], 0)
        halves.append(os.path.join(folder, 'part-%d' % i))
        subprocess.run([binary, 'summarize', *target, part, '-o', halves[i]], check=True)
    rows = before['grouping']['patterns']
    of_parts = {row['pattern']: row for row in report(binary, 'merge', *halves)['grouping']['patterns']}
    advised = estimated = 0
    for row in rows:
        prefix = row['pattern'].split('*')[0].encode()
        row_keys = [at for name, (_, at) in keys.items() if name.startswith(prefix)]
        if not (row['keeps_expiry'] and row['left'] == 0 and row['expiring'] == sum(at != 0 for at in row_keys)):
            sys.exit('%s: %r' % (server, row))
        after, still, hashes = grouped(keys, row, magic)
        path = snapshot(os.path.join(folder, 'after.rdb'), magic, after, still)
        now = report(binary, 'report', *target, path)
        saved = [total(before, magic) - total(now, magic), before['totals']['keys_bytes'] - now['totals']['keys_bytes']]
        # Where the hashes take more than the keys, smaller tables are not looked for.
        said = [row['saved_bytes'] if row['saved_bytes'] > 0 else saved[0], row['before_bytes'] - row['after_bytes']]
        if (row['hashes'], said) != (hashes, saved):
            sys.exit('%s: %d hashes that save %r instead of %r' % (server, hashes, saved, row))
        other = of_parts[row['pattern']]
        estimated += other['off_by_bytes'] is not None
        for column in ('hashes', 'after_bytes', 'without_ttl_bytes', 'keeps_expiry'):
            if not is_near(column, other, row):
                sys.exit('%s: merged %r instead of %r' % (server, other, row))
        advised += row['saved_bytes'] > 0 and row['expiring'] > 0
    if len(rows) != 10 or advised == 0 or estimated != 1:
        sys.exit('%s: too little was looked at: %r' % (server, rows))
    return '%s: %s' % (server, ', '.join('%s %d' % (r['pattern'], r['saved_bytes']) for r in rows))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--seed', type=int, default=5)
    args = ap.parse_args()
    keys = some_keys(random.Random(args.seed))
    with tempfile.TemporaryDirectory() as folder:
        for server, magic in SERVERS.items():
            print(check_server(args.bin, server, magic, keys, folder))


if __name__ == '__main__':
    main()
