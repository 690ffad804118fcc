# SPDX-License-Identifier: Apache-2.0
"""record-units: systemd's units and plain cgroups.  The test does what systemd does: it makes a
cgroup and starts programs in it."""

import os
import signal
import subprocess
import unittest

import engines
import lab
from containers import UNIFIED
from tape import Tape


class Units(lab.LabTest):
    config = f"{lab.CONFIG}[runtimes]\nrecord-units = igt-*.service /igt-*/batch/*\n"

    def make(self, path):
        directory = UNIFIED + path
        os.makedirs(directory)
        self.addCleanup(self.remove, directory)
        return directory

    @staticmethod
    def remove(directory):
        """With what is left in it, and its parents that are ours."""
        def is_empty():
            with open(os.path.join(directory, "cgroup.procs")) as f:
                pids = [int(line) for line in f]
            for pid in pids:
                engines.kill(pid)
            return not pids
        lab.wait_for(f"{directory} to be empty", lab.PATIENCE, is_empty)
        while os.path.basename(directory).startswith("igt-") or "/igt-" in directory:
            os.rmdir(directory)
            directory = os.path.dirname(directory)

    @staticmethod
    def start(directory, *args):
        """A program of the workloads, in the cgroup from its exec on."""
        def move():
            with open(os.path.join(directory, "cgroup.procs"), "w") as f:
                f.write("0")
        return subprocess.Popen([os.path.join(lab.WORKLOADS, args[0]), *args[1:]],
                                preexec_fn=move, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def run_in(self, directory, *args):
        process = self.start(directory, *args)
        process.communicate()
        return process.returncode

    def test_service(self):
        name = f"{self.lab.name}-web.service"
        directory = self.make(f"/{name}")
        self.assertEqual(self.run_in(directory, "ending", "exit", "3"), 3)
        row = self.lab.wait_dump(name)[0]
        self.assertEqual((row["kind"], row["exit_code"], row["runtime"]), ("exit", 3, "systemd"))
        tape = Tape(self.lab.replay(row))
        self.assertTrue(tape.named("openat", "/etc/app/config.yaml"))

    def test_programs_one_after_the_other(self):
        """ExecStartPre=, then ExecStart=: the second's end is the unit's."""
        name = f"{self.lab.name}-two.service"
        directory = self.make(f"/{name}")
        self.assertEqual(self.run_in(directory, "ending", "exit", "0"), 0)
        lab.wait_for("it in ps", lab.PATIENCE, lambda: self.lab.ps(name))
        self.assertEqual(self.run_in(directory, "ending", "exit", "4"), 4)
        rows = self.lab.wait_dump(name)
        self.assertEqual([(r["kind"], r["exit_code"]) for r in rows], [("exit", 4)])

    def test_plain_cgroup(self):
        directory = self.make(f"/{self.lab.name}/batch/job-7")
        self.assertEqual(self.run_in(directory, "ending", "segv"), -signal.SIGSEGV)
        row = self.lab.wait_dump("job-7")[0]
        self.assertEqual((row["kind"], row["signal"], row["runtime"]),
                         ("signal", signal.SIGSEGV, "cgroup"))

    def test_others_are_not_recorded(self):
        directory = self.make(f"/{self.lab.name}-x/other")
        self.assertEqual(self.run_in(directory, "ending", "exit", "5"), 5)
        self.test_plain_cgroup()
        self.assertEqual(self.lab.dumps("other"), [])


if __name__ == "__main__":
    lab.main()
