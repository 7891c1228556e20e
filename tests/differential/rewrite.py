#!/usr/bin/env python3
"""Runs the script of `rdbmeter rewrite` against a live redis-server while a client keeps writing: no write and no expiry
may be lost, and the keys must end in the encodings that the list promises.

usage: rewrite.py --bin RDBMETER
"""
import argparse
import csv
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'pylib'))
from rdbmeter import run_rdbmeter, with_settings  # noqa: E402
from redis_server import Connection, RedisServer, new_seed, skip_without_server  # noqa: E402

OLD = {'hash-max-listpack-entries': 16, 'hash-max-listpack-value': 24, 'zset-max-listpack-entries': 16,
       'set-max-intset-entries': 32, 'maxmemory-policy': 'allkeys-lru'}
NEW = {'hash-max-listpack-entries': 128, 'hash-max-listpack-value': 64, 'zset-max-listpack-entries': 128,
       'set-max-intset-entries': 512}
FAR = 4102444800000  # 2100, in ms
KEYS = 400
HOSTILE = [b'"', b"'", b'\\', b'\n', b'\r\n', b' ', b'\x00', b'\xff\xfe', b'$', b'#', b'\\x41', 'é'.encode(), b'']


class Shadow:
    """What the server should hold, kept beside every write."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.value, self.expiry = {}, {}

    def name(self, i):
        return b'key:%d:%s' % (i, HOSTILE[i % len(HOSTILE)])

    def text(self, n):
        return ''.join(self.random.choices('abcdefghijklmnopqrstuvwxyz0123456789', k=n)).encode()

    def create(self, i):
        """Commands that make key number i anew."""
        r, key = self.random, self.name(i)
        kind = ('hash', 'zset', 'set', 'text')[i % 4]
        n = r.randrange(8, 120)
        commands = [('DEL', key)]
        if kind == 'hash':
            value = {b'f%d' % k: self.text(r.randrange(1, 40)) for k in range(n)}
            commands.append(('HSET', key, *[x for pair in value.items() for x in pair]))
        elif kind == 'zset':
            value = {self.text(8) + b'%d' % k: float(r.randrange(1000)) for k in range(n)}
            commands.append(('ZADD', key, *[x for member, score in value.items() for x in (int(score), member)]))
        elif kind == 'set':
            value = set(b'%d' % k for k in r.sample(range(100000), n))
            commands.append(('SADD', key, *value))
        else:
            value = self.text(20)
            commands.append(('SET', key, value))
        self.value[key] = value
        self.expiry[key] = -1
        if r.random() < 0.5:
            commands.append(self.expire(key))
        return commands

    def expire(self, key):
        self.expiry[key] = FAR + self.random.randrange(10 ** 9)
        return ('PEXPIREAT', key, self.expiry[key])

    def change(self):
        """One write to a random key."""
        r = self.random
        i = r.randrange(KEYS)
        key = self.name(i)
        value = self.value[key]
        what = r.random()
        if what < 0.02:
            return self.create(i)
        if what < 0.1:
            return [self.expire(key)]
        if isinstance(value, dict) and i % 4 == 0:
            field, text = b'f%d' % r.randrange(140), self.text(r.randrange(1, 60))
            value[field] = text
            return [('HSET', key, field, text)]
        if isinstance(value, dict):
            member = r.choice(sorted(value))
            value[member] += 1
            return [('ZINCRBY', key, 1, member)]
        if isinstance(value, set):
            member = b'%d' % r.randrange(100000)
            value.add(member)
            return [('SADD', key, member)]
        self.value[key] = value + b'x'
        return [('APPEND', key, b'x')]


def pairs(flat):
    return dict(zip(flat[::2], flat[1::2]))


READ = {'hash': lambda c, k: pairs(c('HGETALL', k)),
        'zset': lambda c, k: {m: float(s) for m, s in pairs(c('ZRANGE', k, 0, -1, 'WITHSCORES')).items()},
        'set': lambda c, k: set(c('SMEMBERS', k)),
        'string': lambda c, k: c('GET', k)}


class Writer(threading.Thread):
    """Keeps writing until told to stop."""

    def __init__(self, path, shadow):
        super().__init__()
        self.connection, self.shadow = Connection(path), shadow
        self.running, self.writes, self.error = True, 0, None

    def run(self):
        try:
            while self.running:
                self.connection.run(self.shadow.change())
                self.writes += 1
        except Exception as error:  # told to the main thread
            self.error = error


def rewrite(binary, snapshot, *more):
    return run_rdbmeter(binary, 'rewrite', *with_settings(NEW), *more, snapshot)


def encodings(connection, keys):
    return dict(zip(keys, connection.run([('OBJECT', 'ENCODING', k) for k in keys])))


def check_list(listed, before, snapshot):
    """The list against what a server makes of the snapshot under the new settings."""
    with RedisServer(rdb=snapshot, options=NEW) as redis:
        after = encodings(redis.connection, list(before))
    expected = {k: (before[k], after[k]) for k in before if before[k] != after[k]}
    found = {k: (r['encoding'].encode(), r['new_encoding'].encode()) for k, r in listed.items()}
    return ['the list has %s as %s, a reload makes %s' % (k, found.get(k), expected.get(k))
            for k in sorted(found.keys() | expected.keys()) if found.get(k) != expected.get(k)]


def check_values(connection, shadow):
    complaints = []
    for key, value in shadow.value.items():
        kind = connection('TYPE', key).decode()
        got = READ[kind](connection, key) if kind in READ else None
        if got != value:
            complaints.append('%s: a write is lost' % key)
        if connection('PEXPIRETIME', key) != shadow.expiry[key]:
            complaints.append('%s: expires at %s instead of %s' % (key, connection('PEXPIRETIME', key), shadow.expiry[key]))
    return complaints


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    a = ap.parse_args()
    skip_without_server('redis-cli')
    seed = new_seed()
    shadow = Shadow(seed)
    folder = tempfile.mkdtemp(prefix='rdbmeter-rewrite-')
    try:
        with RedisServer(options=OLD) as redis:
            complaints = run(a.bin, redis, shadow, os.path.join(folder, 'dump.rdb'))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for line in complaints[:20]:
        print('    ' + line)
    sys.exit(1 if complaints else 0)


def run(binary, redis, shadow, snapshot):
    redis.run([command for i in range(KEYS) for command in shadow.create(i)])
    redis.save(snapshot)
    before = encodings(redis.connection, list(shadow.value))
    rows = csv.DictReader(io.StringIO(rewrite(binary, snapshot, '--key-format', 'hex').decode()))
    listed = {bytes.fromhex(r['key']): r for r in rows}
    complaints = check_list(listed, before, snapshot)
    writer = Writer(redis.socket_path, shadow)
    writer.start()
    try:
        cli = subprocess.run(['redis-cli', '-s', redis.socket_path], input=rewrite(binary, snapshot, '--script'),
                             capture_output=True)
    finally:
        writer.running = False
        writer.join()
    lines = cli.stdout.decode(errors='replace').splitlines()
    done = sum(line.strip() in ('1', '(integer) 1') for line in lines)
    print('    %d keys listed, %d rewritten, %d writes meanwhile' % (len(listed), done, writer.writes), flush=True)
    complaints += ['redis-cli: ' + line for line in lines if 'ERR' in line or 'error' in line.lower()]
    if writer.error:
        complaints.append('the writer failed: %s' % writer.error)
    if done < len(listed) * 0.7 or writer.writes < 20:
        complaints.append('too little happened')
    complaints += check_values(redis.connection, shadow)
    with RedisServer(options=NEW) as fresh:  # every key as a server under the new settings would hold it
        for key in shadow.value:
            fresh('RESTORE', key, 0, redis('DUMP', key))
        wanted, got = encodings(fresh.connection, list(shadow.value)), encodings(redis.connection, list(shadow.value))
    for key in listed:
        if got[key] != wanted[key]:
            complaints.append('%s is %s, not %s' % (key, got[key], wanted[key]))
    return complaints


main()
