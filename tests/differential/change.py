"""A change that the report proposes, made to data on a server."""
import os
import random
import re

from cases import TOLERANCE, report_of
from redis_server import RedisServer, used_memory_with

USED_MEMORY_NOISE = 4096


class Change:
    """Data that a server is filled with from a seed, the report of its snapshot, the change, and what fresh servers hold
    before and after it."""

    def __init__(self, binary, name, seed, folder, empty):
        """`empty`: used_memory of a server without data."""
        self.binary, self.name, self.seed, self.empty = binary, name, seed, empty
        self.before, self.after = os.path.join(folder, name + '.rdb'), os.path.join(folder, name + '-after.rdb')

    def fill(self, commands_from):
        with RedisServer() as redis:
            redis.run(commands_from(random.Random(self.seed)))
            redis.save(self.before)
        self.report = report_of(self.binary, self.before)

    def apply(self, change):
        """`change` gives commands, the bytes that the report says they save, and optionally settings of the server that
        is asked afterwards. Returns those bytes."""
        r = random.Random(self.seed + 1)
        r.seed_of_fill = self.seed
        with RedisServer(rdb=self.before) as redis:
            commands, self.promised, *options = change(redis, self.report, r)
            redis.run(commands)
            redis.save(self.after)
        self.compare(used_memory_with(None, self.before), used_memory_with(*options or [None], self.after))
        return self.promised

    def compare(self, used_before, used_after):
        held_before, held_after = used_before - self.empty, used_after - self.empty
        self.saved = held_before - held_after
        self.off = (self.saved - self.promised) / held_after
        print('    %s: %d bytes, after it %d: saves %d, the report says %d (off by %+.3f %% of the data)' % (
            self.name, held_before, held_after, self.saved, self.promised, 100 * self.off), flush=True)

    def action_bytes(self, id_):
        """Of all actions with this id and a number."""
        return sum(action['saves_bytes'] for action in self.report['actions'] if re.sub(r'_\d+$', '', action['id']) == id_)

    def complaints(self):
        is_clear = abs(self.promised) > USED_MEMORY_NOISE
        if abs(self.off) > TOLERANCE or (is_clear and (self.promised > 0) != (self.saved > 0)):
            return ['%s: saves %d bytes, not %d' % (self.name, self.saved, self.promised)]
        return []
