# SPDX-License-Identifier: Apache-2.0
"""The igrec program on made-up dumps and against a played igrecd: no root, no kernel needed."""

import json
import os
import pty
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

IGREC = os.path.join(os.environ["IGREC_BIN"], "igrec")
SAMPLE_DUMP = os.environ["IGREC_SAMPLE_DUMP"]
VERBS = ("ps list info replay explain summary view diff report sql export dump gc "
         "verify doctor version help completion").split()


class Igrecd(threading.Thread):
    """Answers one request on a socket and keeps it."""

    def __init__(self, path, *answers):
        super().__init__(daemon=True)
        self.answer = "".join(json.dumps(answer) + "\n" for answer in answers)
        self.request = None
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen(4)
        self.start()

    def run(self):
        while True:
            client = self.socket.accept()[0]
            line = client.makefile().readline()
            if line:
                self.request = json.loads(line)
                client.sendall(self.answer.encode())
            client.close()
            if line:
                self.socket.close()
                return


class Verbs(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="igrec-verbs-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.store = os.path.join(self.dir, "store")
        self.socket = os.path.join(self.dir, "igrecd.sock")
        os.mkdir(self.store, 0o750)

    def dump(self):
        done = subprocess.run([SAMPLE_DUMP, self.store], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def igrec(self, *args, status=0, env=None, cwd=None):
        done = subprocess.run([IGREC, "--config", "/dev/null", "--store", self.store, "--socket",
                               self.socket, *args], capture_output=True, text=True, timeout=300, cwd=cwd,
                              env=dict(os.environ, **(env or {})))
        self.assertEqual(done.returncode, status, f"{args}: {done.stderr}")
        return done

    def json(self, *args, status=0):
        rows = [json.loads(x) for x in self.igrec(*args, "--json", status=status).stdout.splitlines()]
        for row in rows:
            self.assertEqual(next(iter(row.items())), ("schema", 1))
        return rows

    # ---- usage ------------------------------------------------------------------------------

    def test_usage_errors(self):
        for args in (["nonsense"], ["--nonsense"], ["list", "--nonsense"], ["list", "--since"],
                     ["list", "a", "b"], ["replay", "-o", "xml"], ["replay", "--last", "2"],
                     ["dump"], ["help", "nonsense"], ["gc", "x"], ["completion"]):
            done = self.igrec(*args, status=2)
            self.assertEqual(done.stdout, "")
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertRegex(done.stderr, r"^igrec: ")

    def test_help(self):
        overview = self.igrec("help").stdout
        for verb in VERBS:
            self.assertRegex(overview, rf"(?m)^  {verb} ")
            text = self.igrec("help", verb).stdout
            self.assertTrue(text.startswith(f"Usage: igrec {verb}"), text)
            self.assertEqual(self.igrec(verb, "--help").stdout, text)

    def test_completion_is_shell(self):
        script = self.igrec("completion", "bash").stdout
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
        done = subprocess.run(["bash", "-c", script + "\nCOMP_WORDS=(igrec repl) COMP_CWORD=1\n"
                               "_igrec; echo ${COMPREPLY[@]}"], capture_output=True, text=True)
        self.assertEqual(done.stdout.strip(), "replay")

    # ---- the store --------------------------------------------------------------------------

    def test_no_store(self):
        os.rmdir(self.store)
        for args in (["list"], ["replay"], ["info", "x"], ["gc"], ["verify"]):
            done = self.igrec(*args, status=1)
            self.assertIn(self.store, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_empty_store(self):
        self.assertEqual(self.igrec("list").stdout, "")
        self.assertEqual(self.igrec("list", "--json").stdout, "")
        self.igrec("list", "x", status=3)
        self.igrec("replay", status=3)

    def test_bad_config(self):
        path = os.path.join(self.dir, "igrec.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write("[ring]\nsize = 1\n")
        done = subprocess.run([IGREC, "list", "--config", path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{path}:2: ring.size: \"1\"", done.stderr)
        # What needs no configuration does not read it.
        done = subprocess.run([IGREC, "info", "--config", path, self.dump()], capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_list(self):
        path = self.dump()
        row, = self.json("list")
        self.assertEqual(row["file"], os.path.basename(path))
        self.assertEqual((row["namespace"], row["container"]), ("shop", "crash-app"))
        self.assertEqual((row["kind"], row["signal"], row["exit_code"]), ("signal", 11, None))
        self.assertTrue(row["complete"])
        self.assertIn("SIGSEGV", self.igrec("list").stdout)
        self.igrec("list", "--kind", "oom", status=3)
        self.igrec("list", "--namespace", "shop", "--kind", "signal", "--since", "2020-01-01")

    def test_unreadable_dumps_are_listed(self):
        path = self.dump()
        with open(path, "r+b") as f:
            f.truncate(1000)
        row, = self.json("list", status=4)
        self.assertFalse(row["complete"])
        self.assertIn("error", row)
        self.assertIn("crash-app", self.igrec("list", status=4).stdout)

    def test_targets(self):
        path = self.dump()
        row, = self.json("list")
        wanted = self.igrec("info", path).stdout
        for target in (os.path.basename(path), "crash-app", row["id"], row["id"][:5],
                       row["container_id"][:8], f"shop/{row['pod']}", row["pod"],
                       f"shop/{row['pod']}/crash-app"):
            self.assertEqual(self.igrec("info", target).stdout, wanted, target)

    def test_ambiguity_is_said(self):
        first = self.dump()
        shutil.copy(first, first.replace("_shop_", "_bank_").replace("20261121", "20261122"))
        done = self.igrec("info", "crash-app")
        self.assertIn("several workloads", done.stderr)
        self.assertIn("bank", done.stderr)

    # ---- dumps ------------------------------------------------------------------------------

    def test_explain(self):
        self.dump()
        first, *others = self.json("explain")
        self.assertEqual((first["rank"], first["kind"], first["confidence"]),
                         (1, "crash", "certain"))
        self.assertIn("SIGSEGV", first["sentence"])
        self.assertIn("signal", [entry["type"] for entry in first["evidence"]])
        self.assertEqual(self.json("explain", "-n", "1"), [first])
        text = self.igrec("explain").stdout
        self.assertIn("1. certain: " + first["sentence"], text)
        self.assertIn("next: " + first["next"], text)
        self.assertEqual([f["rank"] for f in others], list(range(2, 2 + len(others))))

    def test_report(self):
        name = os.path.basename(self.dump()).replace(".igrec", ".html")
        path = os.path.join(self.dir, name)
        self.assertIn("wrote " + name, self.igrec("report", cwd=self.dir).stderr)
        self.assertEqual(os.stat(path).st_mode & 0o777 & ~0o640, 0)
        with open(path, encoding="utf-8") as f:
            page = f.read()
        self.assertIn("exists: use --force", self.igrec("report", status=1, cwd=self.dir).stderr)
        with open(path, "w", encoding="utf-8") as f:
            f.write(page * 2)
        self.igrec("report", "--force", cwd=self.dir)
        with open(path, encoding="utf-8") as f:
            self.assertEqual(f.read(), page)
        self.assertEqual(self.igrec("report", "-o", "-").stdout, page)
        data = json.loads(page.split('id="data">')[1].split("</script>")[0])
        self.assertEqual([data], self.json("report"))
        self.assertEqual(data["info"], self.json("info")[0])
        self.assertEqual(data["verdict"]["findings"][0]["sentence"],
                         self.json("explain")[0]["sentence"])

    def test_report_of_some_events(self):
        self.dump()
        whole = self.json("report", "--events", "0")[0]
        self.assertEqual(whole["not_shown"]["left_out"], 0)
        some = self.json("report", "--events", "7")[0]
        self.assertEqual(some["not_shown"]["left_out"], len(whole["events"]) - 7)
        # But for the number of the task, which counts those on the page.
        self.assertEqual([row[:3] + row[4:] for row in some["events"][-7:]],
                         [row[:3] + row[4:] for row in whole["events"][-7:]])
        shown = {row[0] for row in some["events"]}
        self.assertTrue(shown >= set(whole["verdict"]["findings"][0]["evidence"]))
        setup = self.json("report", "--setup")[0]
        self.assertEqual(len(setup["events"]),
                         len(whole["events"]) + whole["not_shown"]["setup_hidden"])

    def test_report_refuses(self):
        self.dump()
        self.igrec("report", "--all", "-o", "x", status=2)
        self.igrec("report", "--events", "few", status=2)
        refused = self.igrec("report", "-o", os.path.join(self.dir, "none", "x"), status=1)
        self.assertIn("cannot write", refused.stderr)
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([IGREC, "--config", "/dev/null", "--store", self.store, "report",
                                   "-o", "-"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("No space left"), 1, done.stderr)

    def test_output_files(self):
        """What had the name stays until the new file is whole; the dump is never overwritten."""
        path = self.dump()
        page = os.path.join(self.dir, "page.html")
        with open(path, "rb") as f:
            whole = f.read()
        for verb in ("report", "export"):
            self.assertIn("the dump itself", self.igrec(verb, path, "-o", path, "--force", status=1).stderr)
            self.assertIn("directory", self.igrec(verb, path, "-o", self.dir, status=1).stderr)
            self.assertIn("name", self.igrec(verb, path, "-o", "", status=1).stderr)
            self.igrec(verb, path, "-o", page, "--force")
            self.assertIn("exists", self.igrec(verb, path, "-o", page, status=1).stderr)
            self.assertGreater(os.path.getsize(page), 1000)
            self.assertIn("No space left", self.igrec(verb, path, "-o", "/dev/full", status=1).stderr)
        with open(path, "rb") as f:
            self.assertEqual(f.read(), whole)
        self.assertFalse([name for name in os.listdir(self.dir) if name.startswith("page.html.")])

    def test_wrong_words(self):
        """What was meant is plain, so the line tells it."""
        path = self.dump()
        self.assertIn("there is no query", self.igrec("sql", path, status=2).stderr)
        self.assertIn("one dump alone", self.igrec("diff", path, status=2).stderr)
        self.assertIn("not a dump", self.igrec("fetch", "/etc/passwd", "-o",
                                               os.path.join(self.dir, "copy"), status=1).stderr)
        self.assertIn("name a file", self.igrec("scrub", path, "-o", "-", status=2).stderr)

    def test_info_and_summary(self):
        self.dump()
        info, = self.json("info")
        self.assertEqual(sum(lane["kept"] + lane["overwritten"] for lane in info["lanes"].values()),
                         sum(lane["written"] for lane in info["lanes"].values()))
        self.assertEqual(info["tasks"][0]["argv"][0], "/usr/bin/crash-app")
        calls = {row["syscall"]: row for row in self.json("summary")}
        self.assertEqual(calls["connect"]["errors"], 1)
        self.assertIn("futex", self.igrec("summary").stdout)

    def test_view(self):
        path = self.dump()
        row, = [r for r in self.json("view", "open") if r["error"]]
        self.assertEqual((row["schema"], row["view"], row["path"], row["error"]),
                         (1, "open", "/etc/app.conf", "ENOENT"))
        replayed = next(e for e in self.json("replay", "--errno", "ENOENT", "--path", "app.conf")
                        if e["type"] == "syscall")
        self.assertEqual((row["time_ns"], row["rel_ns"], row["pid"], row["duration_ns"]),
                         tuple(replayed[k] for k in ("time_ns", "rel_ns", "pid", "duration_ns")))
        text = self.igrec("view", "open", "--failed", "crash-app").stdout
        self.assertEqual(len(text.splitlines()), 2)
        self.assertRegex(text.splitlines()[0], r"^ +TIME +PID +COMM +PATH +FLAGS ")
        self.assertIn("GIVEN", self.igrec("view", "open", "-o", "wide", path).stdout)
        done = self.igrec("view", "syscalls", "-n", "1", path)
        self.assertEqual(len(done.stdout.splitlines()), 2)
        self.assertIn("overwritten", done.stderr)
        self.assertEqual(self.igrec("view", "dns", path, status=3).stdout, "")
        self.assertRegex(self.igrec("view", "deps", "--dot", path).stdout,
                         r'^digraph igrec {\n(.*\n)+}\n$')
        for args in (["open", "--flags", "O_RDONLY", "--path", "/no/such"],
                     ["exec", "--comm", "nobody"]):
            self.igrec("view", *args, path, status=3)
        for args in ([], ["nonsense"], ["exec", "--flags", "x"], ["open", "--dot"],
                     ["open", "--last", "2"], ["open", "a", "b"], ["open", "-o", "xml"]):
            done = self.igrec("view", *args, status=2)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_diff(self):
        path = self.dump()
        same = self.json("diff", path, path)
        self.assertEqual([(line["type"], line["divergences"]) for line in same], [("diff", 0)])
        self.assertIn("do not part", self.igrec("diff", path, path).stdout)
        self.igrec("diff", "crash-app", status=3)  # there is no run before
        for args in (["a", "b", "c"], ["-p", "1", "a", "b"], ["-n", "0"], ["-U", "x"]):
            done = self.igrec("diff", *args, status=2)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_replay(self):
        self.dump()
        events = self.json("replay")
        self.assertEqual(events[-1]["type"], "failure")
        text = self.igrec("replay").stdout
        self.assertNotIn("\x1b", text)
        self.assertIn("/etc/app.conf", text)
        self.igrec("replay", "--path", "/no/such", status=3)
        self.assertEqual(self.igrec("replay", "-o", "json").stdout,
                         self.igrec("replay", "--json").stdout)

    def on_terminal(self, *args, env):
        """What igrec writes to a terminal."""
        main, other = pty.openpty()
        child = subprocess.Popen([IGREC, "--config", "/dev/null", "--store", self.store, *args],
                                 stdin=subprocess.DEVNULL, stdout=other, stderr=subprocess.PIPE,
                                 env=dict(os.environ, TERM="xterm", **env))
        os.close(other)
        seen = b""
        try:
            while block := os.read(main, 65536):
                seen += block
        except OSError:  # the other end is closed
            pass
        os.close(main)
        child.communicate()
        return child.returncode, seen.decode(errors="replace")

    def test_colour_and_pager(self):
        self.dump()
        status, plain = self.on_terminal("replay", "--no-pager", env={"NO_COLOR": "1"})
        self.assertEqual(status, 0)
        self.assertNotIn("\x1b", plain)
        status, coloured = self.on_terminal("replay", "--no-pager", env={"NO_COLOR": ""})
        self.assertIn("\x1b[", coloured)
        self.assertEqual(re.sub(r"\x1b\[[0-9;]*m", "", coloured), plain)
        status, paged = self.on_terminal("replay", env={"NO_COLOR": "1", "PAGER": "sed s/^/P:/"})
        self.assertEqual(status, 0)
        self.assertTrue(all(line.startswith("P:") for line in paged.splitlines()), paged)
        status, left = self.on_terminal("replay", env={"PAGER": "true"})
        self.assertEqual(status, 0)

    def test_full_disk(self):
        self.dump()
        for args in (["replay"], ["list"], ["info", "--json"]):
            with open("/dev/full", "w", encoding="ascii") as full:
                done = subprocess.run([IGREC, "--store", self.store, *args], stdout=full,
                                      stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 1, args)
            self.assertIn("No space left", done.stderr)

    def test_verify(self):
        path = self.dump()
        self.assertIn("whole", self.igrec("verify").stdout)
        self.assertEqual(self.json("verify", "crash-app")[0]["state"], "whole")
        with open(path, "r+b") as f:
            content = bytearray(f.read())
            at = content.rfind(b"\x28\xb5\x2f\xfd") + 10  # inside a chunk
            content[at] ^= 0xff
            f.seek(0)
            f.write(content)
        row, = self.json("verify", path, status=1)
        self.assertEqual(row["state"], "damaged")
        self.assertTrue(row["faults"])
        done = self.igrec("replay", path, status=4)
        self.assertIn(path, done.stderr)
        self.assertIn("SIGSEGV", done.stdout)

    def test_gc(self):
        path = self.dump()
        config = os.path.join(self.dir, "gc.conf")
        with open(config, "w", encoding="ascii") as f:
            f.write("[retention]\ntotal-size = 1\nfree-space = 0\n")
        row, = self.json("gc", "--config", config, "--dry-run")
        self.assertEqual((row["reason"], row["removed"]), ("size", False))
        self.assertTrue(os.path.exists(path))
        self.assertIn("size", self.igrec("gc", "--config", config).stdout)
        self.assertFalse(os.path.exists(path))

    # ---- igrecd -----------------------------------------------------------------------------

    def test_no_igrecd(self):
        for args in (["ps"], ["dump", "x"]):
            done = self.igrec(*args, status=1)
            self.assertIn(self.socket, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_ps(self):
        lane = {"written": 100, "overwritten": 40, "dropped": 0, "window_ns": 2000000000}
        row = {"container_id": "abc", "container": "evil\x1b[2J", "pod": None, "namespace": None,
               "runtime": "runc", "cgroup_id": 1, "ring_bytes": 524288,
               "lanes": {"start": lane, "vital": lane, "flow": lane}}
        node = {"type": "node", "rings": 1, "rings_max": 128, "no_ring": 2}
        Igrecd(self.socket, row, node)
        done = self.igrec("ps")
        self.assertNotIn("\x1b", done.stdout)
        self.assertIn("60.0", done.stdout)
        self.assertIn("2.000s", done.stdout)
        self.assertIn("no ring was ready", done.stderr)
        os.unlink(self.socket)
        Igrecd(self.socket, row, node)
        self.assertEqual(self.json("ps")[0], {"schema": 1, **row})

    def test_dump(self):
        igrecd = Igrecd(self.socket, {"id": "1234", "file": "y.igrec", "path": "/x/y.igrec"})
        self.assertEqual(self.igrec("dump", "app").stdout, "/x/y.igrec\n")
        igrecd.join()
        self.assertEqual(igrecd.request, {"verb": "dump", "container": "app"})
        os.unlink(self.socket)
        Igrecd(self.socket, {"error": "no container \"app\"", "status": 3})
        self.assertIn("no container", self.igrec("dump", "app", status=3).stderr)

    def test_doctor(self):
        Igrecd(self.socket, {"type": "feature", "name": "oom-victims", "active": True, "text": ""})
        done = subprocess.run([IGREC, "doctor", "--json", "--config", "/dev/null", "--store",
                               self.store, "--socket", self.socket], capture_output=True, text=True)
        self.assertIn(done.returncode, (0, 1))
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertLessEqual({"configuration", "kernel", "btf", "bpffs", "cgroups", "privileges",
                              "store", "igrecd", "feature"}, {row["check"] for row in rows})
        bad = os.path.join(self.dir, "bad.conf")
        with open(bad, "w", encoding="ascii") as f:
            f.write("[ring]\n")
            f.write("siez = 1\n")
        done = self.igrec("doctor", "--config", bad, status=1)
        self.assertIn("siez", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
