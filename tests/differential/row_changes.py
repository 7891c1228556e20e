"""What the report's sections propose for the keys of a pattern, as commands for a server that has them. A row is one of
such a section."""
import json
import re
import zlib

from cases import text
from rdb_records import Reader

SHORTEST_ID, LONG_NAME = 8, 64


def groups(redis, row):
    """(name, hash, field) of the keys of a row, by the rule that it states."""
    prefix, suffix = row['pattern'].encode().split(b'*')
    for name in redis('KEYS', row['pattern']):
        id_ = name[len(prefix):len(name) - len(suffix)]
        is_number = not re.search(rb'[^0-9.-]', id_)
        if is_number and not (row['numbers_are_ids'] and len(id_) >= SHORTEST_ID):
            n = min(row['digits'], len(re.search(rb'[0-9]+$', id_).group()))
            yield name, prefix + id_[:-n] + b'x' * n + suffix, id_[-n:]
        else:
            yield name, prefix + b'#' + (b'%08x' % zlib.crc32(id_))[:row['bucket_digits']] + suffix, id_


def group(redis, row, r):
    commands, hashes = [], set()
    for name, hash_, field in groups(redis, row):
        hashes.add(hash_)
        if row['type'] == 'hash':
            flat = redis('HGETALL', name)
            commands += [('HSET', hash_, field + b':' + f, value) for f, value in zip(flat[::2], flat[1::2])]
        else:
            commands.append(('HSET', hash_, field, redis('GET', name)))
        commands.append(('DEL', name))
    assert row['left'] == 0 and row['hashes'] == len(hashes), (row, len(hashes))
    return commands


def as_hashes(redis, row, r):
    """Documents: a field for each member, strings as their text, all else as its JSON."""
    commands = []
    for name in redis('KEYS', row['pattern']):
        document = json.loads(redis('GET', name))
        flat = [x for k, v in document.items() for x in (k, v if isinstance(v, str) else json.dumps(v))]
        commands += [('DEL', name), ('HSET', name, *flat)]
    return commands


def lzf_len(redis, key):
    """Bytes of a string's value as a snapshot holds it compressed; None when it holds it plain."""
    dump = Reader(redis('DUMP', key))
    dump.byte()
    form, special = dump.length()
    return dump.count() if special and form == 3 else None


def compress(redis, row, r):
    """As short as the file holds them; what does not compress a second time stands for them."""
    names = redis('KEYS', row['pattern'])
    lengths = [lzf_len(redis, name) for name in names]
    return [('SET', name, b'\xff' + r.randbytes(n - 1)) for name, n in zip(names, lengths) if n is not None]


def as_integers(redis, row, r):
    return [('SET', name, int(redis('GET', name).decode().replace('.', ''))) for name in redis('KEYS', row['pattern'])]


def shorten(redis, row, r):
    """A hash in place of what is long, else the first letters of words."""
    commands = []
    for name in redis('KEYS', row['pattern']):
        short = name[:name.index(b':') + 1] + text(r, 22).encode() if len(name) > LONG_NAME else re.sub(rb'([a-z])[a-z]+', rb'\1', name)
        commands.append(('RENAME', name, short))
    return commands
