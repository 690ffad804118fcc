# SPDX-License-Identifier: Apache-2.0
"""igrec sql and the loadable extension: answers against what `igrec export --format ndjson` and
`igrec view --json` say, counted in Python; what need not be read is not; nothing but reading is
possible; docs/sql.md is true."""

import collections
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.append(os.path.join(TOP, "tests/unit/cli"))
import crafted  # noqa: E402

BIN = os.path.abspath(os.environ.get("IGREC_BIN", "build/release/bin"))
IGREC = os.path.join(BIN, "igrec")
SAMPLE_DUMP = os.environ.get("IGREC_SAMPLE_DUMP", "build/release/bin/sample_dump")
EXTENSION = os.path.join(os.path.dirname(BIN), "lib/igrec_sqlite")
SHOP = os.path.join(HERE, "shop.igrec")  # of a real container, see record.py
DUMPS = [SHOP, *(os.path.join(TOP, "tests/golden", name + ".igrec")
                 for name in ("format1", "format2", "format3", "arm64"))]
DOCS = os.path.join(TOP, "docs/sql.md")


def environment():
    """For programs that load the extension: what it was built with must be there before it."""
    with open(EXTENSION + ".so", "rb") as f:
        if b"__asan_init" not in f.read():
            return dict(os.environ)
    library = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True,
                             check=True).stdout.strip()
    return dict(os.environ, LD_PRELOAD=library, ASAN_OPTIONS="detect_leaks=0")


def sources(folder):
    """The text of all C files there."""
    texts = []
    for name in sorted(os.listdir(os.path.join(TOP, folder))):
        if name.endswith(".c"):
            with open(os.path.join(TOP, folder, name), encoding="utf-8") as f:
                texts.append(f.read())
    return "".join(texts)


class SqlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="igrec-sql-")
        cls.addClassCleanup(shutil.rmtree, cls.dir)

    def igrec(self, *args, status=(0,), **options):
        done = subprocess.run([IGREC, *args, "--config", "/dev/null"], capture_output=True, text=True,
                              timeout=300, **options)
        self.assertIn(done.returncode, status, f"{args}: {done.stderr}")
        return done

    def sql(self, path, text, status=(0, 3, 4)):
        """The rows, as dicts."""
        out = self.igrec("sql", "--json", path, text, status=status).stdout
        rows = [json.loads(line) for line in out.splitlines()]
        for row in rows:
            self.assertEqual(row.pop("schema"), 1)
        return rows

    def one(self, path, text):
        """The only value."""
        row, = self.sql(path, text)
        value, = row.values()
        return value

    def events(self, path):
        out = self.igrec("export", path, status=(0, 4)).stdout
        return [json.loads(line) for line in out.splitlines()]

    def big(self, records=9000):
        store = tempfile.mkdtemp(dir=self.dir)
        return subprocess.run([SAMPLE_DUMP, store, str(records)], capture_output=True, text=True,
                              check=True).stdout.strip()


class Truth(SqlTest):
    def test_events_are_those_of_ndjson(self):
        for path in DUMPS:
            rows, events = self.sql(path, "SELECT * FROM events"), self.events(path)
            self.assertEqual(len(rows), len(events))
            for row, event in zip(rows, events):
                self.assertEqual(json.loads(row["json"]), event)
                for name in ("type", "time_ns", "rel_ns", "duration_ns", "cpu", "lane", "pid", "tid",
                             "host_pid", "host_tid", "syscall", "ret", "errno", "child_pid"):
                    self.assertEqual(row[name], event.get(name), (name, event))
                if event["type"] == "syscall":
                    self.assertEqual(json.loads(row["args"]), event["args"])
                if event["type"] == "exec":
                    self.assertEqual((row["path"], json.loads(row["args"])),
                                     (event["filename"], event["argv"]))
                for name in ("setup", "in_flight", "compat"):
                    self.assertEqual(bool(row[name]), event.get(name, False))

    def test_aggregates(self):
        for path in DUMPS:
            calls = [e for e in self.events(path) if e["type"] == "syscall"]
            wanted = collections.Counter((e["syscall"], e["errno"]) for e in calls)
            rows = self.sql(path, "SELECT syscall, errno, count(*) n, sum(duration_ns) t FROM events "
                            "WHERE type = 'syscall' GROUP BY 1, 2")
            self.assertEqual({(r["syscall"], r["errno"]): r["n"] for r in rows}, wanted)
            self.assertEqual(sum(r["t"] for r in rows), sum(e["duration_ns"] for e in calls))

    def test_bounds(self):
        """Whatever is left out was not asked for."""
        path = self.big()
        events = self.events(path)
        times = sorted(e["time_ns"] for e in events)
        middle, late = times[len(times) // 2], times[-100]
        end = {id(e): e["time_ns"] + e.get("duration_ns", 0) for e in events}
        rel = middle - events[-1]["time_ns"]
        terms = {
            f"time_ns > {middle}": lambda e: e["time_ns"] > middle,
            f"time_ns >= {middle}": lambda e: e["time_ns"] >= middle,
            f"time_ns < {middle}": lambda e: e["time_ns"] < middle,
            f"time_ns <= {middle}": lambda e: e["time_ns"] <= middle,
            f"time_ns = {middle}": lambda e: e["time_ns"] == middle,
            f"{middle} < time_ns": lambda e: e["time_ns"] > middle,
            f"time_ns BETWEEN {middle} AND {late}": lambda e: middle <= e["time_ns"] <= late,
            f"end_ns <= {middle}": lambda e: end[id(e)] <= middle,
            f"end_ns > {late}": lambda e: end[id(e)] > late,
            f"rel_ns >= {rel}": lambda e: e["rel_ns"] >= rel,
            f"rel_ns > {float(rel)}": lambda e: e["rel_ns"] > rel,
            f"rel_ns < {rel + 0.5}": lambda e: e["rel_ns"] <= rel,
            "rel_ns > 'text'": lambda e: False,
            "rel_ns > NULL": lambda e: False,
            f"rel_ns BETWEEN {rel} AND {rel // 2}": lambda e: rel <= e["rel_ns"] <= rel // 2,
            "time_ns > 9223372036854775807": lambda e: False,
            "time_ns > -9223372036854775808": lambda e: True,
            "rel_ns > -1e300": lambda e: True,
            "lane = 'vital'": lambda e: e["lane"] == "vital",
            f"lane = 'flow' AND time_ns > {late}":
                lambda e: e["lane"] == "flow" and e["time_ns"] > late,
            "lane = 'nonsense'": lambda e: False,
            "lane IN ('start', 'vital')": lambda e: e["lane"] in ("start", "vital"),
            f"time_ns > {late} OR lane = 'start'":
                lambda e: e["time_ns"] > late or e["lane"] == "start",
        }
        for columns in ("type, pid, tid, comm, ret, missing, time_ns", "text, in_flight, time_ns"):
            every = self.sql(path, f"SELECT 0 AS term, {columns} FROM events")
            wanted = [{**row, "term": number} for number, fits in enumerate(terms.values())
                      for row, event in zip(every, events) if fits(event)]
            rows = self.sql(path, " UNION ALL ".join(
                f"SELECT {number} AS term, {columns} FROM events WHERE {term}"
                for number, term in enumerate(terms)))
            # An IN asks for one value after the other.
            self.assertEqual(sorted(map(json.dumps, rows)), sorted(map(json.dumps, wanted)))

    def test_views(self):
        for path in (SHOP, DUMPS[-1]):
            listed = self.igrec("sql", "--tables", "--json").stdout.splitlines()
            tables = {json.loads(line)["table"] for line in listed}
            known = dict(re.findall(r'\.name = "(\w+)",\s+\.table = "(\w+)"', sources("view")))
            self.assertGreater(len(known), 5)
            self.assertLessEqual(set(known.values()), tables)
            for view, table in known.items():
                out = self.igrec("view", view, "--json", path, status=(0, 3, 4)).stdout
                wanted = [json.loads(line) for line in out.splitlines()]
                rows = self.sql(path, f"SELECT * FROM {table}")
                self.assertEqual(len(rows), len(wanted), (table, path))
                for row, event in zip(rows, wanted):
                    self.assertEqual(row.pop("dump"), event["id"])
                    for name, seen in row.items():
                        value = event[name]
                        if isinstance(value, list):
                            seen = json.loads(seen)
                        elif isinstance(value, bool):
                            seen = bool(seen)
                        self.assertEqual(seen, value, (table, name))

    def test_own_tables(self):
        info = json.loads(self.igrec("info", "--json", SHOP).stdout)
        row, = self.sql(SHOP, "SELECT * FROM dumps")
        for name in ("time_ns", "container", "kind", "exit_code", "node", "cause"):
            self.assertEqual(row[name], info[name], name)
        for row in self.sql(SHOP, "SELECT * FROM lanes"):
            for name in ("written", "overwritten", "dropped"):
                self.assertEqual(row[name], info["lanes"][row["lane"]][name])
        findings = [json.loads(line) for line in self.igrec(
            "explain", "-n", "16", "--json", SHOP).stdout.splitlines()]
        self.assertEqual([(r["rank"], r["sentence"]) for r in self.sql(SHOP, "SELECT * FROM findings")],
                         [(f["rank"], f["sentence"]) for f in findings])
        self.assertEqual(self.one(SHOP, "SELECT comm || ' ' || state FROM tasks"),
                         f"{info['tasks'][0]['comm']} {info['tasks'][0]['state']}")
        for table in ("descriptors", "vitals", "samples", "log"):
            self.sql(SHOP, f"SELECT * FROM {table}")

    def test_several_dumps(self):
        store = tempfile.mkdtemp(dir=self.dir)
        for name in ("format2", "arm64"):
            shutil.copy(os.path.join(TOP, "tests/golden", name + ".igrec"), store)
        paths = [os.path.join(TOP, "tests/golden", name + ".igrec") for name in ("format2", "arm64")]
        first = self.big(200)
        second = os.path.join(os.path.dirname(first),
                              os.path.basename(self.big(300)).replace("20261121", "20261122"))
        shutil.copy(paths[0], second)
        out = self.igrec("sql", "--store", os.path.dirname(first), "--all", "--json", "crash-app",
                         "SELECT dump, count(*) n FROM events GROUP BY 1 ORDER BY 1",
                         status=(0, 4)).stdout
        counts = {row["dump"]: row["n"] for row in map(json.loads, out.splitlines())}
        self.assertEqual(sorted(counts.values()),
                         sorted([len(self.events(first)), len(self.events(paths[0]))]))

    def test_outputs(self):
        query = ("SELECT 1 AS a, 2.0 AS a, NULL AS \"q\"\"uote\", 'x\"y' || char(10, 27, 0x202e) AS t, "
                 "x'00ff' AS b, 1e300 * 1e300 AS i, 0.1 AS r")
        row = json.loads(self.igrec("sql", "--json", SHOP, query).stdout)
        self.assertEqual(row, {"schema": 1, "a": 1, "a_2": 2.0, 'q"uote': None,
                               "t": 'x"y\n\x1b\u202e', "b": "00ff", "i": None, "r": 0.1})
        out = subprocess.run([IGREC, "sql", "-o", "csv", SHOP, query], capture_output=True).stdout
        rows = list(csv.reader(io.StringIO(out.decode(), newline=""), strict=True))
        self.assertEqual(rows, [["a", "a", 'q"uote', "t", "b", "i", "r"],
                                ["1", "2.0", "", 'x"y\n\x1b\u202e', "00ff", "inf", "0.1"]])
        self.assertNotIn("\x1b", self.igrec("sql", SHOP, query).stdout)

    def test_statuses(self):
        self.igrec("sql", SHOP, "SELECT 1 FROM events WHERE pid = -1", status=(3,))
        self.igrec("sql", DUMPS[2], "SELECT count(*) FROM events", status=(4,))
        for args in ([], ["a", "b", "c"], ["-o", "xml", SHOP, "SELECT 1"], [SHOP, "SELEC"],
                     ["--timeout", "2", SHOP, "SELECT 1"], [SHOP, "SELECT 1; SELECT 2"], [SHOP, ""],
                     [SHOP, "SELECT nonsense FROM events"], ["--tables", SHOP]):
            done = self.igrec("sql", *args, status=(2,))
            self.assertEqual((done.stdout, done.stderr.count("\n")), ("", 1), done.stderr)
        with open("/dev/full", "w", encoding="ascii") as full:
            for form in ("table", "csv", "json"):
                done = subprocess.run([IGREC, "sql", "-o", form, SHOP, "SELECT * FROM events"],
                                      stdout=full, stderr=subprocess.PIPE, text=True)
                self.assertEqual(done.returncode, 1)
                self.assertIn("No space left", done.stderr)


class Reading(SqlTest):
    """A chunk that is damaged is noticed by who reads it, and by nobody else."""

    def setUp(self):
        self.path = self.big()
        db = crafted.open_dump(self.path)
        names = [n for n in crafted.columns(db, "chunk") if n not in ("xxh64", "data", "begin_ns")]
        row = db.execute(f"SELECT {','.join(names)} FROM chunk WHERE lane = 'flow' AND seq = 1"
                         ).fetchone()
        self.chunk = dict(zip(names, row))
        data = b"no zstd at all"
        db.execute("UPDATE chunk SET data = ?, xxh64 = ? WHERE lane = 'flow' AND seq = 1",
                   (data, crafted.checksum([*row, data])))
        self.offset, = db.execute("SELECT realtime_offset_ns FROM dump").fetchone()
        crafted.seal(db)
        db.close()

    def reads_it(self, term, columns="count(*), max(pid), max(comm), total(ret)"):
        done = self.igrec("sql", self.path, f"SELECT {columns} FROM events WHERE {term}",
                          status=(0, 4))
        self.assertEqual("damaged" in done.stderr, done.returncode == 4)
        return done.returncode == 4

    def test_pruning(self):
        first = self.chunk["first_ns"] + self.offset
        last = self.chunk["last_ns"] + self.offset
        self.assertTrue(self.reads_it("1"))
        self.assertTrue(self.reads_it("lane = 'flow'"))
        self.assertFalse(self.reads_it("lane = 'vital'"))
        self.assertFalse(self.reads_it("lane = 'start' AND rel_ns > -1e12"))
        self.assertFalse(self.reads_it(f"time_ns > {last + 1}"))
        self.assertTrue(self.reads_it(f"time_ns >= {last}"))
        self.assertFalse(self.reads_it(f"end_ns < {first - 1}"))
        self.assertTrue(self.reads_it(f"end_ns <= {first}"))
        # What begins before may end in it.
        self.assertTrue(self.reads_it(f"time_ns < {first}"))
        # What other records tell takes them all.
        self.assertTrue(self.reads_it(f"time_ns > {last + 1}", "count(text)"))
        self.assertTrue(self.reads_it("lane = 'vital'", "sum(in_flight)"))

    def test_parts_one_after_the_other(self):
        """As the inner loop of a join asks for them."""
        done = self.igrec("sql", "--json", self.path,
                          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)"
                          " SELECT sum((SELECT count(*) FROM events WHERE lane = 'vital' AND rel_ns >"
                          " -1000000000 * i)) AS s FROM n", status=(4,))
        every = [e for e in self.events(self.path) if e["lane"] == "vital"]
        self.assertEqual(json.loads(done.stdout)["s"],
                         sum(e["rel_ns"] > -1000000000 * i for e in every for i in range(1, 51)))


class Extension(SqlTest):
    """In Debian's sqlite3 and Debian's Python."""

    def shell(self, *args):
        done = subprocess.run(["sqlite3", *args[:-1], "-cmd", f".load {EXTENSION}",
                               args[-1]], capture_output=True, text=True, env=environment())
        return done.stdout, done.stderr

    def python(self, code, *args):
        done = subprocess.run(["/usr/bin/python3", "-c", code, EXTENSION, *args],
                              capture_output=True, text=True, env=environment())
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_dump_as_database(self):
        out, err = self.shell("-json", "-readonly", SHOP, "SELECT dump, count(*) n FROM events, failure")
        self.assertEqual(err, "")
        self.assertEqual(json.loads(out), self.sql(SHOP, "SELECT dump, count(*) n FROM events"))

    def test_function_of_a_file(self):
        for path in DUMPS:
            out, err = self.shell("-json", ":memory:",
                                  f"SELECT * FROM events('{path}') WHERE rel_ns > -1e9")
            self.assertEqual(err, "")
            self.assertEqual(json.loads(out), self.sql(path, "SELECT * FROM events WHERE rel_ns > -1e9"))
            out, err = self.shell("-json", ":memory:", "SELECT o.* FROM (SELECT ? AS f), opens(f) o"
                                  .replace("?", f"'{path}'"))
            self.assertEqual(json.loads(out or "[]"), self.sql(path, "SELECT * FROM opens"))

    def test_python(self):
        out = self.python(
            "import json, sqlite3, sys\n"
            "db = sqlite3.connect(':memory:')\n"
            "db.enable_load_extension(True)\n"
            "db.load_extension(sys.argv[1])\n"
            "for path in sys.argv[2:]:\n"
            "    print(json.dumps(db.execute('SELECT dump, syscall, count(*) FROM events(?) "
            "GROUP BY 1, 2', (path,)).fetchall()))\n"
            "db.execute('CREATE TEMP TABLE e AS SELECT * FROM events(?)', (sys.argv[2],))\n"
            "print(db.execute('SELECT count(*) FROM e').fetchone()[0])\n"
            "db.close()\n", *DUMPS).splitlines()
        for line, path in zip(out, DUMPS):
            rows = self.sql(path, "SELECT dump, syscall, count(*) FROM events GROUP BY 1, 2")
            self.assertEqual(json.loads(line), [list(row.values()) for row in rows])
        self.assertEqual(int(out[-1]), len(self.events(DUMPS[0])))

    def test_entry_point_by_name(self):
        out = subprocess.run(["sqlite3", ":memory:", "-cmd", f".load {EXTENSION} sqlite3_igrec_init",
                              f"SELECT count(*) FROM dumps('{SHOP}')"], capture_output=True, text=True,
                             env=environment())
        self.assertEqual((out.stdout, out.stderr), ("1\n", ""))

    def test_errors(self):
        for query, words in (
                ("SELECT * FROM events", "of which dump"),
                ("SELECT * FROM events('/etc/passwd')", "/etc/passwd is not a dump"),
                ("SELECT * FROM events('/no/such')", "/no/such"),
                ("SELECT * FROM events('/dev/zero')", "/dev/zero"),
                ("CREATE VIEW v AS SELECT * FROM events('x'); SELECT * FROM v", "unsafe use")):
            out, err = self.shell(":memory:", query)
            self.assertEqual(out, "")
            self.assertRegex(err, words)

    def test_exports_nothing_else(self):
        symbols = subprocess.run(["nm", "-D", "--defined-only", EXTENSION + ".so"],
                                 capture_output=True, text=True, check=True).stdout
        names = {line.split()[-1] for line in symbols.splitlines()}
        self.assertEqual({n for n in names if not n.startswith("__")},
                         {"sqlite3_igrec_init", "sqlite3_igrecsqlite_init"})


class Defence(SqlTest):
    def test_only_select(self):
        target = os.path.join(self.dir, "written")
        for query in (f"ATTACH '{target}' AS a", f"VACUUM INTO '{target}'", "CREATE TABLE t(a)",
                      "CREATE TEMP TABLE t AS SELECT 1", "DROP TABLE events", "DELETE FROM events",
                      "INSERT INTO events(pid) VALUES (1)", "UPDATE events SET pid = 1",
                      "PRAGMA writable_schema = 1", "PRAGMA journal_mode = wal", "PRAGMA database_list",
                      f"SELECT load_extension('{EXTENSION}')", f"SELECT writefile('{target}', 'x')",
                      "SELECT readfile('/etc/passwd')", "SELECT edit('x')", "BEGIN",
                      "SELECT fts3_tokenizer('simple')", "REINDEX", "DETACH main",
                      "CREATE VIRTUAL TABLE t USING fts5(a)"):
            done = self.igrec("sql", SHOP, query, status=(2,))
            self.assertEqual((done.stdout, done.stderr.count("\n")), ("", 1), query)
        self.igrec("sql", SHOP, f"SELECT * FROM events('{DUMPS[1]}')", status=(1,))
        self.assertFalse(os.path.exists(target))

    def test_bounds(self):
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        done = self.igrec("sql", "--timeout", "300ms", SHOP, endless + "SELECT count(*) FROM n",
                          status=(1,))
        self.assertIn("--timeout", done.stderr)
        for query in (endless + "SELECT length(group_concat(hex(zeroblob(1000000)))) FROM n",
                      "SELECT zeroblob(1000000000)"):
            self.igrec("sql", SHOP, query, status=(1,))
        self.igrec("sql", SHOP, "SELECT " + "(" * 5000 + "1" + ")" * 5000, status=(2,))

    def test_hostile_texts(self):
        store = tempfile.mkdtemp(dir=self.dir)
        path = subprocess.run([SAMPLE_DUMP, store], capture_output=True, text=True,
                              check=True).stdout.strip()
        db = crafted.open_dump(path)
        db.execute("UPDATE container SET pod = CAST(? AS TEXT)", (b"a\xff\x1b[31m'\n\xe2\x80\xae",))
        crafted.seal(db)
        db.close()
        self.assertEqual(self.one(path, "SELECT pod FROM dumps"), "a\ufffd\x1b[31m'\n\u202e")
        self.assertNotIn("\x1b", self.igrec("sql", path, "SELECT pod FROM dumps").stdout)


class Docs(SqlTest):
    def test_every_example(self):
        """What stands behind "$ " in docs/sql.md prints what stands below it there."""
        with open(DOCS, encoding="utf-8") as f:
            text = f.read()
        env = dict(environment(), PATH=f"{BIN}:{os.environ['PATH']}", IGREC_SQLITE=EXTENSION,
                   LC_ALL="C.UTF-8")
        preload = {name: env.pop(name, None) for name in ("LD_PRELOAD", "ASAN_OPTIONS")}
        examples = re.findall(r"```\n\$ (.*?\n)```\n", text, re.S)
        self.assertGreaterEqual(len(examples), 12)
        for example in examples:
            # The command ends with the first line after which its quotes are closed.
            lines = example.splitlines(keepends=True)
            length = next(i for i in range(1, len(lines) + 1)
                          if not "".join(lines[:i]).count('"') % 2
                          and not lines[i - 1].endswith("\\\n"))
            command, wanted = "".join(lines[:length]), "".join(lines[length:])
            if preload["LD_PRELOAD"] and not command.startswith("igrec "):
                used = dict(env, **preload)
            else:
                used = env
            done = subprocess.run(["bash", "-c", command], cwd=HERE, env=used, capture_output=True,
                                  text=True)
            if os.environ.get("IGREC_DOCS_UPDATE"):
                text = text.replace(f"$ {example}```", f"$ {command}{done.stdout}```")
            else:
                self.assertEqual(done.stdout, wanted, f"{command}{done.stderr}")
        if os.environ.get("IGREC_DOCS_UPDATE"):
            with open(DOCS, "w", encoding="utf-8") as f:
                f.write(text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
