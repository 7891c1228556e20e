#!/usr/bin/env python3
"""JSON documents of a large snapshot, of which some are looked at for all: the same ones, so the report is the same to the
byte, for any number of threads and in every wrapping; and the estimates are as near as they say, for the same documents in
small snapshots, which are all looked at."""
import argparse
import gzip
import json
import os
import random
import string
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
from rdb_records import encode_string  # noqa: E402

ALL_LOOKED_AT = 32 << 20  # RECORD_DOCUMENTS_ALL of src/record.h
PIECE = 24 << 20
PIECES = 4
PATTERNS = 300
THREADS = ['2', '3', '8']
SURE = 0.95  # of the bounds have to hold


def documents():
    """Records of strings, by chance of any of the patterns. Each of these has documents of its own length."""
    chance = random.Random(1)
    word = [''.join(chance.choices(string.ascii_lowercase, k=9)).encode() for _ in range(PATTERNS)]
    length = [chance.choice([20, 100, 300, 900, 3000]) for _ in range(PATTERNS)]
    number = 0
    while True:
        kind = chance.randrange(PATTERNS)
        value = b'{"id":%d,"name":"user %d","more":"%s"%s}' % (
            number, number * 7, b'z' * chance.randrange(length[kind]), b',"mail":"a@example.org"' if number % 3 else b'')
        if number % 50 == 0:
            value = value[:-1]  # no document after all
        yield b'\x00' + encode_string(b'%s:%d' % (word[kind], number)) + encode_string(value)
        number += 1


def pieces():
    source = documents()
    for _ in range(PIECES):
        records, size = [], 0
        while size < PIECE:
            records.append(next(source))
            size += len(records[-1])
        yield b''.join(records)


def snapshot(body):
    return b'REDIS0010\xfa' + encode_string(b'redis-ver') + encode_string(b'7.0.15') + b'\xfe\x00' + body + b'\xff' + b'\0' * 8


def write(path, data):
    with open(path, 'wb') as out:
        out.write(data)
    return path


def run(binary, paths, jobs):
    argv = [binary, 'report', '--format', 'json', '--sections', 'totals,json_strings,savings', '--top', '1000', '--jobs', jobs,
            '--now', '1750000000'] + paths
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    if done.returncode != 0:
        raise SystemExit('%s: exit %d: %s' % (' '.join(argv), done.returncode, done.stderr.decode()))
    return done.stdout


def analysis(output):
    report = json.loads(output)
    return {section: report[section] for section in ('totals', 'json_strings', 'savings')}


def patterns(output):
    return {row['pattern']: row for row in json.loads(output)['json_strings']['patterns']}


def check_threads(binary, path, alone):
    """Complaints."""
    return ['--jobs %s: not what one thread gives' % jobs for jobs in THREADS if run(binary, [path], jobs) != alone]


def check_wrappings(binary, folder, data, alone):
    wrapped = {'gzip': gzip.compress(data, 1), 'aof': data + b'*1\r\n$4\r\nPING\r\n',
               'replication': b'$%d\r\n' % len(data) + data}
    for name, content in wrapped.items():
        path = write(os.path.join(folder, name), content)
        if analysis(run(binary, [path], '1')) != analysis(alone):
            yield '%s: not what the snapshot itself gives' % name
        os.remove(path)


def check_bounds(exact, estimated):
    exact, estimated = patterns(exact), patterns(estimated)
    if len(exact) != PATTERNS or set(exact) != set(estimated):
        yield '%d patterns, %d when all documents are looked at' % (len(estimated), len(exact))
        return
    if any(row.get('off_by_bytes') is not None for row in exact.values()):
        yield 'not all documents of small snapshots were looked at'
    sampled = [name for name, row in estimated.items() if row.get('off_by_bytes') is not None]
    held = [name for name in sampled
            if abs(estimated[name]['saved_bytes'] - exact[name]['saved_bytes']) <= estimated[name]['off_by_bytes']]
    print('%d patterns are estimated, %d as near as off_by_bytes says' % (len(sampled), len(held)))
    if len(sampled) < PATTERNS * 9 // 10 or len(held) < SURE * len(sampled):
        yield 'estimates are off by more than they say'
    both = [sum(row['saved_bytes'] for row in rows.values()) for rows in (exact, estimated)]
    print('together they save %d bytes, estimated %d' % tuple(both))


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('--bin', required=True)
    options = ap.parse_args()
    with tempfile.TemporaryDirectory(prefix='rdbmeter-documents-') as folder:
        parts = list(pieces())
        small = [write(os.path.join(folder, '%d.rdb' % i), snapshot(part)) for i, part in enumerate(parts)]
        data = snapshot(b''.join(parts))
        assert len(data) > 2 * ALL_LOOKED_AT > 2 * max(map(os.path.getsize, small))
        large = write(os.path.join(folder, 'large.rdb'), data)
        alone = run(options.bin, [large], '1')
        wrong = check_threads(options.bin, large, alone)
        wrong += check_wrappings(options.bin, folder, data, alone)
        wrong += check_bounds(run(options.bin, small, '1'), alone)
    for complaint in wrong:
        print(complaint)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
