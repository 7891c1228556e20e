#!/usr/bin/env python3
"""The sizing table of docs/fleet/README.md, measured: processor time and memory of each step, for a snapshot.

usage: sizing.py --bin RDBMETER --measure MEASURE SNAPSHOT

Prints the table and what follows from it for 1,000 shards of 50 GB. Nothing is compared: how fast a machine is, is no
test."""
import argparse
import os
import shutil
import subprocess
import tempfile

GB = 1 << 30
SHARDS, SHARD_GB = 1000, 50


def measure(a, command, times=3):
    """Least processor seconds of some runs, and the largest peak of resident memory in MB, by tests/bench/measure: this
    process is larger than what it would measure."""
    least, peak = float('inf'), 0
    for _ in range(times):
        before = os.times()
        p = subprocess.run(['sh', '-c', 'exec "$0" "$@" 3>&1 >/dev/null', a.measure, *command], capture_output=True, check=True)
        after = os.times()
        _, kb, _, status = p.stdout.split()
        if status != b'0':
            raise SystemExit('%s: status %s' % (' '.join(command[:4]), status.decode()))
        least = min(least, after.children_user + after.children_system - before.children_user - before.children_system)
        peak = max(peak, int(kb) / 1024)
    return least, peak


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--measure', required=True)
    ap.add_argument('snapshot')
    a = ap.parse_args()
    program = os.path.abspath(a.bin)
    size = os.path.getsize(a.snapshot) / GB
    with tempfile.TemporaryDirectory() as folder:
        summary = os.path.join(folder, 'a.rdbm')
        other = os.path.join(folder, 'b.rdbm')
        with open(a.snapshot, 'rb') as f:  # from the page cache, as the others
            while f.read(1 << 24):
                pass
        one, one_mb = measure(a, [program, 'summarize', a.snapshot, '-q', '-o', summary])
        shutil.copy(summary, other)
        kb = os.path.getsize(summary) / 1024
        many, many_mb = measure(a, [program, 'merge', *[summary] * SHARDS, '-o', os.path.join(folder, 'all.json')], 1)
        diff, diff_mb = measure(a, [program, 'diff', a.snapshot, a.snapshot, '-q'], 1)
        small, small_mb = measure(a, [program, 'diff', summary, other])
    hours = SHARDS * SHARD_GB * one / size / 3600
    print('snapshot of %.0f MB' % (size * 1024))
    print('| `summarize` | %.2g s, %.2g s a GB of snapshot | %.0f MB, and no more for a larger file |' % (one, one / size, one_mb))
    print('| `merge` of %s summaries of %.0f KB | %.2g s | %.0f MB |' % ('{:,}'.format(SHARDS), kb, many, many_mb))
    print('| `diff` of two such snapshots | %.2g s | %.0f MB |' % (diff, diff_mb))
    print('| `diff` of two summaries | %.2f s | %.0f MB |' % (small, small_mb))
    print('%s GB: %.0f processor hours; one core reads %.0f MB a second' %
          ('{:,}'.format(SHARDS * SHARD_GB), hours, size * 1024 / one))


if __name__ == '__main__':
    main()
