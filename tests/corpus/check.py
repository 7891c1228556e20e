#!/usr/bin/env python3
"""Runs rdbmeter over the snapshots that other projects collected, where they are beside this repository
(../shared/corpus, with a verdict and a number of keys for each); exits 77 (skipped) where they are not.

usage: check.py --bin RDBMETER --corpus DIR
"""
import argparse
import csv
import io
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
from rdb_records import Snapshot, UnknownNumber  # noqa: E402

SKIPPED = 77
EXIT_DAMAGED, EXIT_UNREADABLE = 3, 4
TIMEOUT_SECONDS = 20
REDIS_ENTERPRISE = {107, 121}  # its opcodes ram_lru and slot_num: a number follows


def run(binary, *arguments):
    return subprocess.run([binary, *arguments], capture_output=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT_SECONDS)


def check_ok(binary, path, keys):
    """Complaints about a file that real servers' checkers accept."""
    p = run(binary, 'keys', '--key-format', 'hex', path)
    if p.returncode != 0:
        return ['keys: exit %d: %s' % (p.returncode, p.stderr.decode(errors='replace').strip()[-200:])]
    got = sum(1 for _ in csv.reader(io.StringIO(p.stdout.decode()))) - 1
    found = [] if got == keys else ['%d keys, not %d' % (got, keys)]
    for command in ('verify', 'report'):
        p = run(binary, command, path)
        if p.returncode != 0:
            found.append('%s: exit %d: %s' % (command, p.returncode, p.stderr.decode(errors='replace').strip()[-200:]))
    return found


def check_read(binary, path):
    """Complaints about a file that rdbmeter reads though they reject it."""
    p = run(binary, 'verify', path)
    return [] if p.returncode == 0 else ['verify: exit %d' % p.returncode]


def check_rejected(binary, path):
    """Complaints about a file that they reject: an error in one line, and a status that says so."""
    p = run(binary, 'verify', path)
    found = []
    if p.returncode not in (EXIT_DAMAGED, EXIT_UNREADABLE):
        found.append('verify: exit %d, expected %d or %d' % (p.returncode, EXIT_DAMAGED, EXIT_UNREADABLE))
    if not (p.stderr.strip() or p.stdout.strip()):
        found.append('verify: says nothing')
    if len(p.stderr.decode(errors='replace').strip().splitlines()) > 1:
        found.append('verify: more than one line of error: %r' % p.stderr[:300])
    return found


def is_a_relatives(path):
    """Whether a stock checker stops at what only a relative of Redis writes, and rdbmeter reads."""
    with open(path, 'rb') as f:
        data = f.read()
    try:
        Snapshot(data)
    except UnknownNumber as e:
        return e.number in REDIS_ENTERPRISE
    except (ValueError, IndexError):
        pass
    return False


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--corpus', required=True)
    a = ap.parse_args()
    listing = os.path.join(a.corpus, 'expected.csv')
    if not os.path.exists(listing):
        print('skipped: no corpus at %s' % a.corpus)
        sys.exit(SKIPPED)
    count = failed = 0
    with open(listing, newline='') as f:
        for row in csv.DictReader(f):
            path = os.path.join(a.corpus, row['file'])
            count += 1
            if row['checker_verdict'] == 'ok':
                found = check_ok(a.bin, path, int(row['keys']))
            elif is_a_relatives(path):
                found = check_read(a.bin, path)
            else:
                found = check_rejected(a.bin, path)
            for line in found:
                print('%s: %s' % (row['file'], line))
            failed += bool(found)
    print('%d snapshots, %d failed' % (count, failed))
    sys.exit(1 if failed else 0)


main()
