# SPDX-License-Identifier: Apache-2.0
"""The whole command line on dumps of real containers, as root beside igrecd and elsewhere."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import unittest

import lab
from tape import Tape, text_of

NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
LIST_FIELDS = ("id file time_ns namespace pod container container_id restart kind exit_code "
               "signal cause complete bytes").split()
SYSCALL_FIELDS = ("type time_ns rel_ns duration_ns cpu pid tid comm lane syscall args ret errno "
                  "entry_seen").split()
PS_FIELDS = "container_id container pod namespace runtime cgroup_id ring_bytes lanes".split()


class CommandLine(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.crashed = cls.runtime.container("app", "/bin/ending", "exit", "1")
        cls.crashed.run()
        cls.row = cls.lab.wait_dump(cls.crashed.id)[0]
        cls.threads = cls.runtime.container("threads", "/bin/threads", "4")
        cls.threads.run()
        cls.lab.wait_dump(cls.threads.id)

    def replay(self, *args, target=None, status=0):
        return self.lab.json_lines("replay", *args, target or self.crashed.id, status=status)

    # ---- list, ps, info ---------------------------------------------------------------------

    def test_list_fields(self):
        for row in self.lab.json_lines("list"):
            self.assertEqual([row["schema"], *[f for f in LIST_FIELDS if f not in row]], [1])
            self.assertEqual(row["bytes"], os.path.getsize(self.lab.dump_path(row)))
        self.assertEqual(next(iter(row)), "schema", "the schema number is first")

    def test_list_is_newest_first(self):
        # By the milliseconds that are in the names of files.
        times = [row["time_ns"] // 1_000_000 for row in self.lab.json_lines("list")]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertGreaterEqual(len(times), 2)

    def test_list_table(self):
        done = self.lab.igrec("list")
        line = next(x for x in done.stdout.splitlines() if self.crashed.id in x)
        self.assertIn("exit", line)

    def test_ps(self):
        container = self.runtime.container("ps", "/bin/ending", "read").start()
        container.wait_ready()
        row = lab.wait_for("the container in ps", lab.PATIENCE, lambda: self.lab.ps(container.id))
        self.assertEqual([f for f in PS_FIELDS if f not in row], [])
        self.assertEqual((row["schema"], row["runtime"]), (1, "runc"))
        self.assertEqual(row["cgroup_id"], os.stat(container.cgroup()).st_ino)
        self.assertEqual(row["ring_bytes"], 512 << 10)
        self.assertEqual(set(row["lanes"]), {"start", "vital", "flow"})
        self.assertGreater(row["lanes"]["start"]["written"], 0)
        self.assertIn(container.id, self.lab.igrec("ps").stdout)
        container.go_on()
        container.wait()

        def gone():
            return self.lab.ps(container.id) is None
        lab.wait_for("the container to leave ps", lab.PATIENCE, gone)

    def test_ps_as_nobody_is_refused(self):
        igrec = self.copy_of(lab.IGREC, 0o755)
        done = subprocess.run([*NOBODY, igrec, "ps", "--socket", self.lab.socket],
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_info(self):
        done = self.lab.igrec("info", self.crashed.id)
        for word in (self.crashed.id, "runc", "exit", "start", "vital", "flow"):
            self.assertIn(word, done.stdout)

    # ---- replay's filters -------------------------------------------------------------------

    def test_replay_fields(self):
        events = self.replay()
        self.assertEqual({e["schema"] for e in events}, {1})
        for event in events:
            if event["type"] == "syscall":
                self.assertEqual([f for f in SYSCALL_FIELDS if f not in event], [])
        self.assertEqual(events[-1]["type"], "failure")
        self.assertEqual(events[-1]["rel_ns"], 0)

    def test_filter_failed(self):
        calls = Tape(self.replay("--failed")).calls
        self.assertTrue(calls)
        self.assertTrue(all(e["ret"] < 0 for e in calls))
        every = [e for e in Tape(self.replay()).calls if e["ret"] < 0]
        self.assertEqual(len(calls), len(every))

    def test_filter_syscall(self):
        self.assertEqual({e["syscall"] for e in Tape(self.replay("--syscall", "openat")).calls},
                         {"openat"})
        self.lab.igrec("replay", "--syscall", "opnat", self.crashed.id, status=2)

    def test_filter_path(self):
        calls = Tape(self.replay("--path", "/etc/app")).calls
        self.assertTrue(calls)
        self.assertTrue(all("/etc/app" in text_of(e) for e in calls))

    def test_filter_errno(self):
        calls = Tape(self.replay("--errno", "ENOENT")).calls
        self.assertTrue(calls)
        self.assertEqual({e["errno"] for e in calls}, {"ENOENT"})
        self.lab.igrec("replay", "--errno", "ENOSUCH", self.crashed.id, status=2)

    def test_filter_pid_and_comm(self):
        thread = self.threads.facts("thread")[0]
        calls = Tape(self.replay("--pid", str(thread["tid"]), target=self.threads.id)).calls
        self.assertEqual({e["tid"] for e in calls}, {thread["tid"]})
        calls = Tape(self.replay("--comm", "threads", target=self.threads.id)).calls
        self.assertEqual({e["comm"] for e in calls}, {"threads"})

    def test_filter_time(self):
        whole = self.replay()
        # All that a short container did was within the last hour, little in its last microsecond.
        self.assertEqual(len(self.replay("--last", "1h")), len(whole))
        self.assertLess(len(self.replay("--last", "1us", status=(0, 3))), len(whole))

    def test_nothing_matched(self):
        self.lab.igrec("replay", "--path", "/no/such/path", self.crashed.id, status=3)
        self.lab.igrec("replay", "no-such-container", status=3)
        self.lab.igrec("info", "no-such-container", status=3)

    def test_setup_is_hidden_unless_asked_for(self):
        done = self.lab.igrec("replay", self.crashed.id)
        self.assertNotIn("runc:[2:INIT]", done.stdout)
        self.assertIn("--setup", done.stderr)
        done = self.lab.igrec("replay", "--setup", self.crashed.id)
        self.assertIn("runc:[2:INIT]", done.stdout)
        self.assertEqual(done.stderr, "")

    def test_outputs(self):
        text = self.lab.igrec("replay", self.crashed.id).stdout
        header, last = text.splitlines()[0], text.splitlines()[-1]
        for column in ("PID", "COMM", "SYSCALL", "PARAMETERS", "RET"):
            self.assertIn(column, header)
        self.assertIn("1", last)
        self.assertIn("ENOENT", text)
        wide = self.lab.igrec("replay", "-o", "wide", self.crashed.id).stdout.splitlines()[0]
        for column in ("K8S.NODE", "K8S.NAMESPACE", "K8S.PODNAME", "K8S.CONTAINERNAME", "CPU",
                       "TID"):
            self.assertIn(column, wide)
        strace = self.lab.igrec("replay", "-o", "strace", self.crashed.id).stdout
        self.assertRegex(strace,
                         r'openat\(AT_FDCWD</>, "/etc/app/config.yaml", O_RDONLY\) += -1 ENOENT')
        plain = self.lab.igrec("replay", "-o", "strace", "--no-fds", self.crashed.id).stdout
        self.assertIn('openat(AT_FDCWD, "/etc/app/config.yaml"', plain)

    # ---- targets ----------------------------------------------------------------------------

    def test_targets(self):
        path = self.lab.dump_path(self.row)
        by_path = self.lab.igrec("replay", path).stdout
        for target in (self.crashed.id, self.row["id"], self.row["id"][:8],
                       self.row["container_id"]):
            self.assertEqual(self.lab.igrec("replay", target).stdout, by_path, target)

    def test_previous(self):
        again = self.runtime.container("twice", "/bin/ending", "exit", "3")
        again.run()
        self.lab.wait_dump(again.id)
        again.process = None
        second = subprocess.run(["runc", "run", "--bundle", again.bundle, again.id],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.assertEqual(second.returncode, 3)
        rows = self.lab.wait_dump(again.id, 2)
        for previous, row in enumerate(rows):
            events = self.lab.json_lines("replay", "--previous", str(previous), again.id)
            self.assertEqual(events, self.lab.replay(row))
        self.lab.igrec("replay", "--previous", "2", again.id, status=3)

    # ---- the other verbs --------------------------------------------------------------------

    def test_usage(self):
        done = subprocess.run([lab.IGREC], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        done = subprocess.run([lab.IGREC, "rewind"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("rewind", done.stderr)
        self.lab.igrec("replay", "--sideways", status=2)
        done = subprocess.run([lab.IGREC, "help"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0)
        for verb in ("ps", "list", "info", "replay", "dump", "gc", "verify", "doctor"):
            self.assertIn(verb, done.stdout)
        for binary in (lab.IGREC, lab.IGRECD):
            done = subprocess.run([binary, "--version"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0)
            self.assertRegex(done.stdout, r"^igrecd? \d+\.\d+\.\d+")

    def test_doctor(self):
        self.lab.igrec("doctor")

    def test_dump(self):
        """Its path is what it prints, for `igrec replay $(igrec dump ...)`."""
        container = self.runtime.container("asked", "/bin/ending", "read").start()
        container.wait_ready()
        path = self.lab.igrec("dump", container.id).stdout.rstrip("\n")
        self.assertEqual(os.path.dirname(path), self.lab.store)
        self.assertTrue(self.replay(target=path))
        row = self.lab.json_lines("dump", container.id, status=0)[0]
        self.assertEqual(list(row), ["schema", "id", "file", "path"])
        self.assertIn(row["file"], os.listdir(self.lab.store))
        self.assertIn(f"{container.id} dumped on request", self.lab.log_text())

    def test_dump_of_unknown_container(self):
        self.lab.igrec("dump", "no-such-container", status=3)

    def test_without_igrecd(self):
        done = self.lab.igrec("ps", "--socket", self.lab.path("nowhere.sock"), status=1)
        self.assertIn("nowhere.sock", done.stderr)

    def test_dump_is_sqlite(self):
        path = self.lab.dump_path(self.row)
        with open(path, "rb") as f:
            head = f.read(100)
        self.assertEqual(head[68:72], b"IGRC")
        db = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        self.assertEqual(db.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        db.close()
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)
        self.assertEqual(os.stat(self.lab.store).st_mode & 0o777, 0o750)
        self.assertEqual(os.stat(self.lab.socket).st_mode & 0o177, 0)

    # ---- a copied file, elsewhere, by nobody ------------------------------------------------

    def copy_of(self, path, mode):
        copy = self.lab.path("copy-" + os.path.basename(path))
        shutil.copy(path, copy)
        os.chmod(copy, mode)
        return copy

    def test_copy_replays_unprivileged(self):
        copy = self.copy_of(self.lab.dump_path(self.row), 0o444)
        igrec = self.copy_of(lab.IGREC, 0o755)
        for args in (["replay", "--setup"], ["info"], ["verify"]):
            done = subprocess.run([*NOBODY, igrec, *args, copy], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""), args)
        done = subprocess.run([*NOBODY, igrec, "replay", "--json", copy], capture_output=True,
                              text=True, check=True)
        self.assertEqual([json.loads(line) for line in done.stdout.splitlines()], self.replay())

    def test_damaged_copies(self):
        with open(self.lab.dump_path(self.row), "rb") as f:
            whole = f.read()
        damaged = {
            "empty": b"",
            "foreign": b"#!/bin/sh\necho not a dump\n" * 100,
            "half": whole[:len(whole) // 2],
            "head": whole[:100],
            "zeroed": whole[:len(whole) // 2] + bytes(len(whole) - len(whole) // 2),
        }
        for name, content in damaged.items():
            path = self.lab.path(name + ".igrec")
            with open(path, "wb") as f:
                f.write(content)
            done = self.lab.igrec("verify", path, status=1)
            self.assertIn(path, done.stderr + done.stdout)
            done = self.lab.igrec("replay", path, status=(1, 4))
            self.assertIn(path, done.stderr)

    def test_flipped_bytes(self):
        """What verify finds whole replays as the whole file does; nothing ends by a signal."""
        path = self.lab.path("flipped.igrec")
        with open(self.lab.dump_path(self.row), "rb") as f:
            whole = bytearray(f.read())
        wanted = self.lab.igrec("replay", "--json", self.lab.dump_path(self.row)).stdout
        found = 0
        for at in range(0, len(whole), len(whole) // 60):
            flipped = bytearray(whole)
            flipped[at] ^= 0x10
            with open(path, "wb") as f:
                f.write(flipped)
            verified = self.lab.igrec("verify", path, status=(0, 1))
            replayed = self.lab.igrec("replay", "--json", path, status=(0, 1, 4))
            if verified.returncode == 0:
                self.assertEqual(replayed.stdout, wanted, f"byte {at}")
            else:
                found += 1
        self.assertGreater(found, 20)

    def test_output_into_a_closed_pipe(self):
        done = subprocess.run(f"{lab.IGREC} replay --setup {self.lab.dump_path(self.row)} | head -n 1",
                              shell=True, capture_output=True, text=True, executable="/bin/bash")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_valgrind(self):
        if not shutil.which("valgrind"):
            self.skipTest("valgrind")
        with open(lab.IGREC, "rb") as f:
            if b"__asan_init" in f.read():
                return  # a sanitized program looks after itself
        path = self.lab.dump_path(self.row)
        for args in (["replay", path], ["replay", "--json", path], ["info", path],
                     ["list", "--store", self.lab.store], ["verify", path]):
            done = subprocess.run(["valgrind", "-q", "--error-exitcode=99", "--leak-check=full",
                                   "--errors-for-leak-kinds=definite", lab.IGREC, *args],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, f"{args}: {done.stderr}")


if __name__ == "__main__":
    lab.main()
