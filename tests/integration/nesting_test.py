# SPDX-License-Identifier: Apache-2.0
"""Containers in a container, as Docker in Docker and kind make them: their cgroups lie in the outer
one's, and what they do is on its tape."""

import os
import signal
import subprocess
import time
import unittest

import engines
import lab
from tape import Tape


class Nesting(lab.LabTest):
    def outer(self, name):
        container = self.runtime.container(name, "/bin/ending", "read").start()
        container.wait_ready()
        lab.wait_for("the outer one in ps", lab.PATIENCE, lambda: self.lab.ps(container.id))
        return container

    def inner(self, outer, name, *args):
        return self.runtime.container(name, *args, parent_cgroup=outer.cgroup_path)

    def kill(self, container):
        os.kill(container.pid(), signal.SIGKILL)
        container.wait()
        return self.lab.wait_dump(container.id)[0]

    def test_inner_is_on_the_tape_of_the_outer(self):
        outer = self.outer("outer")
        inner = self.inner(outer, "inner", "/bin/ending", "exit", "3")
        self.assertEqual(inner.run(), 3)
        self.assertIsNone(self.lab.ps(inner.id))
        row = self.kill(outer)
        self.assertEqual((row["kind"], row["signal"]), ("signal", signal.SIGKILL))
        opened = Tape(self.lab.replay(row)).named("openat", "/etc/app/config.yaml")
        self.assertEqual(len(opened), 2, "of the outer one and of the inner one")
        self.assertEqual(self.lab.dumps(inner.id), [])

    def test_crash_in_the_inner_is_the_outers(self):
        outer = self.outer("outer-of-crash")
        inner = self.inner(outer, "crash", "/bin/ending", "segv")
        self.assertEqual(inner.run(), 128 + signal.SIGSEGV)
        row = self.lab.wait_dump(outer.id)[0]
        self.assertEqual((row["kind"], row["signal"]), ("child-signal", signal.SIGSEGV))
        self.assertIsNone(outer.process.poll(), "the outer one must still run")
        outer.go_on()
        self.assertEqual(outer.wait(), 0)
        self.assertEqual(self.lab.dumps(inner.id), [])

    def test_container_below_what_is_none(self):
        """As below the kubelet's and Docker's parents: when a cgroup turns out to be no container
        and loses its ring, the one that came below it meanwhile keeps its own."""
        path = f"/{self.lab.name}-parent"
        self.addCleanup(engines.remove_cgroups, path)
        made = self.runtime.container("below", "/bin/ending", "read", parent_cgroup=path).start()
        made.wait_ready()
        parent = os.path.dirname(made.cgroup())
        subprocess.run(["sh", "-c", f"echo $$ >{parent}/cgroup.procs; exec true"], check=True)
        time.sleep(0.5)
        self.assertEqual(made.exec("/bin/ending", "segv"), 128 + signal.SIGSEGV)
        row = self.lab.wait_dump(made.id)[0]
        self.assertEqual((row["kind"], row["signal"]), ("child-signal", signal.SIGSEGV))
        made.go_on()
        self.assertEqual(made.wait(), 0)
        made.remove()
        engines.remove_cgroups(path)
        self.assertEqual([m for m in engines.cgroup_mounts() if os.path.exists(m + path)], [])

    def test_both_are_there_before_igrecd(self):
        self.assertEqual(self.lab.stop(), 0)
        self.assertEqual(self.lab.unload().returncode, 0)
        outer = self.runtime.container("early", "/bin/ending", "read").start()
        outer.wait_ready()
        inner = self.inner(outer, "early-inner", "/bin/ending", "read").start()
        inner.wait_ready()
        self.lab.start()
        self.assertTrue(self.lab.ps(outer.id))
        self.assertIsNone(self.lab.ps(inner.id))
        inner.go_on()
        self.assertEqual(inner.wait(), 0)
        self.kill(outer)
        self.assertEqual(self.lab.dumps(inner.id), [])


if __name__ == "__main__":
    lab.main()
