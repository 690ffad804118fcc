# SPDX-License-Identifier: Apache-2.0
"""containerd by itself: containers of `ctr`, in namespaces of containerd."""

import json
import os
import re
import unittest

import engines
import lab
from containers import UNIFIED
from failure_table import EngineTest, FailureTable


@unittest.skipIf(engines.Containerd.missing(), f"this machine lacks {engines.Containerd.missing()}")
class Ctr(FailureTable, EngineTest):
    engine_class = engines.Containerd
    runtime_name = "containerd"
    missing_status = (1, 127, 255)

    @classmethod
    def prepare(cls):
        cls.engine.load()

    def name_of(self, name):
        return f"{self.lab.name}-{name}"

    def command(self, name, *args, memory=None, detach=False, mount=None):
        options = ["--memory-limit", str(memory)] if memory else []
        if mount:
            options += ["--mount", mount]
        if detach:
            options.append("--detach")
        return ["run", "--null-io", *options, engines.IMAGE, self.name_of(name), *args]

    def run_to_end(self, name, *args, memory=None):
        self.addCleanup(self.remove, name)
        return self.engine.ctr(*self.command(name, *args, memory=memory), check=False).returncode

    def start(self, name, *args, **options):
        self.addCleanup(self.remove, name)
        self.engine.ctr(*self.command(name, *args, detach=True, **options))

    def stop(self, name, seconds):
        """What CRI and nerdctl do by containerd's API."""
        task = self.name_of(name)
        self.engine.ctr("tasks", "kill", "-s", "TERM", task)
        with self.assertRaises(AssertionError):
            lab.wait_for("an end by SIGTERM", seconds, lambda: self.state(task) == "STOPPED")
        self.engine.ctr("tasks", "kill", "-s", "KILL", task)
        lab.wait_for("its end", lab.PATIENCE, lambda: self.state(task) == "STOPPED")
        said = self.engine.ctr("tasks", "delete", task).stderr
        return int(re.search(r"non-zero exit code (\d+)", said).group(1))

    def state(self, task):
        for line in self.engine.ctr("tasks", "list").stdout.splitlines():
            words = line.split()
            if words and words[0] == task:
                return words[2]
        return None

    def remove(self, name):
        task = self.name_of(name)
        self.engine.ctr("tasks", "delete", "--force", task, check=False)
        self.engine.ctr("containers", "delete", task, check=False)

    def check_names(self, name, row):
        self.assertEqual(row["namespace"], self.engine.namespace)
        self.assertEqual(row["container_id"], self.name_of(name))
        self.assertIsNone(row["pod"])
        self.assertIsNone(row["restart"])

    def test_in_ps(self):
        self.start("seen", "/bin/ending", "pipe")
        row = lab.wait_for("it in ps", lab.PATIENCE, lambda: self.lab.ps(self.name_of("seen")))
        self.assertEqual((row["runtime"], row["namespace"]), ("containerd", self.engine.namespace))

    def test_end_with_0_again_and_again(self):
        for _ in range(3):
            self.assertEqual(self.run_to_end("loop", "/bin/ending", "exit", "0"), 0)
            self.remove("loop")
        row, _ = self.dump("loop")
        self.assertEqual((row["kind"], row["exit_code"]), ("crash-loop", 0))

    def test_name_of_another_inside_a_container(self):
        """A cgroup in a container, named as a victim's is: what dies there is the container's."""
        self.start("victim", "/bin/ending", "pipe")
        spec = json.loads(self.engine.ctr("containers", "info", self.name_of("victim")).stdout)
        claim = spec["Spec"]["linux"]["cgroupsPath"]
        own = f"/{self.engine.namespace}/{self.name_of('evil')}"
        self.start("evil", "/bin/ending", "pipe",
                   mount=f"type=bind,src={UNIFIED},dst=/tmp,options=rbind:rw")
        os.makedirs(UNIFIED + own + claim)
        self.engine.ctr("tasks", "exec", "--detach", "--exec-id", "claim", self.name_of("evil"),
                        "/bin/child", "segv", f"/tmp{own}{claim}")
        row, tape = self.dump("evil")
        self.assertEqual(row["kind"], "child-signal")
        self.assertTrue(tape.named("mkdir", f"{claim}/nested"))
        self.assertEqual(self.lab.dumps(self.name_of("victim")), [])
        self.assertEqual(self.lab.dumps("nested"), [])


if __name__ == "__main__":
    lab.main(net=True, prepare=engines.enter_private)
