# SPDX-License-Identifier: Apache-2.0
"""The other OCI runtime of Debian."""

import os
import shutil
import signal
import subprocess
import unittest

import containers
import lab
from tape import Tape


def bind_hugetlb(lab_):
    """crun refuses a hybrid host unless every controller is bound to v1. Returns the mount."""
    with open(os.path.join(containers.UNIFIED, "cgroup.controllers")) as f:
        left = f.read().split()
    if containers.UNIFIED == "/sys/fs/cgroup" or "hugetlb" not in left:
        return None
    where = lab_.path("hugetlb")
    os.mkdir(where)
    subprocess.run(["mount", "-t", "cgroup", "-o", "hugetlb", "cgroup", where], check=True)
    return where


@unittest.skipUnless(shutil.which("crun"), "crun")
class Crun(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        mounted = bind_hugetlb(cls.lab)
        if mounted:
            cls.addClassCleanup(subprocess.run, ["umount", mounted], check=True)
        cls.crun = containers.Runtime(cls.lab, "crun")
        cls.addClassCleanup(cls.crun.close)

    def test_exit_one(self):
        container = self.crun.container("crun", "/bin/ending", "exit", "1")
        self.assertEqual(container.run(), 1, container.error_text())
        row = self.lab.wait_dump(container.id)[0]
        self.assertEqual((row["kind"], row["exit_code"]), ("exit", 1))
        tape = Tape(self.lab.replay(row))
        self.assertEqual(tape.missing_facts(container.facts("call")), [])

    def test_killed_and_named(self):
        container = self.crun.container("crunkill", "/bin/ending", "read").start()
        container.wait_ready()
        row = lab.wait_for("the container in ps", lab.PATIENCE, lambda: self.lab.ps(container.id))
        self.assertEqual(row["runtime"], "crun")
        os.kill(container.pid(), signal.SIGKILL)
        container.wait()
        row = self.lab.wait_dump(container.id)[0]
        self.assertEqual((row["kind"], row["signal"]), ("signal", signal.SIGKILL))


if __name__ == "__main__":
    lab.main()
