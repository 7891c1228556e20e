#!/usr/bin/env python3
"""Raises limits of packed objects as the report recommends, for real: fresh servers load the data under the limits in
force and under those of the action's lines; or the running server gets the action's commands, and then the script of
`rdbmeter rewrite`. Also what section violations says that packing saves, by limits that nothing is over, and what its
near misses save, by limits a quarter higher. Each within half a percent of the data.

The seed is new in each run and printed; RDBMETER_SEED repeats one. Exits 77 (skipped) where there is no redis-server or
redis-cli.

usage: limits.py --bin RDBMETER [NAME...]
"""
import subprocess

from cases import run_cases, text
from change import Change
from rdbmeter import run_rdbmeter, with_settings
from redis_server import RedisServer, skip_without_server

SERVER = {'latency-tracking': 'no'}  # redis 7.0 src/latency.c, an hdr_histogram for each command that was called
HASHES = {'hash-max-listpack-entries': 512, 'hash-max-listpack-value': 64}
ZSETS = {'zset-max-listpack-entries': 128, 'zset-max-listpack-value': 64}
SETS = {'set-max-intset-entries': 512}
REASONS = ('too_many_entries', 'element_too_long', 'too_many_integers')
COUNTS, LENGTHS = (4, 900), (1, 200)


def fill_hashes(r):
    """Some are over the limit of a value, others over that of fields, none over both."""
    commands = []
    for i in range(1500):
        longest = r.choice([40, 64, 65, 75, 80, 81, 110, 160])
        commands.append(('HSET', 'long:%d' % i, 'about', text(r, longest), *[x for k in range(r.randrange(12)) for x in ('field%d' % k, text(r, r.randrange(1, 60)))]))
    for i in range(60):
        fields = r.choice([400, 512, 513, 600, 640, 641, 900])
        commands.append(('HSET', 'many:%d' % i, *[x for k in range(fields) for x in ('field%d' % k, r.randrange(10 ** 6))]))
    return commands


def fill_zsets(r):
    commands = []
    for i in range(300):
        members = r.choice([100, 128, 129, 150, 160, 161, 250])
        commands.append(('ZADD', 'many:%d' % i, *[x for u in r.sample(range(10 ** 5), members) for x in (r.choice([u, u / 8]), 'user:%d' % u)]))
        commands.append(('ZADD', 'long:%d' % i, *[x for n in range(r.randrange(2, 20)) for x in (n, text(r, r.choice([50, 65, 80, 81, 120])))]))
    return commands


def fill_sets(r):
    return [('SADD', 'set:%d' % i, *r.sample(range(10 ** r.choice([5, 9, 12])), r.choice([300, 512, 513, 600, 640, 641, 900]))) for i in range(300)]


def fill_all(r):
    return fill_hashes(r) + [(c[0], 'z' + c[1], *c[2:]) for c in fill_zsets(r)] + fill_sets(r)


FILLS = {'hash': fill_hashes, 'zset': fill_zsets, 'intset': fill_sets}


def recommended(report):
    """What is to be set, by the lines to paste and by the commands: the same."""
    lines = dict(line.split(' ') for action in report['actions'] for line in action['paste'])
    commands = [command.split(' ') for action in report['actions'] for command in action['commands']]
    assert commands == [['CONFIG', 'SET', name, value] for name, value in lines.items()], (lines, commands)
    return lines


def raise_limits(redis, report, r):
    return [], sum(a['saves_bytes'] for a in report['actions'] if a['id'].startswith('thresholds_')), recommended(report)


def raised(report, reasons, bytes_):
    """Settings that pack all that those reasons are about, and what they save by the section."""
    return sum(row[bytes_] for row in report['violations']['reasons'] if row['reason_id'] in reasons)


def pack_all(redis, report, r):
    return [], raised(report, REASONS, 'saved_bytes'), {name: 10 ** 6 for name in {**HASHES, **ZSETS, **SETS}}


def pack_near(redis, report, r):
    """None is over both limits, so a quarter more of each packs no others."""
    return [], raised(report, REASONS, 'near_saved'), {name: limit * 5 // 4 for name, limit in {**HASHES, **ZSETS, **SETS}.items()}


def rewrite_in_place(change):
    """The commands of the actions, then the script, on the server that has the data."""
    settings = recommended(change.report)
    with RedisServer(rdb=change.before, options=SERVER) as redis:
        before = redis.used_memory()
        redis.run([('CONFIG', 'SET', *item) for item in settings.items()])
        script = run_rdbmeter(change.binary, 'rewrite', '--script', *with_settings(settings), change.before)
        subprocess.run(['redis-cli', '-s', redis.socket_path], input=script, check=True, stdout=subprocess.DEVNULL)
        redis('SCRIPT', 'FLUSH', 'SYNC')
        after = redis.used_memory()
    change.promised = sum(a['saves_bytes'] for a in change.report['actions'] if a['id'].startswith('thresholds_'))
    change.compare(before, after)


CASES = {name: (fill, raise_limits) for name, fill in FILLS.items()}
CASES.update({'all': (fill_all, raise_limits), 'rewritten': (fill_all, None), 'violations': (fill_all, pack_all), 'near_misses': (fill_all, pack_near)})


def run_case(binary, name, seed, folder, empty):
    fill, apply = CASES[name]
    change = Change(binary, name, seed, folder, empty)
    change.fill(fill)
    if apply:
        change.apply(apply)
    else:
        rewrite_in_place(change)
    wanted = {name} if name in FILLS else set(FILLS)
    found = {a['id'].replace('thresholds_', '') for a in change.report['actions'] if a['id'].startswith('thresholds_')}
    return change.complaints() + (['%s: actions for %s, not %s' % (name, found, wanted)] if found != wanted else [])


skip_without_server('redis-cli')
run_cases(run_case, CASES, SERVER)
