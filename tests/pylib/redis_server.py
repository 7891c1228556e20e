"""A throw-away redis-server on a unix socket in a temporary folder, and just enough RESP to talk to it."""
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77  # what ctest takes for skipped


class ServerError(Exception):
    """An error reply."""


class Connection:
    """One client connection. Replies are bytes, int, None, list, or ServerError (raised, but inside pipelines)."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.file = self.socket.makefile('rb')

    def close(self):
        self.file.close()
        self.socket.close()

    @staticmethod
    def encode(arguments):
        out = [b'*%d\r\n' % len(arguments)]
        for a in arguments:
            if not isinstance(a, bytes):
                a = str(a).encode()
            out.append(b'$%d\r\n%s\r\n' % (len(a), a))
        return b''.join(out)

    def read_reply(self):
        line = self.file.readline()
        if not line.endswith(b'\r\n'):
            raise ConnectionError('the server closed the connection')
        kind, rest = line[:1], line[1:-2]
        if kind == b'+':
            return rest
        if kind == b'-':
            return ServerError(rest.decode('utf-8', 'replace'))
        if kind == b':':
            return int(rest)
        if kind == b'$':
            if rest == b'-1':
                return None
            data = self.file.read(int(rest) + 2)
            return data[:-2]
        if kind == b'*':
            return None if rest == b'-1' else [self.read_reply() for _ in range(int(rest))]
        raise ConnectionError('unexpected reply %r' % line)

    def pipeline(self, commands, batch=500):
        """All replies in order; errors are returned in place."""
        replies = []
        for i in range(0, len(commands), batch):
            part = commands[i:i + batch]
            self.socket.sendall(b''.join(self.encode(c) for c in part))
            replies += [self.read_reply() for _ in part]
        return replies

    def run(self, commands, batch=500):
        """As pipeline, but an error reply is raised with the command it belongs to."""
        replies = self.pipeline(commands, batch)
        for command, reply in zip(commands, replies):
            if isinstance(reply, ServerError):
                raise ServerError('%s (to %r)' % (reply, command[:3]))
        return replies

    def __call__(self, *arguments):
        return self.run([arguments])[0]

    def info(self, section, field):
        for line in self('INFO', section).decode().splitlines():
            if line.startswith(field + ':'):
                return line.split(':', 1)[1]
        raise KeyError(field)


def server_command(folder):
    """['redis-server'], or the same program under its other name in Debian's redis-tools; None when there is neither."""
    found = shutil.which('redis-server')
    if found:
        return [found]
    other = shutil.which('redis-check-rdb')
    if not other:
        return None
    link = os.path.join(folder, 'redis-server')
    if not os.path.lexists(link):
        os.symlink(os.path.realpath(other), link)
    return [link]


class RedisServer:
    """with RedisServer(rdb=..., options={'hash-max-listpack-entries': 64}) as redis: redis('PING')"""

    def __init__(self, rdb=None, options=None):
        self.folder = tempfile.mkdtemp(prefix='rdbmeter-redis-')
        self.socket_path = os.path.join(self.folder, 's')
        self.options = {
            'port': '0', 'unixsocket': self.socket_path, 'dir': self.folder, 'dbfilename': 'dump.rdb', 'save': '',
            'appendonly': 'no', 'enable-debug-command': 'yes', 'activedefrag': 'no', 'databases': '16',
            'lazyfree-lazy-user-del': 'no', 'logfile': os.path.join(self.folder, 'log'), 'daemonize': 'no'}
        self.options.update(options or {})
        self.rdb_path = os.path.join(self.folder, 'dump.rdb')
        if rdb:
            shutil.copyfile(rdb, self.rdb_path)
        self.process = None
        self.connection = None

    def __enter__(self):
        command = server_command(self.folder)
        if not command:
            raise FileNotFoundError('redis-server')
        for name, value in self.options.items():
            command += ['--' + name, str(value)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.connect()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def connect(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                with open(self.options['logfile'], errors='replace') as log:
                    raise RuntimeError('redis-server ended: ' + log.read()[-2000:])
            try:
                self.connection = Connection(self.socket_path)
                reply = self.connection.pipeline([('PING',)])[0]
                if reply == b'PONG':
                    return
                self.connection.close()
            except OSError:
                pass
            time.sleep(0.02)
        raise RuntimeError('redis-server did not answer within a minute')

    def __exit__(self, *exc):
        if self.connection:
            self.connection.close()
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __call__(self, *arguments):
        return self.connection(*arguments)

    def run(self, commands, batch=500):
        return self.connection.run(commands, batch)

    def save(self, path):
        self('SAVE')
        shutil.copyfile(self.rdb_path, path)

    def version(self):
        return self.connection.info('server', 'redis_version')

    def used_memory(self):
        """Over fresh connections, once three of them say the same; the median where they never do. A connection's buffers of
        up to 40 KB shrink by the server's clock, and those of a closed one are gone only when it comes round, which on
        a busy machine takes its time."""
        seen = []
        while len(seen) < 20 and (len(seen) < 3 or len(set(seen[-3:])) > 1):
            if seen:
                time.sleep(0.02 * len(seen))
            self.connection.close()
            self.connect()
            seen.append(int(self.connection.info('memory', 'used_memory')))
        return sorted(seen[-3:])[1]


def free_port():
    """One that has room for that of the cluster's bus, 10000 above it."""
    while True:
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            if s.getsockname()[1] < 55536:
                return s.getsockname()[1]


def cluster_options():
    return {'cluster-enabled': 'yes', 'port': free_port(), 'bind': '127.0.0.1'}


def take_all_slots(redis):
    """A cluster of one node."""
    redis('CLUSTER', 'ADDSLOTSRANGE', 0, 16383)
    while b'cluster_state:ok' not in redis('CLUSTER', 'INFO'):
        time.sleep(0.1)


def available():
    return bool(shutil.which('redis-server') or shutil.which('redis-check-rdb'))


def skip_without_server(*programs):
    """Ends the test as skipped where there is no redis-server, or one of these programs is missing."""
    missing = [program for program in programs if not shutil.which(program)]
    if not available():
        missing.insert(0, 'redis-server')
    if missing:
        print('skipped: no %s' % ' and no '.join(missing))
        sys.exit(SKIPPED)


def new_seed():
    """The seed of this run, printed: another one each time, or the one that RDBMETER_SEED names."""
    seed = int(os.environ.get('RDBMETER_SEED') or random.SystemRandom().randrange(1 << 32))
    print('seed %d (RDBMETER_SEED=%d repeats this run)' % (seed, seed), flush=True)
    return seed


def used_memory_with(options, rdb=None):
    """used_memory of a server that has loaded the snapshot, or none, and nothing else."""
    with RedisServer(rdb=rdb, options=options) as redis:
        return redis.used_memory()
