#!/usr/bin/env python3
"""What rdbmeter check writes for CI systems and for Prometheus, read back: the same verdict in every format, and names
that were made to break them come through whole.

usage: check_formats.py RDBMETER ROOT
"""
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'formats'))
import distribution  # noqa: E402

distribution.prefer('junitparser', 'prometheus_client')
from consumers import read_github, read_gitlab, read_junit, read_prometheus  # noqa: E402
from rdb_records import encode_string  # noqa: E402
from schema import Validator  # noqa: E402

RDBMETER, ROOT = sys.argv[1:3]
SHOWCASE = os.path.join(ROOT, 'testdata', 'showcase.rdb')

HOSTILE = [b'plain', b'<script>alert(1)</script>', b'"]]>&amp;', b'::error::x', b'%0A::error::y', b'a,b:c%25', b'line\nfeed\r',
           b'\x1b[31mred', b'bad\xff\xfe', b'back\\slash "quote"', 'ключ 鍵 🔑'.encode(), b'\xe2\x80\xaebidi', b'\x00nul']


def hostile_snapshot(path):
    """One string of 300 bytes under each hostile name; no checksum."""
    out = b'REDIS0009\xfe\x00'
    for name in HOSTILE:
        out += b'\x00' + encode_string(name) + encode_string(b'v' * 300)
    with open(path, 'wb') as f:
        f.write(out + b'\xff' + bytes(8))


def check(folder, snapshot, policy, *more):
    """(exit status, stdout, JSON) of one run that writes every format."""
    path = os.path.join(folder, 'policy.json')
    with open(path, 'w', encoding='utf-8') as f:
        f.write(policy)
    p = subprocess.run([RDBMETER, 'check', snapshot, '-p', 'policy.json', '-o', 'c.json', '-o', 'c.xml', '-o', 'c.prom', '-o',
                        'c.md', '-o', 'c.html', '-o', '-', '--format', 'github', *more], cwd=folder, capture_output=True)
    with open(os.path.join(folder, 'gitlab'), 'wb') as f:
        subprocess.run([RDBMETER, 'check', snapshot, '-p', 'policy.json', '--format', 'gitlab', *more], cwd=folder, stdout=f)
    with open(os.path.join(folder, 'c.json'), encoding='utf-8') as f:
        return p.returncode, p.stdout.decode('utf-8'), json.load(f)


def unescape(text):
    return re.sub(rb'\\(\\|x[0-9a-f]{2})', lambda m: b'\\' if m[1] == b'\\' else bytes.fromhex(m[1][1:].decode()), text.encode())


class Formats(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix='rdbmeter-formats-')
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def agree(self, document):
        """Every format says what the JSON says of each rule."""
        with open(os.path.join(ROOT, 'docs', 'report.schema.json')) as f:
            schema = json.load(f)
        self.assertEqual(list(Validator(schema).errors(document)), [])
        rules = document['check']['rules']
        cases = read_junit(self.path('c.xml'))
        self.assertEqual([(r['rule'], r['status'], r['message'] or '') for r in rules], [(c[1], c[2], c[3]) for c in cases])
        failed = [r for r in rules if r['status'] == 'failed']
        issues = read_gitlab(self.path('gitlab'))
        self.assertEqual({r['rule'] for r in failed}, {i['check_name'] for i in issues})
        with open(self.path('c.prom'), encoding='utf-8') as f:
            metrics = read_prometheus(f.read())
        kept = {dict(k)['rule']: v for k, v in metrics['rdbmeter_policy_rule_kept'].items() if dict(k)['pattern'] == ''}
        self.assertEqual(kept, {r['rule']: float(r['kept']) for r in rules if r['pattern'] is None and r['kept'] is not None})
        self.assertEqual(metrics['rdbmeter_keys'][()], document['totals']['keys'])
        self.assertEqual(metrics['rdbmeter_dataset_bytes'][()], document['totals']['dataset_bytes'])
        return cases, issues, metrics

    def test_the_same_verdict_everywhere(self):
        status, github, document = check(self.folder.name, SHOWCASE, '''{
            "max_key_bytes": "100kb",
            "max_elements": 100000,
            "max_growth_share": 0.1,
            "patterns": {
                "session:*": {
                    "max_no_ttl_share": 0.1
                }
            }
        }''')
        self.assertEqual(status, 1)
        cases, issues, metrics = self.agree(document)
        self.assertEqual([c[:3] for c in cases], [
            ('all keys', 'integrity', 'passed'), ('all keys', 'max_key_bytes', 'failed'),
            ('session:*', 'max_no_ttl_share', 'failed'), ('all keys', 'max_elements', 'passed'),
            ('all keys', 'max_growth_share', 'skipped')])
        errors = [a for a in read_github(github) if a[0] == 'error']
        self.assertEqual([(a[1]['file'], a[1]['line']) for a in errors], [('policy.json', '2'), ('policy.json', '7')])
        self.assertEqual(errors[0][2].splitlines()[1:], [k['key'] for k in document['check']['keys']])
        self.assertEqual([i['location']['lines']['begin'] for i in issues], [2] * len(document['check']['keys']) + [7])
        self.assertEqual(metrics['rdbmeter_policy_limit'][(('pattern', ''), ('rule', 'max_key_bytes'))], 102400)
        self.assertEqual(metrics['rdbmeter_policy_failed_rules'][()], 2)

    def test_hostile_names_come_through(self):
        snapshot = self.path('hostile.rdb')
        hostile_snapshot(snapshot)
        patterns = ['<b>&"*', 'a\\"b*', '::*', '%0A*', '*\\\\*']
        policy = {'max_element_bytes': 10, 'patterns': {p: {'max_key_bytes': 0, 'max_keys': 0} for p in patterns}}
        status, github, document = check(self.folder.name, snapshot, json.dumps(policy))
        self.assertEqual(status, 1)
        cases, issues, metrics = self.agree(document)
        keys = [k for k in document['check']['keys'] if k['rule'] == 'max_element_bytes']
        self.assertEqual({base64.b64decode(k['key_base64']) if 'key_base64' in k else k['key'].encode() for k in keys}, set(HOSTILE))
        listed = next(c[4] for c in cases if c[1] == 'max_element_bytes')
        self.assertEqual({unescape(line) for line in listed.splitlines()}, set(HOSTILE))
        self.assertEqual(len([i for i in issues if i['check_name'] == 'max_element_bytes']), len(HOSTILE))
        shown = {dict(k)['pattern'] for k in metrics['rdbmeter_policy_pattern_keys']}
        self.assertEqual({unescape(s) for s in shown}, {p.encode() for p in patterns})
        errors = [a for a in read_github(github) if a[0] == 'error']
        self.assertTrue(all(len(a[2].splitlines()) <= 11 for a in errors))
        self.assertEqual({a[1]['title'].split(' of ')[0] for a in errors}, {'max_element_bytes', 'max_key_bytes', 'max_keys'})

    def test_metrics_are_bounded(self):
        snapshot = self.path('many.rdb')
        names = [b'p%c%c:%d' % (97 + i // 26, 97 + i % 26, i) for i in range(400)]
        with open(snapshot, 'wb') as f:
            f.write(b'REDIS0009\xfe\x00' + b''.join(b'\x00' + bytes([len(n)]) + n + b'\x01v' for n in names) + b'\xff' + bytes(8))
        p = subprocess.run([RDBMETER, 'report', snapshot, '--format', 'prometheus', '--top', '400'], capture_output=True, text=True)
        metrics = read_prometheus(p.stdout)
        self.assertEqual(len(metrics['rdbmeter_pattern_bytes']), 100)

    def test_a_report_s_metrics(self):
        p = subprocess.run([RDBMETER, 'report', SHOWCASE, '--format', 'prometheus'], capture_output=True, text=True, check=True)
        metrics = read_prometheus(p.stdout)
        self.assertEqual(sum(metrics['rdbmeter_type_keys'].values()), metrics['rdbmeter_keys'][()])
        self.assertEqual(sum(metrics['rdbmeter_part_bytes'].values()), metrics['rdbmeter_dataset_bytes'][()])
        self.assertEqual(metrics['rdbmeter_complete'][()], 1)

    def test_a_damaged_file(self):
        with open(SHOWCASE, 'rb') as f, open(self.path('cut.rdb'), 'wb') as out:
            out.write(f.read()[:200000])
        status, _, document = check(self.folder.name, 'cut.rdb', '{"max_keys": 10, "min_keys": 5, "max_key_bytes": "1gb"}')
        self.assertEqual(status, 3)
        cases, _, metrics = self.agree(document)
        self.assertEqual([c[1:3] for c in cases], [('integrity', 'failed'), ('max_keys', 'failed'), ('max_key_bytes', 'skipped'),
                                                  ('min_keys', 'skipped')])
        self.assertEqual(metrics['rdbmeter_complete'][()], 0)


unittest.main(argv=sys.argv[:1])
