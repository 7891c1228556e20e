"""--redact leaves no name in any output of any command, keeps the shape of patterns and joins across runs of one key;
no value is written unless --show-values asks for it.

usage: check_privacy.py RDBMETER
"""

import csv
import io
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "pylib"))
from rdb_records import encode_length, encode_string  # noqa: E402

RDBMETER = sys.argv[1] if len(sys.argv) > 1 else ""
SECRET = re.compile(rb"zq(user|profile|node|host|set|tag|counter|large|hash)")  # of every name; values are "vq..."
KEYS = 400


def string_key(name, value):
    return b"\0" + encode_string(name) + encode_string(value)


def set_key(name, members):
    return b"\2" + encode_string(name) + encode_length(len(members)) + b"".join(map(encode_string, members))


def ziplist(entries):
    """Short texts only."""
    body, before = b"", 0
    for text in entries:
        entry = bytes((before, len(text))) + text
        body, before = body + entry, len(entry)
    return struct.pack("<IIH", 11 + len(body), 10 + len(body) - before, len(entries)) + body + b"\xff"


def snapshot(ctime=b"1700000000"):
    keys = []
    for i in range(KEYS):
        keys.append(string_key(b"zquser:%d:zqprofile" % i, b'{"vqfield":"vqvalue%d"}' % i))
        keys.append(string_key(b"zqnode%d.zqhost" % (10 + i), b"vqvalue" * 40))
        keys.append(set_key(b"zqset/%08x" % (i << 12), [b"%d" % (n * 977) for n in range(60)] + [b"vqstray"]))
        keys.append(string_key(b"{zqtag}:zqcounter:%d" % (1000 * i), b"%d" % (2000 * i)))
    keys.append(set_key(b"zqlarge:zqset", [b"vqmember%d" % n for n in range(9000)]))
    keys.append(b"\x0d" + encode_string(b"zqhash:1") + encode_string(ziplist([b"vqf%d" % n for n in range(40)])))
    return b"REDIS0009\xfa\x09redis-ver\x056.2.6\xfa\x05ctime\x0a" + ctime + b"\xfe\0" + b"".join(keys) + b"\xff" + bytes(8)


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
        policy = os.path.join(self.temporary.name, "policy.json")
        with open(policy, "w") as file:
            json.dump({"max_key_bytes": "100b", "patterns": {"zquser:*": {"max_keys": 3}}}, file)
        files = (self.path, os.path.join(self.temporary.name, "cut.rdb"))
        with open(files[1], "wb") as file:
            file.write(snapshot(b"1700001000")[:-4000])
        for form in ("text", "json", "html", "markdown", "prometheus"):
            yield self.run_it("report", self.path, "--format", form, *options)
            yield self.run_it("report", *files, "--format", form, *options, expect=(3,))
            yield self.run_it("doctor", self.path, "--format", form, *options, expect=(0, 1))
            yield self.run_it("diff", *files, "--format", form, *options, expect=(3,))
            yield self.run_it("trend", *files, "--format", form, *options, expect=(3,))
        for form in ("text", "json", "html", "markdown", "prometheus", "junit", "github", "gitlab"):
            yield self.run_it("check", self.path, "--policy", policy, "--format", form, *options, expect=(1,))
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
            self.assertIsNone(SECRET.search(after), SECRET.findall(after)[:3] + [after[:300]])
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

    def summarize(self, name, path, *options):
        summary = os.path.join(self.temporary.name, name)
        self.run_it("summarize", path, "-o", summary, *options)
        with open(summary, "rb") as file:
            return summary, file.read()

    def test_summaries_are_written_without_names(self):
        plain, shown = self.summarize("plain.rdbm", self.path)
        self.assertIsNotNone(SECRET.search(shown))
        hidden, bytes_of_it = self.summarize("hidden.rdbm", self.path, "--redact-key", self.key)
        merged = os.path.join(self.temporary.name, "merged.rdbm")
        self.run_it("merge", plain, "-o", merged, "--redact-key", self.key)
        with open(merged, "rb") as file:
            self.assertIsNone(SECRET.search(file.read()))
        for data in (shown, bytes_of_it):
            self.assertIsNone(re.search(rb"vq(stray|value|member|field|f\d)", data))
        self.assertIsNone(SECRET.search(bytes_of_it))

        def report(*arguments):
            """Its tables; rows that weigh the same may come in any order, for that is one of names."""
            report = json.loads(self.run_it(*arguments, "--format", "json", "--top", "100"))
            return {(section, table): sorted(rows, key=json.dumps)
                    for section in ("groups", "violations", "slots", "key_names", "settings_in_force")
                    for table, rows in report.get(section, {}).items() if isinstance(rows, list)}

        direct = report("report", self.path, "--redact-key", self.key)
        for summary in (hidden, merged):
            found = report("merge", summary)
            self.assertLess(3, len(direct))
            self.assertEqual({key: found[key] for key in direct}, direct)
        twice = report("merge", hidden, merged)["groups", "list"]
        self.assertEqual({row["pattern"]: row["keys"] for row in twice},
                         {row["pattern"]: 2 * row["keys"] for row in direct["groups", "list"]})

    def test_a_summary_without_names_has_all_numbers(self):
        """Of a snapshot with streams, lists and hashes: words of names are gone, and nothing else."""
        showcase = os.path.join(os.path.dirname(__file__), "..", "..", "testdata", "showcase.rdb")
        plain, shown = self.summarize("showcase.rdbm", showcase)
        hidden, bytes_of_it = self.summarize("showcase-hidden.rdbm", showcase, "--redact-key", self.key)

        def names_and_numbers(node, names):
            if isinstance(node, dict):
                for key in ("key", "pattern", "prefix", "tag", "group", "consumer", "example_key"):
                    names.append(str(node.get(key) or ""))
                return sum(names_and_numbers(item, names) for item in node.values())
            if isinstance(node, list):
                return sum(names_and_numbers(item, names) for item in node)
            return node if isinstance(node, int) else 0

        def report(summary):
            report, names = json.loads(self.run_it("merge", summary, "--format", "json", "--top", "300")), []
            del report["actions"], report["overview"]["age"]
            total = names_and_numbers(report, names)
            for section, table in (("violations", "examples"), ("top_keys", "keys"), ("top_elements", "keys"),
                                   ("top_longest", "keys")):  # which of equal ones are in hangs on their names
                total -= names_and_numbers(report[section][table], [])
            return total, names

        total, names = report(plain)
        words = {word.encode() for name in names for word in re.findall("[a-z]{6,}", name)}
        self.assertLess(20, len([word for word in words if word in shown]))
        words -= {b"string", b"stream"}  # names of types are in a summary, too
        self.assertEqual([word for word in words if word in bytes_of_it], [])
        self.assertEqual(report(hidden)[0], total)

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
