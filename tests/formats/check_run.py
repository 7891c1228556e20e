"""One run of the program over a pipe, which can be read once, writes every format; what they share is equal: JSON, HTML,
Markdown, text, CSV and Prometheus' text, every fact and every table; and the per-key tables come to the same totals.

usage: check_run.py RDBMETER METRICS_C SCHEMA SNAPSHOT
"""
import csv
import html
import html.parser
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "recipes"))
from consumers import read_prometheus  # noqa: E402
from schema import Validator  # noqa: E402

RDBMETER, METRICS, SCHEMA, SNAPSHOT = sys.argv[1:5]
NUMBER = re.compile(r"[<>+-]?[0-9][0-9,.]*( [KMGTPE]?B|%| ms|[dhms]( [0-9]+[hms])?)?")


def facts_of(section):
    return [(name, value) for name, value in section.items()
            if not isinstance(value, list) and not name.endswith(("_base64", "_full_length"))]


class Page(html.parser.HTMLParser):
    """sections: title => (facts [(title, exact, printed)], tables [(titles, chart, rows of (exact or None, printed))])"""

    def __init__(self):
        super().__init__()
        self.sections, self.where, self.text, self.exact = {}, None, "", None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag in ("td", "tr", "tbody"):
            self.end_cell()
        if tag in ("h2", "dt", "dd", "td", "th"):
            self.where, self.text = tag, ""
            self.exact = attributes.get("title" if tag == "dd" else "data-v")
        if tag == "figure":
            self.section[1].append(([], attributes.get("data-chart"), []))
        elif tag == "tr" and self.section and self.section[1]:
            self.section[1][-1][2].append([])

    def end_cell(self):
        if self.where == "td":
            self.section[1][-1][2][-1].append((self.exact, self.text.rstrip("\n")))
            self.where = None

    def handle_endtag(self, tag):
        self.end_cell()
        if tag != self.where:
            return
        if tag == "h2":
            self.section = self.sections.setdefault(self.text, ([], []))
        elif tag == "dt":
            self.fact = self.text
        elif tag == "dd":
            self.section[0].append((self.fact, self.exact, self.text))
        elif tag == "th":
            self.section[1][-1][0].append(self.text)
        self.where = None

    def handle_data(self, data):
        self.text += data


def markdown_tables(page):
    """section title => tables as [titles, row, row, ...]; that of facts has two empty titles."""
    sections, rows = {}, None
    for line in page.splitlines():
        title = re.fullmatch(r"(?:### |<summary><b>)(.*?)(?:</b></summary>)?", line)
        if title:
            tables = sections.setdefault(html.unescape(title[1]), [])
        if not line.startswith("|"):
            rows = None
            continue
        cells = [html.unescape(re.sub(r"^\s*(`+|\*\*|<code>)?(.*?)(</code>|\*\*|`+)?\s*$", r"\2", cell))
                 for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if rows is None:
            rows = []
            tables.append(rows)
        if not re.fullmatch(r"[|: -]+", line) or line == "| | |":
            rows.append(cells)
    return sections


def text_lines(report):
    """section title => lines as lists of cells."""
    sections, lines = {}, []
    for line in report.splitlines():
        title = re.match(r"── (.*?) ─", line)
        if title:
            lines = sections.setdefault(title[1], [])
        elif line.strip():
            lines.append([cell for cell in re.split(r"\s{2,}| ?[█▉▊▋▌▍▎▏]+ *", line.strip()) if cell])
    return sections


def is_part(part, whole):
    """In this order, others between."""
    left = iter(whole)
    return all(item in left for item in part)


class OneRun(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder, open(SNAPSHOT, "rb") as file:
            names = ["r.json", "r.html", "r.md", "r.txt", "r.prom", "r.csv"]
            outputs = [word for name in names for word in ("-o", name)]
            feeder = subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE)
            subprocess.run([RDBMETER, "report", "-", "--now", "2026-11-20T09:00:00Z", *outputs, "--section", "groups.list"],
                           cwd=folder, check=True, stdin=feeder.stdout, env={**os.environ, "COLUMNS": "200"})
            feeder.stdout.close()
            feeder.wait()
            cls.texts = {}
            for name in names:
                with open(os.path.join(folder, name), encoding="utf-8", newline="") as output:
                    cls.texts[name] = output.read()
        cls.report = json.loads(cls.texts["r.json"])
        cls.page = Page()
        cls.page.feed(cls.texts["r.html"])
        cls.sections = [section for section in cls.report.values() if isinstance(section, dict)]
        cls.shown = [section for title, section in cls.page.sections.items() if title != "What to change"]

    def tables(self):
        """Every section's title with its tables in JSON and HTML."""
        titles = [title for title in self.page.sections if title != "What to change"]
        self.assertEqual(len(titles), len(self.sections))
        for title, section, (_, shown) in zip(titles, self.sections, self.shown):
            tables = [rows for name, rows in section.items() if isinstance(rows, list) and name != "notes"]
            self.assertEqual(len(tables), len(shown), title)
            for rows, table in zip(tables, shown):
                yield title, rows, table

    def test_the_schema_holds(self):
        with open(SCHEMA, encoding="utf-8") as file:
            self.assertEqual(list(Validator(json.load(file)).errors(self.report)), [])

    def test_html_has_every_number_of_json(self):
        numbers = 0
        for section, (facts, _) in zip(self.sections, self.shown):
            self.assertEqual(len(facts), len(facts_of(section)))
            for (_, value), (title, exact, _) in zip(facts_of(section), facts):
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    self.assertEqual(type(value)(exact), value, title)
                    numbers += 1
        for title, rows, (_, _, shown) in self.tables():
            shown = [cells for cells in shown if cells]
            self.assertEqual(len(rows), len(shown), title)
            for row, cells in zip(rows, shown):
                values = [value for name, value in row.items() if not name.endswith(("_base64", "_full_length"))]
                for value, (exact, printed) in zip(values, cells, strict=True):
                    if isinstance(value, (int, float)) and not isinstance(value, bool):
                        self.assertEqual(type(value)(exact or printed.replace(",", "")), value, title)
                        numbers += 1
        self.assertGreater(numbers, 5000)

    def test_markdown_prints_what_html_prints(self):
        markdown, compared = markdown_tables(self.texts["r.md"]), 0
        for title, (facts, tables) in self.page.sections.items():
            if title == "What to change":
                continue
            mine = markdown[title]
            if facts:
                self.assertEqual(mine[0][1:], [[name, printed] for name, _, printed in facts], title)
                compared += len(facts)
            for titles, _, rows in tables:
                for at, table in enumerate(mine):
                    if table[0] != titles:
                        continue
                    del mine[:at + 1]
                    for want, got in zip([cells for cells in rows if cells], table[1:]):
                        for (_, printed), cell in zip(want, got, strict=True):
                            if NUMBER.fullmatch(printed):
                                self.assertEqual(cell, printed, title)
                                compared += 1
                    break
        self.assertGreater(compared, 1500)

    def test_text_prints_what_html_prints(self):
        text, facts, numbers = text_lines(self.texts["r.txt"]), 0, 0
        for title, (own, tables) in self.page.sections.items():
            if title == "What to change":
                continue
            for name, _, printed in own:
                self.assertIn([name, printed] if printed else [name], text[title])
                facts += 1
            for _, chart, rows in tables:
                first = next((row for row in rows if row), None)
                if first is None or chart in ("heatmap", "histogram", "line"):  # a matrix, or not printed
                    continue
                printed = [cell for _, cell in first if NUMBER.fullmatch(cell)]
                lines = [[cell for cell in line if NUMBER.fullmatch(cell)] for line in text[title]
                         if line[0] == first[0][1] and len(line) > 2]
                found = [line for line in lines if is_part(line, printed)]
                self.assertTrue(found or not lines, (title, lines, printed))
                numbers += sum(map(len, found))
        self.assertGreater(facts, 35)
        self.assertGreater(numbers, 100)

    def test_csv_is_the_table_of_json(self):
        rows = list(csv.DictReader(io.StringIO(self.texts["r.csv"], newline="")))
        mine = self.report["groups"]["list"]
        self.assertEqual(len(rows), len(mine))
        for record, row in zip(rows, mine):
            for name, field in record.items():
                if isinstance(row[name], (int, float)):
                    self.assertEqual(type(row[name])(field), row[name])
                elif row[name] is None:
                    self.assertEqual(field, "")

    def test_metrics_are_those_of_json(self):
        metrics, compared = read_prometheus(self.texts["r.prom"]), 0
        with open(METRICS, encoding="utf-8") as file:
            table = re.findall(r'\{"(\w+)", "(\w+)", "(\w+)", (?:"(\w+)"|NULL),', file.read())
        for name, section, member, column in table:
            if name not in metrics:
                continue
            value = self.report[section][member]
            if column:
                want = [row[column] for row in value if row[column] is not None][:100]
                self.assertEqual(sorted(metrics[name].values()), sorted(map(float, want)), name)
            elif isinstance(value, str):
                continue  # a time, as text
            else:
                self.assertAlmostEqual(metrics[name][()], value / (1000 if name.endswith("_seconds") else 1), msg=name)
            compared += 1
        self.assertGreater(compared, 15)

    def test_its_moment_and_age_are_in_all(self):
        overview = self.report["overview"]
        printed = {name: text for name, _, text in self.page.sections["Overview"][0]}
        head = self.texts["r.md"].split("###")[0]
        self.assertIn(f"Taken at **{printed['Taken at']}**", head)
        self.assertIn(f"Age **{printed['Age']}**", head)
        cards = self.texts["r.html"].split("class=cards")[1].split("</section>")[0]
        self.assertTrue(printed["Taken at"] in cards and printed["Age"] in cards)
        metrics = read_prometheus(self.texts["r.prom"])
        self.assertEqual(metrics["rdbmeter_snapshot_age_seconds"][()] * 1000, overview["age"])
        self.assertEqual(metrics["rdbmeter_snapshot_timestamp_seconds"][()] * 1000, overview["taken_at"])
        self.assertIn(["Age", printed["Age"]], text_lines(self.texts["r.txt"])["Overview"])
        facts = subprocess.run([RDBMETER, "report", SNAPSHOT, "--now", "2026-11-20T09:00:00Z", "--format", "csv", "--section",
                                "overview.facts"], check=True, capture_output=True, text=True).stdout
        self.assertIn(f"age,{overview['age']}", facts)
        self.assertIn("taken_at,", facts)

    def test_keys_come_to_the_totals(self):
        totals = self.report["totals"]
        with tempfile.TemporaryDirectory() as folder:
            paths = {form: os.path.join(folder, "keys." + form) for form in ("csv", "ndjson", "db")}
            for path in paths.values():
                subprocess.run([RDBMETER, "keys", SNAPSHOT, "-o", path], check=True)
            with open(paths["csv"], encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            with open(paths["ndjson"], encoding="utf-8") as file:
                objects = [json.loads(line) for line in file]
            with sqlite3.connect(paths["db"]) as database:
                count, size, usage = database.execute(
                    "SELECT count(*), sum(size_in_bytes), sum(memory_usage) FROM keys").fetchone()
            database.close()
        want = (totals["keys"], totals["keys_bytes"], totals["memory_usage"])
        self.assertEqual((count, size, usage), want)
        for table in (rows, objects):
            self.assertEqual((len(table), sum(int(row["size_in_bytes"]) for row in table),
                              sum(int(row["memory_usage"]) for row in table)), want)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
