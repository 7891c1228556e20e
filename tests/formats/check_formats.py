"""One document in every format, read with Python's own parsers: the schema holds, and what two formats share is equal.

usage: check_formats.py REPORT_FIXTURE SCHEMA
"""

import base64
import csv
import html.parser
import io
import json
import re
import subprocess
import sys
import unittest

from schema import Validator

FIXTURE, SCHEMA = sys.argv[1:3] if len(sys.argv) > 2 else ("", "")
ESCAPE = re.compile(rb"\\(\\|x[0-9a-f]{2})")


def render(form, section="", partial="", prefixes=40):
    return subprocess.run([FIXTURE, form, str(prefixes), partial, section], check=True, capture_output=True).stdout


def unescape(text):
    """The bytes of a name from its escaped form, by the rule of docs/json.md."""
    return ESCAPE.sub(lambda m: b"\\" if m[1] == b"\\" else bytes.fromhex(m[1][1:].decode()), text.encode())


def without_apostrophe(field):
    return field.removeprefix("'")


def read_csv(section):
    data = render("csv", section).decode()
    assert data.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(data, newline="")))


def name_bytes(row, column):
    """The bytes of a name in a JSON row."""
    exact = row.get(column + "_base64")
    return base64.b64decode(exact, validate=True) if exact is not None else row[column].encode()


class Tables(html.parser.HTMLParser):
    """Tables of the page: id of the figure => rows of (exact value or None, text)."""

    def __init__(self):
        super().__init__()
        self.tables, self.rows, self.cell = {}, None, None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "figure":
            self.rows = self.tables.setdefault(attributes["id"], [])
        elif tag in ("tr", "td"):
            self.end_cell()
            if tag == "tr":
                self.rows.append([])
            else:
                self.cell = [attributes.get("data-v"), ""]

    def end_cell(self):
        if self.cell is not None:
            self.rows[-1].append(tuple(self.cell))
            self.cell = None

    def handle_endtag(self, tag):
        if tag in ("tbody", "table"):
            self.end_cell()

    def handle_data(self, data):
        if self.cell is not None:
            self.cell[1] += data.rstrip("\n")


class Formats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = render("json")
        cls.report = json.loads(cls.text)
        cls.tables = {(section, table): rows for section, members in cls.report.items() if isinstance(members, dict)
                      for table, rows in members.items() if table != "notes" and isinstance(rows, list)}
        with open(SCHEMA, encoding="utf-8") as file:
            cls.validator = Validator(json.load(file))

    def test_the_schema_holds(self):
        self.assertEqual(list(self.validator.errors(self.report)), [])
        self.assertEqual(list(self.validator.errors(json.loads(render("json", partial="cut")))), [])

    def test_the_schema_refuses_what_is_wrong(self):
        def broken(change):
            report = json.loads(self.text)
            change(report)
            return list(self.validator.errors(report))

        changes = [lambda r: r.update(schema_version=2), lambda r: r.pop("actions"), lambda r: r.update(partial=True),
                   lambda r: r.update(partial=1), lambda r: r.update(partial_reason="x"), lambda r: r.update(extra=1),
                   lambda r: r["totals"].update(keys=-1), lambda r: r["totals"].update(keys=1.5),
                   lambda r: r["totals"].pop("notes"), lambda r: r["totals"].update(object={}),
                   lambda r: r["actions"][0].update(more=1), lambda r: r["types"]["rows"][0].update(type=[]),
                   lambda r: r["file"]["notes"][0].update(severity="bad"), lambda r: r["file"].update(Bad=1)]
        for i, change in enumerate(changes):
            with self.subTest(change=i):
                self.assertNotEqual(broken(change), [])

    def test_no_member_is_there_twice(self):
        def unique(pairs):
            names = [name for name, _ in pairs]
            self.assertEqual(len(names), len(set(names)), names)
            return dict(pairs)

        json.loads(self.text, object_pairs_hook=unique)

    def test_integers_are_exact(self):
        self.assertEqual(self.report["file"]["exact"], 2**53 + 1)
        self.assertEqual(self.report["totals"]["max"], 2**64 - 1)
        self.assertEqual(self.report["totals"]["keys"], 3981800)
        self.assertIs(type(self.report["totals"]["dataset_bytes"]), int)
        self.assertEqual(self.report["totals"]["difference"], -(2**20))
        self.assertEqual(self.report["totals"]["ratio"], 2.53125)

    def test_partial(self):
        self.assertIs(self.report["partial"], False)
        partial = json.loads(render("json", partial='cut at "7"\n<b>'))
        self.assertIs(partial["partial"], True)
        self.assertEqual(partial["partial_reason"], 'cut at "7"\n<b>')

    def test_csv_says_what_json_says(self):
        self.assertGreater(len(self.tables), 6)
        for (section, table), rows in self.tables.items():
            records = read_csv(f"{section}.{table}")
            self.assertEqual(len(records), len(rows))
            for record, row in zip(records, rows):
                for column, field in record.items():
                    self.compare_field(field, row, column)

    def compare_field(self, field, row, column):
        value = row[column]
        if value is None:
            self.assertEqual(field, "")
        elif isinstance(value, bool):
            self.assertEqual(field, str(value).lower())
        elif isinstance(value, (int, float)):
            self.assertEqual(type(value)(field), value)
        elif column in ("key", "prefix"):
            self.assertEqual(unescape(without_apostrophe(field)), name_bytes(row, column))
        else:
            self.assertEqual(without_apostrophe(field), value)

    def test_no_csv_field_is_a_formula(self):
        for section, table in self.tables:
            for record in read_csv(f"{section}.{table}"):
                for field in record.values():
                    is_number = re.fullmatch(r"-?[0-9][0-9.e+-]*", field)
                    self.assertTrue(is_number or not field.startswith(tuple("=+-@\t\r\n")), field)

    def test_facts_as_csv(self):
        facts = {record["fact"]: record["value"] for record in read_csv("totals.facts")}
        for name, field in facts.items():
            self.assertEqual(type(self.report["totals"][name])(field), self.report["totals"][name])

    def test_long_names_are_cut_and_say_so(self):
        long = [row for row in self.report["top_keys"]["by_bytes"] if "key_full_length" in row]
        self.assertEqual([(len(row["key"]), row["key_full_length"]) for row in long], [(10240, 20480)])

    def test_html_says_what_json_says(self):
        page = Tables()
        page.feed(render("html").decode())
        for (section, table), rows in self.tables.items():
            shown = [row for row in page.tables[f"t-{section}-{table}"] if row]
            self.assertEqual(len(shown), len(rows))
            for cells, row in zip(shown, rows):
                values = [row[name] for name in row if not name.endswith(("_base64", "_full_length"))]
                for (exact, text), value in zip(cells, values, strict=True):
                    if isinstance(value, (int, float)):
                        self.assertEqual(type(value)(exact if exact is not None else text.replace(",", "")), value)
                    elif value is None:
                        self.assertEqual(text, "")

    def test_markdown_is_tables_and_nothing_else(self):
        page = render("markdown").decode()
        width, rows = 0, 0
        for line in page.splitlines():
            if not line.startswith("|"):
                width = 0
                continue
            cells = re.sub(r"`[^`]*`|<code>.*?</code>", "x", line).count("|")
            width = width or cells
            rows += 1
            self.assertEqual(cells, width, line)
        self.assertGreaterEqual(rows, sum(len(rows) for rows in self.tables.values()))
        for tag in re.findall(r"<[^>]*>", re.sub(r"`[^`\n]*`|```.*?```", "", page, flags=re.S)):
            self.assertIn(tag, {"<details>", "</details>", "<summary>", "</summary>", "<b>", "</b>", "<code>", "</code>"})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
