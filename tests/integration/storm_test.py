# SPDX-License-Identifier: Apache-2.0
"""Storms: what a node may see on its worst day.  igrecd's memory stays bounded, every drop is
counted, and no first failure is lost.  Shorter than the worst unless IGREC_STORM=1."""

import json
import os
import re
import subprocess
import threading
import time
import unittest

import containers
import lab
from tape import Tape

LONG = os.environ.get("IGREC_STORM") == "1"
CELLS = os.path.join(lab.WORKLOADS, "cells")
# Memory of igrecd's own beside rings and snapshots. The sanitizers take theirs on top.
OWN_BYTES = 24 << 20


def is_sanitized():
    with open(lab.IGRECD, "rb") as binary:
        return b"__asan_init" in binary.read()


class Memory(threading.Thread):
    """The highest anonymous memory of a process, looked at all the time."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.most = 0
        self.ended = threading.Event()
        self.start()

    def anonymous(self):
        with open(f"/proc/{self.pid}/status") as f:
            return int(re.search(r"RssAnon:\s+(\d+) kB", f.read()).group(1)) << 10

    def run(self):
        while not self.ended.wait(0.005):
            self.most = max(self.most, self.anonymous())

    def end(self):
        self.ended.set()
        self.join()
        return max(self.most, self.anonymous())


class StormTest(lab.LabTest):
    def setUp(self):
        self.before = self.lab.node()
        self.memory = Memory(self.lab.process.pid)
        self.addCleanup(self.check_afterwards)

    def check_afterwards(self):
        """Of every storm: igrecd lives, within its memory; what it lost, it says."""
        self.assertIsNone(self.lab.process.poll(), "igrecd lives")
        most, node = self.memory.end(), self.lab.node()
        print(f"{self.id().split('.')[-1]}: {most >> 10} KiB of memory at most", flush=True)
        if not is_sanitized():
            self.assertLessEqual(most, OWN_BYTES + node["snapshot_bytes_max"])
        for key in ("failures_skipped", "dumps_failed", "notices_dropped", "no_task", "no_ring"):
            self.assertEqual(node[key] - self.before[key], 0, key)

    def grown(self, key):
        return self.lab.node()[key] - self.before[key]

    def cgroup(self, name):
        return f"{containers.UNIFIED}/{self.lab.name}-{name}"

    def cells(self, *args):
        cells = subprocess.Popen([CELLS, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 text=True, preexec_fn=lab.die_with_parent)
        self.addCleanup(self.end_cells, cells)
        return cells

    @staticmethod
    def end_cells(cells):
        """They end with their stdin, and remove their cgroups."""
        cells.stdin.close()
        cells.wait(lab.PATIENCE)
        cells.stdout.close()


class AtOnce(StormTest):
    config = "[ring]\nsize = 128KiB\nmemory-limit = 48MiB\npool = 256\n"

    def test_200_fail_within_a_second(self):
        self.lab.wait_pool(200)
        cells = self.cells("200", self.cgroup("cell-"))
        self.assertIn("ready", cells.stdout.readline())
        lab.wait_for("all of them", lab.PATIENCE, lambda: len(
            [r for r in self.lab.json_lines("ps")
             if (r.get("container") or "").startswith(self.lab.name)]) == 200)
        cells.stdin.close()
        self.assertEqual(json.loads(cells.stdout.readline()), {"fact": "ended", "wrong": 0})

        def all_dumped():
            rows = [r for r in self.lab.json_lines("list")
                    if f"{self.lab.name}-cell-" in (r["container"] or "")]
            return rows if len(rows) >= 200 else None
        rows = lab.wait_for("their dumps", lab.PATIENCE, all_dumped, 0.2)
        self.assertEqual(cells.wait(), 0)
        codes = {r["container"]: r["exit_code"] for r in rows}
        self.assertEqual(codes, {f"{self.lab.name}-cell-{i}": 1 + i % 100 for i in range(200)})
        self.assertNotRegex(self.lab.log_text(), rf"{self.lab.name}\S* failed once more")
        for row in rows[::20]:
            number = row["container"].rsplit("-", 1)[1]
            tape = Tape(self.lab.replay(row))
            self.assertEqual(len(tape.named("openat", f"/cell/{number}")), 1)
        self.lab.igrec("verify")

class Again(StormTest):
    # Rings enough for all, should igrecd get no CPU meanwhile.
    config = ("[ring]\nsize = 128KiB\npool = 100\n[retention]\nper-workload = 0\n"
              "[failure]\nper-node-per-minute = 0\n")

    def test_restarted_ten_times_a_second(self):
        self.lab.wait_pool(60)
        times = 600 if LONG else 60
        name = f"{self.lab.name}-again"
        cells = self.cells("again", str(times), "100", self.cgroup("again"))
        cells.stdin.close()
        self.assertEqual(json.loads(cells.stdout.readline()), {"fact": "ended", "wrong": 0})
        self.assertEqual(cells.wait(), 0)
        lab.wait_for("all of them", lab.PATIENCE, lambda: self.grown("failures") >= times)
        rows = self.lab.wait_dump(name, 30)
        self.assertEqual(len(rows), 30)
        self.assertGreaterEqual(self.grown("failures_refused"), times - 30)
        first = Tape(self.lab.replay(rows[-1]))
        self.assertEqual(len(first.named("openat", "/cell/0")), 1, "the first failure's dump")
        self.assertIn("per-container-per-hour", self.lab.log_text())


class Wild(StormTest):
    config = "[ring]\nsize = 128KiB\n"

    def test_fork_bomb(self):
        container = self.runtime.container("bomb", "/bin/bomb", "6" if LONG else "2")
        path = os.path.join(container.bundle, "config.json")
        with open(path) as f:
            spec = json.load(f)
        spec["linux"]["resources"]["pids"] = {"limit": 200}
        with open(path, "w") as f:
            json.dump(spec, f)
        self.assertEqual(container.run(), 1)
        fact = container.facts("bomb")[0]
        self.assertGreater(fact["refused"], 0, "the limit was reached")
        row = self.lab.wait_dump(container.id)[0]
        self.assertEqual((row["kind"], row["exit_code"]), ("exit", 1))
        tape = Tape(self.lab.replay(row, status=(0, 4)))
        refused = [e for e in tape.calls if e["syscall"] in ("clone", "fork", "clone3")
                   and e["errno"] == "EAGAIN"]
        self.assertTrue(refused or tape.of_type("gap"))

    def test_1000_nested_cgroups(self):
        container = self.runtime.container("nest", "/bin/ending", "read").start()
        container.wait_ready()
        rings = self.lab.node()["rings"]
        made = []
        try:
            for i in range(1000):
                made.append(os.path.join(container.cgroup(), f"nest-{i}"))
                os.mkdir(made[-1])
            with open(os.path.join(made[-1], "cgroup.procs"), "w") as f:
                f.write(str(container.pid()))
            time.sleep(0.2)
            self.assertLess(self.lab.node()["rings"], rings + 500, "they share the container's")
            container.go_on()
            self.assertEqual(container.wait(), 0)
        finally:
            container.remove()
            for path in made:
                if os.path.exists(path):  # runc may have been faster
                    os.rmdir(path)
        self.lab.igrec("ps", status=(0, 3))

    def test_short_processes(self):
        count = 100_000 if LONG else 10_000
        container = self.runtime.container("swarm", "/bin/swarm", str(count))
        self.assertEqual(container.start().wait(600), 1)
        row = self.lab.wait_dump(container.id)[0]
        tape = Tape(self.lab.replay(row))
        last = tape.named("openat", f"/swarm/{count - 1}")
        self.assertEqual([e["errno"] for e in last], ["ENOENT"])
        lanes = self.lab.json_lines("info", self.lab.dump_path(row))[0]["lanes"]
        self.assertGreater(sum(lane["written"] for lane in lanes.values()), 3 * count)
        for name, lane in lanes.items():
            shown = [e for e in tape.events if e["lane"] == name
                     and e["type"] not in ("gap", "failure")]
            self.assertEqual(len(shown) + lane["overwritten"] + lane["torn_records"],
                             lane["written"], name)


class NoMemoryForSnapshots(StormTest):
    """60 at once with a budget of snapshots for eight, and no limits: failures wait in
    their rings."""
    config = ("[ring]\nsize = 128KiB\nmemory-limit = 48MiB\npool = 128\n[failure]\n"
              "snapshot-memory = 1MiB\nper-container-per-hour = 0\nper-node-per-minute = 0\n")

    def test_they_wait(self):
        self.lab.wait_pool(60)
        cells = self.cells("60", self.cgroup("wait-"))
        self.assertIn("ready", cells.stdout.readline())
        lab.wait_for("all of them", lab.PATIENCE, lambda: self.lab.node()["rings"] >= 60)
        cells.stdin.close()
        most = 0

        def all_dumped():
            nonlocal most
            most = max(most, self.lab.node()["snapshot_bytes"])
            return len([r for r in self.lab.json_lines("list")
                        if f"{self.lab.name}-wait-" in (r["container"] or "")]) >= 60
        lab.wait_for("their dumps", lab.PATIENCE, all_dumped, 0)
        self.assertLessEqual(most, 1 << 20)
        self.assertEqual(cells.wait(), 0)
        self.assertGreaterEqual(self.grown("failures"), 60)
        self.lab.igrec("verify")


if __name__ == "__main__":
    lab.main()
