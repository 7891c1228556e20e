#!/usr/bin/env python3
"""Makes all changes that the report knows of, at once: on each pattern the one that saves most of it, and those of the
actions with settings. A fresh redis-server that loads the result under them must hold less by just the joint figure,
within half a percent of the data, although alone the changes promise more: no byte is counted twice.

The seed is new in each run and printed; RDBMETER_SEED repeats one. Exits 77 (skipped) where there is no redis-server.

usage: together.py --bin RDBMETER [NAME...]
"""
import json

from cases import WORDS, run_cases, text
from change import Change
from row_changes import as_hashes, as_integers, compress, group, shorten

LONG_NAME = 'application:production:customer:%d:'
CHANGES = {'grouping': group, 'json_strings': as_hashes, 'compressible': compress, 'text_numbers': as_integers, 'key_names': shorten}


def fill_tables(r):
    """Sorted sets, hashes and lists that settings are about."""
    commands = []
    for i in range(3000):
        commands.append(('HSET', 'profile:%d' % i, 'about', text(r, r.randrange(66, 90)), 'a', text(r, 9), 'b', i, 'c', text(r, 30)))
    for i in range(150):
        commands.append(('SADD', LONG_NAME % i + 'viewers', 'guest', *[r.randrange(10 ** 6) for _ in range(r.randrange(60, 200))]))
        commands.append(('ZADD', 'board:%d' % i, *[x for u in r.sample(range(10 ** 5), r.randrange(132, 150)) for x in (u, 'u%d' % u)]))
    for i in range(60):
        commands.append(('RPUSH', 'log:%d' % i, *[' '.join(r.choices(WORDS, k=12)) for _ in range(600)]))
    return commands


def fill_strings(r):
    """Of strings of one pattern one change can be made."""
    commands = fill_tables(r)
    for i in range(3000):
        commands.append(('SET', 'user:%d:name' % i, text(r, r.randrange(3, 20))))
        commands.append(('SET', 'sku:%d' % i, '%014d' % r.randrange(10 ** 9)))
        commands.append(('SET', LONG_NAME % i + 'note', ' '.join(r.choices(WORDS, k=r.randrange(12, 90)))))
    for i in range(600):  # names without a number cannot be grouped: each is a pattern, of which a table has a thousand
        commands.append(('SET', 'price:%s' % text(r, 12), '%d.%02d' % (r.randrange(10 ** 6, 10 ** 9), r.randrange(100))))
    return commands


def fill_forms(r):
    """Documents under long names, hashes under ids and numbers, ids that are spread, sets of integers beyond the limit of
    intsets beside those that strays keep from it."""
    commands = []
    for i in range(1500):
        commands.append(('SET', LONG_NAME % i + 'document', json.dumps({'a': i, 'b': text(r, 5), 'status': 'ok', 'c': None, 'd': text(r, 60)}, indent=1)))
        commands.append(('HSET', 'cart:%d' % i, 'n', r.randrange(1000), 'sku', text(r, r.randrange(1, 30))))
        commands.append(('HSET', 'login:%032x' % r.getrandbits(128), 'at', 1763500000 + i, 'from', text(r, 9)))
        commands.append(('SET', 'order:%d' % r.randrange(10 ** 10, 10 ** 12), r.choice(['paid', 'open', str(r.randrange(10 ** 6))])))
        commands.append(('HSET', LONG_NAME % i + 'basket', 'n', i, 'about', text(r, 80)))
    for i in range(300):
        commands.append(('SADD', 'viewers:%d' % i, 'guest', *[r.randrange(10 ** 6) for _ in range(r.randrange(60, 200))]))
        if i % 5 == 0:
            commands.append(('SADD', 'members:%d' % i, *r.sample(range(10 ** 7), r.randrange(600, 900))))
    return commands


def best_changes(redis, report, r):
    """On each pattern what saves most of it: the commands, and which changes were made."""
    best = {}
    for section in CHANGES:
        for row in report[section].get('patterns', []):
            place = (row['database'], row['type'], row['pattern'])
            best[place] = max(best.get(place, (0,)), (row['before_bytes'] - row['after_bytes'], section, row), key=lambda b: b[0])
    made = [b for b in best.values() if b[0] > 0]
    return [c for _, section, row in made for c in CHANGES[section](redis, row, r)], {section for _, section, _ in made}


def all_at_once(settings_wanted, changes_wanted):
    def apply(redis, report, r):
        commands, made = best_changes(redis, report, r)
        strays = [('SREM', name, 'guest') for name in redis('KEYS', '*viewers*')]
        settings = dict(line.split(' ', 1) for action in report['actions'] for line in action['paste'])
        assert set(settings) == settings_wanted and made == changes_wanted, (settings, made)
        assert report['savings']['together_bytes'] < sum(row['alone_bytes'] for row in report['savings']['changes'])
        return strays + commands, report['savings']['together_bytes'], settings
    return apply


CASES = {
    'strings': (fill_strings, all_at_once({'zset-max-listpack-entries', 'hash-max-listpack-value', 'list-compress-depth'},
                                          {'grouping', 'compressible', 'text_numbers', 'key_names'})),
    'forms': (fill_forms, all_at_once({'set-max-intset-entries', 'hash-max-listpack-value'}, {'grouping', 'json_strings', 'key_names'})),
}


def run_case(binary, name, seed, folder, empty):
    fill, apply = CASES[name]
    change = Change(binary, name, seed, folder, empty)
    change.fill(fill)
    change.apply(apply)
    return change.complaints()


run_cases(run_case, CASES)
