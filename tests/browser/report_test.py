# SPDX-License-Identifier: Apache-2.0
"""The page of `igrec report` in Chromium: what it shows against what the other verbs print, what its
controls do, and that a hostile dump does nothing there."""

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../unit/cli"))
import crafted  # noqa: E402

from browser import KEYS, Browser, missing  # noqa: E402

BIN = os.environ.get("IGREC_BIN", "build/release/bin")
IGREC, SAMPLE_DUMP, HOSTILE_DUMP = (os.path.join(BIN, name)
                                    for name in ("igrec", "sample_dump", "hostile_dump"))
MANY = 12000       # flow records
PAGE_BYTES = 3e6   # at most, of 10,000 events
NODES = 4000       # elements at most, however many events there are

# Ends of elements, markup, comments, entities, ANSI, RTL, ends of lines, no UTF-8.
EVIL = ("</script><script>window.owned = 1</script><img src=x onerror='window.owned = 1'><!-- "
        "&lt;b&gt; \x1b[31mred\x1b]0;t\x07 \u202etxet\u2066 \u2028\u2029 \\u003c/script> \udcff"
        "javascript:alert(1) ${7*7} {{7*7}} ]]> <svg onload=window.owned=1>")

# What stands on the page, in elements only.
TEXT_OF = "return document.querySelector(arguments[0]).textContent"
ROWS = ("return [...document.querySelectorAll('#event-window .row')].map("
        "row => [...row.children].map(cell => cell.textContent))")
COUNT = "return document.querySelector('#event-count').textContent"
WINDOW = ("const status = document.querySelector('#timeline-status').dataset;"
          "return [Number(status.from), Number(status.to)]")
SELECTED = "return document.querySelector('#event-detail').textContent"
PIXELS = """
const canvas = document.querySelector('canvas'), pen = canvas.getContext('2d');
const bytes = pen.getImageData(0, 0, canvas.width, canvas.height).data, seen = {};
for (let i = 0; i < bytes.length; i += 4) {
	const colour = [...bytes.slice(i, i + 4)].join();
	seen[colour] = (seen[colour] || 0) + 1;
}
return seen"""


def igrec(*args, status=(0, 4), **options):
    done = subprocess.run([IGREC, "--config", "/dev/null", *args], capture_output=True, timeout=300,
                          **options)
    if done.returncode not in status:
        raise AssertionError(f"igrec {args}: {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()


class Dumps:
    """Dumps and their pages, in one directory for all tests."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="igrec-report-")

    def made(self, program, *args):
        store = tempfile.mkdtemp(dir=self.dir)
        return subprocess.run([program, store, *args], capture_output=True, check=True
                              ).stdout.decode("utf-8", "surrogateescape").strip()

    @functools.cache
    def sample(self, records):
        return self.made(SAMPLE_DUMP, str(records))

    def hostile(self):
        """Every text of every table, and all that a program did."""
        evil = EVIL.encode("utf-8", "surrogateescape")
        path = self.made(HOSTILE_DUMP, evil)
        db = crafted.open_dump(path)
        kept = {("dump", "id"), ("dump", "arch"), ("dump", "payload"), ("failure", "kind"),
                ("task", "state"), ("lane", "lane"), ("chunk", "lane"), ("checksum", "name"),
                ("finding", "kind"), ("finding", "confidence"), ("vital", "name")}
        for table, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            for _, name, kind, *_ in db.execute(f"PRAGMA table_info({table})").fetchall():
                if kind == "TEXT" and (table, name) not in kept:
                    value = evil[:15] if name == "comm" else evil
                    db.execute(f"UPDATE {table} SET {name} = CAST(? AS TEXT)", (value,))
        db.execute("UPDATE task SET argv = ?", (evil + b"\0" + evil + b"\0",))
        db.execute("UPDATE log SET text = ?", (evil,))
        crafted.seal(db)
        db.close()
        return path

    def page(self, dump, *args):
        path = "-".join([dump.removesuffix(".igrec"), *args]) + ".html"
        if os.path.exists(path):
            return path
        igrec("report", dump, "-o", path, *args)
        return path


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dumps = Dumps()
        cls.addClassCleanup(shutil.rmtree, cls.dumps.dir)
        cls.browser = cls.enterClassContext(Browser())

    def open(self, page):
        self.browser.open(page)
        self.assertEqual(self.browser.settled("return document.documentElement.dataset.ready"),
                         "yes", self.browser.console())
        return self.browser

    def tearDown(self):
        """Whatever was done: no complaint, nothing fetched."""
        self.assertEqual(self.browser.console(), [])
        asked = self.browser.requests()
        self.assertEqual(asked, [url for url in asked if url.endswith(".html")])
        self.assertLessEqual(len(asked), 1, asked)

    def sample_page(self, records=200, *args):
        dump = self.dumps.sample(records)
        return dump, self.open(self.dumps.page(dump, *args))

    # ---- what it shows ---------------------------------------------------------------------

    def test_verdict(self):
        dump, page = self.sample_page()
        finding = json.loads(igrec("explain", "--json", dump).splitlines()[0])
        shown = page.run(TEXT_OF, "#verdict")
        self.assertIn(finding["sentence"], shown)
        self.assertIn(finding["next"], shown)
        self.assertEqual(page.run(TEXT_OF, "#verdict h2 .badge"), finding["confidence"])
        rows = page.run("return document.querySelectorAll('#verdict > .scroll tbody tr').length")
        self.assertEqual(rows, len(finding["evidence"]))
        info = json.loads(igrec("info", "--json", dump))
        facts = page.run(TEXT_OF, "#facts")
        for name in ("container", "pod", "namespace", "image", "node", "runtime", "id"):
            self.assertIn(info[name], facts)
        self.assertEqual(page.run("return document.title"),
                         f"{info['namespace']}/{info['pod']}/{info['container']}")

    def test_events_are_those_of_replay(self):
        """Cell by cell, as replay prints its lines."""
        dump, page = self.sample_page()
        lines = igrec("replay", "--no-header", dump).splitlines()
        seen = {}
        for at in range(0, len(lines), 10):
            page.run("document.querySelector('#event-rows').scrollTop = arguments[0] * 24", at)
            seen.update(page.settled(
                "return [...document.querySelectorAll('#event-window .row')].map(row => ["
                "row.ariaRowIndex, [...row.children].map(cell => cell.textContent).join(' ')])"))
        shown = [" ".join(seen[str(at + 2)].split()) for at in range(len(seen))]
        self.assertEqual(shown, [" ".join(line.split()) for line in lines])

    def test_losses(self):
        dump, page = self.sample_page()
        shown = page.run(TEXT_OF, "#losses")
        for lane in json.loads(igrec("info", "--json", dump))["lanes"].values():
            self.assertIn(f"{lane['written']:,}", shown)
            self.assertIn(f"{lane['overwritten']:,}", shown)
        gap = "1234 records of lane flow overwritten"
        self.assertIn(gap, page.run(TEXT_OF, "#timeline .gaps"))

    def test_processes(self):
        dump, page = self.sample_page()
        tree = [json.loads(line) for line in igrec("replay", "--tree", "--json", dump).splitlines()]
        shown = page.run(TEXT_OF, "#processes")
        for process in tree:
            if not process["setup"]:
                self.assertIn(process["comm"], shown)
                self.assertIn("killed by SIGSEGV", shown)

    def test_data_alone(self):
        """--json has what the page has."""
        dump, page = self.sample_page()
        lines = igrec("report", "--json", dump).splitlines()
        self.assertEqual(len(lines), 1)
        self.assertEqual(json.loads(lines[0]), json.loads(page.run(TEXT_OF, "#data")))

    # ---- what it does ----------------------------------------------------------------------

    def test_filter(self):
        dump, page = self.sample_page()
        failed = igrec("replay", "--failed", "--no-header", dump).splitlines()
        failed = [line for line in failed if line.split()[3][0] != "<"]
        page.type("f")
        rows = page.settled(ROWS)
        self.assertTrue(page.run(COUNT).startswith(f"{len(failed)} of"), page.run(COUNT))
        self.assertTrue(all(row[5].startswith("-1 E") for row in rows), rows)
        page.type("f/")
        page.type("ECONNREFUSED connect")
        self.assertEqual([row[3] for row in page.settled(ROWS)], ["connect"])
        page.type(KEYS["Escape"] + KEYS["Escape"])
        everything = page.settled(COUNT)
        self.assertNotIn(" of ", everything)
        for control, value, column in (("call", "getppid", 3), ("errno", "ENOENT", 5),
                                       ("task", "1", 1)):
            page.run("const at = document.querySelector('#filter-' + arguments[0]);"
                     "at.value = arguments[1]; at.dispatchEvent(new Event('change'))", control,
                     value)
            rows = page.settled(ROWS)
            self.assertTrue(rows, control)
            self.assertTrue(all(value in row[column] for row in rows), (control, rows))
            page.click("#filter-reset")
        self.assertEqual(page.settled(COUNT), everything)
        page.type("/")
        page.type("no such words")
        self.assertEqual(page.settled(ROWS), [])
        self.assertTrue(page.run(COUNT).startswith("0 of"))

    def test_keys(self):
        _, page = self.sample_page()
        page.type("g")
        self.assertIn("1234 records of lane flow", page.settled(SELECTED))
        page.type("jj")
        third = page.settled(SELECTED)
        page.type("k")
        self.assertIn("execve", page.settled(SELECTED))
        page.type("j")
        self.assertEqual(page.settled(SELECTED), third)
        page.type("n")
        self.assertIn("ENOENT", page.settled(SELECTED))
        page.type("n")
        self.assertIn("ECONNREFUSED", page.settled(SELECTED))
        page.type("N")
        self.assertIn("ENOENT", page.settled(SELECTED))
        page.type("G")
        self.assertIn("<failure>", page.settled(SELECTED))

    def test_evidence_leads_to_the_event(self):
        _, page = self.sample_page()
        page.type("/")
        page.type("no such words")
        words = page.settled("const row = document.querySelector('#verdict tbody tr');"
                             "row.click(); return row.children[4].textContent")
        self.assertIn(words, page.settled(SELECTED))
        self.assertTrue(page.run("return !!document.querySelector('#event-window .selected')"))

    def test_zoom(self):
        _, page = self.sample_page()
        whole = page.settled(WINDOW)
        page.run("document.querySelector('#timeline').scrollIntoView({block: 'center'})")
        page.wheel("canvas", 100, 0, -300)
        closer = page.settled(WINDOW)
        self.assertGreater(closer[0], whole[0])
        self.assertLess(closer[1] - closer[0], 0.8 * (whole[1] - whole[0]))
        page.wheel("canvas", 100, 0, 300)
        self.assertAlmostEqual(page.settled(WINDOW)[0] / whole[0], 1, 3)
        page.pointer("canvas", (0, 0), (100, 0), (200, 0))
        dragged = page.settled(WINDOW)
        part = (dragged[1] - dragged[0]) / (whole[1] - whole[0])
        width = page.run("return document.querySelector('canvas').clientWidth - 190")
        self.assertAlmostEqual(part, 200 / width, 2)
        page.run("document.querySelector('canvas').focus()")
        page.type("+")
        self.assertAlmostEqual(page.settled(WINDOW)[1] - page.run(WINDOW)[0],
                               (dragged[1] - dragged[0]) / 2, delta=10)
        before = page.run(WINDOW)
        page.type(KEYS["Left"])
        self.assertLess(page.settled(WINDOW)[0], before[0])
        page.type("0")
        self.assertEqual(page.settled(WINDOW), whole)

    def test_window_narrows_the_list(self):
        _, page = self.sample_page()
        page.click("#filter-window")
        whole = page.settled(COUNT)
        page.run("[...document.querySelectorAll('#timeline button')].find("
                 "button => button.textContent === 'last 1s').click()")
        rows = page.settled(ROWS)
        self.assertIn(" of ", page.run(COUNT))
        self.assertNotEqual(page.run(COUNT), whole)
        self.assertTrue(rows and all(-1.01 < float(row[0]) <= 0.1 for row in rows), rows)

    def test_tooltip(self):
        """Over the failed calls at the beginning, and over the gap before them."""
        _, page = self.sample_page()
        page.run("document.querySelector('#timeline').scrollIntoView({block: 'center'})")
        page.run("scaleSet(-29.0001e9, -28.9994e9); timelineChanged()")
        x = page.settled("return xOf(-28.9995e9) - document.querySelector('canvas').clientWidth / 2")
        y = page.run("return 24 + 11 - document.querySelector('canvas').clientHeight / 2")
        page.pointer("canvas", (round(x), round(y)))
        tip = page.settled("const tip = document.querySelector('#tip');"
                           "return tip.hidden ? '' : tip.textContent")
        self.assertRegex(tip, r"connect\(.*ECONNREFUSED")
        x = page.run("return xOf(-29e9) - document.querySelector('canvas').clientWidth / 2")
        page.pointer("canvas", (round(x), round(y) + 44))
        self.assertIn("1234 records of lane flow overwritten",
                      page.settled("return document.querySelector('#tip').textContent"))

    def test_timeline_is_drawn(self):
        """Calls, failures and gaps have colours of their own; another stretch, another picture."""
        _, page = self.sample_page()
        page.run("scaleSet(-29.0001e9, -28.9994e9); timelineChanged()")
        seen = page.settled(PIXELS)
        for name in ("call", "bad", "gap", "mark"):
            colour = page.run("const pen = document.createElement('canvas').getContext('2d');"
                              "pen.fillStyle = timelineColours()[arguments[0]];"
                              "pen.fillRect(0, 0, 1, 1);"
                              "return [...pen.getImageData(0, 0, 1, 1).data].join()", name)
            self.assertGreater(seen.get(colour, 0), 10, name)
        picture = "return document.querySelector('canvas').toDataURL()"
        zoomed = page.run(picture)
        page.run("scaleAll(); timelineChanged()")
        self.assertNotEqual(page.settled(picture), zoomed)

    # ---- many events -----------------------------------------------------------------------

    def test_many(self):
        dump = self.dumps.sample(MANY)
        path = self.dumps.page(dump)
        page = self.open(path)
        events = page.run("return tape.rows.length")
        self.assertGreater(events, MANY)
        each = os.path.getsize(path) / events
        print(f"page of {events} events: {os.path.getsize(path)} bytes, {each:.0f} an event",
              flush=True)
        self.assertLess(each * 10000, PAGE_BYTES)
        nodes = "return document.querySelectorAll('*').length"
        few = page.settled(nodes)
        self.assertLess(few, NODES)
        for part in (0.1, 0.5, 1):
            page.run("const at = document.querySelector('#event-rows');"
                     "at.scrollTop = at.scrollHeight * arguments[0]", part)
            self.assertTrue(page.settled(ROWS))
            self.assertLess(page.run(nodes), NODES)
        page.type("/")
        page.type("getppid")
        rows = page.settled(ROWS)
        self.assertTrue(rows and all(row[3] == "getppid" for row in rows))
        calls = sum(" getppid " in line for line in igrec("replay", dump).splitlines())
        self.assertTrue(page.run(COUNT).startswith(f"{calls:,} of"), page.run(COUNT))
        self.assertLess(page.run(nodes), NODES)

    def test_more_than_a_browser_scrolls(self):
        """A list of a million rows: its beginning, end and middle are where they are looked for."""
        _, page = self.sample_page()
        page.run("eventList.list = Array.from({length: 1e6}, (_, i) => i % 100); eventsChanged();"
                 "document.querySelector('#event-rows').scrollTop = 0")
        place = ("return [...document.querySelectorAll('#event-window .row')].map("
                 "row => Number(row.ariaRowIndex) - 2)")
        self.assertEqual(page.settled(place)[0], 0)
        page.run("const at = document.querySelector('#event-rows'); at.scrollTop = at.scrollHeight")
        self.assertEqual(page.settled(place)[-1], 999999)
        half = page.settled("const at = document.querySelector('#event-rows');"
                            "at.scrollTop = at.scrollHeight / 2; return at.scrollTop")
        self.assertGreater(half, 1e6)
        self.assertAlmostEqual(page.settled(place)[0] / 1e6, 0.5, 2)
        self.assertLess(page.run("return document.querySelectorAll('*').length"), NODES)

    def test_cut(self):
        """--events keeps the last ones and what findings show; the page says what is left out."""
        dump, page = self.sample_page(400, "--events", "50")
        kept = page.run("return tape.rows.length")
        evidence = json.loads(igrec("explain", "--json", dump).splitlines()[0])["evidence"]
        self.assertIn(kept, range(50, 51 + 17 * 12))
        left = page.run("return data.not_shown.left_out")
        self.assertIn(f"{left:,} older events", page.run(TEXT_OF, "#events"))
        self.assertIn(f"{left:,} older events", page.run(TEXT_OF, "#losses"))
        self.assertEqual(page.run("return document.querySelectorAll("
                                  "'#verdict > .scroll tbody tr').length"), len(evidence))

    # ---- hostile ---------------------------------------------------------------------------

    def test_hostile(self):
        path = self.dumps.page(self.dumps.hostile())
        page = self.open(path)
        page.type("G" + "k" * 8)
        page.settled("return 0")
        page.run("document.querySelector('#timeline').scrollIntoView({block: 'center'});"
                 "scaleSet(-1.1e6, 0); timelineChanged()")
        lane = page.settled("return timeline.lanes.findIndex(lane => lane.pid === 9)")
        self.assertGreaterEqual(lane, 0)
        height = page.run("return document.querySelector('canvas').clientHeight")
        page.pointer("canvas", (390, round(24 + 22 * lane + 11 - height / 2)))
        self.assertIsNone(page.run("return window.owned ?? null"))
        for tag in ("img", "iframe", "object", "link", "[onerror]", "[onload]", "svg[onload]"):
            self.assertEqual(page.run("return document.querySelectorAll(arguments[0]).length", tag),
                             0, tag)
        self.assertEqual(page.run("return document.scripts.length"), 2)
        text = page.run("return document.body.innerText")
        self.assertIn("</script><script>window.owned = 1</script>", text)
        self.assertIn("\\u{202e}txet", text)
        told = page.run("return [...tape.rows.map(row => row[WORDS]), ...data.tasks.map("
                        "task => task[COMM]), ...data.processes.flatMap("
                        "each => each.changes.map(deed => deed.filename))]")
        self.assertGreaterEqual(sum("</script>" in (words or "") for words in told), 6, told)
        acted_upon = page.run(
            "return [...document.body.innerText, ...document.title].filter("
            "c => c !== '\\n' && c !== '\\t' && /[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]/u.test(c))")
        self.assertEqual(acted_upon, [])
        with open(path, "rb") as f:
            html = f.read().decode("utf-8")
        self.assertEqual(html.count("</script"), 2)
        self.assertEqual(html.count("window.owned = 1<"), 0)

    def test_in_flight(self):
        """What a thread was in when it died."""
        page = self.open(self.dumps.page(self.dumps.hostile()))
        page.type("/")
        page.type("flight")
        rows = page.settled(ROWS)
        self.assertEqual([(row[3], row[5]) for row in rows], [("read", "(in flight)")])
        self.assertTrue(page.run("return !!document.querySelector('#event-window .flight')"))

    def test_nothing_is_allowed_but_the_page_itself(self):
        """The policy holds: what a flaw might add does not run, nothing can be asked for."""
        _, page = self.sample_page()
        page.run("const script = document.createElement('script');"
                 "script.textContent = 'window.owned = 1'; document.body.append(script)")
        self.assertIsNone(page.run("return window.owned ?? null"))
        asked = page.do("execute/async", {"args": [], "script": (
            "const done = arguments[0];"
            "fetch('http://127.0.0.1:9/').then(() => done('fetched'), () => done('refused'))")})
        self.assertEqual(asked, "refused")
        complaints = page.console()
        self.assertEqual(len([x for x in complaints if "Content Security Policy" in x]),
                         len(complaints))
        self.assertGreaterEqual(len(complaints), 2)

    # ---- paper, darkness -------------------------------------------------------------------

    def test_print(self):
        dump, page = self.sample_page()
        path = dump.removesuffix(".igrec") + ".pdf"
        page.printed(path)
        with open(path, "rb") as f:
            self.assertEqual(f.read(5), b"%PDF-")
        page.run("window.dispatchEvent(new Event('beforeprint'))")
        rows = page.run("return document.querySelectorAll('#last-events tbody tr').length")
        self.assertEqual(rows, 100)
        page.run("window.dispatchEvent(new Event('afterprint'))")

    def test_contrast(self):
        """Text against what is behind it, in both schemes: WCAG's AA at least."""
        ratio = """
const pen = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const style = getComputedStyle(document.documentElement);
const light = (name) => {
	pen.fillStyle = style.getPropertyValue('--' + name).trim();
	pen.fillRect(0, 0, 1, 1);
	const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map((c) =>
		c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const [a, b] = [light(arguments[0]), light(arguments[1])].sort((x, y) => y - x);
return (a + 0.05) / (b + 0.05)"""
        pairs = [(text, behind) for text in ("text", "quiet", "link", "bad", "warn")
                 for behind in ("page", "card", "selected")]
        pairs += [("bad", "bad-card"), ("warn", "warn-card"), ("gap", "card")]
        path = self.dumps.page(self.dumps.sample(20))
        for dark in (False, True):
            with Browser(dark=dark) as page:
                page.open(path)
                self.assertEqual(page.run("return matchMedia('(prefers-color-scheme: dark)')"
                                          ".matches"), dark)
                for text, behind in pairs:
                    least = 3 if text == "gap" else 4.5
                    self.assertGreaterEqual(page.run(ratio, text, behind), least,
                                            (text, behind, dark))


if __name__ == "__main__":
    lacking = missing()
    if lacking:
        print(f"skipped: this machine lacks {', '.join(lacking)} (tools/setup.sh test)",
              file=sys.stderr)
        sys.exit(1 if os.environ.get("IGREC_TEST_STRICT") == "1" else 77)
    unittest.main(verbosity=2)
