#!/usr/bin/env python3
"""What TTLs cost and what expiring keys free, for real. A redis-server loads a snapshot, keys get a TTL, and expire; what
used_memory does at each step must be what section ttl says, within half a percent of the data: the expiries and their
table, then the keys with them, and the tables once a fresh server loads what is left. A running server keeps its tables
until less than a tenth of them is used; that is looked at, too.

avg_ttl: what INFO prints beside what the report says. The server has none when it has loaded, and then comes to it by
sampling: redis 7.0 src/expire.c activeExpireCycle takes at least 20 keys ten times a second (hz) and moves the figure a
fiftieth of the way to their mean. Tested at hz 500.

The servers keep no histograms of their commands' times, of which each takes some 24 KB.

The seed is new in each run and printed; RDBMETER_SEED repeats one. Exits 77 (skipped) where there is no redis-server.

usage: expiry.py --bin RDBMETER [NAME...]
"""
import os
import random
import re
import time

from cases import TOLERANCE, report_of, run_cases, text
from redis_server import RedisServer, used_memory_with

SERVER = {'latency-tracking': 'no'}  # redis 7.0 src/latency.c, an hdr_histogram for each command that was called
FAR = 4102444800  # 2100
HOUR = 3600
PATIENCE = 60


def fill(r):
    """Of session:* some code path forgot the TTL; cart:* never had one; log:* is database 3, and all of it."""
    commands = [('SELECT', 0)]
    for i in range(r.randrange(6000, 12000)):
        commands.append(('HSET', 'session:%d' % i, 'user', r.randrange(10 ** 6), 'agent', text(r, r.randrange(4, 40))))
        if i % 4:
            commands.append(('EXPIREAT', 'session:%d' % i, FAR))
    for i in range(r.randrange(3000, 6000)):
        commands.append(('SET', 'cart:%d' % (i * r.randrange(1, 9999)), text(r, r.randrange(1, 90))))
    commands.append(('SELECT', 3))
    commands += [('RPUSH', 'log:%d' % i, *[text(r, r.randrange(1, 60)) for _ in range(r.randrange(1, 30))]) for i in range(r.randrange(3000, 9000))]
    return commands


class Steps:
    """used_memory at each step, and what is wrong with it."""

    def __init__(self, name, data_bytes):
        self.name, self.data_bytes, self.complaints = name, data_bytes, []

    def equal(self, what, got, want):
        off = (got - want) / self.data_bytes
        print('    %s: %s %d bytes, the report says %d (off by %+.3f %% of the data)' % (self.name, what, got, want, 100 * off), flush=True)
        if abs(off) > TOLERANCE:
            self.complaints.append('%s: %s %d bytes, not %d' % (self.name, what, got, want))


def settled(redis, database):
    """used_memory once no table moves any more. Asking is done by other connections."""
    last, deadline = None, time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        now = redis.used_memory()
        redis('SELECT', database)
        if now == last and b'ehashing' not in redis('DEBUG', 'HTSTATS', database):
            return now
        last = now
        time.sleep(0.3)
    raise RuntimeError('used_memory does not settle')


def saved(redis, path):
    redis.save(path)
    return path


def expire_now(redis, keys, left):
    """All of them in one moment, and waits until the server has found that out."""
    at = int(time.time() * 1000) + 2000
    redis.run([('PEXPIREAT', key, at) for key in keys])
    deadline = time.monotonic() + PATIENCE
    while redis('DBSIZE') != left:
        if time.monotonic() > deadline:
            raise RuntimeError('keys do not expire')
        time.sleep(0.1)


def expire_keys(redis, steps, row, keys, tables_shrink, before, after_path, held):
    """`row`: of section ttl. `held`: used_memory of a fresh server with a snapshot."""
    fresh = held(before)
    loaded = settled(redis, row['database'])
    left = redis('DBSIZE') - len(keys)
    redis.run([('EXPIREAT', key, FAR) for key in keys])
    given = settled(redis, row['database'])
    steps.equal('TTLs cost', given - loaded, row['cost_bytes'])
    expire_now(redis, keys, left)
    gone = settled(redis, row['database'])
    kept = 0 if tables_shrink else row['table_bytes']  # the table of expiries has grown
    steps.equal('expiry frees, in the running server,', loaded - gone + kept,
                row['bytes'] + (row['freed_table_bytes'] if tables_shrink else 0))
    steps.equal('expiry frees, after a restart,', fresh - held(saved(redis, after_path)), row['bytes'] + row['freed_table_bytes'])


def run_expiring(binary, name, folder, empty, before):
    report = report_of(binary, before)
    is_pattern = name != 'database'
    steps = Steps(name, report['totals']['dataset_bytes'])
    if is_pattern:
        row = next(row for row in report['ttl']['added_by_pattern'] if row['pattern'] == name)
    else:
        row = next(row for row in report['ttl']['added_by_database'] if row['database'] == 3)
    with RedisServer(rdb=before, options=SERVER) as redis:
        redis('SELECT', row['database'])
        keys = [key for key in redis('KEYS', name if is_pattern else '*') if redis('TTL', key) == -1]
        if len(keys) != row['keys']:
            steps.complaints.append('%s: %d keys without TTL, not %d' % (name, len(keys), row['keys']))
        expire_keys(redis, steps, row, keys, not is_pattern, before, os.path.join(folder, 'after.rdb'),
                    lambda path: used_memory_with(SERVER, path) - empty)
    actions = {action['title']: action['saves_bytes'] for action in report['actions'] if re.match(r'ttl_\d+$', action['id'])}
    if actions != {'Give every session:* a TTL': next(row['bytes'] for row in report['ttl']['added_by_pattern'] if row['pattern'] == 'session:*')}:
        steps.complaints.append('%s: actions %s' % (name, actions))
    return steps.complaints


def run_expired(binary, name, folder, empty, seed):
    """Keys that have expired in the snapshot: a server drops them when it loads it. Its tables are made for all, but that
    of expiries shrinks when nothing is left in it."""
    r, path = random.Random(seed), os.path.join(folder, 'expired.rdb')
    now = int(time.time())
    with RedisServer(options=SERVER) as redis:
        redis('DEBUG', 'SET-ACTIVE-EXPIRE', 0)
        for i in range(r.randrange(4000, 8000)):
            redis('SET', 'otp:%d' % i, text(r, r.randrange(1, 90)), *([] if i % 2 else ['PXAT', 1000 * now + r.randrange(1500, 2500)]))
        time.sleep(max(0.0, now + 2.6 - time.time()))
        redis.save(path)
    report = report_of(binary, path)
    steps = Steps(name, report['totals']['dataset_bytes'])
    row = next(row for row in report['ttl']['buckets'] if row['expires'] == 'expired already')
    if row['keys'] == 0:
        steps.complaints.append('%s: none has expired' % name)
    steps.equal('without the expired keys a server holds', used_memory_with(SERVER, path) - empty,
                report['totals']['dataset_bytes'] - row['bytes'] - report['totals']['expires_table_bytes'])
    return steps.complaints


def fill_lives(r):
    """Of three databases two have keys with a TTL: of up to ten hours, and of two kinds that differ by much."""
    commands = [('SELECT', 0)]
    now = int(time.time() * 1000)
    commands += [('SET', 'even:%d' % i, i, 'PXAT', now + r.randrange(HOUR, 10 * HOUR) * 1000) for i in range(4000)]
    commands += [('SET', 'never:%d' % i, i) for i in range(1000)]
    commands.append(('SELECT', 2))
    commands += [('SET', 'two:%d' % i, i, 'PXAT', now + r.choice([2, 50]) * HOUR * 1000) for i in range(3000)]
    return commands + [('SELECT', 5), ('SET', 'alone', 1)]


def info_averages(redis):
    """{database: (expires, avg_ttl)}"""
    lines = redis('INFO', 'keyspace').decode().splitlines()
    rows = [re.match(r'db(\d+):keys=\d+,expires=(\d+),avg_ttl=(\d+)', line) for line in lines]
    return {int(m.group(1)): (int(m.group(2)), int(m.group(3))) for m in rows if m}


def run_average(binary, name, folder, seed):
    """Where samples are drawn, the mean of many of them: each is a moving mean of the last 50 or so, of 20 keys each."""
    path, complaints = os.path.join(folder, 'lives.rdb'), []
    with RedisServer(options=SERVER) as redis:
        redis.run(fill_lives(random.Random(seed)))
        redis.save(path)
    with RedisServer(rdb=path, options={**SERVER, 'hz': 500}) as redis:
        redis('DEBUG', 'SET-ACTIVE-EXPIRE', 0)
        redis('DEBUG', 'RELOAD')
        at_first = info_averages(redis)
        redis('DEBUG', 'SET-ACTIVE-EXPIRE', 1)
        time.sleep(3)
        seen = {db: [] for db in at_first}
        begin = time.time()
        while time.time() < begin + 6:
            for db, (_, average) in info_averages(redis).items():
                seen[db].append(average)
            time.sleep(0.02)
        middle = (begin + time.time()) / 2
    report = report_of(binary, path, None, '--now', '%d' % middle)
    for row in report['databases']['list']:
        average = sum(seen[row['database']]) / len(seen[row['database']])
        off = average / row['avg_ttl_ms'] - 1 if row['avg_ttl_ms'] else average
        print('    %s: database %d: INFO has %d after loading, then %.0f ms, the report says %d (%+.2f %%)' % (
            name, row['database'], at_first[row['database']][1], average, row['avg_ttl_ms'], 100 * off), flush=True)
        if at_first[row['database']] != (row['expires'], 0) or abs(off) > 0.02:
            complaints.append('%s: database %d: avg_ttl %d, not %d' % (name, row['database'], average, row['avg_ttl_ms']))
    return complaints


CASES = ['session:*', 'cart:*', 'database', 'expired', 'avg_ttl']


def run_case(binary, name, seed, folder, empty):
    if name == 'expired':
        return run_expired(binary, name, folder, empty, seed)
    if name == 'avg_ttl':
        return run_average(binary, name, folder, seed)
    before = os.path.join(folder, 'before.rdb')
    if not os.path.exists(before):
        with RedisServer(options=SERVER) as redis:
            redis.run(fill(random.Random(seed)))
            redis.save(before)
    return run_expiring(binary, name, folder, empty, before)


run_cases(run_case, CASES, SERVER)
