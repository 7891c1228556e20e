#!/usr/bin/env python3
"""Damages values of every encoding and asks a real redis-server, by RESTORE under sanitize-dump-payload yes, what it
makes of them: what it refuses, `verify --deep` must complain of. What was not damaged both must take. (Damage that the
server takes may be found all the same: later releases look closer, and a count that is wrong is wrong.)

Values come from a server that is filled from a seed, and from testdata for the encodings of older releases. Damage that
changes how long the value is cannot be compared (RESTORE ignores what follows the value) and is passed over.

The seed is new in each run and printed; RDBMETER_SEED repeats one. Exits 77 (skipped) where there is no redis-server.

usage: sanitize.py --bin RDBMETER --testdata DIR [--rounds N]
"""
import glob
import os
import random
import struct
import subprocess
import sys
import tempfile

from cases import arguments
from rdb_records import COMMON, REDIS, VALKEY, Reader, Snapshot, crc64
from redis_server import RedisServer, ServerError

SHOWN = 10
SOUND, DAMAGED = 0, 3
VALUE_MAX = 600
MODULES = (6, 7)  # only their module knows what is right


def fill(r):
    """Small values, so that damage finds its structure, each packed form with more than one kind of entry."""
    words = [b'', b'a', b'field', b'a longer text than the others have here, beyond 63 bytes of length in a listpack']
    numbers = [0, 7, 127, 128, -1, -4096, 4095, 4096, 32767, -32769, 1 << 23, 1 << 31, -(1 << 40), (1 << 63) - 1]
    some = lambda n: [r.choice(words[1:]) + str(r.randrange(100)).encode() if r.random() < 0.5 else r.choice(numbers) for _ in range(n)]
    yield 'SET', 'string', r.choice(words)
    yield 'SET', 'number', r.choice(numbers)
    for i in range(4):
        yield 'RPUSH', 'list:%d' % i, *some(r.randrange(1, 9))
        yield 'SADD', 'intset:%d' % i, *r.sample(range(-3, 40), r.randrange(1, 9)), r.choice([0, 40000, 1 << 40])
        yield 'SADD', 'set:%d' % i, *some(r.randrange(1, 9)), 'x'
        yield 'HSET', 'hash:%d' % i, *[x for k, v in zip(some(5), some(5)) for x in (k, v)]
        yield 'ZADD', 'zset:%d' % i, *[x for m in some(5) for x in (r.choice([0, -1.5, 3, '1e300', '-inf', 17.25]), m)]
        stream = 'stream:%d' % i
        for n in range(r.randrange(1, 6)):
            yield 'XADD', stream, '%d-%d' % (1000 + 7 * n, n), *[x for f in r.sample(['f', 'g', 'h'], r.randrange(1, 3)) for x in (f, r.choice(numbers))]
        yield 'XADD', stream, '2000-0', 'f', 'v'
        yield 'XDEL', stream, '1000-0'
        yield 'XGROUP', 'CREATE', stream, 'g', '0'
        yield 'XREADGROUP', 'GROUP', 'g', 'one', 'COUNT', 2, 'STREAMS', stream, '>'
        yield 'XREADGROUP', 'GROUP', 'g', 'two', 'COUNT', 1, 'STREAMS', stream, '>'
    yield 'HSET', 'table', *[x for i in range(3) for x in ('f%d' % i, 'v' * (80 * (i == 1)))]
    yield 'ZADD', 'skiplist', *[x for i in range(3) for x in (i / 4, 'm' * (1 + 80 * (i == 1)) + str(i))]


class Format:
    """What the server writes and reads: known from a value that it dumps."""

    def __init__(self, redis):
        redis('SET', 'x', 'x')
        self.version = struct.unpack('<H', redis('DUMP', 'x')[-10:-8])[0]
        redis('DEL', 'x')
        self.is_valkey = self.version >= 80
        self.types = {**COMMON, **(VALKEY if self.is_valkey else REDIS)}
        self.magic = (b'VALKEY%03d' if self.is_valkey else b'REDIS%04d') % self.version

    def reads(self, snapshot):
        oldest_of_valkey = 11  # REDIS versions beyond are another dialect's
        return snapshot.version <= (oldest_of_valkey if self.is_valkey and not snapshot.valkey else self.version)


def values(redis, form, testdata, r):
    """[(type number, bytes of the value)]"""
    found = set()
    redis.run(list(fill(r)))
    for key in redis('KEYS', '*'):
        payload = redis('DUMP', key)
        found.add((payload[0], payload[1:-10]))
    redis('FLUSHALL')
    for path in sorted(glob.glob(os.path.join(testdata, 'tiny', '*.rdb')) + glob.glob(os.path.join(testdata, 'accuracy', '*.rdb'))):
        with open(path, 'rb') as f:
            snapshot = Snapshot(f.read())
        of_type = {}
        for record in snapshot.records if form.reads(snapshot) else []:
            value = value_of(record)
            if value and len(value) < VALUE_MAX and record.type_code not in MODULES:
                of_type.setdefault(record.type_code, []).append(value)
        for type_code, some in of_type.items():
            found.update((type_code, value) for value in r.sample(some, min(len(some), 3)))
    return sorted(found)


def value_of(record):
    """The bytes of a record behind its key; None where something stands before it."""
    reader = Reader(record.raw)
    if reader.byte() != record.type_code:
        return None
    reader.skip_string()
    return record.raw[reader.at:]


def damage(value, r):
    """Bytes that differ in a few places: bits, whole bytes, or small steps, which make lengths and counts nearly right."""
    out = bytearray(value)
    for _ in range(r.choice([1, 1, 1, 2, 4])):
        at = r.randrange(len(out))
        kind = r.randrange(4)
        if kind == 0:
            out[at] ^= 1 << r.randrange(8)
        elif kind == 1:
            out[at] = r.choice([0, 1, 127, 128, 254, 255, r.randrange(256)])
        elif kind == 2:
            out[at] = (out[at] + r.choice([-2, -1, 1, 2])) & 255
        else:
            other = r.randrange(len(out))
            n = r.randrange(1, 5)
            out[at:at + n] = out[other:other + n][:len(out[at:at + n])].ljust(len(out[at:at + n]), b'\0')
    return bytes(out)


def keeps_its_length(form, type_code, value):
    reader = Reader(value)
    try:
        form.types[type_code](reader)
    except (ValueError, IndexError):
        return False
    return reader.at == len(value)


def refused(redis, form, type_code, value):
    body = bytes([type_code]) + value + struct.pack('<H', form.version)
    reply, _ = redis.connection.pipeline([('RESTORE', 'k', 0, body + struct.pack('<Q', crc64(body)), 'REPLACE'), ('DEL', 'k')])
    if isinstance(reply, ServerError) and 'Bad data format' not in str(reply):
        raise reply
    return isinstance(reply, ServerError)


def verdict(binary, path, form, type_code, value):
    body = form.magic + b'\xfe\x00' + bytes([type_code]) + b'\x01k' + value + b'\xff'
    with open(path, 'wb') as f:
        f.write(body + struct.pack('<Q', crc64(body)))
    p = subprocess.run([binary, 'verify', '--deep', path], capture_output=True, stdin=subprocess.DEVNULL, timeout=20)
    return p.returncode, (p.stdout + p.stderr).decode(errors='replace')


def complaint_of(status, said, is_refused, is_damaged):
    if status not in (SOUND, DAMAGED):
        return 'exit %d: %s' % (status, said[-200:])
    if is_refused and status == SOUND:
        return 'the server refuses it, verify finds nothing'
    if status == DAMAGED and not (is_refused or is_damaged):
        return 'a server wrote it, verify says: ' + said[-300:]
    return None


def main():
    a, seed = arguments(('--testdata', {'required': True}), ('--rounds', {'type': int, 'default': 1500}))
    r = random.Random(seed)
    compared, refusals, complaints = 0, 0, []
    with tempfile.TemporaryDirectory(prefix='rdbmeter-sanitize-') as folder, \
            RedisServer(options={'sanitize-dump-payload': 'yes', 'rdbcompression': 'no'}) as redis:
        path = os.path.join(folder, 'value.rdb')
        form = Format(redis)
        originals = values(redis, form, a.testdata, r)
        for i in range(a.rounds):
            type_code, original = originals[i % len(originals)]
            is_damaged = i >= len(originals)
            value = damage(original, r) if is_damaged else original
            if not keeps_its_length(form, type_code, value):
                continue
            compared += 1
            status, said = verdict(a.bin, path, form, type_code, value)
            is_refused = refused(redis, form, type_code, value)
            refusals += is_refused
            complaint = complaint_of(status, said, is_refused, is_damaged)
            if complaint:
                complaints.append('type %d, %s: %s' % (type_code, complaint, value.hex()))
    for line in complaints[:SHOWN]:
        print(line)
    print('%d values compared, %d of them refused by the server, %d complaints' % (compared, refusals, len(complaints)))
    sys.exit(1 if complaints or refusals < a.rounds // 10 else 0)


main()
