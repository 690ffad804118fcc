# SPDX-License-Identifier: Apache-2.0
"""Recording outlives the recorder: igrecd is killed at any moment, and the next one goes on."""

import os
import random
import re
import signal
import time
import unittest

import lab
from tape import Tape

ROUNDS = 10


class Restart(lab.LabTest):
    def tearDown(self):
        if self.lab.process is None:
            self.lab.start()

    def start_waiting(self, name):
        container = self.runtime.container(name, "/bin/ending", "read").start()
        container.wait_ready()
        return container

    def kill_recorder(self):
        self.assertEqual(self.lab.stop(signal.SIGKILL), -signal.SIGKILL)

    def kill(self, container):
        os.kill(container.pid(), signal.SIGKILL)
        container.wait()

    def restart(self):
        """Starts igrecd; returns what it said."""
        begin = os.path.getsize(self.lab.log)
        self.lab.start()
        return self.lab.log_text(begin)

    def test_tape_goes_on(self):
        """What a container did before, between and after is one tape, without a gap."""
        container = self.start_waiting("across")
        self.kill_recorder()
        container.exec("/bin/ending", "exit", "3")
        self.assertIn("going on with", self.restart())
        self.assertTrue(self.lab.ps(container.id))
        container.exec("/bin/ending", "exit", "4")
        self.kill(container)
        row = self.lab.wait_dump(container.id)[0]
        tape = Tape(self.lab.replay(row))
        self.assertTrue(row["complete"])
        self.assertEqual(tape.missing_facts(container.facts("call")), [])
        codes = [e["exit_code"] for e in tape.of_type("exit")]
        self.assertEqual([code for code in codes if code in (3, 4)], [3, 4])

    def test_failures_without_recorder_are_dumped(self):
        """Of a container that ran before, and of one that came and went meanwhile."""
        before = self.start_waiting("before")
        self.kill_recorder()
        self.kill(before)
        meanwhile = self.runtime.container("meanwhile", "/bin/ending", "exit", "7")
        meanwhile.run()
        said = self.restart()
        self.assertGreaterEqual(int(re.search(r"(\d+) failures to dump", said).group(1)), 2)
        row = self.lab.wait_dump(before.id)[0]
        self.assertEqual((row["kind"], row["signal"]), ("signal", signal.SIGKILL))
        rows = self.lab.wait_dump(meanwhile.id)
        self.assertEqual([(r["kind"], r["exit_code"]) for r in rows], [("exit", 7)])
        tape = Tape(self.lab.replay(rows[0]))
        self.assertEqual(tape.missing_facts(meanwhile.facts("call")), [])
        for row in (row, rows[0]):
            self.assertIn("started again", self.lab.igrec("info", row["id"], status=(0, 4)).stdout)

    def test_killed_at_any_moment(self):
        """A failure in each round, igrecd killed at a random moment of it: none is lost."""
        names = []
        for i in range(ROUNDS):
            container = self.start_waiting(f"round{i}")
            names.append(container.id)
            self.kill(container)
            time.sleep(random.Random(i).random() * 0.15)
            self.kill_recorder()
            self.restart()
        for name in names:
            self.lab.wait_dump(name)
        self.lab.igrec("verify")
        self.assertEqual([f for f in self.lab.files() if not f.endswith(".igrec")], [])

    def test_another_size_replaces(self):
        container = self.start_waiting("resized")
        self.kill_recorder()
        begin = os.path.getsize(self.lab.log)
        self.lab.start("--ring-size", "256KiB")
        self.assertIn("it is replaced", self.lab.log_text(begin))
        self.assertEqual(self.lab.ps(container.id)["ring_bytes"], 256 << 10)
        self.lab.stop()
        self.lab.start()
        self.kill(container)
        self.lab.wait_dump(container.id)

    def test_rings_come_back(self):
        """Rings are neither lost nor given out twice over many restarts."""
        for _ in range(3):
            self.kill_recorder()
            self.restart()
        self.lab.stop()
        said = self.restart()
        self.assertRegex(said, r"ready: \d+ rings of \d+ KiB at most, \d+ in use, \d+ in the pool")
        container = self.start_waiting("after")
        self.assertTrue(self.lab.ps(container.id))
        self.kill(container)
        self.lab.wait_dump(container.id)


if __name__ == "__main__":
    lab.main()
