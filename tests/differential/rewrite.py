#!/usr/bin/env python3
"""Runs the script of `rdbmeter rewrite` against a live redis-server while clients keep writing: no write and no expiry
may be lost, and the keys must end in the encodings that the list promises.

Names are of every kind that redis-cli could stumble over, in two databases; a writer creates, changes, expires and
deletes keys; others change keys in WATCH, MULTI, EXEC and count what was accepted; keys end by their TTL while the script
runs, some in the same millisecond. Likewise on a node of a cluster; on a server without room for writes, which must refuse
and keep what it has; and on the settings' way back, from packed to tables.

The seed is new in each run and printed; RDBMETER_SEED repeats one. Exits 77 (skipped) where there is no redis-server or
redis-cli.

usage: rewrite.py --bin RDBMETER [NAME...]
"""
import csv
import io
import os
import random
import subprocess
import threading
import time

from cases import run_cases
from rdbmeter import run_rdbmeter, with_settings
from redis_server import Connection, RedisServer, cluster_options, skip_without_server, take_all_slots

SMALL = {'hash-max-listpack-entries': 16, 'hash-max-listpack-value': 24, 'zset-max-listpack-entries': 16, 'set-max-intset-entries': 32}
LARGE = {'hash-max-listpack-entries': 128, 'hash-max-listpack-value': 64, 'zset-max-listpack-entries': 128, 'set-max-intset-entries': 512}
FAR = 4102444800000  # 2100, in ms
KEYS, ACCOUNTS, BRIEF, UNUSED = 400, 60, 300, 20
IDLE_SECONDS, FREQUENCY = 50000, 200  # of keys that nobody uses; a counter falls by one a minute
HOSTILE = [b'"', b"'", b'\\', b'\n', b'\r\n', b' ', b'\x00', b'\xff\xfe', b'$', b'#', b'\\x41', 'é'.encode(), b'', b'{tag}', b'{}']
LIFE = 6  # seconds within which brief keys expire
PATIENCE = 60


class Shadow:
    """What the server should hold, kept beside every write. Keys are (database, name)."""

    def __init__(self, seed, databases):
        self.random, self.databases = random.Random(seed), databases
        self.value, self.expiry = {}, {}

    def place(self, i):
        return self.databases[i // 4 % len(self.databases)], b'key:%d:%s' % (i, HOSTILE[i % len(HOSTILE)])

    def text(self, n):
        return ''.join(self.random.choices('abcdefghijklmnopqrstuvwxyz0123456789', k=n)).encode()

    def new_value(self, kind):
        """And the command that writes it, without the name."""
        r = self.random
        n = r.randrange(8, 120)
        if kind == 'hash':
            value = {b'f%d' % k: self.text(r.randrange(1, 40)) for k in range(n)}
            return value, ('HSET', *[x for pair in value.items() for x in pair])
        if kind == 'zset':
            value = {self.text(8) + b'%d' % k: float(r.randrange(1000)) for k in range(n)}
            return value, ('ZADD', *[x for member, score in value.items() for x in (int(score), member)])
        if kind == 'set':
            value = set(b'%d' % k for k in r.sample(range(100000), n))
            return value, ('SADD', *value)
        value = self.text(20)
        return value, ('SET', value)

    def create(self, i):
        """Commands that make key number i anew, in its database."""
        key = self.place(i)
        value, (command, *words) = self.new_value(('hash', 'zset', 'set', 'text')[i % 4])
        commands = [('DEL', key[1]), (command, key[1], *words)]
        self.value[key], self.expiry[key] = value, -1
        if self.random.random() < 0.5:
            commands.append(self.expire(key))
        return commands

    def expire(self, key):
        self.expiry[key] = FAR + self.random.randrange(10 ** 9)
        return ('PEXPIREAT', key[1], self.expiry[key])

    def persist(self, key):
        self.expiry[key] = -1
        return ('PERSIST', key[1])

    def change(self):
        """The database of a random key, and one write to it."""
        r = self.random
        i = r.randrange(KEYS)
        key = self.place(i)
        value = self.value[key]
        what = r.random()
        if what < 0.02:
            return key[0], self.create(i)
        if what < 0.1:
            return key[0], [self.expire(key) if r.random() < 0.7 else self.persist(key)]
        return key[0], [self.change_value(i, key, value)]

    def change_value(self, i, key, value):
        r = self.random
        if isinstance(value, dict) and i % 4 == 0:
            field, text = b'f%d' % r.randrange(140), self.text(r.randrange(1, 60))
            value[field] = text
            return ('HSET', key[1], field, text)
        if isinstance(value, dict):
            member = r.choice(sorted(value))
            value[member] += 1
            return ('ZINCRBY', key[1], 1, member)
        if isinstance(value, set):
            member = b'%d' % r.randrange(100000)
            value.add(member)
            return ('SADD', key[1], member)
        self.value[key] = value + b'x'
        return ('APPEND', key[1], b'x')


def pairs(flat):
    return dict(zip(flat[::2], flat[1::2]))


READ = {'hash': lambda c, k: pairs(c('HGETALL', k)),
        'zset': lambda c, k: {m: float(s) for m, s in pairs(c('ZRANGE', k, 0, -1, 'WITHSCORES')).items()},
        'set': lambda c, k: set(c('SMEMBERS', k)),
        'string': lambda c, k: c('GET', k)}


class Client(threading.Thread):
    """Does one thing after the other until told to stop."""

    def __init__(self, path):
        super().__init__()
        self.connection, self.running, self.done, self.error = Connection(path), True, 0, None

    def run(self):
        try:
            while self.running:
                self.once()
                self.done += 1
        except Exception as error:  # told to the main thread
            self.error = error

    def stop(self):
        self.running = False
        self.join()


class Writer(Client):
    def __init__(self, path, shadow):
        super().__init__(path)
        self.shadow = shadow

    def once(self):
        database, commands = self.shadow.change()
        self.connection.run([('SELECT', database)] * (len(self.shadow.databases) > 1) + commands)


class Banker(Client):
    """Adds one to a field by reading it and writing it back, if nobody wrote the key meanwhile."""

    def __init__(self, path, seed, counts):
        super().__init__(path)
        self.random, self.counts, self.refused = random.Random(seed), counts, 0

    def once(self):
        name = b'account:%d' % self.random.randrange(ACCOUNTS)
        c = self.connection
        _, old = c.run([('WATCH', name), ('HGET', name, 'balance')])
        if c.run([('MULTI',), ('HSET', name, 'balance', int(old) + 1), ('EXEC',)])[2] is None:
            self.refused += 1
        else:
            self.counts[name] += 1


class Scene:
    """A server with data, and what is to become of it."""

    def __init__(self, binary, redis, shadow, folder, old, new):
        self.binary, self.redis, self.shadow, self.old, self.new = binary, redis, shadow, old, new
        self.snapshot = os.path.join(folder, 'rewrite.rdb')
        self.accounts = {b'account:%d' % i: 100 for i in range(ACCOUNTS)}
        self.brief = {}
        redis.run([('CONFIG', 'SET', *item) for item in old.items()])
        for i in range(KEYS):
            self.run_in(shadow.place(i)[0], shadow.create(i))
        self.run_in(0, [('HSET', name, 'balance', 100, *[x for k in range(30) for x in (k, 'x')]) for name in self.accounts])
        self.run_in(0, [('HSET', b'brief:%d' % i, *[x for k in range(30) for x in (k, i)]) for i in range(BRIEF)])
        self.unused = {b'unused:%d' % i: None for i in range(UNUSED)}
        self.run_in(0, [('HSET', name, *[x for k in range(30) for x in (k, 'x')]) for name in self.unused])
        self.is_lfu = redis('CONFIG', 'GET', 'maxmemory-policy')[1].endswith(b'lfu')
        use = ('FREQ', FREQUENCY) if self.is_lfu else ('IDLETIME', IDLE_SECONDS)
        redis.run([('RESTORE', name, 0, redis('DUMP', name), 'REPLACE', *use) for name in self.unused])
        redis.save(self.snapshot)

    def run_in(self, database, commands):
        self.redis.run([('SELECT', database)] * (len(self.shadow.databases) > 1) + commands)

    def rewrite(self, *more):
        return run_rdbmeter(self.binary, 'rewrite', *with_settings(self.new), *more, self.snapshot)

    def run_script(self):
        """Lines that redis-cli prints."""
        cli = subprocess.run(['redis-cli', '-s', self.redis.socket_path], input=self.rewrite('--script'), capture_output=True, timeout=PATIENCE)
        return cli.stdout.decode(errors='replace').splitlines()

    def listed(self):
        rows = csv.DictReader(io.StringIO(self.rewrite('--key-format', 'hex').decode()))
        return {(int(r['database']), bytes.fromhex(r['key'])): (r['encoding'].encode(), r['new_encoding'].encode()) for r in rows}

    def encodings(self, connection, keys):
        found = {}
        for database in self.shadow.databases:
            mine = [key for key in keys if key[0] == database]
            if len(self.shadow.databases) > 1:
                connection('SELECT', database)
            found.update(zip(mine, connection.run([('OBJECT', 'ENCODING', key[1]) for key in mine])))
        return found

    def give_old_form(self, keys):
        self.redis.run([('CONFIG', 'SET', *item) for item in self.old.items()])
        for key in keys:
            self.run_in(key[0], [])
            dump = self.redis('DUMP', key[1])
            self.redis('RESTORE', key[1], max(0, self.shadow.expiry.get(key, 0)), dump, 'REPLACE', 'ABSTTL')

    def end_brief_keys(self):
        """They have a TTL from now on: of up to some seconds."""
        now = int(time.time() * 1000)
        self.brief = {b'brief:%d' % i: now + 300 + self.shadow.random.randrange(1000 * LIFE) for i in range(BRIEF)}
        self.run_in(0, [('PEXPIREAT', name, at) for name, at in self.brief.items()])

    def check_brief_keys(self):
        """Those that are left have their TTL to the millisecond and their value; later on none is left."""
        complaints = []
        self.run_in(0, [])
        for name, at in self.brief.items():
            expiry, value = self.redis.run([('PEXPIRETIME', name), ('HGETALL', name)])
            if expiry not in (at, -2) or (expiry == -2 and at > time.time() * 1000) or (expiry == at and value and len(value) != 60):
                complaints.append('%s: expires at %s instead of %d' % (name, expiry, at))
        time.sleep(max(0.0, max(self.brief.values()) / 1000 - time.time()) + 0.05)
        left = sum(self.redis.run([('EXISTS', name) for name in self.brief]))
        return complaints + (['%d keys outlive their TTL' % left] if left else [])

    def check_unused(self):
        """Writing them anew is no use of them."""
        self.run_in(0, [])
        used = self.redis.run([('OBJECT', 'FREQ' if self.is_lfu else 'IDLETIME', name) for name in self.unused])
        least, most = (FREQUENCY - 5, FREQUENCY) if self.is_lfu else (IDLE_SECONDS, IDLE_SECONDS + PATIENCE)
        return ['%s: idle time or frequency %d' % row for row in zip(self.unused, used) if not least <= row[1] <= most]

    def check_values(self):
        complaints = []
        for key, value in self.shadow.value.items():
            self.run_in(key[0], [])
            kind = self.redis('TYPE', key[1]).decode()
            got = READ[kind](self.redis, key[1]) if kind in READ else None
            if got != value:
                complaints.append('%s: a write is lost' % (key,))
            if self.redis('PEXPIRETIME', key[1]) != self.shadow.expiry[key]:
                complaints.append('%s: expires at %s instead of %s' % (key, self.redis('PEXPIRETIME', key[1]), self.shadow.expiry[key]))
        self.run_in(0, [])
        for name, count in self.accounts.items():
            if int(self.redis('HGET', name, 'balance')) != count:
                complaints.append('%s: %s instead of %d' % (name, self.redis('HGET', name, 'balance'), count))
        return complaints

    def check_list(self, listed, before):
        """The list against what a server makes of the snapshot under the new settings."""
        with RedisServer(rdb=self.snapshot, options=self.new) as fresh:
            after = self.encodings(fresh.connection, before)
        expected = {k: (before[k], after[k]) for k in before if before[k] != after[k]}
        found = {k: row for k, row in listed.items() if k in before}
        return ['the list has %s as %s, a reload makes %s' % (k, found.get(k), expected.get(k))
                for k in sorted(found.keys() | expected.keys()) if found.get(k) != expected.get(k)]

    def check_encodings(self, listed):
        """Every key as a server under the new settings would hold what it has become."""
        keys = list(self.shadow.value)
        with RedisServer(options=self.new) as fresh:
            for key in keys:
                self.run_in(key[0], [])
                fresh('SELECT', key[0])
                fresh('RESTORE', key[1], 0, self.redis('DUMP', key[1]))
            wanted = self.encodings(fresh.connection, keys)
        got = self.encodings(self.redis.connection, keys)
        return ['%s is %s, not %s' % (key, got[key], wanted[key]) for key in keys if key in listed and got[key] != wanted[key]]


def check_watched(scene, listed):
    """A client that has WATCHed a key is told, as by any other write to it. Then the script does it again."""
    name = next(key[1] for key in listed if key[1].startswith(b'account:'))
    other = Connection(scene.redis.socket_path)
    other.run([('WATCH', name)])
    scene.run_script()
    accepted = other.run([('MULTI',), ('HSET', name, 'balance', 0), ('EXEC',)])[2]
    other.close()
    return ['EXEC is accepted although %s was written anew' % name] if accepted is not None else []


def run_live(scene):
    """The script twice: with a client that watches a key, before there are others; and with all of them, after the keys
    have been given their old form again."""
    before = scene.encodings(scene.redis.connection, list(scene.shadow.value))
    listed = scene.listed()
    complaints = scene.check_list(listed, before) + check_watched(scene, listed) + scene.check_unused()
    scene.give_old_form(listed)
    clients = [Writer(scene.redis.socket_path, scene.shadow), Banker(scene.redis.socket_path, 0, scene.accounts)]
    scene.end_brief_keys()
    for client in clients:
        client.start()
    try:
        lines = scene.run_script()
        again = scene.run_script()  # finds nothing left to do but what the writer has made since
    finally:
        for client in clients:
            client.stop()
    done, writes = sum(line == '1' for line in lines), [client.done for client in clients]
    print('    %d keys listed, %d rewritten, then %d; %d writes and %d transactions meanwhile, %d refused' % (
        len(listed), done, sum(line == '1' for line in again), *writes, clients[1].refused), flush=True)
    complaints += ['redis-cli: ' + line for line in lines + again if 'ERR' in line or 'error' in line.lower()]
    complaints += ['a client failed: %r' % client.error for client in clients if client.error]
    if done < (len(listed) - BRIEF) * 0.7 or min(writes) < 20:
        complaints.append('too little happened')
    return complaints + scene.check_brief_keys() + scene.check_values() + scene.check_encodings(listed)


def run_without_room(scene):
    """maxmemory is reached and nothing may be evicted: RESTORE is refused before it drops anything."""
    scene.redis.run([('CONFIG', 'SET', 'maxmemory-policy', 'noeviction'), ('CONFIG', 'SET', 'maxmemory', '1mb')])
    lines = scene.run_script()
    refused = sum('OOM' in line for line in lines)
    scene.redis.run([('CONFIG', 'SET', 'maxmemory', 0), ('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')])
    print('    %d keys refused' % refused, flush=True)
    return (['none is refused'] if refused == 0 else []) + scene.check_values()


CASES = {  # databases, options of the server, its settings before and after, what is tried
    'databases': ([0, 5], {'maxmemory-policy': 'allkeys-lru'}, SMALL, LARGE, run_live),
    'frequencies': ([0], {'maxmemory-policy': 'allkeys-lfu'}, SMALL, LARGE, run_live),
    'cluster': ([0], None, SMALL, LARGE, run_live),
    'back': ([0, 5], {}, LARGE, SMALL, run_live),
    'without_room': ([0], {}, SMALL, LARGE, run_without_room),
}


def run_case(binary, name, seed, folder, empty):
    databases, options, old, new, attempt = CASES[name]
    print('    %s:' % name, flush=True)
    with RedisServer(options=cluster_options() if options is None else options) as redis:
        if options is None:
            take_all_slots(redis)
        complaints = attempt(Scene(binary, redis, Shadow(seed, databases), folder, old, new))
    return ['%s: %s' % (name, complaint) for complaint in complaints[:20]]


skip_without_server('redis-cli')
run_cases(run_case, CASES)
