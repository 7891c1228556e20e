#!/usr/bin/env python3
"""Summaries of the parts of a snapshot, merged, say what the report of the whole says: for random splits, in any order
to the byte, and merged in two steps as in one; and so does a report of all parts at once."""
import argparse
import os
import random
import tempfile

import fleetlib


def same(name, a, b):
    found = fleetlib.differences(a, b)
    if found:
        raise SystemExit('%s:\n  %s' % (name, '\n  '.join(found[:10])))


def summarize(rdbmeter, paths):
    out = []
    for path in paths:
        out.append(path[:-4] + '.rdbm')
        fleetlib.run([rdbmeter, 'summarize', path, '-o', out[-1]])
        if os.path.getsize(out[-1]) >= 1 << 20:
            raise SystemExit('%s has %d bytes' % (out[-1], os.path.getsize(out[-1])))
    return out


def check_orders(rdbmeter, summaries, rng):
    first = fleetlib.run([rdbmeter, 'merge', '-f', 'json', '--top', '50', *summaries]).stdout
    for _ in range(3):
        shuffled = summaries[:]
        rng.shuffle(shuffled)
        if fleetlib.run([rdbmeter, 'merge', '-f', 'json', '--top', '50', *shuffled]).stdout != first:
            raise SystemExit('another order, another report: %s' % shuffled)


def check_steps(rdbmeter, summaries, whole, folder, rng):
    """Merged in two steps, split anywhere."""
    cut = rng.randrange(1, len(summaries))
    halves = [os.path.join(folder, 'a.rdbm'), os.path.join(folder, 'b.rdbm')]
    fleetlib.run([rdbmeter, 'merge', '-o', halves[0], *summaries[:cut]])
    fleetlib.run([rdbmeter, 'merge', '-o', halves[1], *summaries[cut:]])
    same('in two steps', whole, fleetlib.report(rdbmeter, 'merge', '--top', '50', *halves))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--split', required=True)
    ap.add_argument('--parts', type=int, nargs='*', default=[2, 3, 7, 24, 64])
    ap.add_argument('--seed', type=int, default=1)
    ap.add_argument('snapshots', nargs='+')
    a = ap.parse_args()
    rng = random.Random(a.seed)
    for snapshot in a.snapshots:
        whole = fleetlib.report(a.bin, 'report', snapshot, '--top', '50')
        for parts in a.parts:
            with tempfile.TemporaryDirectory() as folder:
                paths = fleetlib.split(a.split, snapshot, folder, parts, rng.randrange(1 << 30), parts % 3 == 0)
                summaries = summarize(a.bin, paths)
                same('%s in %d' % (snapshot, parts), whole, fleetlib.report(a.bin, 'merge', '--top', '50', *summaries))
                check_orders(a.bin, summaries, rng)
                check_steps(a.bin, summaries, whole, folder, rng)
                same('%s, %d files' % (snapshot, parts), whole, fleetlib.report(a.bin, 'report', '--top', '50', *paths))
                print('%s in %d parts: the same' % (os.path.basename(snapshot), parts))


if __name__ == '__main__':
    main()
