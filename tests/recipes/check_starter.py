#!/usr/bin/env python3
"""rdbmeter policy --init: the policy passes on the snapshot it came from, and each of its rules is broken by the breach
that is planted for it, in a copy of the data on a real redis-server. Exits 77 (skipped) where there is none.

usage: check_starter.py RDBMETER
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
from redis_server import RedisServer, skip_without_server  # noqa: E402

RDBMETER = sys.argv[1]
skip_without_server()


def good_data(redis):
    redis.run([('SET', 'session:%d' % i, 'x' * 80, 'EX', 86400) for i in range(1000)])
    redis.run([('HSET', 'user:%d' % i, 'name', 'someone', 'mail', 'someone@example.org') for i in range(500)])
    redis.run([('SADD', 'tags:%d' % i, *range(20)) for i in range(200)])
    redis.run([('ZADD', 'board:%d' % i, *[x for n in range(30) for x in (n, 'm%d' % n)]) for i in range(100)])
    redis.run([('RPUSH', 'queue', *['job'] * 100)])


# What breaks each rule that the starter sets.
BREACHES = {
    'max_key_bytes': [('SET', 'big', 'x' * 100000)],
    'max_packed_bytes': [('HSET', 'user:packed', *[x for i in range(100) for x in ('f%d' % i, 'v' * 60)])],
    'max_elements': [('RPUSH', 'queue', *['job'] * 100)],
    'max_element_bytes': [('SET', 'session:0', 'x' * 200, 'EX', 9)],
    'max_name_bytes': [('SET', 'session:' + 'n' * 100, 'x', 'EX', 86400)],
    'forbid_encodings': [('HSET', 'user:1', 'about', 'x' * 65), ('ZADD', 'board:1', 1, 'x' * 65)],
    'max_total_bytes': [('SET', 'more:%d' % i, 'x' * 200, 'EX', 86400) for i in range(1000)],
    'max_keys': [('SET', 'session:more:%d' % i, '', 'EX', 86400) for i in range(1000)],
    'min_keys': [('DEL', *['session:%d' % i for i in range(1000)])],
    'max_no_ttl_share': [('PERSIST', 'session:%d' % i) for i in range(1000)],
    'max_no_ttl_bytes': [('PERSIST', 'session:%d' % i) for i in range(1000)],
    # a snapshot's time has whole seconds
    'max_expired_bytes': [('PEXPIRE', 'session:%d' % i, 1) for i in range(500)] + [('DEBUG', 'SLEEP', '1.5')],
    'max_overhead_share': [('SET', 'n:%d' % i, '', 'EX', 86400) for i in range(5000)],
    'max_violations': [('HSET', 'user:1', 'about', 'x' * 65)],
    'max_violation_bytes': [('HSET', 'user:1', 'about', 'x' * 65)],
    'max_growth_share': [('SET', 'more:%d' % i, 'x' * 200, 'EX', 86400) for i in range(1000)],
    'max_key_growth_share': [('SET', 'session:more:%d' % i, '', 'EX', 86400) for i in range(1000)],
}
PATTERN_BREACHES = {
    'max_total_bytes': [('SET', 'session:more:%d' % i, 'x' * 80, 'EX', 86400) for i in range(500)],
    'max_key_bytes': [('SET', 'session:0', 'x' * 300, 'EX', 86400)],
    'max_no_ttl_share': [('PERSIST', 'session:%d' % i) for i in range(500)],
    'max_growth_share': [('SET', 'session:more:%d' % i, 'x' * 80, 'EX', 86400) for i in range(500)],
}


class Starter(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='rdbmeter-starter-')
        cls.good = os.path.join(cls.folder.name, 'good.rdb')
        cls.policy = os.path.join(cls.folder.name, 'policy.json')
        cls.baseline = os.path.join(cls.folder.name, 'baseline.json')
        with RedisServer() as redis:
            good_data(redis)
            redis.save(cls.good)
        subprocess.run([RDBMETER, 'policy', '--init', cls.good, '-o', cls.policy], check=True)
        cls.first = cls.check(cls.good, '-o', cls.baseline)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def check(cls, snapshot, *more):
        p = subprocess.run([RDBMETER, 'check', snapshot, '-p', cls.policy, '-o', '-', '--format', 'json', *more],
                           capture_output=True, text=True)
        assert p.stdout, (p.returncode, p.stderr)
        return p.returncode, json.loads(p.stdout), p.stderr

    def rules(self, document):
        return {(r['pattern'], r['rule']): r['status'] for r in document['check']['rules']}

    def planted(self, commands, *more, options=None):
        path = os.path.join(self.folder.name, 'planted.rdb')
        with RedisServer(rdb=self.good, options=options) as redis:
            redis('DEBUG', 'SET-ACTIVE-EXPIRE', '0')
            redis.run(commands)
            redis.save(path)
        return self.check(path, '-b', self.baseline, *more)

    def test_passes_where_it_came_from(self):
        status, document, errors = self.first
        self.assertEqual((status, errors), (0, ''))
        self.assertEqual({s for k, s in self.rules(document).items() if 'growth' not in k[1]}, {'passed'})
        status, document, _ = self.check(self.good, '-b', self.baseline)
        self.assertEqual((status, set(self.rules(document).values())), (0, {'passed'}))

    def test_also_from_standard_input(self):
        with open(self.good, 'rb') as f:
            policy = subprocess.run([RDBMETER, 'policy', '--init', '-'], stdin=f, capture_output=True, text=True, check=True).stdout
        path = os.path.join(self.folder.name, 'stdin.json')
        with open(path, 'w') as f:
            f.write(policy)
        self.assertEqual(subprocess.run([RDBMETER, 'check', self.good, '-p', path], stdout=subprocess.DEVNULL).returncode, 0)

    def test_every_rule_is_broken_by_its_breach(self):
        set_rules = {k[1] for k in self.rules(self.first[1]) if k[0] is None} - {'integrity'}
        self.assertEqual(set_rules - set(BREACHES), {'require_checksum', 'require_counts'})
        for rule, commands in BREACHES.items():
            with self.subTest(rule):
                status, document, _ = self.planted(commands)
                self.assertEqual((status, self.rules(document)[None, rule]), (1, 'failed'))

    def test_patterns_too(self):
        for rule, commands in PATTERN_BREACHES.items():
            with self.subTest(rule):
                status, document, _ = self.planted(commands)
                self.assertEqual((status, self.rules(document)['session:*', rule]), (1, 'failed'))

    def test_packed_bytes_are_the_block(self):
        """7 bytes around the entries of a listpack, an entry of a letter 3, of a small integer 2; 8 around an intset."""
        path = os.path.join(self.folder.name, 'packed.rdb')
        with RedisServer() as redis:
            redis.run([('HSET', 'h', 'f', 'v'), ('ZADD', 'z', 1, 'm'), ('SADD', 'i', 1, 2), ('RPUSH', 'l', 'a', 'b'),
                       ('HSET', 'long', 'f', 'v' * 64), ('HSET', 'table', 'f', 'v' * 65), ('SET', 'string', 'x')])
            redis.save(path)
        _, document, _ = self.check(path, '--max-packed-bytes', '0', '--target', 'redis-7.2')
        found = {k['key']: k['measure'] for k in document['check']['keys'] if k['rule'] == 'max_packed_bytes'}
        self.assertEqual(found, {'h': 7 + 3 + 3, 'z': 7 + 3 + 2, 'i': 8 + 2 * 2, 'l': 7 + 3 + 3, 'long': 7 + 3 + 64 + 3})

    def test_a_snapshot_without_a_checksum(self):
        status, document, _ = self.planted([], options={'rdbchecksum': 'no'})
        self.assertEqual((status, self.rules(document)[None, 'require_checksum']), (1, 'failed'))

    def test_a_key_that_is_missing_is_found_by_the_counts(self):
        with open(self.good, 'rb') as f:
            data = f.read()
        at = data.index(b'\x04\x05queue') if b'\x04\x05queue' in data else data.index(b'\x05queue') - 1
        resize = re.search(rb'\xfb\x47\x09', data)  # 1801 keys
        self.assertIsNotNone(resize)
        self.assertGreater(at, resize.start())
        path = os.path.join(self.folder.name, 'counts.rdb')
        with open(path, 'wb') as f:
            f.write(data.replace(b'\xfb\x47\x09', b'\xfb\x47\x0a', 1)[:-8] + bytes(8))
        status, document, _ = self.check(path)
        self.assertEqual((status, self.rules(document)[None, 'require_counts']), (1, 'failed'))

    def test_what_the_starter_leaves_as_comments(self):
        for option, kept, broken in (('--require-encodings', 'quicklist', 'stream'), ('--max-age', '1d', '0'),
                                     ('--max-growth-bytes', '10mb', '10kb')):
            for value, verdict in ((kept, 'passed'), (broken, 'failed')):
                with self.subTest(option, value=value):
                    _, document, _ = self.planted(BREACHES['max_total_bytes'], option, value)
                    self.assertEqual(self.rules(document)[None, option[2:].replace('-', '_')], verdict)


unittest.main(argv=sys.argv[:1])
