# SPDX-License-Identifier: Apache-2.0
"""Docker: names from its own files, restarts in place with the same id."""

import unittest

import engines
import lab
from failure_table import EngineTest, FailureTable

# dockerd counts a restart in its file as soon as a container has ended: time for igrecd to read that.
LIFE_MS = "1000"


@unittest.skipIf(engines.Docker.missing(), f"this machine lacks {engines.Docker.missing()}")
class DockerContainers(FailureTable, EngineTest):
    engine_class = engines.Docker
    runtime_name = "docker"
    missing_status = (127,)

    def name_of(self, name):
        return name

    def command(self, verb, name, *args, memory=None, restart="no"):
        limits = [f"--memory={memory}", f"--memory-swap={memory}"] if memory else []
        return [verb, "--network=none", "--security-opt=apparmor=unconfined",
                f"--restart={restart}", *limits, "--name", name, engines.IMAGE, *args]

    def run_to_end(self, name, *args, memory=None):
        made = self.engine.docker(*self.command("run", name, *args, memory=memory), check=False)
        state = self.engine.inspect(name)["State"]
        self.assertEqual(state["ExitCode"], made.returncode, made.stderr)
        return state["ExitCode"]

    def start(self, name, *args, restart="no"):
        self.engine.docker(*self.command("create", name, *args, restart=restart))
        self.engine.docker("start", name)

    def stop(self, name, seconds):
        self.engine.docker("stop", "--time", str(seconds), name)
        return self.engine.inspect(name)["State"]["ExitCode"]

    def check_names(self, name, row):
        told = self.engine.inspect(name)
        self.assertEqual(row["container_id"], told["Id"])
        self.assertEqual(row["restart"], told["RestartCount"])
        self.assertEqual((row["namespace"], row["pod"]), (None, None))

    def says_oom(self, name):
        return self.engine.inspect(name)["State"]["OOMKilled"]

    def logged(self, name):
        return [("stdout", line) for line in self.engine.docker("logs", name).stdout.splitlines()]

    def test_log_of_this_run_only(self):
        """A restart in place goes on in the same file. As in test_log(), with time for Docker."""
        for i in range(1, 9):
            name = f"relog-{i}"
            self.start(name, "/bin/ending", "exit", "5", str(500 * i), restart="on-failure:1")
            rows = self.lab.wait_dump(name, 2)
            lab.wait_for("the last end", lab.PATIENCE, lambda: self.ended(name))
            logs = [self.check_info(row)["log"] for row in rows]
            if sum(map(len, logs)) == len(self.logged(name)):
                break
        self.assertEqual(sum(map(len, logs)), len(self.logged(name)))
        self.assertEqual(len(logs[0]), len(logs[1]))
        self.assertLess(logs[1][-1]["time_ns"], logs[0][0]["time_ns"])

    def test_image(self):
        self.run_to_end("image", "/bin/ending", "exit", "3")
        row, _ = self.dump("image")
        info = self.check_info(row)
        self.assertEqual(info["image"], engines.IMAGE)

    def ended(self, name):
        state = self.engine.inspect(name)["State"]
        return not state["Running"] and not state["Restarting"]

    def test_restarts_in_place(self):
        """The id stays, the dumps are told apart by the number of restarts."""
        self.start("again", "/bin/ending", "exit", "5", LIFE_MS, restart="on-failure:2")
        rows = self.lab.wait_dump("again", 3)
        lab.wait_for("the last end", lab.PATIENCE, lambda: self.ended("again"))
        told = self.engine.inspect("again")
        self.assertEqual(told["RestartCount"], 2)
        self.assertEqual([(r["restart"], r["exit_code"]) for r in rows], [(2, 5), (1, 5), (0, 5)])
        self.assertEqual({r["container_id"] for r in rows}, {told["Id"]})

    def test_end_with_0_again_and_again(self):
        self.start("loop", "/bin/ending", "exit", "0", LIFE_MS, restart="always")
        row = self.lab.wait_dump("loop")[0]
        self.engine.docker("rm", "--force", "loop")
        self.assertEqual((row["kind"], row["exit_code"], row["restart"]), ("crash-loop", 0, 2))


if __name__ == "__main__":
    lab.main(net=True, prepare=engines.enter_private)
