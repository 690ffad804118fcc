# SPDX-License-Identifier: Apache-2.0
"""Each way in which a container ends, under an engine: what igrec's dump says is compared with what
the engine itself reports.  Not a test itself; a suite for an engine takes FailureTable and adds
how to run a container there.
"""

import signal

import lab
from containers import UNIFIED
from tape import Tape, text_of

MEMORY = 32 << 20


class EngineTest(lab.LabTest):
    """A lab with an engine whose directories igrecd knows."""

    engine_class = None
    policy = ""

    @classmethod
    def setUpClass(cls):
        cls.lab = lab.Lab()
        cls.addClassCleanup(cls.close_lab)
        cls.engine = cls.engine_class(cls.lab)
        cls.addClassCleanup(cls.engine.close)
        cls.lab.configure(f"{lab.CONFIG}[runtimes]\n{cls.engine.settings()}{cls.policy}")
        cls.prepare()
        cls.lab.start(*cls.options)

    @classmethod
    def prepare(cls):
        """Before igrecd starts."""


class FailureTable:
    """Of the suite: run_to_end(name, *args, memory=None) runs a container to its end and returns the
    exit status that the engine reports; start(...) does not wait; stop(name, seconds) is a stop
    with that grace period, and returns what the engine reports then; name_of(name) is the
    container's name in dumps; check_names(row) compares identity.

    missing_status: what the engine says of an entrypoint that is not there."""

    missing_status = ()
    runtime_name = ""

    def dump(self, name, count=1):
        rows = self.lab.wait_dump(self.name_of(name), count)
        self.check_names(name, rows[0])
        return rows[0], Tape(self.lab.replay(rows[0]))

    def wait_reading(self, name):
        """Until igrecd knows the container and its program waits in a read."""
        row = lab.wait_for(f"{name} in ps", lab.PATIENCE, lambda: self.lab.ps(self.name_of(name)))

        def reading():
            with open(f"{UNIFIED}{row['cgroup_path']}/cgroup.procs") as f:
                return any(lab.is_reading(pid, "ending") for pid in f.read().split())
        lab.wait_for(f"{name} to read", lab.PATIENCE, reading)

    def check_info(self, row):
        info = self.lab.json_lines("info", self.lab.dump_path(row))[0]
        self.assertEqual(info["runtime"], self.runtime_name)
        return info

    def check_end(self, name, kind, status):
        """The dump's kind, and its code or signal against the status as engines tell it."""
        row, tape = self.dump(name)
        self.assertEqual(row["kind"], kind)
        told = row["exit_code"] if row["signal"] is None else 128 + row["signal"]
        self.assertEqual(told, status)
        self.assertEqual([e["type"] for e in tape.events if e["lane"] == "start"][:1], ["exec"])
        self.assertTrue(tape.named("openat", "/etc/app/config.yaml"))
        return row, tape

    def test_exit_one(self):
        status = self.run_to_end("one", "/bin/ending", "exit", "1")
        self.assertEqual(status, 1)
        row, _ = self.check_end("one", "exit", status)
        self.check_info(row)

    def logged(self, name):
        """What the engine says that the container wrote: (stream, text) for each line; None: it keeps
        no log."""
        return None

    def test_log(self):
        """What the engine has not written 50 ms after the end is not in the dump: on a busy machine a
        container that lives somewhat longer after its words is tried."""
        for i in range(8):
            name = f"logged-{i}"
            status = self.run_to_end(name, "/bin/ending", "exit", "3", str(500 * i))
            info = self.check_info(self.check_end(name, "exit", status)[0])
            told = self.logged(name)
            lines = [(line["stream"], line["text"]) for line in info["log"]]
            self.assertEqual(lines, (told or [])[:len(lines)])
            if lines == (told or []):
                break
        self.assertEqual(lines, told or [])
        self.assertEqual(info["log_file"] is None, told is None)
        if told is not None:
            self.assertIn('"errno":"ENOENT"', lines[0][1])
            self.assertTrue(all(info["started_ns"] <= line["time_ns"] for line in info["log"]))

    def test_exit_zero_makes_no_dump(self):
        self.assertEqual(self.run_to_end("zero", "/bin/ending", "exit", "0"), 0)
        self.run_to_end("behind", "/bin/ending", "exit", "7")
        self.check_end("behind", "exit", 7)
        self.assertEqual(self.lab.dumps(self.name_of("zero")), [])

    def test_segmentation_fault(self):
        status = self.run_to_end("segv", "/bin/ending", "segv")
        self.assertEqual(status, 128 + signal.SIGSEGV)
        self.check_end("segv", "signal", status)

    def test_abort(self):
        # PID 1 of a pid namespace ignores a SIGABRT of its own: abort(3) goes on to fault.
        status = self.run_to_end("abort", "/bin/ending", "abort")
        self.check_end("abort", "signal", status)

    def test_stop_that_is_not_heard(self):
        """PID 1 without a handler does not get SIGTERM; after the grace period comes SIGKILL."""
        self.start("deaf", "/bin/ending", "pipe")
        self.wait_reading("deaf")
        status = self.stop("deaf", 1)
        self.assertEqual(status, 128 + signal.SIGKILL)
        _, tape = self.check_end("deaf", "signal", status)
        kills = [e for e in tape.of_type("signal") if e["signal"] == signal.SIGKILL]
        self.assertTrue(kills)
        self.assertTrue(all(e["sender_outside"] for e in kills))

    def test_out_of_memory(self):
        """Engines hear of the OOM killer by an event of its own, which a busy one may see behind the
        end and then ignores: until it has told once what each of our dumps tells."""
        for i in range(10):
            name = f"oom-{i}"
            status = self.run_to_end(name, "/bin/ending", "oom", memory=MEMORY)
            self.assertEqual(status, 128 + signal.SIGKILL)
            _, tape = self.check_end(name, "oom", status)
            self.assertEqual([e["victim_pid"] for e in tape.of_type("oom")], [1])
            if self.says_oom(name):
                return
        self.fail("the engine has seen no OOM kill")

    def says_oom(self, name):
        """Whether the engine does, if it tells at all."""
        return True

    def test_child_out_of_memory(self):
        """The OOM killer takes the child; init survives, and with no input ends with 0."""
        status = self.run_to_end("childoom", "/bin/child", "oom", memory=MEMORY)
        self.assertEqual(status, 0)
        row, tape = self.dump("childoom")
        self.assertEqual((row["kind"], row["signal"]), ("child-oom", signal.SIGKILL))
        victims = [e["victim_pid"] for e in tape.of_type("oom")]
        self.assertEqual(len(victims), 1)
        self.assertNotEqual(victims, [1])

    def test_child_crashes_and_init_survives(self):
        status = self.run_to_end("child", "/bin/child", "segv")
        self.assertEqual(status, 0)
        row, tape = self.dump("child")
        self.assertEqual((row["kind"], row["signal"]), ("child-signal", signal.SIGSEGV))
        forks = [e["child_pid"] for e in tape.of_type("fork")]
        self.assertEqual(tape.events[-1]["pid"], forks[-1])

    def test_entrypoint_missing(self):
        status = self.run_to_end("missing", "/bin/nothing")
        self.assertIn(status, self.missing_status)
        _, tape = self.dump("missing")
        looked = [e for e in tape.setup if "/bin/nothing" in text_of(e) and e["errno"] == "ENOENT"]
        self.assertTrue(looked, "the runtime's look-up of the entrypoint")
