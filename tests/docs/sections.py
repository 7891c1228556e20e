"""Prints every section that the program writes as JSON, with its facts, its tables and their columns, as a page of the
documentation has them: the union of what runs over the snapshots of testdata write. Complains of a section of the report
that none of them has.

usage: sections.py [COMMAND]     from the project's folder, with rdbmeter on the PATH; without one, those of the report
"""

import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile

SHOWCASE, HEALTHY, TINY = "testdata/showcase.rdb", "testdata/healthy.rdb", "testdata/tiny/"
# of a server that evicts by LFU: a key with a counter
LFU, LFU_BYTES = "lfu.rdb", b"REDIS0009\xfe\0\xf9\x05\0\x03key\x05value\xff" + bytes(8)
SAVED = ["--info", "testdata/saved/showcase.info", "--malloc-stats", "testdata/saved/showcase.malloc-stats"]
with open("src/collect/collectors.c", encoding="utf-8") as collectors:
    IDS = re.findall(r'^    \{"(\w+)", "', collectors.read(), re.MULTILINE)
RUNS = {
    "report": [[SHOWCASE, "--nodes", "3", "--sections", ",".join(IDS)], [SHOWCASE, "--redact-key", "LICENSE"],
               [SHOWCASE, *SAVED], [SHOWCASE, HEALTHY], [TINY + "names.rdb"],
               [TINY + "types.rdb", "--show-values"], [TINY + "types.rdb", "--target", "redis-8.0"],
               [LFU]],
    "doctor": [[SHOWCASE, *SAVED]],
    "check": [[SHOWCASE, "--max-keys", "1", "--max-key-bytes", "1kb"]],
    "diff": [[HEALTHY, SHOWCASE]],
    "trend": [[HEALTHY, SHOWCASE, "--maxmemory", "1gb"]],
    "upgrade": [[SHOWCASE]],
    "explain": [[SHOWCASE, "user:profile:1"]],
    "verify": [[SHOWCASE]],
    "servers": [[]],
    "policy": [[]],
}


class Titles(html.parser.HTMLParser):
    """What JSON leaves out: titles of sections, facts, tables and columns, in order, and the kinds of columns."""

    def __init__(self):
        super().__init__()
        self.sections, self.text, self.columns = [], None, None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "section" and attributes.get("id", "").startswith("s-"):
            self.sections.append({"id": attributes["id"][2:], "facts": [], "tables": {}})
        elif tag == "figure":
            self.table = self.sections[-1]["tables"].setdefault(attributes["id"].split("-", 2)[2], {"columns": []})
        elif tag == "th":
            self.column = (attributes["data-id"], attributes["data-kind"])
        if tag in ("h2", "dt", "figcaption", "th"):
            self.text = ""

    def handle_data(self, data):
        if self.text is not None:
            self.text += data

    def handle_endtag(self, tag):
        if self.text is None or not self.sections:
            return
        if tag == "h2":
            self.sections[-1].setdefault("title", self.text)
        elif tag == "dt":
            self.sections[-1]["facts"].append(self.text)
        elif tag == "figcaption":
            self.table["title"] = self.text
        elif tag == "th":
            self.table["columns"].append((*self.column, self.text))
        else:
            return
        self.text = None


def kind_of(value):
    return "yes or no" if isinstance(value, bool) else "integer" if isinstance(value, int) else \
        "number" if isinstance(value, float) else "text" if isinstance(value, str) else "-"


def write(command, arguments, folder):
    paths = [os.path.join(folder, "r." + form) for form in ("json", "html")]
    arguments = [os.path.join(folder, LFU) if argument == LFU else argument for argument in arguments]
    for path in paths:
        subprocess.run(["rdbmeter", command, *arguments, "-o", path], capture_output=True, stdin=subprocess.DEVNULL,
                       env={**os.environ, "RDBMETER_REDACT_KEY": ""})
    with open(paths[0], encoding="utf-8") as file:
        report = json.load(file)
    titles = Titles()
    with open(paths[1], encoding="utf-8") as file:
        titles.feed(file.read())
    return report, titles.sections


def collect(command):
    """section id => (title, {fact: (kind, title)}, {table: (title, {column: (kind, title)})})"""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, LFU), "wb") as snapshot:
            snapshot.write(LFU_BYTES)
        for arguments in RUNS[command]:
            report, sections = write(command, arguments, folder)
            for shown in sections:
                section = report[shown["id"]]
                _, facts, tables = found.setdefault(shown["id"], (shown["title"], {}, {}))
                names = [name for name, value in section.items()
                         if not isinstance(value, list) and not name.endswith(("_base64", "_full_length"))]
                for name, title in zip(names, shown["facts"], strict=True):
                    if name not in facts or facts[name][0] == "-":
                        facts[name] = (kind_of(section[name]), title)
                for name, table in shown["tables"].items():
                    columns = tables.setdefault(name, (table.get("title") or shown["title"], {}))[1]
                    for column, kind, title in table["columns"]:
                        columns.setdefault(column, (kind, title))
    return found


def complain_of_missing(found):
    missing = [name for name in IDS if name not in found]
    if missing or not IDS:
        sys.exit("no run has the sections %s" % missing)


def main():
    command = sys.argv[1] if len(sys.argv) > 1 else "report"
    found = collect(command)
    if command == "report":
        complain_of_missing(found)
    for name, (title, facts, tables) in found.items():
        print("%s: %s" % (name, title))
        for fact, (kind, shown) in facts.items():
            print("  %-22s %-10s %s" % (fact, kind, shown))
        for table, (shown, columns) in tables.items():
            print("  %s[]: %s" % (table, shown))
            for column, (kind, column_title) in columns.items():
                print("    %-20s %-10s %s" % (column, kind, column_title))


main()
