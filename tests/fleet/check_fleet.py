#!/usr/bin/env python3
"""Whether a report of a fleet is that of its files, read at once without a fleet, and names what is wrong with them."""
import argparse
import json
import os

import fleetlib


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--report', required=True)
    ap.add_argument('--damaged')
    ap.add_argument('--missing')
    ap.add_argument('files', nargs='+')
    a = ap.parse_args()
    with open(a.report) as f:
        report = json.load(f)
    troubled = {os.path.basename(r['file']): r['trouble'] for r in report['files']['list'] if r['trouble']}
    for name in (a.damaged, a.missing):
        if name and not any(name in path for path in troubled):
            raise SystemExit('%s is not named: %r' % (name, troubled))
    if len(troubled) != (a.damaged is not None) + (a.missing is not None) or not report['partial']:
        raise SystemExit('partial %r, in trouble %r' % (report['partial'], troubled))
    direct = fleetlib.report(a.bin, 'report', *a.files, status=3 if a.damaged else 0)
    # A missing file is one more; the reports were made at different moments; of a pipe the length is not known.
    of_run = ('files', 'overview.file', 'overview.age', 'overview.file_bytes', 'overview.snapshot_bytes', 'partial_reason')
    if any('://' in row['file'] for row in report['files']['list']):  # nodes have the order of their names
        of_run += ('slots.nodes', 'slots.moves', 'slots.moved_bytes', 'slots.moved_slots')
    fleetlib.shared_alike(direct, report)
    fleetlib.same('another report than that of the files', fleetlib.without(direct, *of_run),
                  fleetlib.without(report, *of_run))
    print('%d files, %s named, %d keys' % (len(report['files']['list']), ' and '.join(sorted(troubled)),
                                          report['totals']['keys']))


if __name__ == '__main__':
    main()
