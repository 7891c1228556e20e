"""The per-key table in its three forms says the same of every key, and every name comes back byte for byte: of random
bytes, of what formulas, JSON and SQL would take for their own, of the longest.

usage: check_keys.py RDBMETER SNAPSHOT...
"""

import base64
import csv
import io
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "pylib"))
from check_formats import unescape, without_apostrophe  # noqa: E402
from rdb_records import encode_string  # noqa: E402

RDBMETER, SNAPSHOTS = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("", [])
csv.field_size_limit(1 << 24)
NUMBERS = ("database", "size_in_bytes", "num_elements", "len_largest_element", "memory_usage", "idle_seconds",
           "lfu_frequency", "slot")
NASTY = [b"", b"=1+1", b"+", b"-", b"@x", b"'", b"''", b'"', b'""', b"a,b", b"\r\n", b"\t", b"\\", b"\\x41", b"\0", b"a\0b",
         b"<script>", b"'); DROP TABLE keys; --", b"\xff\xfe", b"\xc3\xa9", "\U0001f600".encode(), b"\xe2\x80\xae",
         b"x" * 5000, b"\xff" * 5000, b'"' * 5000, b"1234", b"1e5", b"NULL", b"null"]


def snapshot_of(names):
    """A snapshot of strings, the checksum left out as `rdbchecksum no` does."""
    keys = b"".join(b"\0" + encode_string(name) + b"\x01v" for name in names)
    return b"REDIS0009\xfe\0" + keys + b"\xff" + bytes(8)


def run(*arguments):
    return subprocess.run([RDBMETER, "keys", *arguments], check=True, capture_output=True).stdout


def csv_rows(path, *options):
    return list(csv.DictReader(io.StringIO(run(*options, path).decode(), newline="")))


def ndjson_rows(path, *options):
    return [json.loads(line) for line in run("--format", "ndjson", *options, path).decode().splitlines()]


def sqlite_rows(path, folder, *options):
    database = os.path.join(folder, "keys.db")
    run("-o", database, *options, path)
    with sqlite3.connect(database) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM keys ORDER BY rowid")]


def as_bytes(name):
    return name.encode() if isinstance(name, str) else name


class Keys(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def agree(self, path, *options):
        """The rows of all three forms after everything but the name has been compared."""
        tables = csv_rows(path, *options), ndjson_rows(path, *options), sqlite_rows(path, self.folder, *options)
        self.assertEqual(len(tables[0]), len(tables[1]))
        self.assertEqual(len(tables[0]), len(tables[2]))
        for plain, line, row in zip(*tables):
            for column, text in plain.items():
                if column == "key":
                    continue
                value = None if text == "" else int(text) if column in NUMBERS else text
                self.assertEqual(line[column], value, column)
                self.assertEqual(row[column], value, column)
        return tables

    def names(self, tables):
        for plain, line, row in zip(*tables):
            exact = line.get("key_base64")
            yield (unescape(without_apostrophe(plain["key"])),
                   base64.b64decode(exact) if exact is not None else line["key"].encode(), as_bytes(row["key"]))

    def test_snapshots(self):
        for path in SNAPSHOTS:
            with self.subTest(path=path):
                for forms in self.names(self.agree(path)):
                    self.assertEqual(len(set(forms)), 1, forms)

    def test_names_come_back(self):
        chance = random.Random(1)
        names = NASTY + [b"%d:" % i + chance.randbytes(chance.randrange(60)) for i in range(10000)]
        path = os.path.join(self.folder, "names.rdb")
        with open(path, "wb") as file:
            file.write(snapshot_of(names))
        for name, forms in zip(names, self.names(self.agree(path)), strict=True):
            self.assertEqual(forms, (name, name, name))

    def test_other_forms_of_names(self):
        path = os.path.join(self.folder, "names.rdb")
        with open(path, "wb") as file:
            file.write(snapshot_of(NASTY))
        for form, decode in (("hex", bytes.fromhex), ("base64", base64.b64decode)):
            plain, lines, rows = self.agree(path, "--key-format", form)
            for table in (plain, lines, rows):
                self.assertEqual([decode(without_apostrophe(row["key"])) for row in table], NASTY)

    def test_a_name_too_long_to_hold_says_so(self):
        path = os.path.join(self.folder, "long.rdb")
        with open(path, "wb") as file:
            file.write(snapshot_of([b"n" * (3 << 20)]))
        plain, lines, rows = self.agree(path)
        self.assertEqual(lines[0]["key_full_length"], 3 << 20)
        self.assertEqual(rows[0]["key_full_length"], 3 << 20)
        self.assertEqual(plain[0]["key"], lines[0]["key"] + "\\...%d" % ((3 << 20) - len(rows[0]["key"])))

    def test_the_database_has_its_indexes(self):
        sqlite_rows(SNAPSHOTS[0], self.folder)
        with sqlite3.connect(os.path.join(self.folder, "keys.db")) as connection:
            self.assertEqual(connection.execute("PRAGMA integrity_check").fetchone(), ("ok",))
            plan = connection.execute("EXPLAIN QUERY PLAN SELECT * FROM keys ORDER BY size_in_bytes DESC LIMIT 9")
            self.assertIn("keys_by_size", str(list(plan)))

    def test_what_was_there_stays_when_nothing_can_be_read(self):
        path = os.path.join(self.folder, "kept.db")
        with open(path, "w") as file:
            file.write("kept")
        status = subprocess.run([RDBMETER, "keys", "-o", path, os.path.join(self.folder, "none.rdb")],
                                capture_output=True).returncode
        self.assertEqual(status, 4)
        with open(path) as file:
            self.assertEqual(file.read(), "kept")
        self.assertEqual(os.listdir(self.folder), ["kept.db"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
