"""CSV in a spreadsheet: LibreOffice opens the per-key table and a section of a report without being asked anything, makes
no formula of any name, and shows every number and every text as it is in the file: all of it when it is told that the file
is UTF-8 (for which it asks a person, else takes Windows' table of characters), as by default all ASCII. Skipped where
LibreOffice is not installed.

usage: check_spreadsheet.py RDBMETER SNAPSHOT
"""

import csv
import math
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

RDBMETER, SNAPSHOT = sys.argv[1:3]
sys.argv = sys.argv[:1]
from check_keys import NASTY, snapshot_of  # noqa: E402

OFFICE, TABLE, TEXT = ("{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}" % name for name in ("office", "table", "text"))


def is_plain(field):
    """Not what a spreadsheet takes for a number, a date or a truth value by its own habit, quoted or not; nor longer than
    its cells."""
    return len(field) < 32767 and not re.fullmatch(r"\s*[-+]?[0-9.,:/ e%-]+\s*|true|false", field, re.IGNORECASE)


def cell_value(cell):
    if cell.get(OFFICE + "value-type") == "float":
        return float(cell.get(OFFICE + "value"))
    if cell.get(OFFICE + "value-type") in ("date", "time", "boolean", "percentage", "currency"):
        return cell.get(OFFICE + "value-type")
    lines = []
    for paragraph in cell.iter(TEXT + "p"):
        parts = [paragraph.text or ""]
        for part in paragraph:
            parts.append(" " * int(part.get(TEXT + "c", 1)) if part.tag == TEXT + "s" else
                         "\t" if part.tag == TEXT + "tab" else "".join(part.itertext()))
            parts.append(part.tail or "")
        lines.append("".join(parts))
    return "\n".join(lines)


class Spreadsheet(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def opened(self, path, *how):
        """The cells that LibreOffice makes of a CSV file, and its own fields."""
        subprocess.run(["soffice", "--headless", "-env:UserInstallation=file://" + self.folder + "/profile", *how,
                        "--convert-to", "fods", "--outdir", self.folder, path], check=True, capture_output=True, timeout=120,
                       stdin=subprocess.DEVNULL)
        rows = []
        for row in ElementTree.parse(path[:-4] + ".fods").iter(TABLE + "table-row"):
            cells = []
            for cell in row.iter(TABLE + "table-cell"):
                self.assertIsNone(cell.get(TABLE + "formula"), ElementTree.tostring(cell))
                cells += [cell_value(cell)] * int(cell.get(TABLE + "number-columns-repeated", 1))
            rows += [cells] * int(row.get(TABLE + "number-rows-repeated", 1))
        with open(path, encoding="utf-8", newline="") as file:
            return rows, list(csv.reader(file))

    def compare(self, path, numbers):
        by_default = self.compare_as(path, numbers, str.isascii)
        told = self.compare_as(path, numbers, lambda _: True, "--infilter=CSV:44,34,76")
        self.assertEqual(by_default[0], told[0])
        return by_default

    def compare_as(self, path, numbers, is_compared, *how):
        rows, fields = self.opened(path, *how)
        compared = texts = 0
        header = fields[0]
        self.assertEqual(rows[0][:len(header)], header)
        for mine, want in zip(rows[1:], fields[1:], strict=False):
            mine = mine + [""] * len(header)
            for column, got, field in zip(header, mine, want):
                if column in numbers and field != "":
                    self.assertTrue(math.isclose(got, float(field), rel_tol=1e-14), (column, field, got))
                    compared += 1
                elif column not in numbers and is_plain(field) and is_compared(field):
                    self.assertEqual(got, field, column)
                    texts += 1
        self.assertGreaterEqual(len([row for row in rows if any(cell != "" for cell in row)]), len(fields))
        return compared, texts

    def test_keys(self):
        chance = random.Random(2)
        names = [name for name in NASTY if len(name) < 4000]
        names += [prefix + b"cmd|' /C calc'!A0" for prefix in (b"=", b"+", b"-", b"@", b"\t=", b"\r=", b"\n=", b" =", b"'=")]
        names += [b"k%d:" % i + chance.randbytes(chance.randrange(40)) for i in range(300)]
        snapshot, path = os.path.join(self.folder, "names.rdb"), os.path.join(self.folder, "keys.csv")
        with open(snapshot, "wb") as file:
            file.write(snapshot_of(names))
        subprocess.run([RDBMETER, "keys", snapshot, "-o", path], check=True)
        numbers, texts = self.compare(path, {"database", "size_in_bytes", "num_elements", "len_largest_element", "memory_usage",
                                             "slot"})
        self.assertGreater(numbers, 5 * 300)
        self.assertGreater(texts, 2 * 300)

    def test_a_section(self):
        path = os.path.join(self.folder, "groups.csv")
        subprocess.run([RDBMETER, "report", SNAPSHOT, "-o", path, "--section", "groups.list"], check=True)
        numbers, texts = self.compare(path, {"keys", "bytes", "share", "average", "best_saving_bytes", "p99", "elements",
                                             "no_ttl_keys", "no_ttl_bytes", "expired_keys", "expired_bytes", "idle"})
        self.assertGreater(numbers, 1000)
        self.assertGreater(texts, 500)


if __name__ == "__main__":
    if not shutil.which("soffice"):
        print("skipped: LibreOffice (soffice) is not installed")
        sys.exit(77)
    unittest.main()
