#!/usr/bin/env python3
"""The output of every command that can use threads is the same, to the byte, for any number of them: on generated
snapshots of every kind, on small ones, cut short and damaged, in wrappings, with keys longer than all that is kept at a time,
and where tables overflow, or an index is played through, so that the order of keys matters."""
import argparse
import glob
import gzip
import os
import struct
import subprocess
import sys
import tempfile

MIXES = {'mixed': 6000, 'strings': 6000, 'tiny': 20000, 'tables': 12, 'listpacks': 300, 'lzf': 1000, 'streams': 40,
         'adversarial': 5000}
COMMANDS = [['report', '--format', 'json'], ['keys'], ['upgrade', '--format', 'json'],
            ['report', '--min-size', '200', '--format', 'csv', '--section', 'totals'],
            ['report', '--target', 'redis-7.2', '--allocator', 'libc', '--format', 'json']]
THREADS, THREADS_OF_SMALL = ['2', '3', '8'], ['3']
SMALL_BYTES = 1 << 16
CROWD = 80000  # keys of as many patterns: more than a table of groups holds


def run(binary, command, jobs, path):
    argv = [binary] + command + ['--jobs', jobs, '--now', '1750000000', path]
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    return done.returncode, done.stdout, done.stderr


def write(path, data):
    with open(path, 'wb') as out:
        out.write(data)
    return path


def with_long_keys(data):
    """Strings longer than everything that is kept on the way between threads, before the first key and behind the last."""
    def record(name, value):
        return b'\x00' + bytes([len(name)]) + name + b'\x80' + struct.pack('>I', len(value)) + value
    first = data.index(b'\xfe\x00') + 2
    return (data[:first] + record(b'long:1', bytes(range(256)) * 40000) + data[first:-9] +
            record(b'long:2', b'{"a":"' + b'z' * (9 << 20) + b'"}') + b'\xff' + bytes(8))


def text(value):
    return bytes([len(value)]) + value.encode()


def snapshot(records):
    return b'REDIS0012' + b'\xfa' + text('redis-ver') + text('8.4.0') + b''.join(records) + b'\xff' + bytes(8)


def timed_hashes(count):
    """In three databases in turn, each hash with a field that expires: what the index of them takes depends on their order."""
    for i in range(count):
        if i % 100 == 0:
            yield b'\xfe' + bytes([i // 100 % 3])
        expiry = struct.pack('<Q', 1800000000000 + i * 2654435761 % 4000000000)
        yield b'\x18' + text('user:%05d' % i) + expiry + b'\x01\x01' + text('f') + text('v')


def many_databases(databases, keys):
    """More than have rows of their own."""
    for db in range(databases):
        yield b'\xfe\x80' + struct.pack('>I', (db * 7919) % databases)
        for i in range(keys):
            yield b'\x00' + text('user:%05d' % i) + text('value')


def many_modules(names, keys):
    """Likewise, of modules: an id is nine characters of six bits, and a version of ten."""
    alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for i in range(names * keys):
        number = 0
        for character in 'module%03d' % (i * 31 % names):
            number = number << 6 | alphabet.index(character)
        yield b'\x07' + text('user:%05d' % i) + b'\x81' + struct.pack('>Q', number << 10 | 1) + b'\x02\x01\x00'


def snapshots(rdbgen, testdata, folder):
    yield from sorted(glob.glob(os.path.join(testdata, '*.rdb')) + glob.glob(os.path.join(testdata, '*', '*.rdb')))
    for mix, keys in MIXES.items():
        path = os.path.join(folder, mix + '.rdb')
        subprocess.run([rdbgen, '--mix', mix, '--keys', str(keys), '-o', path], check=True)
        yield path
    with open(os.path.join(folder, 'mixed.rdb'), 'rb') as mixed:
        data = mixed.read()
    yield write(os.path.join(folder, 'cut.rdb'), data[:len(data) * 2 // 3])
    yield write(os.path.join(folder, 'damaged.rdb'),
                b''.join(data[at:at + 40000] + b'\xff' * (at % 3) for at in range(0, len(data), 40000)))
    late = len(data) * 19 // 20
    yield write(os.path.join(folder, 'damaged_late.rdb'), data[:late] + bytes(64) + data[late + 64:])
    yield write(os.path.join(folder, 'wrapped.rdb.gz'), gzip.compress(data, 1))
    yield write(os.path.join(folder, 'preamble.aof'), data + b'*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n' * 100000)
    yield write(os.path.join(folder, 'timed_hashes.rdb'), snapshot(timed_hashes(20000)))
    yield write(os.path.join(folder, 'many_databases.rdb'), snapshot(many_databases(1500, 20)))
    yield write(os.path.join(folder, 'very_many_databases.rdb'), snapshot(many_databases(9000, 3)))
    yield write(os.path.join(folder, 'many_modules.rdb'), snapshot(many_modules(90, 300)))
    long = with_long_keys(data)
    yield write(os.path.join(folder, 'long.rdb'), long)
    yield write(os.path.join(folder, 'long.rdb.gz'), gzip.compress(long, 1))
    crowded = os.path.join(folder, 'crowded.rdb')
    subprocess.run([rdbgen, '--mix', 'adversarial', '--keys', str(CROWD), '-o', crowded], check=True)
    yield crowded


def file_named_as_standard_input(binary, folder):
    """- is standard input, also where a file has that name. Returns how often it was not."""
    with open(os.path.join(folder, 'mixed.rdb'), 'rb') as mixed, open(os.path.join(folder, '-'), 'wb') as other:
        data = mixed.read()
        other.write(b'\0' * len(data))
    outputs = [subprocess.run([binary, 'keys', '--jobs', jobs, '-'], input=data, stdout=subprocess.PIPE, cwd=folder).stdout
               for jobs in ('1', '2')]
    return outputs[0] != outputs[1] or len(outputs[0]) < len(data) // 100


def pipes(binary, rdbgen, folder):
    """What comes through a pipe is unwrapped ahead, also where it ends early. Returns how often it was not the same."""
    path = os.path.join(folder, 'piped.rdb')
    subprocess.run([rdbgen, '--mix', 'mixed', '--keys', '120000', '-o', path], check=True)
    with open(path, 'rb') as file:
        data = file.read()
    packed, wrong = gzip.compress(data, 1), 0
    for given in (data, packed, data[:len(data) * 9 // 10], packed[:len(packed) * 9 // 10]):
        said = [subprocess.run([binary, 'keys', '--jobs', jobs, '-'], input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                for jobs in ('1', '2')]
        if (said[0].returncode, said[0].stdout, said[0].stderr) != (said[1].returncode, said[1].stdout, said[1].stderr):
            wrong += 1
            print('a pipe of %d bytes: not what one thread gives' % len(given))
    return wrong


def silent_pipe(binary, folder):
    """What is damaged ends the program, also while its pipe stays open and silent. Returns how often it did not."""
    with open(os.path.join(folder, 'piped.rdb'), 'rb') as file:
        data = file.read()
    wrong = 0
    for wrapped in (data, gzip.compress(data, 1)):
        with subprocess.Popen([binary, 'keys', '--jobs', '2', '-'], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as program:
            try:
                program.stdin.write(wrapped[:len(wrapped) * 9 // 10] + b'\xf0' * (1 << 17))
                program.stdin.flush()
            except BrokenPipeError:
                pass
            try:
                wrong += program.wait(60) != 3
            except subprocess.TimeoutExpired:
                program.kill()
                wrong += 1
            try:
                program.stdin.close()
            except BrokenPipeError:
                pass
    if wrong:
        print('a silent pipe: %d of 2 not ended as damaged' % wrong)
    return wrong


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('--bin', required=True)
    ap.add_argument('--rdbgen', required=True)
    ap.add_argument('--testdata', required=True)
    options = ap.parse_args()
    compared, wrong = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for path in snapshots(options.rdbgen, options.testdata, folder):
            for command in COMMANDS:
                alone = run(options.bin, command, '1', path)
                for jobs in THREADS_OF_SMALL if os.path.getsize(path) < SMALL_BYTES else THREADS:
                    compared += 1
                    if run(options.bin, command, jobs, path) != alone:
                        wrong += 1
                        print('%s --jobs %s %s: not what one thread gives' % (' '.join(command), jobs, path))
        wrong += file_named_as_standard_input(options.bin, folder)
        wrong += pipes(options.bin, options.rdbgen, folder)
        wrong += silent_pipe(options.bin, folder)
    print('%d runs compared, %d differ' % (compared, wrong))
    return 1 if wrong or not compared else 0


if __name__ == '__main__':
    sys.exit(main())
