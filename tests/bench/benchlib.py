"""What the scripts here share: where the programs are, generated snapshots, one measured run."""
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Keys of each mix that make about 350 MB, the size of the file that the goals were set on.
FULL_KEYS = {
    'mixed': 3600000,
    'strings': 2900000,
    'tiny': 30000000,
    'tables': 7500,
    'listpacks': 120000,
    'lzf': 560000,
    'streams': 30000,
    'adversarial': 1270000,
}

# On one thread, and what can be on two.
COMMANDS = {
    'report': ['report', '--jobs', '1'],
    'verify': ['verify'],
    'keys': ['keys', '--jobs', '1'],
    'upgrade': ['upgrade', '--jobs', '1'],
    'report on two': ['report', '--jobs', '2'],
    'keys on two': ['keys', '--jobs', '2'],
    'upgrade on two': ['upgrade', '--jobs', '2'],
}


def die(message):
    sys.exit('%s: %s' % (os.path.basename(sys.argv[0]), message))


class Programs:
    """The program under test and the tools beside it in a build directory."""

    def __init__(self, build, binary=None):
        build = os.path.abspath(build)
        self.rdbmeter = os.path.abspath(binary) if binary else os.path.join(build, 'rdbmeter')
        tools = os.path.join(build, 'tests', 'bench')
        self.rdbgen, self.measure, self.floor_read, self.floor_touch = (
            os.path.join(tools, name) for name in ('rdbgen', 'measure', 'floor_read', 'floor_touch'))
        self.check_rdb = shutil.which('redis-check-rdb')
        for path in (self.rdbmeter, self.rdbgen, self.measure, self.floor_read, self.floor_touch):
            if not os.access(path, os.X_OK):
                die('%s is not there; ./dev build makes it' % os.path.relpath(path))

    def generate(self, path, mix, keys, seed=1):
        subprocess.run([self.rdbgen, '--mix', mix, '--keys', str(keys), '--seed', str(seed), '-o', path], check=True)

    def count(self, path):
        """Keys, and elements that are not compressed, as floor_touch counts them."""
        words = subprocess.run([self.floor_touch, path], check=True, capture_output=True, text=True).stdout.split()
        return int(words[1]), int(words[3])

    def run(self, argv, private=False):
        """One measured run: seconds, peak resident KB, peak private KB (0 unless asked for), exit status."""
        reader, writer = os.pipe()
        try:
            subprocess.run(['/bin/sh', '-c', 'fd=$1; shift; exec "$@" 3>&%d' % writer, 'sh', str(writer), self.measure]
                           + (['-p'] if private else []) + argv, pass_fds=[writer], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
        finally:
            os.close(writer)
        with os.fdopen(reader) as line:
            seconds, resident, own, status = line.read().split()
        return float(seconds), int(resident), int(own), int(status)


def workspace():
    """A temporary directory for snapshots; TMPDIR says where."""
    return tempfile.TemporaryDirectory(prefix='rdbmeter-bench-')
