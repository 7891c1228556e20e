"""Opens the HTML report in headless Chromium and uses it: charts, sorting, searching, zooming, printing, no script.

usage: check_html.py REPORT_FIXTURE    (the program that writes the test document, see report_fixture.c)
Exit status 77 says that there is no Chromium here.
"""

import os
import subprocess
import sys
import tempfile
import unittest

from browser import Browser, find_browser

SKIPPED = 77
SIZE_LIMIT = 2_000_000
PREFIXES = 5000
WIDTHS = (1400, 390)
TREEMAP = "figure[data-chart=treemap]"
LABELS = f"[...document.querySelectorAll('{TREEMAP} .chart text')].map(t => t.textContent)"
FIXTURE = sys.argv[1] if len(sys.argv) > 1 else ""


SETTLED = """new Promise(done => {
  let before = '', same = 0;
  const look = () => {
    const now = [...document.querySelectorAll('.chart svg')].map(svg => svg.innerHTML).join();
    same = now === before ? same + 1 : 0;
    before = now;
    if (same >= 5) done(); else setTimeout(look, 100);
  };
  requestAnimationFrame(look);
})"""


def settled(browser):
    """Waits until charts have stopped moving, however busy the machine is."""
    browser.ask(SETTLED)


def becomes_true(browser, expression):
    """Whether the expression is true, or becomes so within twenty seconds."""
    return browser.ask(f"new Promise(done => {{ let left = 200; const look = () => {{ const is = {expression};"
                       " if (is || --left === 0) done(Boolean(is)); else setTimeout(look, 100); }; look(); })")


class HtmlReport(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="report-html-")
        cls.page = os.path.join(cls.folder.name, "report.html")
        with open(cls.page, "wb") as file:
            subprocess.run([FIXTURE, "html", str(PREFIXES), "cut at byte <b>7</b>"], stdout=file, check=True)
        cls.browser = Browser(find_browser())

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.folder.cleanup()

    def open(self, **how):
        self.browser.open(self.page, **how)
        if how.get("script", True):
            settled(self.browser)

    def ask(self, expression):
        return self.browser.ask(expression)

    def assert_quiet(self):
        self.assertEqual(self.browser.problems, [])
        self.assertEqual([url for url in self.browser.requests if not url.startswith(("file:", "data:"))], [])
        self.assertEqual(len([url for url in self.browser.requests if url.startswith("file:")]), 1)

    def test_size(self):
        self.assertLess(os.path.getsize(self.page), SIZE_LIMIT)

    def test_every_chart_is_drawn_at_every_width_and_scheme(self):
        for width in WIDTHS:
            for dark in (False, True):
                with self.subTest(width=width, dark=dark):
                    self.open(width=width, dark=dark)
                    shapes = self.ask("Object.fromEntries([...document.querySelectorAll('figure[data-chart]')]"
                                      ".map(f => [f.dataset.chart, f.querySelectorAll('.chart svg path').length]))")
                    self.assertEqual(set(shapes), {"bars", "histogram", "heatmap", "treemap", "line"})
                    self.assertTrue(all(count > 5 for count in shapes.values()), shapes)
                    self.assertLessEqual(self.ask("document.documentElement.scrollWidth"), width)
                    light = self.ask("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g)"
                                     ".reduce((sum, c) => sum + Number(c), 0) > 384")
                    self.assertEqual(light, not dark)
                    self.assert_quiet()

    def test_names_are_text_and_nothing_else(self):
        self.open()
        names = self.ask("[...document.querySelectorAll('#t-top_keys-by_bytes td.k')].map(td => td.textContent)")
        for name in ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</script><script>throw 1</script>",
                     r"bad \xff\xfe\xc0\x80 utf-8", r"nul \x00 inside", r"bidi \xe2\x80\xaegnp.exe", "日本語キー"):
            self.assertIn(name, names)
        self.assertTrue(any(name.endswith("… (20,480 bytes)") and len(name) < 300 for name in names))
        self.assertEqual(self.ask("document.scripts.length"), 1)
        self.assertEqual(self.ask("document.images.length"), 0)
        self.assertEqual(self.ask("document.querySelector('.partial b')"), None)

    def test_the_policy_stops_scripts_and_requests(self):
        self.open()
        self.ask("{ const s = document.createElement('script'); s.textContent = 'window.ran = true';"
                 " document.body.append(s); const i = new Image(); i.src = 'http://127.0.0.1:9/'; document.body.append(i); }")
        self.ask("fetch('http://127.0.0.1:9/').catch(() => 0).then(() => 0)")
        self.assertIsNone(self.ask("window.ran"))
        refused = [problem for problem in self.browser.problems if "Content Security Policy" in problem]
        self.assertGreaterEqual(len(refused), 3, self.browser.problems)

    def column(self, index):
        return self.ask(f"[...document.querySelectorAll('#t-types-rows tbody tr')].map(tr => tr.cells[{index}].textContent)")

    def test_a_table_sorts_by_value(self):
        self.open()
        heading = "document.querySelectorAll('#t-types-rows th button')"
        self.ask(f"{heading}[4].click()")
        self.assertEqual(self.column(4), ["296 MB", "277 MB", "238 MB", "210 MB", "105 MB", "555 KB"])
        self.ask(f"{heading}[4].click()")
        self.assertEqual(self.column(4)[0], "555 KB")
        self.ask(f"{heading}[1].click()")
        self.assertEqual(self.column(1), sorted(self.column(1)))

    def test_a_table_is_searched(self):
        self.open()
        self.ask("document.querySelector('#t-top_keys-by_bytes input').focus()")
        self.browser.type("ALERT(")
        shown = self.ask("[...document.querySelectorAll('#t-top_keys-by_bytes tbody tr')].filter(r => !r.hidden).length")
        self.assertEqual(shown, 3)
        self.assertEqual(self.ask("document.querySelector('#t-top_keys-by_bytes output').textContent"), "3 of 25 rows")

    def test_a_prefix_is_zoomed_into(self):
        self.open()
        self.ask(f"document.querySelector('{TREEMAP} .chart').scrollIntoView({{behavior: 'instant', block: 'center'}})")
        before = self.ask(LABELS)
        box = self.ask(f"(() => {{ const t = [...document.querySelectorAll('{TREEMAP} .chart text')]"
                       ".find(t => t.textContent.startsWith('session:')).getBoundingClientRect();"
                       " return [t.x + t.width / 2, t.y + t.height / 2]; })()")
        self.assertTrue(any(label.startswith("cart:") for label in before), before)
        self.browser.click(*box)
        self.assertTrue(becomes_true(self.browser, f"!{LABELS}.some(label => label.startsWith('cart:'))"))
        settled(self.browser)
        after = self.ask(LABELS)
        self.assertGreater(after.count("session:"), 0)
        self.assert_quiet()

    def test_bounds_of_buckets_are_no_measures(self):
        self.open()
        options = self.ask("[...document.querySelectorAll('#t-key_sizes-sizes option')].map(o => o.textContent)")
        self.assertEqual(options, ["Keys", "Bytes", "Share"])

    def test_choices_redraw(self):
        self.open()
        colors = f"[...document.querySelectorAll('{TREEMAP} .chart path')].map(p => p.getAttribute('fill')).join()"
        before = self.ask(colors)
        self.ask(f"{{ const s = document.querySelector('{TREEMAP} select'); s.value = '1';"
                 " s.dispatchEvent(new Event('change')); }")
        settled(self.browser)
        self.assertNotEqual(before, self.ask(colors))
        self.assert_quiet()

    def test_without_script_tables_and_numbers_stay(self):
        self.open(script=False)
        self.browser.call("DOM.enable")
        root = self.browser.call("DOM.getDocument")["root"]["nodeId"]

        def text(selector):
            node = self.browser.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
            return self.browser.call("DOM.getOuterHTML", nodeId=node)["outerHTML"]

        self.assertIn("3,981,800", text(".cards"))
        self.assertIn("listpack", text("#t-types-rows table"))
        self.assertIn("hash-max-listpack-entries 600", text("#what-to-change"))
        self.assertNotIn("<svg", text("main"))

    def test_it_prints(self):
        self.open()
        printed = self.browser.call("Page.printToPDF")
        self.assertGreater(len(printed["data"]), 50_000)
        self.assert_quiet()


if __name__ == "__main__":
    if find_browser() is None:
        print("no Chromium here: the HTML report is not looked at")
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1])
