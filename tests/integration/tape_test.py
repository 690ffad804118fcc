# SPDX-License-Identifier: Apache-2.0
"""What the tape shows of threads, denied calls, nested cgroups, programs started; and that it
agrees with strace."""

import glob
import os
import re
import shutil
import subprocess
import unittest

import containers
import lab
from tape import Tape, text_of

# NAME(ARGUMENTS) = RESULT [ERRNO (words)], behind strace's pid where it prints one.
STRACE_LINE = re.compile(r"^(?:\d+ +|\[pid +\d+\] )?(?:[\d.:]+ )?(\w+)\((.*)\) += (\S+)(?: (E\w+))?")


class TapeContent(lab.LabTest):
    maxDiff = None

    def end(self, name, *args, **options):
        container = self.runtime.container(name, *args, **options)
        container.run()
        row = self.lab.wait_dump(container.id)[0]
        return container, row, Tape(self.lab.replay(row))

    def test_every_thread(self):
        container, _, tape = self.end("threads", "/bin/threads", "8")
        facts = container.facts("call")
        self.assertEqual(len(facts), 64)
        self.assertEqual(tape.missing_facts(facts), [])
        said = {f["tid"] for f in container.facts("thread")}
        self.assertEqual(len(said), 8)
        self.assertEqual({e["child_tid"] for e in tape.of_type("fork")}, said)
        self.assertEqual({e["tid"] for e in tape.of_type("exit")}, said | {1})
        # No failing open is on the tape that no thread made.
        opened = tape.named("openat", "/thread/")
        self.assertEqual(len(opened), len(facts))

    def test_denied_by_seccomp(self):
        container, _, tape = self.end("denied", "/bin/denied", denied=["mkdirat", "getpeername"])
        facts = container.facts("call")
        self.assertEqual(tape.missing_facts(facts), [])
        denied = tape.named("mkdirat", "/denied/by/seccomp")
        self.assertEqual([(e["errno"], e["entry_seen"]) for e in denied], [("EPERM", False)])
        # What getsockname's length was before must not be told of getpeername's.
        self.assertIn("before", tape.named("getsockname")[0]["args"][2])
        self.assertNotIn("before", tape.named("getpeername")[0]["args"][2])
        through = tape.named("unlinkat", "/let/through")
        self.assertEqual([(e["errno"], e["entry_seen"]) for e in through], [("ENOENT", True)])

    def test_nested_cgroup(self):
        container = self.runtime.container("nested", "/bin/child", "segv", "/tmp/cgroup",
                                           writable_cgroup=True).start()
        container.wait_ready()
        row = self.lab.wait_dump(container.id)[0]
        self.assertEqual(row["kind"], "child-signal")
        facts = container.facts("call")
        self.assertEqual([f["ret"] for f in facts if f["syscall"] == "write"], [1], "it moved")
        self.assertEqual(Tape(self.lab.replay(row)).missing_facts(facts), [])
        container.go_on()
        self.assertEqual(container.wait(), 0)

    def test_programs_started(self):
        container, _, tape = self.end("exec", "/bin/exec", "/bin/ending", "exit", "3")
        self.assertEqual(tape.missing_facts(container.facts("call")), [])
        started = container.facts("exec")[0]
        execs = {e["pid"]: e for e in tape.of_type("exec")}
        self.assertEqual(execs[started["pid"]]["filename"], "/bin/ending")
        self.assertEqual(execs[started["pid"]]["argv"], ["/bin/ending", "exit", "3"])
        self.assertEqual(execs[1]["argv"], ["/bin/exec", "/bin/ending", "exit", "3"])
        exits = {e["pid"]: e["exit_code"] for e in tape.of_type("exit") if e["last_thread"]}
        self.assertEqual(exits, {1: 1, started["pid"]: 3, container.facts("exec")[1]["pid"]: 127})

    def test_names_taken_by_prctl(self):
        _, _, tape = self.end("renamed", "/bin/threads", "3")
        opened = [(e["comm"], text_of(e)) for e in tape.calls if e["errno"] == "ENOENT"]
        self.assertEqual(len(opened), 9)
        for comm, text in opened:
            self.assertIn(f"/thread/{comm.removeprefix('worker-')}/path/", text)

    def test_exec_by_a_thread(self):
        """The thread goes on as the process: its tid is the process's from then on."""
        container, _, tape = self.end("threadexec", "/bin/threadexec", "/bin/ending", "exit", "6")
        thread = container.facts("thread")[0]
        before, after = container.facts("call")
        self.assertEqual((before["tid"], after["tid"]), (thread["tid"], 1))
        self.assertEqual(tape.missing_facts([before, after]), [])
        execs = [e for e in tape.of_type("exec") if e["argv"][0] == "/bin/ending"]
        self.assertEqual([(e["pid"], e["tid"]) for e in execs], [(1, 1)])
        last = [e for e in tape.of_type("exit") if e["last_thread"]]
        self.assertEqual([(e["pid"], e["tid"], e["exit_code"]) for e in last], [(1, 1, 6)])

    def test_exec_into_a_running_container(self):
        container = self.runtime.container("into", "/bin/ending", "read").start()
        container.wait_ready()
        self.assertEqual(container.exec("/bin/threads", "3"), 1)
        facts = container.facts("call")
        self.assertEqual(len(facts), 1 + 9)
        self.lab.igrec("dump", container.id)
        tape = Tape(self.lab.replay(self.lab.wait_dump(container.id)[0]))
        self.assertEqual(tape.missing_facts(facts), [])
        container.go_on()
        self.assertEqual(container.wait(), 0)

    def test_cgroup_below_others(self):
        """As orchestrators make them: the container's cgroup is the innermost."""
        parent = f"/{self.lab.name}-pods"
        self.addCleanup(self.remove_cgroups, parent)
        for i in range(2):
            container = self.runtime.container(f"below-{i}", "/bin/ending", "exit", "4",
                                               parent_cgroup=f"{parent}/pod-{i}")
            self.assertEqual(container.run(), 4)
            rows = self.lab.wait_dump(container.id)
            self.assertEqual([(r["kind"], r["exit_code"]) for r in rows], [("exit", 4)])
            tape = Tape(self.lab.replay(rows[0]))
            self.assertEqual(tape.missing_facts(container.facts("call")), [])
            info = self.lab.json_lines("info", self.lab.dump_path(rows[0]))[0]
            self.assertEqual(info["cgroup"], container.cgroup_path)

    def remove_cgroups(self, path):
        for hierarchy in {containers.UNIFIED, *glob.glob("/sys/fs/cgroup/*")}:
            for where, _, _ in os.walk(hierarchy + path, topdown=False):
                os.rmdir(where)

    def test_thousands_of_processes(self):
        container, row, tape = self.end("swarm", "/bin/swarm", "3000")
        count = container.facts("children")[0]["count"]
        info = self.lab.json_lines("info", self.lab.dump_path(row))[0]
        self.assertEqual(row["complete"], True)
        node = next(r for r in self.lab.json_lines("ps") if r.get("type") == "node")
        self.assertEqual(node["no_task"], 0)
        # The last ones are there, each with its own open and no one else's.
        for i in range(count - 20, count):
            opened = tape.named("openat", f'/swarm/{i}')
            self.assertEqual(len(opened), 1, i)
            ended = [e for e in tape.of_type("exit") if e["pid"] == opened[0]["pid"]]
            self.assertEqual(len(ended), 1 + (i % 10 == 0), i)
        self.assertGreater(info["lanes"]["vital"]["overwritten"], 0)

    def test_stdout_is_captured(self):
        container, _, tape = self.end("stdout", "/bin/ending", "exit", "1")
        said = container.facts("call")[0]
        writes = [e for e in tape.named("write") if str(e["args"][0]["value"]) == "1"]
        self.assertEqual(len(writes), 1)
        with open(container.output) as f:
            line = f.read()
        self.assertEqual(writes[0]["ret"], len(line))
        text = text_of(writes[0]).replace('\\"', '"')
        self.assertIn('"fact":"call"', text)
        self.assertIn(said["syscall"], text)

    def test_times_and_order(self):
        _, row, tape = self.end("order", "/bin/threads", "2")
        # What a dying process left unfinished stands with its end, behind all that was finished.
        times = [e["time_ns"] for e in tape.events
                 if e["type"] != "exit" and not e.get("in_flight")]
        self.assertEqual(times, sorted(times))
        self.assertLessEqual(abs(times[-1] - row["time_ns"]), 1_000_000)
        for event in tape.calls:
            self.assertGreaterEqual(event["duration_ns"], 0)
            self.assertRegex(event["comm"], "^(threads|worker-[0-9]+)$")


@unittest.skipUnless(shutil.which("strace"), "strace")
class AgainstStrace(lab.LabTest):
    maxDiff = None
    options = ("--payload", "all")  # strace has no such limit

    def test_same_program(self):
        container = self.runtime.container("tour", "/bin/tour")
        self.assertEqual(container.run(), 7)
        row = self.lab.wait_dump(container.id)[0]
        replayed = self.lab.igrec("replay", "-o", "strace", "--no-fds",
                                  self.lab.dump_path(row)).stdout
        ours, theirs = tour_of(replayed), tour_of(self.strace("/bin/tour"))
        self.assertGreater(len(theirs), 25)
        self.assertEqual([comparable(line) for line in ours],
                         [comparable(line) for line in theirs])

    def strace(self, program):
        """strace of the same program in the same root directory, read-only as in the container."""
        root, log = self.lab.path("strace-root"), self.lab.path("strace.log")
        os.mkdir(root)
        subprocess.run(["mount", "--bind", self.runtime.rootfs, root], check=True)
        self.addCleanup(subprocess.run, ["umount", root], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", root], check=True)
        subprocess.run(["strace", "-f", "-o", log, "chroot", root, program],
                       stderr=subprocess.DEVNULL, check=False)
        with open(log) as f:
            return f.read()


def tour_of(text):
    """The parsed lines between the tour's marker paths."""
    parsed = [m.groups() for m in map(STRACE_LINE.match, text.splitlines()) if m]
    marks = [i for i, (name, args, _, _) in enumerate(parsed) if '"/tour/' in args]
    return parsed[marks[0]:marks[1] + 1] if len(marks) == 2 else []


def comparable(line):
    name, args, result, errno = line
    # An address in the program's memory is another in each run.
    args = re.sub(r"0x[0-9a-f]{6,}", "ADDRESS", args)
    # struct stat is not captured: an address on our side.
    args = re.sub(r"\{st_mode=.*\}", "ADDRESS", args)
    return name, args, result, errno


if __name__ == "__main__":
    lab.main()
