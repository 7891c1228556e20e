"""Splits a snapshot into its records without understanding their values: only lengths are followed. Written apart from
rdbparse, so that tests do not lean on what they test."""
import struct

CRC_TABLE = []


def crc64(data, crc=0):
    """CRC-64/Jones as Redis uses it: reflected, initial value 0."""
    if not CRC_TABLE:
        for i in range(256):
            c = i
            for _ in range(8):
                c = (c >> 1) ^ (0x95AC9329AC4BC9B5 if c & 1 else 0)
            CRC_TABLE.append(c)
    table = CRC_TABLE
    for b in data:
        crc = table[(crc ^ b) & 0xFF] ^ (crc >> 8)
    return crc


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        if self.at + n > len(self.data):
            raise ValueError('truncated at %d' % self.at)
        self.at += n
        return self.data[self.at - n:self.at]

    def byte(self):
        return self.take(1)[0]

    def length(self):
        """(value, True) for a string's special form."""
        b = self.byte()
        if b >> 6 == 0:
            return b, False
        if b >> 6 == 1:
            return (b & 63) << 8 | self.byte(), False
        if b == 0x80:
            return struct.unpack('>I', self.take(4))[0], False
        if b == 0x81:
            return struct.unpack('>Q', self.take(8))[0], False
        if b >> 6 == 3:
            return b & 63, True
        raise ValueError('bad length byte %#x at %d' % (b, self.at - 1))

    def count(self):
        return self.length()[0]

    def string(self):
        """The decoded bytes of a string."""
        n, special = self.length()
        if not special:
            return self.take(n)
        if n < 3:
            return str(int.from_bytes(self.take(1 << n), 'little', signed=True)).encode()
        if n == 3:
            packed, plain = self.count(), self.count()
            return unlzf(self.take(packed), plain)
        raise ValueError('bad string form at %d' % self.at)

    def skip_string(self):
        n, special = self.length()
        if not special:
            self.take(n)
        elif n < 3:
            self.take(1 << n)
        elif n == 3:
            packed = self.count()
            self.count()
            self.take(packed)
        else:
            raise ValueError('bad string form at %d' % self.at)


def unlzf(data, plain):
    out, i = bytearray(), 0
    while i < len(data):
        c = data[i]
        i += 1
        if c < 32:
            out += data[i:i + c + 1]
            i += c + 1
            continue
        n = c >> 5
        if n == 7:
            n += data[i]
            i += 1
        back = len(out) - ((c & 31) << 8 | data[i]) - 1
        i += 1
        for k in range(n + 2):
            out.append(out[back + k])
    if len(out) != plain:
        raise ValueError('bad LZF string')
    return bytes(out)


def repeat(step):
    def skip(r):
        for _ in range(r.count()):
            step(r)
    return skip


def steps(*parts):
    def skip(r):
        for p in parts:
            p(r)
    return skip


def fixed(n):
    return lambda r: r.take(n)


def score_text(r):
    n = r.byte()
    if n < 253:
        r.take(n)


def module_items(r):
    while True:
        opcode = r.count()
        if opcode == 0:
            return
        if opcode in (1, 2):
            r.count()
        elif opcode == 3:
            r.take(4)
        elif opcode == 4:
            r.take(8)
        elif opcode == 5:
            r.skip_string()
        else:
            raise ValueError('bad module opcode %d at %d' % (opcode, r.at))


def stream(version):
    def group(r):
        string(r)
        number(r), number(r)
        if version >= 2:
            number(r)
        repeat(steps(fixed(24), number))(r)
        consumer = [string, fixed(16 if version >= 3 else 8), repeat(fixed(16))]
        repeat(steps(*consumer))(r)
        if version >= 5:
            repeat(fixed(16))(r)

    def skip(r):
        repeat(steps(string, string))(r)
        for _ in range(3 if version == 1 else 8):
            number(r)
        repeat(group)(r)
        if version >= 4:
            number(r), number(r)
            repeat(steps(string, repeat(steps(string, number, number))))(r)
            number(r), number(r)
    return skip


def array(r):
    count, has_insert = r.count(), r.count()
    if has_insert:
        r.count()
    for _ in range(count):
        r.count()
        tag = r.count()
        r.skip_string() if tag in (0, 3) else r.take(8)


string, number = Reader.skip_string, Reader.count
pairs = repeat(steps(string, string))

COMMON = {
    0: string, 1: repeat(string), 2: repeat(string), 3: repeat(steps(string, score_text)), 4: pairs,
    5: repeat(steps(string, fixed(8))), 7: steps(number, module_items), 9: string, 10: string, 11: string, 12: string,
    13: string, 14: repeat(string), 15: stream(1), 16: string, 17: string, 18: repeat(steps(number, string)),
    19: stream(2), 20: string, 21: stream(3)}
REDIS = {22: repeat(steps(number, string, string)), 23: string, 24: steps(fixed(8), repeat(steps(number, string, string))),
         25: steps(fixed(8), string), 26: stream(4), 27: stream(5), 28: array}
VALKEY = {22: repeat(steps(string, string, fixed(8)))}


class UnknownNumber(ValueError):
    """A value type or opcode that neither Redis nor Valkey has in that version."""

    def __init__(self, number, at):
        super().__init__('value type or opcode %d at %d' % (number, at))
        self.number = number


class Record:
    """A key with everything before it that belongs to it; `raw` are its bytes in the file."""

    def __init__(self, db, key, type_code, raw, has_expiry):
        self.db, self.key, self.type_code, self.raw, self.has_expiry = db, key, type_code, raw, has_expiry


class Snapshot:
    """magic, aux (raw bytes of the fields before the first database), records in file order."""

    def __init__(self, data):
        r = Reader(data)
        self.magic = r.take(9)
        valkey = self.magic.startswith(b'VALKEY')
        self.version = int(self.magic[6:] if valkey else self.magic[5:])
        self.types = {**COMMON, **(VALKEY if valkey else REDIS)}
        self.valkey = valkey
        self.aux, self.records = [], []
        db, start, has_expiry = 0, None, False
        while True:
            at = r.at
            op = r.byte()
            if op == 255:
                break
            if start is None:
                start = at
            if op in (252, 253):
                r.take(8 if op == 252 else 4)
                has_expiry = True
                continue
            if op == 248:
                r.count()
                continue
            if op == 249:
                r.take(1)
                continue
            if op == 243 and not valkey:
                for _ in range(r.count()):
                    r.take(4)
                    module_items(r)
                continue
            if op in (250, 251, 254, 247, 245, 244) or (op == 243 and valkey):
                self.other(r, op, data, at)
                if op == 254:
                    db = self.selected
                start = None
                continue
            if op not in self.types:
                raise UnknownNumber(op, at)
            key = r.string()
            self.types[op](r)
            self.records.append(Record(db, key, op, data[start:r.at], has_expiry))
            start, has_expiry = None, False

    def other(self, r, op, data, at):
        if op == 250:
            r.skip_string(), r.skip_string()
            if not self.records:
                self.aux.append(data[at:r.at])
        elif op == 251:
            r.count(), r.count()
        elif op == 254:
            self.selected = r.count()
        elif op == 247:
            r.count()
            module_items(r)
        elif op == 245:
            r.skip_string()
        elif op == 244:
            r.count(), r.count(), r.count()
        elif op == 243:
            r.skip_string()
            for _ in range(r.count()):
                r.count(), r.count()


def encode_length(n):
    if n < 64:
        return bytes([n])
    if n < 16384:
        return struct.pack('>H', n | 0x4000)
    if n < 1 << 32:
        return b'\x80' + struct.pack('>I', n)
    return b'\x81' + struct.pack('>Q', n)


def encode_string(data):
    return encode_length(len(data)) + data


def write_snapshot(magic, version, aux, records):
    """A complete snapshot of these records, with sizes and checksum as its version has them."""
    out = [magic] + list(aux)
    for db in sorted({r.db for r in records}):
        mine = [r for r in records if r.db == db]
        out.append(b'\xfe' + encode_length(db))
        if version >= 7:
            out.append(b'\xfb' + encode_length(len(mine)) + encode_length(sum(r.has_expiry for r in mine)))
        out += [r.raw for r in mine]
    body = b''.join(out) + b'\xff'
    return body + struct.pack('<Q', crc64(body)) if version >= 5 else body
