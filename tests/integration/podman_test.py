# SPDX-License-Identifier: Apache-2.0
"""Podman: no daemon, a monitor for each container, names in the storage library's files."""

import unittest

import engines
import lab
from failure_table import EngineTest, FailureTable


@unittest.skipIf(engines.Podman.missing(), f"this machine lacks {engines.Podman.missing()}")
class PodmanContainers(FailureTable, EngineTest):
    engine_class = engines.Podman
    runtime_name = "podman"
    missing_status = (127,)

    def name_of(self, name):
        return name

    def command(self, verb, name, *args, memory=None, restart="no"):
        limits = [f"--memory={memory}", f"--memory-swap={memory}"] if memory else []
        # Raising a limit takes CAP_SYS_RESOURCE, which a machine for tests may lack.
        return [verb, "--network=none", "--log-driver=k8s-file", "--ulimit=nofile=1024:1024", "--ulimit=nproc=4096:4096",
                f"--cgroup-parent={self.engine.parent}", f"--restart={restart}", *limits,
                "--name", name, engines.IMAGE, *args]

    def run_to_end(self, name, *args, memory=None):
        done = self.engine.podman(*self.command("run", name, *args, memory=memory), check=False)
        return done.returncode

    def start(self, name, *args, restart="no"):
        self.engine.podman(*self.command("create", name, *args, restart=restart))
        self.engine.podman("start", name)

    def stop(self, name, seconds):
        self.engine.podman("stop", "--time", str(seconds), name)
        return self.engine.inspect(name)["State"]["ExitCode"]

    def check_names(self, name, row):
        self.assertEqual(row["container_id"], self.engine.inspect(name)["Id"])
        self.assertEqual((row["namespace"], row["pod"]), (None, None))

    def logged(self, name):
        return [("stdout", line) for line in self.engine.podman("logs", name).stdout.splitlines()]

    def test_image(self):
        self.run_to_end("image", "/bin/ending", "exit", "3")
        row, _ = self.dump("image")
        info = self.check_info(row)
        self.assertEqual(info["image"], engines.IMAGE)

    def test_end_with_0_again_and_again(self):
        self.start("loop", "/bin/ending", "exit", "0", restart="always")
        row = self.lab.wait_dump("loop")[0]
        # Podman cannot remove a container that is between two of its lives.
        lab.wait_for("the loop's removal", lab.PATIENCE, lambda: not self.engine.podman(
            "rm", "--force", "--time", "0", "loop", check=False).returncode)
        self.assertEqual((row["kind"], row["exit_code"]), ("crash-loop", 0))

    def test_monitor_is_not_recorded(self):
        self.start("watched", "/bin/ending", "pipe")
        lab.wait_for("the container in ps", lab.PATIENCE, lambda: self.lab.ps("watched"))
        here = [r["container"] for r in self.lab.json_lines("ps")
                if self.engine.parent in r.get("cgroup_path", "")]
        self.assertEqual([name for name in here if name != "watched"], [])


if __name__ == "__main__":
    lab.main(net=True, prepare=engines.enter_private)
