# SPDX-License-Identifier: Apache-2.0
"""igrec export, read by others: Chromium's importer of traces, OpenTelemetry's schema, DuckDB,
Python's csv, sqlite3. On made-up dumps, real ones (tests/golden/arm64.igrec), and a hostile one."""

import collections
import csv
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.append(os.path.join(TOP, "tests/unit/cli"))
import crafted  # noqa: E402

IGREC = os.path.join(os.environ.get("IGREC_BIN", "build/release/bin"), "igrec")
SAMPLE_DUMP = os.environ.get("IGREC_SAMPLE_DUMP", "build/release/bin/sample_dump")
GOLDEN = os.path.join(TOP, "tests/golden")
EVIL = "e\x1b]0;owned\x07\r\n\x00\"</script>,\u202e\u2028'\udcff"


def node_modules():
    """Where the importers are, installed if need be; None without npm or a registry."""
    if not shutil.which("npm") or not shutil.which("node"):
        return None
    done = subprocess.run([os.path.join(TOP, "tools/npm.sh"), HERE], stdout=subprocess.PIPE, text=True)
    return os.path.join(done.stdout.strip(), "node_modules") if done.returncode == 0 else None


NODE_MODULES = node_modules()
NODE = ["node", os.path.join(HERE, "importers.mjs")]
NODE_ENV = dict(os.environ, IGREC_NODE_MODULES=NODE_MODULES or "")


def unique(pairs):
    """For json.loads: an object whose keys differ."""
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise AssertionError(f"keys are not unique: {keys}")
    return dict(pairs)


def nanoseconds(microseconds):
    """A decimal text of microseconds, exactly."""
    return round(float(microseconds) * 1000)


class ExportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="igrec-export-")
        cls.addClassCleanup(shutil.rmtree, cls.dir)
        cls.sample = cls.make_sample("store")
        cls.dumps = [cls.sample, cls.evil_dump(),
                     *(os.path.join(GOLDEN, name + ".igrec") for name in
                       ("format1", "format2", "format3", "arm64")),
                     os.path.join(TOP, "tests/sql/shop.igrec")]

    @classmethod
    def make_sample(cls, name):
        store = os.path.join(cls.dir, name)
        os.mkdir(store)
        return subprocess.run([SAMPLE_DUMP, store], capture_output=True, text=True,
                              check=True).stdout.strip()

    @classmethod
    def evil_dump(cls):
        path = cls.make_sample("evil")
        db = crafted.open_dump(path)
        evil = EVIL.encode("utf-8", "surrogateescape")
        for table, names in {"container": ["pod", "namespace", "container", "image", "node"],
                             "failure": ["comm"], "finding": ["sentence"]}.items():
            for name in names:
                text = evil[:12] if name == "comm" else evil.replace(b"\0", b"")
                db.execute(f"UPDATE {table} SET {name} = CAST(? AS TEXT)", (text,))
        crafted.seal(db)
        db.close()
        return path

    def igrec(self, *args, status=(0,), env=None):
        done = subprocess.run([IGREC, "--config", "/dev/null", *args], capture_output=True,
                              timeout=300, env=dict(os.environ, **(env or {})))
        self.assertIn(done.returncode, status, f"{args}: {done.stderr.decode()}")
        return done

    def export(self, form, path, *args):
        out = self.igrec("export", "--format", form, *args, path, status=(0, 3, 4)).stdout
        return out.decode("utf-8")  # valid, whatever the tape has

    def events(self, path, *args):
        return [json.loads(line) for line in self.export("ndjson", path, *args).splitlines()]

    def file(self, text, name="out"):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write(text)
        return path


class Lines(ExportTest):
    def test_as_replay(self):
        for path in self.dumps:
            replay = self.igrec("replay", "--json", path, status=(0, 4)).stdout
            self.assertEqual(self.export("ndjson", path), replay.decode())
            replay = self.igrec("replay", "--setup", "-o", "strace", path, status=(0, 4)).stdout
            self.assertEqual(self.export("strace", path), replay.decode())

    def test_filters(self):
        failed = self.events(self.sample, "--failed")
        every = [e for e in self.events(self.sample) if e["type"] == "syscall" and e["ret"] < 0]
        self.assertEqual([e for e in failed if e["type"] == "syscall"], every)
        for form in ("csv", "chrome", "otlp", "strace"):
            self.assertLess(len(self.export(form, self.sample, "--failed")),
                            len(self.export(form, self.sample)) / 2, form)
            self.igrec("export", "--format", form, "--path", "/no/such", self.sample, status=(3,))

    def test_usage(self):
        for args in (["--format", "xml"], ["--to", "ftp://x"], ["--to", "http://x", "-o", "y"],
                     ["--to", "http://x", "--format", "csv"], ["--pid", "x"], ["a", "b"]):
            done = self.igrec("export", *args, status=(2,))
            self.assertEqual((done.stdout, done.stderr.count(b"\n")), (b"", 1), done.stderr)

    def test_files(self):
        path = os.path.join(self.dir, "file")
        self.igrec("export", "-o", path, self.sample)
        self.assertEqual(os.stat(path).st_mode & 0o007, 0)
        with open(path, encoding="utf-8") as f:
            self.assertEqual(f.read(), self.export("ndjson", self.sample))
        done = self.igrec("export", "--format", "csv", "-o", path, self.sample, status=(1,))
        self.assertIn(b"--force", done.stderr)
        self.igrec("export", "--format", "csv", "-o", path, "--force", self.sample)
        with open(path, encoding="utf-8", newline="") as f:
            self.assertEqual(f.read(), self.export("csv", self.sample))
        self.igrec("export", "-o", os.path.join(self.dir, "no/such"), self.sample, status=(1,))

    def test_full_disk(self):
        for form in ("ndjson", "csv", "chrome", "otlp", "strace"):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([IGREC, "export", "--format", form, self.sample], stdout=full,
                                      stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 1, form)
            self.assertIn(b"No space left", done.stderr)
            # A file that does not get whole does not stay.
            path = os.path.join(self.dir, "cut")
            done = subprocess.run(["bash", "-c", 'ulimit -f 8; trap "" XFSZ; exec "$@"', "bash",
                                   IGREC, "export", "--format", form, "-o", path, self.sample],
                                  capture_output=True)
            self.assertEqual(done.returncode, 1, form)
            self.assertFalse(os.path.exists(path))


class Csv(ExportTest):
    """RFC 4180, read by Python and by sqlite3."""

    def test_rows_are_those_of_json(self):
        for path in self.dumps:
            text = self.export("csv", path)
            self.assertEqual(text.count("\n"), text.count("\r\n"))
            rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
            events = self.events(path)
            self.assertEqual(len(rows), len(events))
            for row, event in zip(rows, events):
                self.compare(row, event)

    def compare(self, row, event):
        self.assertNotIn(None, row)  # as many fields as names
        for name in ("type", "time_ns", "rel_ns", "duration_ns", "cpu", "lane", "pid", "tid",
                     "host_pid", "host_tid", "syscall", "ret", "errno"):
            value = event.get(name)
            self.assertEqual(row[name], "" if value is None else str(value), (name, event))
        if event["type"] == "syscall":
            self.assertEqual(json.loads(row["args"]), event["args"])
            self.assertEqual(int(row["end_ns"]), event["time_ns"] + event["duration_ns"])
            self.assertEqual(row["in_flight"], str(int(event.get("in_flight", False))))
        if event["type"] == "gap":
            self.assertEqual(int(row["missing"]), sum(v for k, v in event.items() if k in (
                "overwritten", "torn", "dropped", "missing", "damaged_bytes")))

    def test_sqlite_imports_it(self):
        for path in self.dumps:
            file = self.file(self.export("csv", path))
            done = subprocess.run(["sqlite3", ":memory:", f".import --csv {file} e",
                                   "SELECT count(*), sum(ret < 0), total(duration_ns) FROM e "
                                   "WHERE type = 'syscall'"], capture_output=True, text=True)
            calls = [e for e in self.events(path) if e["type"] == "syscall"]
            self.assertEqual(done.stdout.strip(), f"{len(calls)}|{sum(e['ret'] < 0 for e in calls)}|"
                             f"{float(sum(e['duration_ns'] for e in calls))}", done.stderr)


    def test_duckdb_reads_it(self):
        if not NODE_MODULES:
            self.skipTest("node, npm, or its registry")
        for path in self.dumps:
            done = subprocess.run([*NODE, "csv", self.file(self.export("csv", path))], env=NODE_ENV,
                                  capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            seen = json.loads(done.stdout)
            for name in ("time_ns", "rel_ns", "duration_ns", "ret"):
                self.assertEqual(seen["types"][name], "BIGINT")
            texts = [(row["type"], len(row["text"])) for row in csv.DictReader(
                io.StringIO(self.export("csv", path), newline=""), strict=True)]
            events = self.events(path)
            for kind, count, duration_ns, length in seen["rows"]:
                mine = [e for e in events if e["type"] == kind]
                self.assertEqual(int(count), len(mine), kind)
                self.assertEqual(int(duration_ns or 0), sum(e.get("duration_ns", 0) for e in mine))
                self.assertEqual(int(length), sum(n for k, n in texts if k == kind))


class Chrome(ExportTest):
    def trace(self, path):
        return json.loads(self.export("chrome", path), object_pairs_hook=unique)

    def phases(self, trace, phase):
        return [e for e in trace["traceEvents"] if e["ph"] == phase]

    def test_events_are_those_of_json(self):
        for path in self.dumps:
            trace, events = self.trace(path), self.events(path)
            calls = [e for e in events if e["type"] in ("syscall", "exec")]
            slices = self.phases(trace, "X")
            self.assertEqual(collections.Counter((s["name"], nanoseconds(s["dur"])) for s in slices),
                             collections.Counter((e["syscall"], e["duration_ns"]) for e in calls
                                                 if e["entry_seen"]))
            begin = trace["otherData"]["igrec.time_ns"]
            self.assertEqual(sorted(nanoseconds(s["ts"]) + begin for s in slices),
                             sorted(e["time_ns"] for e in calls if e["entry_seen"]))
            instants = collections.Counter(i["cat"] for i in self.phases(trace, "i"))
            for kind in ("signal", "exit", "oom", "gap", "failure"):
                self.assertEqual(instants[kind], sum(e["type"] == kind for e in events), kind)
            failed = [e for e in calls if e.get("errno") and not e["errno"].startswith("ERESTART")
                      and not e.get("in_flight")]
            self.assertEqual(instants["error"], len(failed))

    def test_who(self):
        who = self.trace(self.sample)["otherData"]
        self.assertEqual((who["k8s.namespace.name"], who["container.name"], who["host.arch"]),
                         ("shop", "crash-app", "amd64"))

    def test_nesting(self):
        """Perfetto drops a complete event that overlaps another of its thread in part; flows bind to
        the event of their thread that is there at their time."""
        for path in self.dumps:
            trace = self.trace(path)
            threads = collections.defaultdict(list)
            for event in self.phases(trace, "X"):
                begin = nanoseconds(event["ts"])
                threads[event["pid"], event["tid"]].append((begin, begin + nanoseconds(event["dur"])))
            for slices in threads.values():
                slices.sort()
                for (_, end), (begin, _) in zip(slices, slices[1:]):
                    self.assertLessEqual(end, begin)
            for flow in self.phases(trace, "s") + self.phases(trace, "f"):
                at = nanoseconds(flow["ts"])
                self.assertTrue([1 for begin, end in threads[flow["pid"], flow["tid"]]
                                 if begin <= at <= end], flow)
            begun = [flow["id"] for flow in self.phases(trace, "s")]
            self.assertEqual(len(set(begun)), len(begun))
            self.assertLessEqual({flow["id"] for flow in self.phases(trace, "f")}, set(begun))

    def test_chromium_imports_it(self):
        if not NODE_MODULES:
            self.skipTest("node, npm, or its registry")
        for path in self.dumps:
            trace = self.trace(path)
            file = self.file(self.export("chrome", path))
            done = subprocess.run([*NODE, "chrome", file], env=NODE_ENV, capture_output=True,
                                  text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            seen = {(t["pid"], t["tid"]): t for t in json.loads(done.stdout)}
            slices = collections.Counter((e["pid"], e["tid"]) for e in self.phases(trace, "X"))
            names = {(e["pid"], e["tid"]): e["args"]["name"] for e in self.phases(trace, "M")
                     if e["name"] == "thread_name"}
            self.assertEqual(set(seen), set(slices))
            for thread, count in slices.items():
                self.assertEqual((seen[thread]["placed"], seen[thread]["name"]),
                                 (count, names[thread]))

    def test_importer_is_strict(self):
        if not NODE_MODULES:
            self.skipTest("node, npm, or its registry")
        trace = self.trace(self.sample)
        first, second = self.phases(trace, "X")[:2]
        first["dur"] = second["ts"] - first["ts"] + second["dur"] / 2
        done = subprocess.run([*NODE, "chrome", self.file(json.dumps(trace))], env=NODE_ENV,
                              capture_output=True, text=True, check=True)
        self.assertTrue([t for t in json.loads(done.stdout) if t["placed"] < t["events"]])


def attributes(of):
    """Of a resource, span or log record, as a dict."""
    return {a["key"]: next(iter(a["value"].values())) for a in of["attributes"]}


class Otlp(ExportTest):
    def setUp(self):
        if not NODE_MODULES:
            self.skipTest("node, npm, or its registry")

    def requests(self, path, *args):
        file = self.file(self.export("otlp", path, *args))
        done = subprocess.run([*NODE, "otlp", file], env=NODE_ENV, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        # Node writes U+2028 as it is, which splitlines() takes for the end of a line.
        return [json.loads(line) for line in done.stdout.split("\n") if line]

    def items(self, requests, kind):
        resources, scopes, items = {"spans": ("resourceSpans", "scopeSpans", "spans"),
                                    "logs": ("resourceLogs", "scopeLogs", "logRecords")}[kind]
        return [item for request in requests for resource in request.get(resources, [])
                for scope in resource[scopes] for item in scope[items]]

    def test_spans_and_logs_are_those_of_json(self):
        for path in self.dumps:
            requests, events = self.requests(path), self.events(path)
            spans, logs = self.items(requests, "spans"), self.items(requests, "logs")
            self.assertEqual([int(log["timeUnixNano"]) for log in logs],
                             [e["time_ns"] for e in events])
            self.assertEqual([attributes(log)["igrec.type"] for log in logs],
                             [e["type"] for e in events])
            calls = [e for e in events if e["type"] in ("syscall", "exec")]
            made = [s for s in spans if "igrec.result" in attributes(s)]
            self.assertEqual([(s["name"], int(s["startTimeUnixNano"]),
                               int(s["endTimeUnixNano"]) - int(s["startTimeUnixNano"]))
                              for s in made],
                             [(e["syscall"], e["time_ns"], e["duration_ns"]) for e in calls])
            self.check_tree(spans, logs)
            lines = self.export("otlp-traces", path) + self.export("otlp-logs", path)
            self.assertEqual(lines, self.export("otlp", path))

    def check_tree(self, spans, logs):
        by_id = {span["spanId"]: span for span in spans}
        self.assertEqual(len(by_id), len(spans))
        self.assertEqual(len({x["traceId"] for x in spans + logs}), 1)
        self.assertEqual(len([s for s in spans if "parentSpanId" not in s]), 1)
        for span in spans:
            seen = set()
            while "parentSpanId" in span:  # ends at the root
                self.assertNotIn(span["spanId"], seen)
                seen.add(span["spanId"])
                span = by_id[span["parentSpanId"]]
        for log in logs:
            self.assertIn(log["spanId"], by_id)

    def test_resource(self):
        for request in self.requests(self.sample):
            resource, = request.get("resourceSpans") or request.get("resourceLogs")
            who = attributes(resource["resource"])
            self.assertEqual({k: who[k] for k in who if k.startswith(("k8s.", "container."))}, {
                "k8s.namespace.name": "shop", "k8s.pod.name": "crash-app-7d4b9c6f5-x2x7q",
                "k8s.pod.uid": "0b0c6b7e-6a52-4c8e-9f11-5a4f6d1c2e3f",
                "k8s.container.name": "crash-app", "k8s.container.restart_count": "3",
                "k8s.node.name": "node-1", "container.id": "3f2a91c07bd4e8f6a5c1",
                "container.name": "crash-app", "container.runtime.name": "runc",
                "container.image.name": "registry.example/shop/crash-app"})

    def test_schema_is_strict(self):
        text = self.export("otlp", self.sample)
        for wrong in (re.sub(r'"startTimeUnixNano":"(\d+)"', r'"startTimeUnixNano":\1', text),
                      text.replace('"kind":1', '"kind":"SPAN_KIND_INTERNAL"'),
                      text.replace('"severityText"', '"severity"'),
                      re.sub(r'"spanId":"..', '"spanId":"', text)):
            self.assertNotEqual(wrong, text)
            done = subprocess.run([*NODE, "otlp", self.file(wrong)], env=NODE_ENV,
                                  capture_output=True, text=True)
            self.assertNotEqual(done.returncode, 0)

    # ---- a receiver ---------------------------------------------------------------------------

    def receiver(self, refuse=""):
        self.received = self.file("", "received")
        process = subprocess.Popen([*NODE, "receive", self.received], stdout=subprocess.PIPE, text=True,
                                   env=dict(NODE_ENV, REFUSE=refuse))
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, f"http://127.0.0.1:{int(process.stdout.readline())}"

    def test_sent(self):
        _, url = self.receiver()
        done = self.igrec("export", "--to", url + "/", self.sample,
                          env={"OTEL_EXPORTER_OTLP_HEADERS": "x-token=a=b,x-org=shop",
                               "no_proxy": "127.0.0.1"})
        self.assertEqual(done.stdout, b"")
        with open(self.received, encoding="utf-8") as f:
            requests = [json.loads(line) for line in f]
        self.assertEqual([r.get("error") for r in requests], [None] * len(requests))
        self.assertEqual({r["url"] for r in requests}, {"/v1/traces", "/v1/logs"})
        self.assertEqual({(r["headers"]["x-token"], r["headers"]["x-org"]) for r in requests},
                         {("a=b", "shop")})
        self.assertEqual("".join(json.dumps(r["body"], separators=(",", ":"), ensure_ascii=False)
                                 + "\n" for r in requests), self.export("otlp", self.sample))

    def test_refused(self):
        for refuse, words in (("503", "503: quota"), ("partial", "refused 3 .*too"), ("307", "307")):
            _, url = self.receiver(refuse)
            done = self.igrec("export", "--to", url, self.sample, status=(1,),
                              env={"no_proxy": "127.0.0.1"})
            self.assertRegex(done.stderr.decode(), words)
            self.assertEqual((done.stderr.count(b"\n"), b"\x1b" in done.stderr), (1, False))

    def test_nobody_there(self):
        process, url = self.receiver()
        process.kill()
        process.wait()
        done = self.igrec("export", "--to", url, self.sample, status=(1,),
                          env={"no_proxy": "127.0.0.1"})
        self.assertRegex(done.stderr.decode(), "cannot send to .*connect")
        done = self.igrec("export", "--to", url, self.sample, status=(1,),
                          env={"OTEL_EXPORTER_OTLP_HEADERS": "nonsense"})
        self.assertIn(b"OTEL_EXPORTER_OTLP_HEADERS", done.stderr)


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=2).result
    for test, why in result.skipped:
        print(f"skipped: {test}: this machine lacks {why}", file=sys.stderr)
    strict = os.environ.get("IGREC_TEST_STRICT") == "1"
    sys.exit(1 if not result.wasSuccessful() or (result.skipped and strict)
             else 77 if result.skipped else 0)
