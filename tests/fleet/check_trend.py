#!/usr/bin/env python3
"""trend: the growth of planted patterns, the line through the moments and the edges of its confidence band, all computed
here once more from the definitions; and the order in which files are named does not matter."""
import argparse
import math
import os
import random
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'pylib'))
import fleetlib  # noqa: E402
import rdb_records  # noqa: E402
from check_diff import string_record  # noqa: E402

T_975 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306}
FIRST, DAY = 1760000000, 86400
MAXMEMORY = 4 << 20


def field(name, value):
    text = lambda b: rdb_records.encode_length(len(b)) + b
    return b'\xfa' + text(name) + text(value)


def write_day(path, day, rng):
    keys = 1000 + 200 * day + rng.randrange(100)
    records = [string_record(0, b'grows:%d' % i, b'x' * 100) for i in range(keys)]
    records += [string_record(0, b'stays:%d' % i, b'x' * 100) for i in range(500)]
    aux = [field(b'redis-ver', b'7.2.4'), field(b'ctime', b'%d' % (FIRST + day * DAY))]
    with open(path, 'wb') as f:
        f.write(rdb_records.write_snapshot(b'REDIS0011', 11, aux, records))


def check_claims(binary, folder):
    """Files may claim any memory at any moment: a second after nothing all that 64 bits can say."""
    paths = []
    for second, used in enumerate((1, 2**64 - 1)):
        paths.append(os.path.join(folder, 'claim%d.rdb' % second))
        aux = [field(b'ctime', b'%d' % (FIRST + second)), field(b'used-mem', b'%d' % used)]
        with open(paths[-1], 'wb') as f:
            f.write(rdb_records.write_snapshot(b'REDIS0011', 11, aux, [string_record(0, b'k', b'v')]))
    growth = fleetlib.report(binary, 'trend', *paths)['trend']['bytes_per_day']
    if int(growth) != 2**63 - 1:
        raise SystemExit('growth beyond 64 bits is said to be %s' % growth)


def seconds(time):
    return time / 1000


def near(what, got, want, tolerance):
    if abs(got - want) > tolerance:
        raise SystemExit('%s: %r, not within %r of %r' % (what, got, tolerance, want))


class Line:
    def __init__(self, x, y):
        n = len(x)
        self.n, self.mx, self.my = n, sum(x) / n, sum(y) / n
        self.sxx = sum((a - self.mx) ** 2 for a in x)
        self.slope = sum((a - self.mx) * (b - self.my) for a, b in zip(x, y)) / self.sxx
        self.s = math.sqrt(sum((b - self.at(a)) ** 2 for a, b in zip(x, y)) / (n - 2))

    def at(self, x):
        return self.my + self.slope * (x - self.mx)

    def half(self, x):
        return T_975[self.n - 2] * self.s * math.sqrt(1 / self.n + (x - self.mx) ** 2 / self.sxx)


def check_line(trend):
    t = trend['trend']
    x = [(seconds(r['taken_at']) - FIRST) / DAY for r in t['history']]
    y = [r['dataset_bytes'] for r in t['history']]
    if x != sorted(x):
        raise SystemExit('not in the order of time: %r' % x)
    line = Line(x, y)
    near('growth', t['bytes_per_day'], line.slope, 1)
    day = lambda name: (seconds(t[name]) - FIRST) / DAY
    scale = 1e-4 * MAXMEMORY
    near('line at the limit', line.at(day('maxmemory_at')), MAXMEMORY, scale)
    near('upper edge at the limit', line.at(day('maxmemory_earliest')) + line.half(day('maxmemory_earliest')), MAXMEMORY,
         scale)
    near('lower edge at the limit', line.at(day('maxmemory_latest')) - line.half(day('maxmemory_latest')), MAXMEMORY,
         scale)


def check_patterns(trend):
    rows = {r['pattern']: r for r in trend['patterns']['growth']}
    if rows['stays:*']['bytes_per_day'] != 0 or rows['grows:*']['bytes_per_day'] < 20000:
        raise SystemExit('patterns: %r' % rows)
    history = [r['bytes'] for r in trend['patterns']['history'] if r['pattern'] == 'grows:*']
    if history[0] != rows['grows:*']['first_bytes'] or history[-1] != rows['grows:*']['last_bytes']:
        raise SystemExit('history: %r' % history)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--seed', type=int, default=1)
    a = ap.parse_args()
    rng = random.Random(a.seed)
    with tempfile.TemporaryDirectory() as folder:
        summaries = []
        for day in range(6):
            path = os.path.join(folder, '%d.rdb' % day)
            write_day(path, day, rng)
            summaries.append(path + 'm')
            fleetlib.run([a.bin, 'summarize', path, '-o', summaries[-1]])
        more = ['--maxmemory', str(MAXMEMORY)]
        trend = fleetlib.report(a.bin, 'trend', *summaries, *more)
        check_line(trend)
        check_patterns(trend)
        shuffled = summaries[:]
        rng.shuffle(shuffled)
        if fleetlib.report(a.bin, 'trend', *shuffled, *more) != trend:
            raise SystemExit('the order of the files matters')
        two = fleetlib.report(a.bin, 'trend', summaries[0], summaries[5], *more)
        if 'maxmemory_earliest' in two['trend'] or 'maxmemory_at' not in two['trend']:
            raise SystemExit('two moments have no interval: %r' % two['trend'])
        info = os.path.join(folder, 'info')
        with open(info, 'w') as f:
            f.write('# Memory\r\nused_memory:1000\r\nmaxmemory:%d\r\n' % MAXMEMORY)
        by_info = fleetlib.report(a.bin, 'trend', *summaries, '--info', info)
        if by_info != trend:
            raise SystemExit('the limit of INFO is not taken')
        check_claims(a.bin, folder)
        print('trend: as planted')


if __name__ == '__main__':
    main()
