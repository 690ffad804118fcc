# SPDX-License-Identifier: Apache-2.0
"""kill -9 of a real igrecd at the points of a dump's way to the disk: a dump is whole or absent, the
next igrecd dumps what is missing, and leaves nothing of the one before lying about.  strace sends the signal, when a thread
of igrecd makes its Nth call of those that only the writing of dumps makes.
IGREC_DURABLE_POINTS=all tries every one of them, not some ten."""

import os
import re
import shutil
import signal
import subprocess
import unittest

import lab

CALLS = "fchmod,ftruncate,pwrite64,fsync,fdatasync,renameat2"
ALL = os.environ.get("IGREC_DURABLE_POINTS") == "all"


class Durable(lab.LabTest):
    only_own = True

    def setUp(self):
        if not shutil.which("strace"):
            self.skipTest("strace")

    def attach(self, *options):
        """strace on igrecd and all its threads; back when it is attached."""
        tracer = subprocess.Popen(
            ["strace", "-f", "-qq", "-o", self.lab.path("strace.out"), *options, "-p",
             str(self.lab.process.pid)], stderr=subprocess.DEVNULL, preexec_fn=lab.die_with_parent)
        self.addCleanup(self.detach, tracer)

        def traced(tid):
            with open(f"/proc/{self.lab.process.pid}/task/{tid}/status") as f:
                return f"TracerPid:\t{tracer.pid}\n" in f.read()
        lab.wait_for("strace to attach", lab.PATIENCE, lambda: all(
            traced(tid) for tid in os.listdir(f"/proc/{self.lab.process.pid}/task")))
        return tracer

    @staticmethod
    def detach(tracer):
        if tracer.poll() is None:
            tracer.send_signal(signal.SIGINT)
        tracer.wait(lab.PATIENCE)

    def fail_container(self, name):
        container = self.runtime.container(name, "/bin/noise", "300")
        self.assertEqual(container.run(), 1)
        return container.id

    def writes_of_a_dump(self):
        tracer = self.attach("-e", f"trace={CALLS}")
        name = self.fail_container("counted")
        self.lab.wait_dump(name)
        self.detach(tracer)
        with open(self.lab.path("strace.out"), errors="replace") as f:
            lines = [line.split(None, 1) for line in f]
        thread = next(tid for tid, call in lines if "renameat2(" in call)
        calls = [call.split("(")[0] for tid, call in lines if tid == thread and "(" in call]
        self.assertEqual(calls[-3:], ["fsync", "renameat2", "fsync"])
        return calls.count("pwrite64")

    def killed_at(self, call, nth):
        """A dump by an igrecd that is killed as it makes the Nth such call, and by the next one.
        Returns how many dumps there were in between, and how many unfinished files."""
        point = f"{call}-{nth}"
        tracer = self.attach("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={nth}")
        name = self.fail_container(point)
        process, self.lab.process = self.lab.process, None
        try:
            self.assertEqual(process.wait(lab.PATIENCE), -signal.SIGKILL, f"point {point}")
        finally:
            process.kill()
            process.wait()
        self.detach(tracer)
        names = os.listdir(self.lab.store)
        whole = {n for n in names if n.endswith(".igrec")}
        unfinished = {n for n in names if n.startswith(".tmp-")}
        if whole:
            self.lab.igrec("verify")
        dumped = len([n for n in whole if name in n])
        self.assertLessEqual(dumped, 1)

        self.lab.start()
        self.assertEqual(unfinished & set(os.listdir(self.lab.store)), set(), point)
        self.lab.wait_dump(name)  # there already, or dumped now
        self.assertEqual(whole - set(os.listdir(self.lab.store)), set(), "they stay")
        self.lab.igrec("verify")
        return dumped, len(unfinished)

    def test_killed_while_dumping(self):
        self.lab.stop()
        self.lab.start()  # so that the threads' calls are counted from the same point
        writes = self.writes_of_a_dump()
        self.assertGreater(writes, 10)
        # A dump may have some pages fewer than the first one.
        steps = range(1, writes * 3 // 4, 1 if ALL else writes // 6)
        points = [("fchmod", 1), *(("pwrite64", n) for n in steps), ("fsync", 1), ("renameat2", 1),
                  ("fsync", 2)]
        found = [self.killed_at(*point) for point in points]
        dumped, leftovers = (sum(column) for column in zip(*found))
        self.assertEqual(found[-2:], [(0, 1), (1, 0)], "before and after the rename")
        self.assertGreater(leftovers, 2, "some were killed in the middle")
        print(f"killed at {len(points)} points: {dumped} dumps there, "
              f"{leftovers} unfinished files removed by the next start", flush=True)
        after = self.fail_container("after")
        self.assertEqual(len(self.lab.wait_dump(after)), 1)

    def test_killed_idle(self):
        """Between failures, again and again: what is in the store stays, the next one records."""
        for i in range(10 if ALL else 3):
            name = self.fail_container(f"idle-{i}")
            self.lab.wait_dump(name)
            self.lab.stop(signal.SIGKILL)
            self.lab.start()
        self.assertEqual(len([r for r in self.lab.json_lines("list")
                              if re.search(r"-idle-\d+$", r["container"])]), 10 if ALL else 3)
        self.lab.igrec("verify")


if __name__ == "__main__":
    lab.main()
