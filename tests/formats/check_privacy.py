"""--redact leaves no name in any output of any command, keeps the shape of patterns and joins across runs of one key;
no value is written unless --show-values asks for it.

usage: check_privacy.py RDBMETER
"""

import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

from check_keys import length

RDBMETER = sys.argv[1] if len(sys.argv) > 1 else ""
SECRET = re.compile(rb"zq(user|profile|node|host|set|tag|counter|large)")  # of every name; values are "vq..."
KEYS = 400


def string(data):
    return length(len(data)) + data


def string_key(name, value):
    return b"\0" + string(name) + string(value)


def set_key(name, members):
    return b"\2" + string(name) + length(len(members)) + b"".join(map(string, members))


def snapshot():
    keys = []
    for i in range(KEYS):
        keys.append(string_key(b"zquser:%d:zqprofile" % i, b'{"vqfield":"vqvalue%d"}' % i))
        keys.append(string_key(b"zqnode%d.zqhost" % (10 + i), b"vqvalue" * 40))
        keys.append(set_key(b"zqset/%08x" % (i << 12), [b"%d" % (n * 977) for n in range(60)] + [b"vqstray"]))
        keys.append(string_key(b"{zqtag}:zqcounter:%d" % (1000 * i), b"%d" % (2000 * i)))
    keys.append(set_key(b"zqlarge:zqset", [b"vqmember%d" % n for n in range(9000)]))
    return b"REDIS0009\xfa\x09redis-ver\x056.2.6\xfe\0" + b"".join(keys) + b"\xff" + bytes(8)


class Privacy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.path = os.path.join(cls.temporary.name, "names.rdb")
        cls.key = os.path.join(cls.temporary.name, "key")
        with open(cls.path, "wb") as file:
            file.write(snapshot())
        with open(cls.key, "wb") as file:
            file.write(b"a secret")

    def run_it(self, *arguments, expect=(0,), env=None):
        done = subprocess.run([RDBMETER, *arguments], capture_output=True, env={**os.environ, **(env or {})})
        self.assertIn(done.returncode, expect, done.stderr)
        return done.stdout + done.stderr

    def outputs(self, *options):
        """Every command that shows names, in every form it has."""
        for form in ("text", "json", "html", "markdown"):
            yield self.run_it("report", self.path, "--format", form, *options)
            yield self.run_it("doctor", self.path, "--format", form, *options, expect=(0, 1))
        for section in ("groups", "groups.prefixes", "top_keys", "intset_strays", "slots.tags"):
            sections = section.split(".")[0]
            yield self.run_it("report", self.path, "--sections", sections, "--format", "csv", "--section", section, *options,
                              expect=(0, 2))
        for form in ("csv", "ndjson"):
            yield self.run_it("keys", self.path, "--format", form, *options)
        database = os.path.join(self.temporary.name, "keys.db")
        self.run_it("keys", self.path, "-o", database, *options)
        with open(database, "rb") as file:
            yield file.read()
        yield self.run_it("explain", self.path, "zquser:7:zqprofile", *options).replace(b"zquser:7:zqprofile'", b"")

    def test_no_name_is_left(self):
        shown = hidden = 0
        for before, after in zip(self.outputs(), self.outputs("--redact-key", self.key), strict=True):
            shown += SECRET.search(before) is not None
            hidden += 1
            self.assertIsNone(SECRET.search(after), SECRET.findall(after)[:3])
        self.assertGreaterEqual(shown, hidden - 4)  # the test would see names

    def test_no_name_is_left_in_complaints(self):
        cut = os.path.join(self.temporary.name, "cut.rdb")
        with open(cut, "wb") as file:
            file.write(snapshot()[:-4000])
        for command in ("report", "keys", "verify"):
            self.assertIn(b"zqlarge", self.run_it(command, cut, expect=(3,)))
            self.assertIsNone(SECRET.search(self.run_it(command, cut, "--redact", expect=(3,))))

    def test_summaries_are_reported_without_names(self):
        summary = os.path.join(self.temporary.name, "names.summary")
        cut = os.path.join(self.temporary.name, "cut.rdb")
        with open(cut, "wb") as file:
            file.write(snapshot()[:-4000])
        for path in (self.path, cut):
            self.run_it("summarize", path, "-o", summary, expect=(0, 3))
            for form in ("text", "json"):
                merge = ("merge", summary, "--format", form)
                self.assertIsNotNone(SECRET.search(self.run_it(*merge, expect=(0, 3))))
                self.assertIsNone(SECRET.search(self.run_it(*merge, "--redact", expect=(0, 3))))

    def test_no_value_is_shown_unasked(self):
        for output in self.outputs():
            self.assertNotIn(b"vq", output)
        self.assertIn(b"vqstray", self.run_it("report", self.path, "--show-values"))

    def redacted_keys(self, *options, env=None):
        text = self.run_it("keys", self.path, *options, env=env).decode()
        return [row["key"] for row in csv.DictReader(io.StringIO(text[text.index("database"):], newline=""))]

    def test_one_key_is_one_set_of_names(self):
        first = self.redacted_keys("--redact-key", self.key)
        self.assertEqual(first, self.redacted_keys("--redact-key", self.key))
        self.assertEqual(first, self.redacted_keys("--redact", env={"RDBMETER_REDACT_KEY": "a secret"}))
        self.assertNotEqual(first, self.redacted_keys("--redact", env={"RDBMETER_REDACT_KEY": "another"}))
        self.assertNotEqual(self.redacted_keys("--redact"), self.redacted_keys("--redact"))
        self.assertEqual(len(set(first)), len(first))

    def test_patterns_keep_their_shape(self):
        def groups(*options):
            return json.loads(self.run_it("report", self.path, "--format", "json", *options))["groups"]

        plain, hidden = groups(), groups("--redact-key", self.key)
        for before, after in zip(plain["list"], hidden["list"], strict=True):
            self.assertEqual(re.sub("[a-z]+", "w", before["pattern"]), re.sub("[a-z]{7}", "w", after["pattern"]))
            self.assertEqual({**before, "pattern": ""}, {**after, "pattern": ""})
        self.assertEqual(plain["separators"], hidden["separators"])
        folded = {re.sub("[0-9a-f]{16}", "*", re.sub("([a-z]{7})?([0-9]{16})", r"\1*", name))
                  for name in self.redacted_keys("--redact-key", self.key)}
        self.assertEqual({row["pattern"] for row in hidden["list"]}, folded)

    def test_bad_keys_are_refused(self):
        empty = os.path.join(self.temporary.name, "empty")
        open(empty, "w").close()
        self.run_it("keys", self.path, "--redact-key", empty, expect=(2,))
        self.run_it("keys", self.path, "--redact-key", empty + "2", expect=(2,))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
