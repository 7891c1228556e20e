#!/usr/bin/env python3
"""Every mistake that testdata/README.md says is planted in showcase.rdb is found, with the bytes that it costs; and of
healthy.rdb, which has none of them, nothing is said.

usage: check_showcase.py --bin RDBMETER --testdata DIR
"""
import argparse
import csv
import fnmatch
import io
import json
import os
import re
import subprocess
import sys


def run(binary, *arguments):
    p = subprocess.run([binary, *arguments], capture_output=True, stdin=subprocess.DEVNULL)
    if p.returncode not in (0, 1):
        sys.exit('%s: exit %d: %s' % (' '.join(arguments), p.returncode, p.stderr.decode(errors='replace')))
    return p.stdout.decode()


class Snapshot:
    """What the program says, and the sizes of the keys to hold it against."""

    def __init__(self, binary, path):
        self.report = json.loads(run(binary, 'report', '--top', '10000', '--format', 'json', path))
        doctor = json.loads(run(binary, 'doctor', '--format', 'json', path))
        self.findings = {f['finding']: f for f in doctor['doctor']['findings']}
        self.actions = {a['id']: a for a in self.report['actions']}
        self.keys = list(csv.DictReader(io.StringIO(run(binary, 'keys', '--format', 'csv', path))))

    def bytes_of(self, pattern):
        return sum(int(k['size_in_bytes']) for k in self.keys if fnmatch.fnmatchcase(k['key'], pattern))

    def row(self, section, table, **wanted):
        rows = [r for r in self.report[section][table] if all(r[k] == v for k, v in wanted.items())]
        return rows[0] if len(rows) == 1 else None

    def evidence(self, finding):
        return self.findings[finding]['evidence'] if finding in self.findings else ''


def in_words(n):
    """As the findings print bytes."""
    for unit in ('B', 'KB', 'MB'):
        if n < 1000:
            break
        n /= 1024
    return '%s %s' % ('%.0f' % n if unit == 'B' or n >= 100 else '%.1f' % n if n >= 10 else '%.2f' % n, unit)


def limit(s, action, pattern, line):
    a = s.actions[action]
    return a['paste'] == [line] and 0 < a['saves_bytes'] < s.bytes_of(pattern)


def viewers(s):
    section = s.report['intset_strays']
    return section['keys'] == 280 and section['bytes'] == s.bytes_of('product:*:viewers') and s.actions['intset_strays']['saves_bytes'] == section['saved_bytes'] > 0


def grouped(s, what):
    row = s.row('grouping', 'patterns', pattern='user:*:' + what)
    action = next(a for a in s.actions.values() if a['title'] == 'Keep user:*:%s in hashes' % what)
    return row['before_bytes'] == s.bytes_of('user:*:' + what) and action['saves_bytes'] == row['saved_bytes'] > 0


def forgotten(s):
    bytes_ = sum(int(k['size_in_bytes']) for k in s.keys if k['key'].startswith('session:') and not k['expiry'])
    action = next(a for a in s.actions.values() if a['title'] == 'Give every session:* a TTL')
    return s.findings['forgotten_ttl']['bytes'] == bytes_ == action['saves_bytes'] and 'session:*' in s.evidence('forgotten_ttl')


def long_names(s):
    rows = [r for r in s.report['key_names']['patterns'] if r['pattern'].startswith('cache:rendered:')]
    return sum(r['keys'] for r in rows) == 420 and sum(r['before_bytes'] for r in rows) == s.bytes_of('cache:rendered:*') and sum(r['saved_bytes'] for r in rows) > 0 and 'key_names' in s.actions


def unused(s, pattern, name):
    return '%s (%s)' % (name, in_words(s.bytes_of(pattern))) in s.evidence('cold')


def large(s, key):
    return '%s (' % key in s.evidence('large_keys') and ', %s)' % in_words(s.bytes_of(key)) in s.evidence('large_keys')


def crashed(s):
    row = s.row('streams', 'consumers', key='orders', group='analytics', consumer='analytics-7')
    finding = s.findings['stuck_consumers']
    return row['pending'] == 2600 and row['stuck'] and finding['bytes'] == row['bytes'] > 100000 and 'analytics-7 of group analytics of stream orders' in finding['evidence']


def endless(s, stream):
    found = re.search(r'\b%s \((\d+) entries, ([^)]*)\)' % stream, s.evidence('endless_streams'))
    return found and found.group(2) == in_words(s.bytes_of(stream))


def abandoned(s):
    return s.findings['abandoned_streams']['bytes'] == s.bytes_of('clicks') and 'clicks' in s.evidence('abandoned_streams') and 'orders' not in s.evidence('abandoned_streams')


def json_documents(s):
    as_hash, squeezed = s.row('json_strings', 'patterns', pattern='product:*:json'), s.row('compressible', 'patterns', pattern='product:*:json')
    return as_hash['before_bytes'] == s.bytes_of('product:*:json') < as_hash['after_bytes'] and squeezed['saved_bytes'] > 0


def expired(s):
    row = s.row('ttl', 'buckets', expires='expired already')
    return row['keys'] == 260 and row['bytes'] == s.bytes_of('otp:*')


# In the order of the README's table.
PLANTED = {
    'user:profile:N': lambda s: limit(s, 'thresholds_hash', 'user:profile:*', 'hash-max-listpack-value 128'),
    'leaderboard:BOARD:WEEK': lambda s: limit(s, 'thresholds_zset', 'leaderboard:*', 'zset-max-listpack-entries 256'),
    'product:N:viewers': viewers,
    'user:N:name': lambda s: grouped(s, 'name'),
    'user:N:email': lambda s: grouped(s, 'email'),
    'user:N:city': lambda s: grouped(s, 'city'),
    'session:ID': forgotten,
    'cache:rendered:URL': long_names,
    'celery-task-meta-ID': lambda s: unused(s, 'celery-task-meta-*', 'celery-task-meta-*'),
    'queue:email:dead': lambda s: large(s, 'queue:email:dead'),
    'orders, group analytics': crashed,
    'orders, never trimmed': lambda s: endless(s, 'orders'),
    'clicks, never trimmed': lambda s: endless(s, 'clicks'),
    'clicks, dead': abandoned,
    'product:N:json': json_documents,
    'catalog:export': lambda s: large(s, 'catalog:export'),
    'wishlist:all': lambda s: large(s, 'wishlist:all'),
    'otp:ID': expired,
}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--testdata', required=True)
    a = ap.parse_args()
    complaints = []
    shop = Snapshot(a.bin, os.path.join(a.testdata, 'showcase.rdb'))
    for name, is_found in PLANTED.items():
        try:
            if not is_found(shop):
                complaints.append('%s: not found, or not with its bytes' % name)
        except (KeyError, StopIteration, TypeError) as e:
            complaints.append('%s: not found (%r)' % (name, e))
    healthy = Snapshot(a.bin, os.path.join(a.testdata, 'healthy.rdb'))
    complaints += ['healthy.rdb: recommended: %s' % t for t in healthy.actions]
    complaints += ['healthy.rdb: found: %s' % f for f in healthy.findings]
    printed = run(a.bin, 'report', '--sections', 'thresholds', os.path.join(a.testdata, 'healthy.rdb'))
    complaints += ['healthy.rdb: nothing is to be gained, but a grid is printed'] if 'Value' in printed else []
    if 'savings' in healthy.report and healthy.report['savings'].get('together_bytes', 0) > 0:
        complaints.append('healthy.rdb: savings of %d bytes' % healthy.report['savings']['together_bytes'])
    print('%d planted mistakes, %d keys; healthy: %d actions' % (len(PLANTED), len(shop.keys), len(healthy.actions)))
    for c in complaints:
        print(c)
    sys.exit(1 if complaints else 0)


main()
