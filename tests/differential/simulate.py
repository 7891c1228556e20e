#!/usr/bin/env python3
"""Does what the report recommends, for real: groups strings and hashes into hashes, stores JSON as hashes, compresses
values, writes numbers as integers, shortens names, keeps HyperLogLogs sparse, takes strays out of sets. Then a fresh
redis-server loads the result, and what it holds less must be what the report said, within half a percent of the data.

The seed is new in each run and printed; RDBMETER_SEED repeats one. Exits 77 (skipped) where there is no redis-server.

usage: simulate.py --bin RDBMETER [NAME...]
"""
import json
import random
import re
import uuid

from cases import WORDS, run_cases, text
from change import Change
from row_changes import as_hashes, as_integers, compress, group, shorten


# ---- grouping -------------------------------------------------------------------------------------------------------

def fill_strings(r):
    commands = []
    for i in r.sample(range(1, 30000), 9000):
        value = r.choice([str(r.randrange(10 ** r.randrange(1, 12))), text(r, r.randrange(1, 64)), r.choice(WORDS)])
        commands.append(('SET', 'user:%d:name' % i, value))
        if i % 3:
            commands.append(('SET', 'visits:%04d' % i, r.randrange(100000)))
    return commands


def group_all(redis, report, r):
    """All patterns at once: the table of the database shrinks for all together."""
    commands = [c for row in report['grouping']['patterns'] for c in group(redis, row, r)]
    assert len(report['grouping']['patterns']) == 2, report['grouping']['patterns']
    return commands, sum(row['together_bytes'] for row in report['savings']['changes'] if row['id'] in ('grouping', 'tables'))


def group_one(redis, report, r):
    row, = report['grouping']['patterns']
    return group(redis, row, r), row['saved_bytes']


def fill_ids(r):
    """Random ids, ids that begin with a time (UUID 1), and letters and digits of several lengths."""
    commands = []
    for i in range(7000):
        id_ = uuid.UUID(int=r.getrandbits(128), version=4) if i % 2 else uuid.UUID(fields=(r.getrandbits(32), 0x11f0, 0x11ee, 0x80, 1, 0x1234567))
        commands.append(('SET', 'tok:%s' % id_, r.choice([str(r.randrange(10 ** 9)), text(r, r.randrange(1, 50))])))
        if i % 4 == 0:
            commands.append(('SET', 'link:%s%d%s%d%s:v' % (text(r, 3), r.randrange(10), text(r, 3), r.randrange(10), text(r, r.randrange(3, 9))), text(r, r.randrange(5, 60))))
    return commands


def distinct(ids):
    return list(dict.fromkeys(ids))


def numbered(fill):
    """Strings under these ids: a pattern by itself."""
    return lambda r: [('SET', 'item:%s' % id_, r.choice([str(r.randrange(10 ** 9)), text(r, r.randrange(1, 40))])) for id_ in fill(r)]


# What each makes of numbers: False: the rule of numbers is better; True: they are taken for ids.
NUMBERED = {
    'one_after_the_other': (False, lambda r: range(1234560000, 1234566000)),
    'far_apart': (True, lambda r: r.sample(range(10 ** 9, 10 ** 10), 5000)),
    'of_all_lengths': (True, lambda r: distinct('%d' % r.randrange(10 ** r.randrange(3, 19)) for _ in range(9000))),
    'leading_zeros': (True, lambda r: distinct('%012d' % r.randrange(10 ** 11) for _ in range(4000))),
    'short': (False, lambda r: r.sample(range(3 * 10 ** 4), 9000)),
    'hexadecimal': (True, lambda r: distinct(id_ for id_ in ('%08x' % r.getrandbits(32) for _ in range(9000)) if re.search('[0-9]', id_))),
    'long_hexadecimal': (False, lambda r: distinct('%032x' % r.getrandbits(128) for _ in range(4000))),
    'addresses': (True, lambda r: distinct('.'.join('%d' % r.randrange(10, 256) for _ in range(4)) for _ in range(5000))),
}


def fill_sparse_hashes(r):
    return [small_hash(r, 'order:%d' % i) for i in r.sample(range(10 ** 9, 10 ** 11), 4000)]


def fill_hashes(r):
    commands = []
    for i in r.sample(range(1, 20000), 6000):
        commands.append(('HSET', 'cart:%d' % i, 'n', r.randrange(1000), r.choice(WORDS), text(r, r.randrange(1, 30)), r.randrange(500), 'x'))
    return commands


def small_hash(r, name):
    return ('HSET', name, 'n', r.randrange(10 ** 6), 'at', 1763500000 + r.randrange(10 ** 6), *r.choice([[], [r.randrange(500), text(r, r.randrange(1, 60))]]))


def fill_hash_ids(r):
    return [small_hash(r, 'page:%s%d%s%d%s' % (text(r, 3), r.randrange(10), text(r, 3), r.randrange(10), text(r, r.randrange(1, 7)))) for _ in range(5000)]


def fill_hash_uuids(r):
    """Long in front of each field."""
    return [small_hash(r, 'login:%s' % uuid.UUID(int=r.getrandbits(128), version=4)) for _ in range(5000)]


# ---- strings --------------------------------------------------------------------------------------------------------

def fill_json(r):
    commands = []
    for i in range(2500):
        document = {'id': i, 'title': text(r, r.randrange(3, 30)), 'price': r.randrange(100000) / 100, 'tags': r.sample(WORDS, 3), 'note': 'caf\u00e9 "%s"\n' % text(r, 4),
                    'on': r.random() < 0.5, 'size': {'w': r.randrange(100), 'h': r.randrange(100)}, 'body': ' '.join(r.choices(WORDS, k=r.choice([2, 3, 30])))}
        commands.append(('SET', 'doc:%d' % i, json.dumps(document)))
        commands.append(('SET', 'small:%d' % i, json.dumps({'a': i, 'b': text(r, 5), 'status': 'ok', 'c': None}, indent=1)))
        commands.append(('SET', 'no:%d' % i, json.dumps({'a': i})[:-1]))
    return commands


def fill_small_json(r):
    return [('SET', 'small:%d' % i, json.dumps({'a': i, 'b': text(r, 5), 'status': 'ok', 'c': None}, indent=1)) for i in range(3000)]


def on_all(section, change):
    """The change made to every row of the section."""
    def apply(redis, report, r):
        rows = report[section]['patterns']
        return [c for row in rows for c in change(redis, row, r)], sum(row['saved_bytes'] for row in rows)
    return apply


def fill_compressible(r):
    return [('SET', 'page:%d' % i, ' '.join(r.choices(WORDS, k=r.randrange(10, 200)))) for i in range(2000)]


def fill_numbers(r):
    commands = []
    for i in range(4000):
        commands.append(('SET', 'sku:%d' % i, '%012d' % r.randrange(10 ** 9)))
        commands.append(('SET', 'price:%d' % i, '%d.%02d' % (r.randrange(10 ** 5, 10 ** 6), r.randrange(1, 100))))
        commands.append(('SET', 'padded:%d' % i, ' %d ' % r.randrange(10 ** 6, 10 ** 9)))
        commands.append(('SET', 'plus:%d' % i, '+%d' % r.randrange(10 ** 5, 10 ** 9)))
    return commands


def fill_names(r):
    commands = []
    for i in range(3000):
        commands.append(('SET', 'application:production:customer:%d:preferences' % i, text(r, 20)))
        commands.append(('SADD', 'cache:https://www.shop.example/en/category/%s/%s?page=%d' % (text(r, r.randrange(20, 60)), text(r, 20), i), text(r, 9)))
    return commands


def shorter(redis, report, r):
    """All names at once, since names of one pattern may look like those of another one."""
    return shorten(redis, {'pattern': '*'}, r), sum(row['saved_bytes'] for row in report['key_names']['patterns'])


def fill_hyperloglogs(r):
    return [('PFADD', 'unique:%d' % i, *[text(r, 10) for _ in range(1800)]) for i in range(150)]


def keep_sparse(redis, report, r):
    """The same elements again, on a server that lets them stay sparse: merging does not, so they are added anew."""
    again = random.Random(r.seed_of_fill)
    return ([('CONFIG', 'SET', 'hll-sparse-max-bytes', 15000), ('FLUSHALL',), *fill_hyperloglogs(again)],
            sum(row['saved_bytes'] for row in report['sparse_values']['hyperloglogs']))


# ---- sets -----------------------------------------------------------------------------------------------------------

def fill_strays(r):
    """Very many: a table that grew while its set was loaded may or may not have done with its last rehash, by the server's
    hash seed, and keeps both tables until it is touched. The model says what is likelier. Of one set in ten that is wrong
    by a table, which is as much as the set takes as an intset; over thousands it evens out to a few hundredths of that."""
    commands = []
    for i in range(8000):
        widest = r.choice([1000, 30000, 10 ** 7, 10 ** 12])
        commands.append(('SADD', 'viewers:%d' % i, *r.choice([['guest'], ['guest', 'nobody', '007']]), *[r.randrange(widest) for _ in range(r.randrange(60, 200))]))
    return commands


def without_strays(redis, report, r):
    section = report['intset_strays']
    return [('SREM', name, 'guest', 'nobody', '007') for name in redis('KEYS', '*')], section['saved_bytes']


# ---- expiry ---------------------------------------------------------------------------------------------------------

def fill_without_ttl(r):
    commands = []
    for i in range(r.randrange(3000, 9000)):
        commands.append(('SET', 'page:%d' % i, text(r, r.randrange(1, 90))))
        commands.append(('HSET', 'visit:%s' % text(r, r.randrange(4, 30)), 'a', i, 'b', text(r, 9)))
        if i % 3:
            commands.append(('EXPIRE', 'page:%d' % i, r.randrange(10 ** 4, 10 ** 6)))
    return commands


def all_with_ttl(redis, report, r):
    row, = report['ttl']['added_by_database']
    commands = [('EXPIRE', name, r.randrange(10 ** 4, 10 ** 6), 'NX') for name in redis('KEYS', '*')]
    return commands, -row['cost_bytes']


def pattern_with_ttl(redis, report, r):
    row = next(row for row in report['ttl']['added_by_pattern'] if row['pattern'] == 'page:*')
    assert any(action['id'].startswith('ttl_') for action in report['actions']), report['actions']
    commands = [('EXPIRE', name, r.randrange(10 ** 4, 10 ** 6), 'NX') for name in redis('KEYS', row['pattern'])]
    return commands, -row['cost_bytes']


CASES = {'grouping_' + name: (numbered(fill), group_one) for name, (_, fill) in NUMBERED.items()}
CASES.update({
    'grouping_sparse_hashes': (fill_sparse_hashes, group_one),
    'grouping_strings': (fill_strings, group_all), 'grouping_ids': (fill_ids, group_all), 'grouping_hashes': (fill_hashes, group_one),
    'grouping_hash_ids': (fill_hash_ids, group_one), 'grouping_hash_uuids': (fill_hash_uuids, group_one),
    'json': (fill_json, on_all('json_strings', as_hashes)), 'small_json': (fill_small_json, on_all('json_strings', as_hashes)), 'compressible': (fill_compressible, on_all('compressible', compress)), 'numbers': (fill_numbers, on_all('text_numbers', as_integers)),
    'names': (fill_names, shorter), 'hyperloglogs': (fill_hyperloglogs, keep_sparse), 'strays': (fill_strays, without_strays),
    'ttl': (fill_without_ttl, all_with_ttl), 'ttl_pattern': (fill_without_ttl, pattern_with_ttl),
})


# Where a case does just what actions of the report say, their ids but for a number: they save what is promised.
ACTIONS = {
    'grouping_hashes': 'grouping', 'grouping_hash_ids': 'grouping', 'small_json': 'json_strings', 'compressible': 'compressible', 'numbers': 'text_numbers',
    'names': 'key_names', 'hyperloglogs': 'sparse_hyperloglogs', 'strays': 'intset_strays',
}


def run_case(binary, name, seed, folder, empty):
    fill, apply = CASES[name]
    change = Change(binary, name, seed, folder, empty)
    change.fill(fill)
    promised = change.apply(apply)
    if name in ACTIONS and change.action_bytes(ACTIONS[name]) != promised:
        return ['%s: the actions save %d' % (name, change.action_bytes(ACTIONS[name]))]
    if name.startswith('grouping_') and name[9:] in NUMBERED:
        taken = change.report['grouping']['patterns'][0]['numbers_are_ids']
        if taken != NUMBERED[name[9:]][0]:
            return ['%s: numbers are ids: %s' % (name, taken)]
    return change.complaints()


run_cases(run_case, CASES)
