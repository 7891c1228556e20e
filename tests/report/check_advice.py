#!/usr/bin/env python3
"""What sections of the report say about values, times to live and settings, against a snapshot that was written for it:
numbers that are no integers and why not, what is a JSON document and what only looks like one, values that the file
holds compressed, bitmaps, members that keep sets from intset, keys by time to live, limits that the file proves, that of
changes which exclude each other no byte is counted twice, and what the doctor calls overhead and large.

usage: check_advice.py --bin RDBMETER [--seed N]
"""
import argparse
import csv
import io
import json
import os
import random
import sys
import tempfile
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'pylib'))
from checker import Checker  # noqa: E402
from rdb_records import Record, encode_length, encode_string, write_snapshot  # noqa: E402
from rdbmeter import run_rdbmeter  # noqa: E402

NOW = 1_763_600_000
HOUR, DAY = 3600, 86400

# By the reason that the section counts them under; None: no number, or one that is kept as an integer.
NUMBERS = {
    'leading_zero': ['007', '+7', '-0', '00', '-007', '+0'],
    'fraction': ['1.50', '2e9', '-3.', '.5', '1E-3', '0.0', '+1.5'],
    'blanks': [' 7', '7 ', '\t7\n', ' 1.5 ', ' 007 '],
    'too_large': ['9' * 19, '9223372036854775808', '-9223372036854775809', '1' * 40, '123456789012.34567890123'],
    None: ['', '7', '-7', '0', '9223372036854775807', '1.2.3', '--1', '1e', 'e5', '.', '+', '0x10', '12a', '1 2', 'nan', '1' * 41],
}
DOCUMENTS = ['{"a":1}', ' {"a" : [1, {"b":null}], "c":"\\u00e9"} ', '{"a":"}"}', '{"a":1.5e3,"b":true}\n', '{"a":{"b":{"c":[]}}}']
# An object without members is one, but there is no hash without fields.
NO_DOCUMENTS = ['{}', '{"a":1', '{a:1}', "{'a':1}", '{"a":1,}', '{"a":1} x', '{"a" 1}', '{"a":01}', '{"a":tru}', '{"a":"\x01"}', '{"a":"b}', '{', '{{}}',
                '["a"]', '"a"', '{"a":1}}', '{"a":"\\x"}']
DAMAGED_DOCUMENTS = 4000
LIVES = {'expired already': [-1, -DAY], 'within an hour': [1, HOUR - 1], 'within a day': [HOUR + 1, DAY - 1], 'within a week': [DAY + 1, 7 * DAY - 1],
         'within 30 days': [7 * DAY + 1, 30 * DAY - 1], 'within a year': [30 * DAY + 1, 365 * DAY - 1], 'later': [365 * DAY + 1, 3000 * DAY],
         'never (no TTL)': [None]}


def some_json(r, depth=0):
    """Any value of JSON."""
    kind = r.random()
    if depth < 4 and kind < 0.2:
        return {r.choice(['a', 'b c', '\u00e9', '', '"', '\\', 'n\n']): some_json(r, depth + 1) for _ in range(r.randrange(4))}
    if depth < 4 and kind < 0.35:
        return [some_json(r, depth + 1) for _ in range(r.randrange(4))]
    return r.choice([None, True, False, 0, -1, r.randrange(10 ** 12), r.random(), -1.5e-7, 1e300, 'x', 'y/\u20ac\t', '\U0001f600', ''])


def some_document(r):
    """An object, often with a byte or two that make it none, or a different one."""
    document = json.dumps({'k%d' % i: some_json(r) for i in range(r.randrange(1, 4))}, indent=r.choice([None, None, 1]), ensure_ascii=True)
    for _ in range(r.choice([0, 1, 1, 2])):
        at = r.randrange(len(document))
        document = document[:at] + r.choice(['', r.choice('{}[]",:0123456789.eE+-\\utfn \x01\n/x')]) + document[at + r.randrange(2):]
    return document


def is_document(text):
    """By a parser that is not ours; what it takes beyond RFC 8259 left out. Of a document without members there is no hash."""
    def refuse(word):
        raise ValueError(word)
    try:
        return isinstance(value := json.loads(text, parse_constant=refuse), dict) and value != {}
    except ValueError:
        return False


def string(name, value, db=0, lives=None, encoded=None):
    """`encoded`: the value as it is to lie in the file."""
    key = name.encode()
    expiry = b'' if lives is None else b'\xfc' + ((NOW + lives) * 1000).to_bytes(8, 'little')
    raw = expiry + b'\0' + encode_string(key) + (encoded or encode_string(value.encode()))
    return Record(db, key, 0, raw, lives is not None)


def lzf_of_repeated(byte, length):
    """The value of so many equal bytes, compressed as LZF does: one of them, and references to the byte before."""
    out, left = bytearray([0, byte]), length - 1
    while left > 2:
        n = min(left, 264)
        if left - n in (1, 2):
            n -= 3
        out += bytes([0xe0, n - 9, 0]) if n >= 9 else bytes([(n - 2) << 5, 0])
        left -= n
    out += bytes([left - 1]) + bytes([byte]) * left if left else b''
    return len(out), b'\xc3' + encode_length(len(out)) + encode_length(length) + bytes(out)


def set_of(name, members):
    key = name.encode()
    return Record(0, key, 2, b'\2' + encode_string(key) + encode_length(len(members)) + b''.join(encode_string(m.encode()) for m in members), False)


def listpack(texts):
    """Of texts of less than 64 bytes that are no integers."""
    entries = b''.join(bytes([0x80 | len(t)]) + t + bytes([len(t) + 1]) for t in texts)
    return (len(entries) + 7).to_bytes(4, 'little') + min(len(texts), 65535).to_bytes(2, 'little') + entries + b'\xff'


def packed_hash(name, fields, length):
    key = name.encode()
    blob = listpack([t for i in range(fields) for t in (b'f%d' % i, b'v' * length)])
    return Record(0, key, 16, b'\x10' + encode_string(key) + encode_string(blob), False)


class Planted:
    def __init__(self, rng):
        self.records, self.rng = [], rng
        self.add_strings()
        self.add_compressed()
        self.records += [set_of('viewers:%d' % i, ['%d' % (k * 7) for k in range(100)] + ['guest', 'Admin'][:1 + i % 2]) for i in range(30)]
        self.records += [packed_hash('wide:a', 700, 9), packed_hash('wide:b', 40, 63)]
        self.add_lives()

    def add_strings(self):
        for kind, texts in NUMBERS.items():
            self.records += [string('number %s:%d' % (kind, i), texts[i % len(texts)]) for i in range(4 * len(texts))]
        for kind, texts in ('yes', DOCUMENTS), ('no', NO_DOCUMENTS):
            self.records += [string('document %s:%d' % (kind, i), texts[i % len(texts)]) for i in range(4 * len(texts))]
        self.damaged = Counter()
        for i in range(DAMAGED_DOCUMENTS):
            text = some_document(self.rng)
            kind = 'whole' if is_document(text) else 'broken'
            self.damaged[kind] += 1
            self.records.append(string('%s:%d' % (kind, i), text))

    def add_compressed(self):
        """Ones are a bitmap as full as can be; zeros are one that is empty."""
        self.lengths = {'zeros': Counter(), 'ones': Counter()}
        for i in range(40):
            for name, byte in ('zeros', 0), ('ones', 255):
                length = self.rng.randrange(2000, 9000)
                stored, encoded = lzf_of_repeated(byte, length)
                self.lengths[name].update(value=length, stored=stored)
                self.records.append(string('%s:%d' % (name, i), '', encoded=encoded))

    def add_lives(self):
        self.lives = Counter()
        for bucket, lives in LIVES.items():
            for i in range(self.rng.randrange(10, 60)):
                life = lives[0] if lives[0] is None else self.rng.choice([*lives, self.rng.randrange(*sorted(lives))])
                self.records.append(string('life %s:%d' % (bucket, i), 'x', db=3, lives=life))
                self.lives[bucket] += 1
                if life is not None and life > 0:
                    self.lives['remaining'] += life * 1000
                    self.lives['alive'] += 1


def rows_of(report, section, table='patterns'):
    return {row['pattern']: row for row in report[section].get(table, [])}


def bytes_of(keys, begin):
    return sum(int(row['size_in_bytes']) for row in keys if row['key'].startswith(begin))


def check_numbers(c, report, keys):
    rows = rows_of(report, 'text_numbers')
    reasons = [kind for kind in NUMBERS if kind]
    c.equal('patterns of numbers', set(rows), {'number %s:*' % kind for kind in reasons} | {'number %s:%d' % (kind, i) for kind in reasons for i in range(10) if 'number %s:%d' % (kind, i) in rows})
    for kind in reasons:
        mine = [row for pattern, row in rows.items() if pattern.startswith('number %s:' % kind)]
        for reason in reasons:
            c.equal('%s numbers as %s' % (kind, reason), sum(row[reason] for row in mine), 4 * len(NUMBERS[kind]) if reason == kind else 0)
        c.equal('bytes of %s numbers' % kind, sum(row['before_bytes'] for row in mine), bytes_of(keys, 'number %s:' % kind))


def check_documents(c, report, keys, planted):
    rows = report['json_strings']['patterns']
    of = {kind: sum(row['documents'] for row in rows if row['pattern'].startswith(kind + ':')) for kind in ('whole', 'broken')}
    c.equal('documents among damaged ones', of, {'whole': planted.damaged['whole'], 'broken': 0})
    c.equal('of each kind some', min(planted.damaged.values()) > DAMAGED_DOCUMENTS // 10, True)
    rows = [row for row in rows if not row['pattern'].startswith('whole:')]
    yes = [row for row in rows if row['pattern'].startswith('document yes:')]
    c.equal('documents', sum(row['documents'] for row in yes), 4 * len(DOCUMENTS))
    c.equal('bytes of documents', sum(row['before_bytes'] for row in yes), bytes_of(keys, 'document yes:'))
    c.equal('what looks like documents', [row for row in rows if row not in yes], [])


def check_compressed(c, report, planted):
    rows = rows_of(report, 'compressible')
    for name, lengths in planted.lengths.items():
        row = [r for pattern, r in rows.items() if pattern.startswith(name)]
        got = [sum(r[column] for r in row) for column in ('keys', 'value_bytes', 'compressed_bytes')]
        c.equal('compressed ' + name, got, [40, lengths['value'], lengths['stored']])
        c.equal('ratio of ' + name, all(abs(r['ratio'] - r['value_bytes'] / r['compressed_bytes']) < 1e-6 for r in row), True)
    bitmaps = report['sparse_values']['bitmaps']
    c.equal('bitmaps', sum(row['keys'] for row in bitmaps), 40)
    c.equal('bitmaps of zeros only', {row['pattern'][:6] for row in bitmaps}, {'zeros:'})


def check_strays(c, report):
    section = report['intset_strays']
    c.equal('sets that miss being intsets', (section['keys'], section['members']), (30, 45))
    for row in section['keys_list']:
        want = {'guest', 'Admin'} if int(row['key'][8:]) % 2 else {'guest'}
        c.equal('members of ' + row['key'], (row['strays'], set(row['members'].split())), (len(want), want))


def check_lives(c, report, planted):
    default = sum(record.db == 0 for record in planted.records)
    for row in report['ttl']['buckets']:
        c.equal(row['expires'], row['keys'], planted.lives[row['expires']] + (default if row['expires'].startswith('never') else 0))
    database = next(row for row in report['databases']['list'] if row['database'] == 3)
    c.equal('avg_ttl', database['avg_ttl_ms'], planted.lives['remaining'] // planted.lives['alive'])


def check_settings(c, report):
    proofs = {row['setting']: (row['assumed'], row['at_least'], row['contradicts'], row['key']) for row in report['settings_in_force']['proofs']}
    c.equal('what the file proves', proofs, {'hash-max-listpack-entries': (512, 700, True, 'wide:a'), 'hash-max-listpack-value': (64, 63, False, 'wide:b')})


def check_savings(c, report):
    """A change that excludes another one says so on both sides; together they save no more than alone."""
    changes = {row['id']: row for row in report['savings']['changes']}
    for id_, row in changes.items():
        c.equal('%s together' % id_, 0 <= row['together_bytes'] <= row['alone_bytes'], True)
        for other in row['excludes'].split():
            c.equal('%s excludes %s and that this' % (id_, other), other not in changes or id_ in changes[other]['excludes'].split(), True)
    c.equal('all together', sum(row['together_bytes'] for row in changes.values()), report['savings']['together_bytes'])
    exclusive = [row for row in changes.values() if row['excludes'] and row['together_bytes'] < row['alone_bytes']]
    c.equal('some change gives way to another one', exclusive != [], True)


def findings(binary, folder, records):
    """{id: severity} of what the doctor finds in them."""
    path = os.path.join(folder, 'doctor.rdb')
    with open(path, 'wb') as f:
        f.write(write_snapshot(b'REDIS0010', 10, [], records))
    report = json.loads(run_rdbmeter(binary, 'report', path, '--sections', 'doctor', '--format', 'json', '--now', '%d' % NOW))
    return {row['finding']: row['severity'] for row in report['doctor']['findings']}


def check_doctor(c, binary, folder):
    """Overhead is a fault where something can be done about it: counters that expire cannot become fields, others can.
    Of keys that are alike none is large, of small ones one of the same size is."""
    expiring = [string('rate:%d' % i, '%d' % (i * 7), lives=60 + i) for i in range(5000)]
    c.equal('counters that expire', findings(binary, folder, expiring), {'overhead': 'info'})
    staying = findings(binary, folder, [string('rate:%d' % i, '%d' % (i * 7)) for i in range(5000)])
    c.equal('counters that stay', (staying.get('overhead'), 'grouping_1' in staying), ('warning', True))
    large = [string('image:%d' % i, 'x' * (100000 + i)) for i in range(50)]
    c.equal('large values', findings(binary, folder, large), {})
    among = findings(binary, folder, large[:1] + [string('page:%d' % i, 'x' * 900) for i in range(3000)])
    c.equal('a large value among small ones', among, {'large_keys': 'warning'})


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--seed', type=int, default=3)
    a = ap.parse_args()
    planted, c = Planted(random.Random(a.seed)), Checker()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'advice.rdb')
        with open(path, 'wb') as f:
            f.write(write_snapshot(b'REDIS0010', 10, [], planted.records))
        report = json.loads(run_rdbmeter(a.bin, 'report', path, '--format', 'json', '--top', '1000', '--show-values', '--now', '%d' % NOW))
        keys = list(csv.DictReader(io.StringIO(run_rdbmeter(a.bin, 'keys', path, '--format', 'csv').decode())))
        check_doctor(c, a.bin, folder)
    check_numbers(c, report, keys)
    check_documents(c, report, keys, planted)
    check_compressed(c, report, planted)
    check_strays(c, report)
    check_lives(c, report, planted)
    check_settings(c, report)
    check_savings(c, report)
    print('%d keys, %d differences' % (len(planted.records), c.failures))
    sys.exit(1 if c.failures else 0)


main()
