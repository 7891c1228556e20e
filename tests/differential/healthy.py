#!/usr/bin/env python3
"""Of data that is as it should be nothing is said: a redis-server is filled with users, sessions, boards, queues and
streams at three sizes, on a node of a cluster, with large values only, and with counters that expire only. The report of
its snapshot may recommend nothing, and the doctor may find nothing.

The seed is new in each run and printed; RDBMETER_SEED repeats one. Exits 77 (skipped) where there is no redis-server.

usage: healthy.py --bin RDBMETER [NAME...]
"""
import os
import random

from cases import WORDS, report_of, run_cases
from redis_server import RedisServer, cluster_options, take_all_slots


def text(r, n):
    return ''.join(r.choices('abcdefghijklmnopqrstuvwxyz0123456789 ', k=n))


def user(r, i):
    return ('HSET', 'user:%d' % i, 'name', ' '.join(r.sample(WORDS, 2)), 'email', '%s%d@example.org' % (r.choice(WORDS), i), 'created', 1763500000 + i,
            'plan', r.choice(['free', 'pro']), 'country', r.choice(['DE', 'FR', 'US']), 'locale', 'en', 'zone', 'Europe/Berlin', 'logins', r.randrange(1000))


def session(r, users):
    name = 'session:%032x' % r.getrandbits(128)
    return [('HSET', name, 'user', r.randrange(users), 'address', '.'.join(str(r.randrange(256)) for _ in range(4)), 'agent', text(r, 50), 'seen', 1763500000 + r.randrange(10 ** 6)),
            ('EXPIRE', name, r.randrange(600, 86400))]


def shop(users):
    def fill(r):
        commands = []
        for i in range(1, users + 1):
            commands.append(user(r, i))
            if i % 2 == 0:
                commands += session(r, users)
            if i % 10 == 0:
                commands.append(('ZADD', 'board:%d' % (i // 10), *[x for _ in range(r.randrange(10, 100)) for x in (r.randrange(10 ** 6), 'user:%d' % r.randrange(users))]))
                commands.append(('SADD', 'friends:%d' % i, *[r.randrange(users) for _ in range(r.randrange(5, 100))]))
                commands.append(('RPUSH', 'queue:%d' % i, *[text(r, 40) for _ in range(r.randrange(1, 60))]))
            if i % 50 == 0:
                commands.append(('XADD', 'events:%d' % (i % 5), 'MAXLEN', '~', '1000', '*', 'kind', 'login', 'user', i))
        return commands
    return fill


def large_values(r):
    return [('SET', 'image:%d' % i, r.randbytes(r.randrange(50000, 200000))) for i in range(60)]


def counters(r):
    return [('SET', 'rate:%d:%s' % (r.randrange(10 ** 6), r.choice(WORDS)), r.randrange(10 ** 5), 'EX', r.randrange(60, 3600)) for _ in range(20000)]


CASES = {'small': shop(300), 'medium': shop(5000), 'large': shop(20000), 'cluster': shop(4000), 'large_values': large_values, 'counters': counters}


def run_case(binary, name, seed, folder, _):
    path = os.path.join(folder, name + '.rdb')
    options = cluster_options() if name == 'cluster' else {}
    with RedisServer(options=options) as redis:
        if options:
            take_all_slots(redis)
        redis.run(CASES[name](random.Random(seed)))
        redis.save(path)
    report = report_of(binary, path)
    doctor = report_of(binary, path, None, '--sections', 'doctor')
    print('    %s: %d keys, %d bytes' % (name, report['totals']['keys'], report['totals']['dataset_bytes']), flush=True)
    return (['%s: recommended: %s, saves %d' % (name, action['title'], action['saves_bytes']) for action in report['actions']] +
            ['%s: found: %s. %s' % (name, f['title'], f['evidence']) for f in doctor['doctor']['findings'] if f['severity'] != 'info'])


run_cases(run_case, CASES)
