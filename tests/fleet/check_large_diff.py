#!/usr/bin/env python3
"""diff of two large snapshots, of which 1 % of the keys changed: memory stays bounded, what grew is found with its bytes,
and summaries of the two tell the same of patterns in less than a second.

usage: check_large_diff.py --bin RDBMETER --measure MEASURE (--rdbgen RDBGEN --keys N | SNAPSHOT)"""
import argparse
import os
import random
import subprocess
import sys
import tempfile

import fleetlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
import rdb_records  # noqa: E402

MOST_KB = 256 * 1024
PLANTED = 0.005  # of the keys: as many go, and as many come


def string_record(key, value):
    raw = b'\x00' + rdb_records.encode_length(len(key)) + key + rdb_records.encode_length(len(value)) + value
    return rdb_records.Record(0, key, 0, raw, False)


def change(old, new, rng):
    """Returns how many keys went and came. Without a checksum: it would take longer than all else here."""
    s = rdb_records.Snapshot(open(old, 'rb').read())
    kept = [r for r in s.records if rng.random() >= PLANTED]
    grown = [string_record(b'planted:report:%d' % i, b'x' * (50 + i % 200)) for i in range(int(len(s.records) * PLANTED))]
    rdb_records.crc64 = lambda data, crc=0: 0
    with open(new, 'wb') as f:
        f.write(rdb_records.write_snapshot(s.magic, s.version, s.aux, kept + grown))
    return len(s.records) - len(kept), len(grown)


def measure(a, *command):
    """(processor seconds, peak kB)"""
    before = os.times()
    p = subprocess.run(['sh', '-c', 'exec "$0" "$@" 3>&1 >/dev/null', a.measure, a.bin, *command], capture_output=True, check=True)
    after = os.times()
    _, kb, _, status = p.stdout.split()
    if status != b'0':
        raise SystemExit('%s: status %s' % (command, status))
    return after.children_user + after.children_system - before.children_user - before.children_system, int(kb)


def main():
    ap = argparse.ArgumentParser()
    for name in ('bin', 'measure'):
        ap.add_argument('--' + name, required=True)
    ap.add_argument('--rdbgen')
    ap.add_argument('--keys', type=int, default=200 * 1000)
    ap.add_argument('snapshot', nargs='?')
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        old, new = a.snapshot or os.path.join(folder, 'old.rdb'), os.path.join(folder, 'new.rdb')
        if not a.snapshot:
            fleetlib.run([a.rdbgen, '--mix', 'mixed', '--keys', str(a.keys), '-o', old])
        gone, come = change(old, new, random.Random(1))
        diff = fleetlib.report(a.bin, 'diff', old, new)
        planted = next(row for row in diff['patterns']['list'] if row['pattern'] == 'planted:report:*')
        keys = fleetlib.report(a.bin, 'report', new, '--match', 'planted:report:*')['totals']
        if (planted['new_keys'], planted['new_bytes'], planted['old_bytes']) != (come, keys['keys_bytes'], 0):
            raise SystemExit('planted %d keys of %d bytes: %r' % (come, keys['keys_bytes'], planted))
        if diff['change']['new_keys'] - diff['change']['old_keys'] != come - gone:
            raise SystemExit('%d keys went and %d came: %r' % (gone, come, diff['change']))
        seconds, kb = measure(a, 'diff', old, new, '-q')
        summaries = [os.path.join(folder, name) for name in ('old.rdbm', 'new.rdbm')]
        for path, summary in zip((old, new), summaries):
            fleetlib.run([a.bin, 'summarize', path, '-q', '-o', summary])
        if fleetlib.report(a.bin, 'diff', *summaries)['patterns'] != diff['patterns']:
            raise SystemExit('summaries tell another growth of patterns')
        small, small_kb = measure(a, 'diff', *summaries)
        print('%d keys went, %d came: %.2f s of a processor, %d MB; of summaries %.2f s, %d MB' %
              (gone, come, seconds, kb >> 10, small, small_kb >> 10))
        if kb >= MOST_KB or small >= 1:
            raise SystemExit('too much of it')


if __name__ == '__main__':
    main()
