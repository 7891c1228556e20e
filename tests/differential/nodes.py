#!/usr/bin/env python3
"""Nodes of lists and streams under the settings that section node_sweeps has a row for, for real: a redis-server gets each
setting, lists and streams are written anew, and a fresh server that loads them must hold less, or more, by what the row
says, within half a percent of the data. Compress depths are only set. And what goes when pending entries of streams are
acknowledged.

The seed is new in each run and printed; RDBMETER_SEED repeats one. Exits 77 (skipped) where there is no redis-server.

usage: nodes.py --bin RDBMETER [NAME...]
"""
from cases import WORDS, run_cases, text
from change import Change


def fill_lists(r):
    return [('RPUSH', 'list:%d' % i, *[r.choice([text(r, r.randrange(1, 120)), str(r.randrange(10 ** 6)), ' '.join(r.choices(WORDS, k=12))])
                                       for _ in range(r.randrange(1, 900))]) for i in range(200)]


def fill_streams(r):
    commands = []
    for i in range(40):
        at = 1763500000000
        for _ in range(r.randrange(50, 900)):
            at += r.choice([1, 100, 5000])
            fields = [x for f in ('user', 'page', 'ms') for x in (f, r.choice([str(r.randrange(10 ** 5)), text(r, 9)]))]
            if r.random() < 0.1:
                fields += ['referrer', text(r, r.randrange(1, 80))]
            commands.append(('XADD', 'stream:%d' % i, '%d-%d' % (at, r.randrange(3)), *fields))
    return commands


def by_row(table, setting, value, commands_of):
    """A case: the settings of a row, and commands that write keys anew under them."""
    def apply(redis, report, r):
        row, = [row for row in report['node_sweeps'][table] if row['setting'] == setting and row['value'] == value]
        return [('CONFIG', 'SET', setting, value)] + commands_of(redis), row['saved_bytes'], {setting: value}
    return apply


def lists_anew(redis):
    return [c for name in redis('KEYS', '*') for c in (('DEL', name), ('RPUSH', name, *redis('LRANGE', name, 0, -1)))]


def streams_anew(redis):
    return [c for name in redis('KEYS', '*') for c in (('DEL', name), *[('XADD', name, i, *fields) for i, fields in redis('XRANGE', name, '-', '+')])]


def nothing(redis):
    return []


def fill_pending(r):
    commands = fill_streams(r)
    for i in range(40):
        for g in range(r.randrange(3)):
            commands.append(('XGROUP', 'CREATE', 'stream:%d' % i, 'group%d' % g, '0'))
            for c in range(r.randrange(1, 4)):
                commands.append(('XREADGROUP', 'GROUP', 'group%d' % g, 'consumer%d' % c, 'COUNT', r.randrange(1, 400), 'STREAMS', 'stream:%d' % i, '>'))
    return commands


def acknowledge(redis, report, r):
    commands = []
    for name in redis('KEYS', '*'):
        ids = [i for i, _ in redis('XRANGE', name, '-', '+')]
        for g in range(2):
            commands.append(('XACK', name, 'group%d' % g, *ids))
    return commands, sum(row['pending_bytes'] for row in report['streams']['list'])


CASES = {'pending': (fill_pending, acknowledge)}
for name, values, table, fill, commands in (
        ('list-max-listpack-size', ('-1', '-3', '-4', '-5', '128', '512'), 'list_size', fill_lists, lists_anew),
        ('list-compress-depth', ('1', '2'), 'list_depth', fill_lists, nothing),
        ('stream-node-max-bytes', ('2kb', '8kb', '16kb', '32kb'), 'stream_nodes', fill_streams, streams_anew),
        ('stream-node-max-entries', ('50', '200', '400'), 'stream_nodes', fill_streams, streams_anew)):
    CASES.update({'%s %s' % (name, value): (fill, by_row(table, name, value, commands)) for value in values})


def run_case(binary, name, seed, folder, empty):
    fill, apply = CASES[name]
    change = Change(binary, name.replace(' ', '='), seed, folder, empty)
    change.fill(fill)
    promised = change.apply(apply)
    if name == 'list-compress-depth 1' and change.action_bytes('list_compress_depth') != promised:
        return ['%s: the action saves %d' % (name, change.action_bytes('list_compress_depth'))]
    return change.complaints()


run_cases(run_case, CASES)
