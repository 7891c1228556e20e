#!/usr/bin/env python3
"""The slots that a report names to level the nodes of a cluster, held against the keys of each node's file: every sum,
every owner, and what is left of the skew. From files, from their summaries in any order, and from one file with --nodes."""
import argparse
import csv
import io
import random
import tempfile

import fleetlib


def crc16(data):
    """CRC16/XMODEM, bit by bit."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xffff
    return crc


def slot_of(name):
    begin = name.find(b'{')
    end = name.find(b'}', begin + 1) if begin >= 0 else -1
    return crc16(name[begin + 1:end] if end > begin + 1 else name) % 16384


def slots_of(rdbmeter, path):
    """Keys and bytes by slot."""
    text = fleetlib.run([rdbmeter, 'keys', '--key-format', 'hex', path]).stdout.decode()
    slots = {}
    for row in csv.DictReader(io.StringIO(text)):
        keys, size = slots.get(slot := slot_of(bytes.fromhex(row['key'])), (0, 0))
        slots[slot] = keys + 1, size + int(row['size_in_bytes'])
    return slots


def require(truth, *what):
    if not truth:
        raise SystemExit('wrong: %r' % (what,))


def check(section, nodes):
    """`nodes`: name => slot => (keys, bytes)."""
    before = {name: sum(size for _, size in slots.values()) for name, slots in nodes.items()}
    after, moved = dict(before), set()
    for row in section.get('moves', []):
        slots = range(row['first'], row['last'] + 1)
        source = nodes[row['from']]
        require(moved.isdisjoint(slots) and all(slot in source for slot in slots), row)
        moved.update(slots)
        keys, size = (sum(source[slot][i] for slot in slots) for i in (0, 1))
        require((row['keys'], row['bytes']) == (keys, size), row, keys, size)
        after[row['from']] -= size
        after[row['to']] += size
    mean = sum(before.values()) / len(nodes)
    require([row['node'] for row in section['nodes']] == list(nodes), section['nodes'])
    for row in section['nodes']:
        name = row['node']
        require((row['bytes'], row['after_bytes'], row['moved_bytes']) ==
                (before[name], after[name], after[name] - before[name]), row, before[name], after[name])
        require(row['keys'] == sum(keys for keys, _ in nodes[name].values()), row)
    require(abs(section['skew'] - max(before.values()) / mean) < 1e-9, section['skew'])
    require(abs(section['skew_after'] - max(after.values()) / mean) < 1e-9, section['skew_after'])
    require(section['moved_slots'] == len(moved), section['moved_slots'])
    return section['skew'], section['skew_after'], len(moved)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--split', required=True)
    ap.add_argument('--seed', type=int, default=1)
    ap.add_argument('snapshot')
    a = ap.parse_args()
    rng = random.Random(a.seed)
    for parts in (2, 3, 6):
        with tempfile.TemporaryDirectory() as folder:
            paths = fleetlib.split(a.split, a.snapshot, folder, parts, a.seed, by_slot=True)
            section = fleetlib.report(a.bin, 'report', *paths)['slots']
            skew, skew_after, moved = check(section, {path: slots_of(a.bin, path) for path in paths})
            require(skew_after < skew and skew_after < 1.02 and moved, skew, skew_after, moved)
            summaries = [path[:-4] + '.rdbm' for path in paths]
            for path, summary in zip(paths, summaries):
                fleetlib.run([a.bin, 'summarize', path, '-o', summary])
            rng.shuffle(summaries)
            require(fleetlib.report(a.bin, 'merge', *summaries)['slots'] == section, 'summaries')
            print('%d files: %.3f times the mean, %.3f after %d moves' % (parts, skew, skew_after, moved))
    whole = slots_of(a.bin, a.snapshot)
    ranges = {'0-5460': range(5461), '5461-10922': range(5461, 10923), '10923-16383': range(10923, 16384)}
    nodes = {name: {slot: whole[slot] for slot in slots if slot in whole} for name, slots in ranges.items()}
    sections = [fleetlib.report(a.bin, 'report', a.snapshot, '--nodes', text)['slots'] for text in ('3', ','.join(ranges))]
    require(sections[0] == sections[1], '--nodes')
    print('--nodes 3: %.3f times the mean, %.3f after %d moves' % check(sections[0], nodes))


if __name__ == '__main__':
    main()
