#!/usr/bin/env python3
"""A summary of one snapshot, read back, says what the snapshot's own report says: for every server's measurements in
testdata, which hold values of all types in all encodings."""
import argparse
import glob
import os
import tempfile

import fleetlib

NOW = '1800000000'


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--bin', required=True, metavar='FILE')
    parser.add_argument('folder', help='of the snapshots')
    a = parser.parse_args()
    snapshots = sorted(glob.glob(os.path.join(a.folder, '*.rdb')))
    with tempfile.TemporaryDirectory() as folder:
        summary = os.path.join(folder, 'one.rdbm')
        for snapshot in snapshots:
            fleetlib.run([a.bin, 'summarize', snapshot, '-o', summary, '--now', NOW])
            whole = fleetlib.report(a.bin, 'report', snapshot, '--now', NOW)
            merged = fleetlib.report(a.bin, 'merge', summary)
            fleetlib.same(snapshot, fleetlib.without(whole, 'overview'),
                          fleetlib.without(merged, 'overview', *fleetlib.OF_SEVERAL))
    if not snapshots:
        raise SystemExit('no snapshots in %s' % a.folder)
    print('%d summaries read back' % len(snapshots))


if __name__ == '__main__':
    main()
