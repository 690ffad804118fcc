# SPDX-License-Identifier: Apache-2.0
"""Each way in which a container ends, and the dump that igrecd makes of it."""

import os
import signal
import time
import unittest

import lab
from containers import V1_MEMORY
from tape import Tape, text_of

CONFIG_FILE = "/etc/app/config.yaml"
MS_NS = 1_000_000


class Failures(lab.LabTest):
    def end(self, name, *args, **options):
        """Runs a container to its end; returns it, the runtime's exit status, dump and tape."""
        container = self.runtime.container(name, *args, **options)
        status = container.run()
        row = self.lab.wait_dump(container.id)[0]
        return container, status, row, Tape(self.lab.replay(row))

    def check_opening(self, container, tape):
        """The failing open is on the tape as the program saw it."""
        facts = container.facts("call")
        self.assertEqual([f["errno"] for f in facts], ["ENOENT"])
        self.assertEqual(tape.missing_facts(facts), [])
        self.assertTrue(tape.named("openat", CONFIG_FILE))

    def test_exit_zero_makes_no_dump(self):
        quiet = self.runtime.container("zero", "/bin/ending", "exit", "0")
        self.assertEqual(quiet.run(), 0)
        # A failure behind it: when its dump is there, the other's would be there, too.
        self.end("behind", "/bin/ending", "exit", "1")
        self.assertEqual(self.lab.dumps(quiet.id), [])

    def test_exit_one_after_failing_open(self):
        container, status, row, tape = self.end("one", "/bin/ending", "exit", "1")
        self.assertEqual((row["kind"], row["exit_code"], row["signal"]), ("exit", status, None))
        self.assertEqual(status, 1)
        self.check_opening(container, tape)
        last = tape.events[-1]
        self.assertEqual((last["type"], last["kind"], last["exit_code"]), ("failure", "exit", 1))
        exits = tape.of_type("exit")
        self.assertEqual([(e["pid"], e["exit_code"]) for e in exits], [(1, 1)])

    def test_exit_codes_up_to_255(self):
        for code in (2, 127, 255):
            _, status, row, _ = self.end(f"code-{code}", "/bin/ending", "exit", str(code))
            self.assertEqual((row["kind"], row["exit_code"]), ("exit", status))
            self.assertEqual(status, code)

    def test_time_of_the_failure(self):
        """Between what this test's clock said before the kill and after the end."""
        container = self.runtime.container("when", "/bin/ending", "read").start()
        container.wait_ready()
        pid, before_ns = container.pid(), time.time_ns()
        os.kill(pid, signal.SIGKILL)
        container.wait()
        after_ns = time.time_ns()
        row = self.lab.wait_dump(container.id)[0]
        time_ns = self.lab.json_lines("info", self.lab.dump_path(row))[0]["time_ns"]
        # igrecd reads two clocks of the kernel one after the other; names of files have milliseconds.
        self.assertGreater(time_ns, before_ns - 1000 * MS_NS)
        self.assertLess(time_ns, after_ns + 1000 * MS_NS)
        self.assertLess(abs(row["time_ns"] - time_ns), MS_NS)

    def test_segmentation_fault(self):
        container, status, row, tape = self.end("segv", "/bin/ending", "segv")
        self.assertEqual(status, 128 + signal.SIGSEGV)
        self.assertEqual((row["kind"], row["signal"]), ("signal", signal.SIGSEGV))
        self.check_opening(container, tape)
        faults = [e for e in tape.of_type("signal") if e["signal"] == signal.SIGSEGV]
        self.assertEqual([(e["pid"], e["fault_address"]) for e in faults], [(1, 0)])

    def test_abort(self):
        # PID 1 of a pid namespace ignores a SIGABRT of its own: abort(3) goes on to fault.
        container, status, row, tape = self.end("abort", "/bin/ending", "abort")
        self.assertEqual((row["kind"], row["signal"]), ("signal", status - 128))
        self.check_opening(container, tape)

    def test_killed_from_outside(self):
        container = self.runtime.container("killed", "/bin/ending", "read").start()
        container.wait_ready()
        os.kill(container.pid(), signal.SIGKILL)
        self.assertEqual(container.wait(), 128 + signal.SIGKILL)
        row = self.lab.wait_dump(container.id)[0]
        self.assertEqual((row["kind"], row["signal"]), ("signal", signal.SIGKILL))
        tape = Tape(self.lab.replay(row))
        self.check_opening(container, tape)
        kills = [e for e in tape.of_type("signal") if e["signal"] == signal.SIGKILL]
        with open("/proc/self/comm") as f:
            me = (os.getpid(), f.read().rstrip("\n"), True)
        self.assertEqual([(e["sender_host_pid"], e["sender_comm"], e["sender_outside"])
                          for e in kills], [me])

    def test_killed_by_runtime(self):
        container = self.runtime.container("runckill", "/bin/ending", "read").start()
        container.wait_ready()
        self.runtime.kill(container, "KILL")
        self.assertEqual(container.wait(), 128 + signal.SIGKILL)
        tape = Tape(self.lab.replay(self.lab.wait_dump(container.id)[0]))
        kills = [e for e in tape.of_type("signal") if e["signal"] == signal.SIGKILL]
        self.assertIn("runc", {e["sender_comm"] for e in kills})

    def test_blocked_read_is_on_the_tape(self):
        container = self.runtime.container("blocked", "/bin/ending", "pipe").start()
        container.wait_ready()
        blocked = container.facts("blocked")[0]
        pid, begin_ns = container.wait_reading(), time.monotonic_ns()
        time.sleep(0.1)
        at_least_ns = time.monotonic_ns() - begin_ns
        os.kill(pid, signal.SIGKILL)
        container.wait()
        tape = Tape(self.lab.replay(self.lab.wait_dump(container.id)[0]))
        last = tape.calls_of(blocked["tid"])[-1]
        self.assertEqual((last["syscall"], last["errno"]), ("read", "ERESTARTSYS"))
        self.assertEqual(int(last["args"][0]["value"]), blocked["fd"])
        self.assertGreater(last["duration_ns"], at_least_ns)

    def test_out_of_memory(self):
        container = self.runtime.container("oom", "/bin/ending", "oom", memory_bytes=32 << 20)
        pid = self.runtime.start_detached(container)
        wait_status = self.runtime.wait_detached(pid)
        self.assertEqual(os.WTERMSIG(wait_status), signal.SIGKILL)
        row = self.lab.wait_dump(container.id)[0]
        self.assertEqual((row["kind"], row["signal"]), ("oom", signal.SIGKILL))
        tape = Tape(self.lab.replay(row))
        self.check_opening(container, tape)
        # The kernel's own count; the cgroup stands until the runtime's delete.
        self.assertEqual(len(tape.of_type("oom")), self.oom_kills(container))
        self.assertEqual([e["victim_pid"] for e in tape.of_type("oom")], [1])

    def oom_kills(self, container):
        for path in (os.path.join(V1_MEMORY, container.id, "memory.oom_control"),
                     os.path.join(container.cgroup(), "memory.events")):
            if os.path.exists(path):
                with open(path) as f:
                    return int(dict(line.split() for line in f)["oom_kill"])
        return self.fail("no memory controller in sight")

    def test_child_crashes_and_init_survives(self):
        container = self.runtime.container("child", "/bin/child", "segv").start()
        container.wait_ready()
        child = container.facts("child")[0]
        row = self.lab.wait_dump(container.id)[0]
        self.assertIsNone(container.process.poll(), "the container must still run")
        self.assertEqual((row["kind"], row["signal"]), ("child-signal", child["status"] & 0x7f))
        tape = Tape(self.lab.replay(row))
        self.assertEqual(tape.missing_facts(container.facts("call")), [])
        self.assertEqual(tape.events[-1]["pid"], child["pid"])
        self.assertEqual([e["child_pid"] for e in tape.of_type("fork")], [child["pid"]])
        container.go_on()
        self.assertEqual(container.wait(), 0)
        self.assertEqual(len(self.lab.dumps(container.id)), 1)

    def test_child_killed_from_within(self):
        container = self.runtime.container("within", "/bin/child", "sent").start()
        container.wait_ready()
        child = container.facts("child")[0]
        row = self.lab.wait_dump(container.id)[0]
        self.assertEqual((row["kind"], row["signal"]), ("child-signal", signal.SIGSEGV))
        kills = [e for e in Tape(self.lab.replay(row)).of_type("signal")
                 if e["signal"] == signal.SIGSEGV]
        self.assertEqual([(e["pid"], e["sender_pid"], e["sender_host_pid"], e["sender_comm"],
                           e["sender_outside"], e["code_name"]) for e in kills],
                         [(child["pid"], 1, container.pid(), "child", False, "SI_USER")])
        container.go_on()
        self.assertEqual(container.wait(), 0)

    def test_child_out_of_memory(self):
        container = self.runtime.container("childoom", "/bin/child", "oom",
                                           memory_bytes=32 << 20).start()
        container.wait_ready()
        row = self.lab.wait_dump(container.id)[0]
        self.assertEqual((row["kind"], row["signal"]), ("child-oom", signal.SIGKILL))
        container.go_on()
        self.assertEqual(container.wait(), 0)

    def test_requested_dump_of_running_container(self):
        container = self.runtime.container("asked", "/bin/ending", "read").start()
        container.wait_ready()
        self.lab.igrec("dump", container.id)
        row = self.lab.wait_dump(container.id)[0]
        self.assertEqual(row["kind"], "requested")
        self.check_opening(container, Tape(self.lab.replay(row)))
        self.assertIsNone(container.process.poll(), "the container must still run")
        container.go_on()
        self.assertEqual(container.wait(), 0)

    def test_short_life_is_on_the_tape_from_its_exec(self):
        _, status, _, tape = self.end("short", "/bin/flood", "3", "0", "9")
        self.assertEqual(status, 1)
        # Without libc: these are all its calls, the first is that behind execve.
        names = [e["syscall"] for e in tape.calls]
        self.assertEqual(names, ["getppid"] * 3 + ["openat", "socket", "connect", "write", "read",
                                                   "pipe2", "clone", "write"])
        start = [e for e in tape.events if e["lane"] == "start"]
        self.assertEqual([e["type"] for e in start[:2]], ["exec", "syscall"])

    def test_twenty_at_once(self):
        made = [self.runtime.container(f"many-{i}", "/bin/ending", "exit", str(i + 1))
                for i in range(20)]
        for container in made:
            container.start()
        for i, container in enumerate(made):
            self.assertEqual(container.wait(), i + 1)
        for i, container in enumerate(made):
            rows = self.lab.wait_dump(container.id)
            self.assertEqual([(r["kind"], r["exit_code"]) for r in rows], [("exit", i + 1)])
            tape = Tape(self.lab.replay(rows[0]))
            self.check_opening(container, tape)

    def test_entrypoint_of_no_architecture(self):
        container, status, _, tape = self.end("noarch", "/bin/no-program")
        self.assertEqual(status, 1)
        failed = [e for e in tape.setup if e["syscall"] == "execve"]
        self.assertEqual([e["args"][0]["value"] for e in failed], ["/bin/no-program"])
        self.assertEqual([e["errno"] for e in failed], ["ENOEXEC"])
        self.assertIn("exec format error", container.error_text())

    def test_entrypoint_missing(self):
        container, status, _, tape = self.end("missing", "/bin/nothing")
        self.assertEqual(status, 1)
        looked = [e for e in tape.setup if "/bin/nothing" in text_of(e) and e["errno"] == "ENOENT"]
        self.assertTrue(looked, "the runtime's look-up of the entrypoint")
        self.assertIn("/bin/nothing", container.error_text())


if __name__ == "__main__":
    lab.main()
