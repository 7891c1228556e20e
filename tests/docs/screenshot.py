"""Makes docs/images/report.png, the picture of the HTML report in the README: the map of memory by prefix of
testdata/showcase.rdb, as a browser draws it.

usage: tests/docs/screenshot.py RDBMETER
"""

import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "html"))
sys.dont_write_bytecode = True

from browser import Browser, find_browser  # noqa: E402
from check_html import settled  # noqa: E402

PICTURE = os.path.join(ROOT, "docs", "images", "report.png")
SECTION = "document.getElementById('t-groups-prefixes')"
MOST_BYTES = 300 * 1000


def main(rdbmeter):
    with tempfile.TemporaryDirectory() as folder, Browser(find_browser()) as browser:
        page = os.path.join(folder, "report.html")
        subprocess.run([rdbmeter, "report", "testdata/showcase.rdb", "--now", "2026-11-20T09:00:00Z", "-o", page], cwd=ROOT,
                       check=True)
        browser.open(page, width=1280, height=800)
        settled(browser)
        browser.ask(f"window.scrollTo(0, {SECTION}.getBoundingClientRect().top + scrollY - 60)")
        settled(browser)
        os.makedirs(os.path.dirname(PICTURE), exist_ok=True)
        browser.photograph(PICTURE)
    if os.path.getsize(PICTURE) > MOST_BYTES:
        sys.exit(f"{PICTURE} is larger than {MOST_BYTES} bytes")


main(sys.argv[1])
