#!/usr/bin/env python3
"""Makes tiny/: snapshots of a few keys, small enough to be read in a hex dump and to be cut at every byte.

v1.rdb to v5.rdb are written here byte by byte, because no server of today writes them; the others come from a real
redis-server (Debian's 7.0). Snapshots of newer servers are in accuracy/.

usage: make_tiny.py [DIRECTORY]
"""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'tests', 'pylib'))
from rdb_records import crc64, encode_length  # noqa: E402
from redis_server import RedisServer  # noqa: E402


def text(s):
    s = s if isinstance(s, bytes) else s.encode()
    return encode_length(len(s)) + s


def key(type_code, name, value):
    return bytes([type_code]) + text(name) + value


def many(*items):
    return encode_length(len(items)) + b''.join(items)


def ziplist(*items):
    body, previous = b'', 0
    for item in items:
        entry = bytes([previous, len(item)]) + item.encode()
        body += entry
        previous = len(entry)
    size = 10 + len(body) + 1
    return text(struct.pack('<IIH', size, size - 1 - previous, len(items)) + body + b'\xff')


def zipmap(*pairs):
    body = b''.join(bytes([len(k)]) + k.encode() + bytes([len(v), 0]) + v.encode() for k, v in pairs)
    return text(bytes([len(pairs)]) + body + b'\xff')


def intset(*values):
    return text(struct.pack('<II', 2, len(values)) + b''.join(struct.pack('<h', v) for v in values))


def plain_types():
    """Types 0 to 4, element by element: all that version 1 has. A score is text behind its length; 253 is NaN, 254 +inf."""
    score = lambda s: bytes([len(s)]) + s.encode()
    return [
        key(0, 'string', text('hello')), key(0, 'integer', b'\xc1\x39\x30'), key(0, 'packed', LZF_TWENTY_A),
        key(1, 'list', many(text('a'), text('b'), b'\xc0\xff')), key(2, 'set', many(text('x'), text('y'))),
        key(3, 'zset', many(text('one') + score('1'), text('half') + score('0.5'), text('top') + b'\xfe')),
        key(4, 'hash', many(text('f1') + text('v1'), text('f2') + text('v2')))]


# twenty letters a: one literal, then a back reference of 19 (6 + 11 + 2) bytes at distance 1
LZF_TWENTY_A = b'\xc3\x05\x14\x00a\xe0\x0a\x00'


def packed_types():
    return [key(9, 'zipmap', zipmap(('f', 'v'), ('g', 'w'))), key(10, 'ziplist-list', ziplist('a', 'bb', 'ccc')),
            key(11, 'intset', intset(-5, 7, 300)), key(12, 'ziplist-zset', ziplist('m', '1', 'n', '2.5'))]


def snapshot(version, keys):
    body = b'REDIS%04d' % version + b'\xfe\x00' + b''.join(keys) + b'\xff'
    return body + struct.pack('<Q', crc64(body)) if version >= 5 else body


def old_versions():
    seconds = b'\xfd' + struct.pack('<i', 2000000000)
    milliseconds = b'\xfc' + struct.pack('<q', 2000000000123)
    expiring = lambda prefix: [prefix + key(0, 'expiring', text('soon'))]
    hash_ziplist = [key(13, 'ziplist-hash', ziplist('f', 'v', 'g', 'w'))]
    v1 = plain_types() + expiring(seconds)
    v2 = v1 + packed_types()
    v3 = v2 + [milliseconds + key(0, 'expiring-ms', text('soon'))]
    v4 = v3 + hash_ziplist
    return {'v1': snapshot(1, v1), 'v2': snapshot(2, v2), 'v3': snapshot(3, v3), 'v4': snapshot(4, v4), 'v5': snapshot(5, v4)}


def every_type(redis):
    redis.run([
        ('SET', 'string:embstr', 'hello'), ('SET', 'string:int', 42), ('SET', 'string:int64', -9000000000000000000),
        ('SET', 'string:raw', 'x' * 45), ('SET', 'string:compressible', 'ab' * 200),
        ('RPUSH', 'list:short', 'a', 'b', 7), ('RPUSH', 'list:long', *['%032d' % i for i in range(400)]),
        ('SADD', 'set:ints', 1, 2, 300), ('SADD', 'set:wide', 1, 1 << 40), ('SADD', 'set:words', 'apple', 'pear', '7'),
        ('ZADD', 'zset:small', 1, 'one', 2.5, 'two-and-a-half', '-inf', 'least'),
        ('ZADD', 'zset:large', *[x for i in range(130) for x in (i, 'member:%d' % i)]),
        ('HSET', 'hash:small', 'name', 'Ada', 'age', 36), ('HSET', 'hash:long-value', 'name', 'Ada', 'bio', 'b' * 65),
        ('HSET', 'hash:many-fields', *[x for i in range(513) for x in ('f%d' % i, i)]),
        ('XADD', 'stream:plain', '1-1', 'a', '1'), ('XADD', 'stream:groups', '5-1', 'a', '1'), ('XADD', 'stream:groups', '5-2', 'a', '2'),
        ('XDEL', 'stream:plain', '1-1'), ('XADD', 'stream:plain', '2-1', 'a', '1', 'b', 'two'),
        ('XGROUP', 'CREATE', 'stream:groups', 'workers', '0'), ('XREADGROUP', 'GROUP', 'workers', 'w1', 'COUNT', 1, 'STREAMS', 'stream:groups', '>'),
        ('PFADD', 'string:hyperloglog', 'a', 'b', 'c'), ('SETBIT', 'string:bitmap', 1000, 1),
        ('SET', 'expiring', 'soon', 'PXAT', 4000000000000), ('FUNCTION', 'LOAD', "#!lua name=tiny\nredis.register_function('one', function() return 1 end)"),
        ('SELECT', 3), ('SET', 'in-database-3', 'x'), ('SELECT', 0)])


def hostile_names(redis):
    names = [b'', b'=1+1', b'@SUM(A1)', b'-dash', b'comma,quote"', b'new\nline', b'\x1b[31mred\x1b[0m', b'\xff\xfe\x00binary', 'zażółć-日本語-😀'.encode(),
             b'<script>alert(1)</script>', b'back\\slash', b'x' * 300, 'rtl-\u202eevil'.encode(), b'pipe|star*`tick`']
    redis.run([('SET', n, i) for i, n in enumerate(names)])


def from_server(fill, path):
    with RedisServer() as redis:
        fill(redis)
        redis.save(path)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, 'tiny')
    os.makedirs(folder, exist_ok=True)
    for name, data in old_versions().items():
        with open(os.path.join(folder, name + '.rdb'), 'wb') as f:
            f.write(data)
    for name, fill in (('empty', lambda redis: None), ('types', every_type), ('names', hostile_names)):
        from_server(fill, os.path.join(folder, name + '.rdb'))


main()
