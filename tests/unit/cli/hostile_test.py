# SPDX-License-Identifier: Apache-2.0
"""Hostile dumps, names and answers: igrec neither ends by a signal, nor takes memory or time without
bound, nor writes anything, nor lets through to a terminal what a terminal acts upon."""

import json
import os
import pty
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

import crafted

IGREC = os.path.join(os.environ.get("IGREC_BIN", "build/release/bin"), "igrec")
SAMPLE_DUMP = os.environ.get("IGREC_SAMPLE_DUMP", "build/release/bin/sample_dump")
FORMAT_1 = os.path.join(os.path.dirname(__file__), "../../golden/format1.igrec")

CPU_SECONDS = 60  # with the sanitizers; a release build takes a tenth
HANGS_SECONDS = 600
MEMORY_BYTES = 1 << 30

# Title and colour of the terminal, its 8-bit control, lines of one's own, text turned round.
EVIL = "e\x1b]0;owned\x07\x1b[31m\x9b2J\r\n\x08\x7f\u202e\u2066\u2028\u200f\udcff\udc9b"
ACTED_UPON = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]")


def cpu_seconds_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def is_sanitized():
    with open(IGREC, "rb") as f:
        return b"__asan_init" in f.read()


class HostileTest(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="igrec-hostile-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.store = os.path.join(self.dir, "store")
        self.socket = os.path.join(self.dir, "igrecd.sock")
        os.mkdir(self.store, 0o750)

    def sample(self):
        return subprocess.run([SAMPLE_DUMP, self.store], capture_output=True, text=True,
                              check=True).stdout.strip()

    def command(self, *args):
        return [IGREC, *args, "--config", "/dev/null", "--store", self.store, "--socket",
                self.socket]

    def run_bounded(self, *args):
        """Runs igrec; checks what holds of every run. Returns (status, stdout, stderr)."""
        before = self.tree()
        begin = cpu_seconds_of_children()
        process = subprocess.Popen(self.command(*args), stdin=subprocess.DEVNULL, cwd=self.dir,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        timer = threading.Timer(HANGS_SECONDS, process.kill)
        timer.start()
        out, err = process.communicate()
        timer.cancel()
        self.assertIn(process.returncode, range(5), f"{args}: {err[-2000:]}")
        self.assertLess(cpu_seconds_of_children() - begin, CPU_SECONDS, args)
        self.assertEqual(self.tree(), before, f"{args} wrote something")
        return process.returncode, out, err

    def tree(self):
        return sorted((os.path.join(d, f), os.path.getsize(os.path.join(d, f)))
                      for d, _, files in os.walk(self.dir) for f in files
                      if not f.endswith(".sock") and f != ".list-cache")


class Dumps(HostileTest):
    def read_all(self, path):
        """Every verb that reads a dump."""
        statuses = []
        for args in (["verify"], ["info"], ["replay"], ["replay", "-o", "json"],
                     ["replay", "--tree"], ["summary"], ["explain"],
                     ["report", "-o", "-"]):
            statuses.append(self.run_bounded(*args, path)[0])
        self.run_bounded("sql", path, "SELECT count(text), sum(lane = 'vital') FROM events UNION ALL "
                         "SELECT (SELECT count(*) FROM dumps, lanes), count(*) FROM tasks, descriptors")
        self.run_bounded("export", "--format", "otlp", path)
        self.run_bounded("list")
        return statuses

    def crafted(self, base, change):
        path = os.path.join(self.store, os.path.basename(base))
        if path != base:
            shutil.copy(base, path)
        db = crafted.open_dump(path)
        change(db)
        db.close()
        return path

    def test_untouched(self):
        """What the test builds on is whole, and stays so when it is sealed."""
        self.assertEqual(self.read_all(self.sample())[0], 0)
        self.assertEqual(self.read_all(self.crafted(self.sample(), crafted.seal))[0], 0)

    def test_schemas(self):
        heavy = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n)"
        changes = {
            "trigger": ["CREATE TRIGGER t AFTER INSERT ON fd BEGIN DELETE FROM task; END"],
            "view": ["DROP TABLE task", f"CREATE VIEW task AS SELECT {heavy} AS tgid"],
            "endless view": ["CREATE VIEW dump2 AS SELECT * FROM dump, dump, dump"],
            "index": ["CREATE INDEX i ON fd(abs(fd))"],
            "huge index": ["CREATE INDEX i ON fd(length(target) || hex(zeroblob(1000000)))"],
            "generated": ["DROP TABLE fd", "CREATE TABLE fd (tgid INTEGER NOT NULL, fd INTEGER NOT "
                          "NULL, target TEXT AS (hex(zeroblob(100000000)))) STRICT"],
            "many tables": [f"CREATE TABLE t{i} (a)" for i in range(3000)],
            "many columns": ["CREATE TABLE wide (" + ",".join(f"c{i}" for i in range(1900)) + ")"],
            "long text": ["CREATE TABLE long (a DEFAULT '" + "x" * 900000 + "')"],
            "writable": ["PRAGMA writable_schema = ON", "UPDATE sqlite_schema SET sql = "
                         "'CREATE TABLE chunk (x' WHERE name = 'chunk'"],
            "virtual": ["PRAGMA writable_schema = ON", "INSERT INTO sqlite_schema VALUES ('table', "
                        "'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING fts5(a)')"],
            "own root": ["PRAGMA writable_schema = ON",
                         "UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'task'"],
        }
        for name, statements in changes.items():
            with self.subTest(name):
                path = self.crafted(self.sample(), lambda db, all=statements: [
                    db.execute(statement) for statement in all])
                statuses = self.read_all(path)
                self.assertNotEqual(statuses[0], 0, "verify sees it")

    def test_values(self):
        changes = {
            "huge text": "UPDATE container SET pod = hex(zeroblob(40000000))",
            "huge blob": "UPDATE chunk SET data = zeroblob(90000000)",
            "many rows": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE "
                         "i < 300000) INSERT INTO fd SELECT i, i, 'x' FROM n",
            "negative": "UPDATE chunk SET raw_bytes = -1, blocks = -1",
            "counters": "UPDATE lane SET written = -1, overwritten = -1, records = -1",
            "times": "UPDATE dump SET realtime_offset_ns = 9223372036854775807",
            "ids": "UPDATE task SET parent_tgid = tgid",
        }
        for name, statement in changes.items():
            for sealed in (False, True):
                with self.subTest(name, sealed=sealed):
                    def change(db, text=statement, seal=sealed):
                        db.execute(text)
                        if seal:
                            crafted.seal(db)
                    self.read_all(self.crafted(self.sample(), change))

    def test_bombs(self):
        """Compressed a few KB, unpacked as much as there is: bounded in all, not by chunk."""
        raw, records = crafted.blocks_of_records(1, 16 * 1024 * 1024 // 4096)
        packed = crafted.compress(raw)
        zeros = crafted.compress(bytes(16 << 20))
        self.assertLess(len(packed), 1 << 20)

        def genuine(db):
            db.execute("DELETE FROM chunk")
            blocks = len(raw) // 4096
            for seq in range(40):
                again, _ = crafted.blocks_of_records(1 + seq * blocks, blocks)
                crafted.put_chunk(db, "flow", seq, 1 + seq * blocks, blocks, records, len(again),
                                  crafted.compress(again))
            crafted.seal(db)

        def empty(db):
            db.execute("DELETE FROM chunk")
            for seq in range(2000):
                crafted.put_chunk(db, "flow", seq, 1, 1, 1, 16 << 20, zeros)
            crafted.seal(db)

        def lying(db):
            db.execute("DELETE FROM chunk")
            for size in (0, 1, 100, (16 << 20) + 1, 1 << 40, (1 << 63) - 1):
                crafted.put_chunk(db, "vital", 0, 1, 1, 1, size, packed)
        for change in (genuine, empty, lying):
            with self.subTest(change.__name__):
                path = self.crafted(FORMAT_1, change)
                self.assertNotEqual(self.read_all(path)[0], 0)

    def test_memory(self):
        """After all of the above in other processes: the most that any child of this one took."""
        self.test_bombs()
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
        print(f"memory at most: {most >> 20} MiB", flush=True)
        if not is_sanitized():
            self.assertLess(most, MEMORY_BYTES)


class Igrecd(threading.Thread):
    """Answers each request with the same lines."""

    def __init__(self, path, *answers):
        super().__init__(daemon=True)
        self.answer = "".join(json.dumps(answer) + "\n" for answer in answers).encode()
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen(4)
        self.start()

    def run(self):
        while True:
            with self.socket.accept()[0] as client, client.makefile() as request:
                try:
                    request.readline()
                    client.sendall(self.answer)
                except OSError:
                    pass  # it has read enough


def kinds():
    """Of views."""
    text = subprocess.run([IGREC, "help", "view"], capture_output=True, text=True,
                          check=True).stdout
    return re.findall(r"^  ([a-z]+) ", text[text.index("KIND is"):], re.M)


class Terminal(HostileTest):
    def evil_dump(self):
        """Every text of every table is hostile, and the checksums are right."""
        path = self.sample()
        db = crafted.open_dump(path)
        evil = EVIL.encode("utf-8", "surrogateescape")
        kept = {("dump", "id"), ("dump", "arch"), ("dump", "payload"), ("failure", "kind"),
                ("task", "state"), ("lane", "lane"), ("chunk", "lane"), ("checksum", "name"),
                ("finding", "kind"), ("finding", "confidence")}
        for table, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            for _, name, kind, *_ in db.execute(f"PRAGMA table_info({table})").fetchall():
                if kind == "TEXT" and (table, name) not in kept:
                    short = evil[:12] if name == "comm" else evil
                    db.execute(f"UPDATE {table} SET {name} = CAST(? AS TEXT)", (short,))
        db.execute("UPDATE task SET argv = ?", (evil + b"\0" + evil,))
        crafted.seal(db)
        db.close()
        return path

    def on_terminal(self, *args):
        """The output as a terminal gets it, both streams."""
        pid, fd = pty.fork()
        if pid == 0:
            os.environ.update(NO_COLOR="1", PAGER="cat", TERM="xterm", LC_ALL="C.UTF-8")
            os.execv(IGREC, self.command(*args))
        data = b""
        while True:
            try:
                piece = os.read(fd, 65536)
            except OSError:
                break
            if not piece:
                break
            data += piece
        os.close(fd)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.assertIn(status, range(5), args)
        return data.replace(b"\r\n", b"\n")

    def check(self, args, output):
        text = output.decode("utf-8", "surrogateescape")
        self.assertEqual(ACTED_UPON.findall(text), [], f"{args}: {text[:3000]!r}")
        self.assertEqual(re.findall("[\udc80-\udcff]", text), [], f"{args}: bytes that are no UTF-8")
        self.assertNotIn("\nowned", text)

    def test_every_verb(self):
        path = self.evil_dump()
        Igrecd(self.socket,
               {"schema": 1, "container_id": EVIL, "container": EVIL, "pod": EVIL,
                "namespace": EVIL, "runtime": EVIL, "cgroup_path": EVIL, "lanes": {}},
               {"type": "feature", "name": EVIL, "active": True, "text": EVIL},
               {"error": EVIL, "status": 1})
        self.assertEqual(self.run_bounded("ps")[0], 1)
        evil_path = os.path.join(os.fsencode(self.dir), EVIL.encode("utf-8", "surrogateescape")
                                 .replace(b"/", b"") + b".igrec")
        shutil.copy(path, evil_path)
        aside = tempfile.mkdtemp(prefix="igrec-hostile-out-")  # nothing is written to self.dir
        self.addCleanup(shutil.rmtree, aside)
        scrubbed = os.path.join(aside, "new\x1b[31m")
        table = {
            "ps": [[]], "list": [[], [EVIL]], "doctor": [[]], "gc": [["--dry-run"]],
            "fetch": [["-o", "/no/" + EVIL, path], ["-o", "/no/x", evil_path], ["-o", "/no/x", EVIL]],
            "dump": [[EVIL]], "verify": [[path], [evil_path], [EVIL]],
            "info": [[path], [evil_path], [EVIL]], "summary": [[path], [EVIL]],
            "explain": [[path], [EVIL]],
            "export": [*(["--format", form, path] for form in (
                "ndjson", "csv", "chrome", "otlp", "strace")), ["--format", EVIL, path], [EVIL],
                ["--to", "http://" + EVIL, path], ["-o", "/no/" + EVIL, path]],
            "sql": [*([*out, path, f"SELECT * FROM {table}"] for table in (
                "dumps", "tasks", "descriptors", "findings", "events LIMIT 20") for out in (
                [], ["-o", "csv"])), [path, EVIL], [path, "SELECT 1 AS \"" + EVIL + "\""], ["--tables"],
                [path, "SELECT '" + EVIL + "'"], ["-o", EVIL, path, "SELECT 1"]],
            "report": [["-o", "-", path], ["-o", self.dir, path], ["-o", "-", evil_path], ["-o", "-", EVIL],
                       ["--events", EVIL, path]],
            "replay": [[path], ["-o", "wide", path], ["-o", "strace", path], ["--tree", path],
                       [evil_path], [EVIL], ["--syscall", EVIL, path], ["--errno", EVIL, path],
                       ["--last", EVIL, path], ["--comm", EVIL, path], ["-o", EVIL, path]],
            "view": [[kind, path] for kind in kinds()]
                    + [["open", "-o", "wide", path], ["deps", "--dot", path], [EVIL, path],
                       ["open", EVIL], ["open", "--flags", EVIL, path]],
            "diff": [[path, self.sample()], [path, path], [EVIL]],
            "scrub": [["-f", "--path", EVIL, "-e", "(" + EVIL, "-o", scrubbed, path],
                      ["-f", "--path", EVIL, "-e", EVIL, "-o", scrubbed, path],
                      ["-f", "-o", scrubbed, EVIL], ["-o", path, path]],
            "version": [[]], "help": [[], [EVIL]], "completion": [["bash"], [EVIL]],
        }
        overview = subprocess.run([IGREC, "help"], capture_output=True, text=True, check=True)
        verbs = re.findall(r"^  ([a-z]+) +", overview.stdout.split("Options")[0], re.M)
        self.assertEqual(sorted(verbs), sorted(table), "each verb has its rows here")
        for verb, rows in table.items():
            for row in rows:
                for args in ([verb, *row], [verb, "--json", *row]):
                    _, out, err = self.run_bounded(*args)
                    if "csv" not in args:  # which has every byte for programs, not for terminals
                        self.check(args, out)
                    self.check(args, err)
                    self.check(args, self.on_terminal(*args))
        self.check(["nothing"], self.on_terminal(EVIL))

    def test_store_of_evil_names(self):
        """File names that are no dump's are not shown; links are not followed."""
        good = self.sample()
        name = os.fsencode(self.store) + b"/" + EVIL.encode("utf-8", "surrogateescape")
        for path in (name, name + b".igrec"):
            shutil.copy(good, path)
        planted = os.path.join(self.store, os.path.basename(good).replace("signal", "exit"))
        os.symlink("/etc/passwd", planted)
        rows = [json.loads(line) for line in self.run_bounded("list", "--json")[1].splitlines()]
        self.assertEqual([row["file"] for row in rows], [os.path.basename(good)])
        self.assertEqual(self.run_bounded("verify")[0], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
