# SPDX-License-Identifier: Apache-2.0
"""A 32-bit program on the tape, beside what strace says of another run of it, which makes the same
calls with the same arguments."""

import os
import re
import shutil
import subprocess
import unittest

import lab
from tape import Tape

CALL = re.compile(r"^(?:\d+ +)?(?:\d+\.\d+ )?(\w+\(.*?)\) += (.*?)(?: <[\d.]+>)?$")
OTHER_NAMES = {
    # strace looks into what this one's argument points to.
    "socket(AF_UNIX, SOCK_STREAM, 0": r"socket(?:call\(SYS_SOCKET, 0x[0-9a-f]+"
                                      r"|\(AF_UNIX, SOCK_STREAM, 0)",
}


def runs_here():
    program = os.path.join(lab.WORKLOADS, "compat32")
    try:
        return os.path.exists(program) and subprocess.run([program], check=False).returncode == 1
    except OSError:
        return False


def calls_of(text):
    """The calls of the program itself: behind the execve of it."""
    found = [CALL.match(line) for line in text.splitlines()]
    calls = [match.groups() for match in found if match]
    begin = max(i for i, (call, _) in enumerate(calls) if call.startswith("execve("))
    return calls[begin + 1:]


@unittest.skipUnless(shutil.which("strace"), "strace")
@unittest.skipUnless(runs_here(), "a kernel that runs 32-bit programs")
class Compat(lab.LabTest):
    config = lab.CONFIG + "[payload]\npolicy = all\n"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        container = cls.runtime.container("compat", "/bin/compat32")
        if container.run() != 1:
            raise AssertionError(container.error_text())
        cls.row = cls.lab.wait_dump(container.id)[0]

    def strace(self):
        out = self.lab.path("strace")
        done = subprocess.run(["strace", "-f", "-s", "32", "-o", out, "chroot", self.runtime.rootfs,
                               "/bin/compat32"], stdin=subprocess.DEVNULL, check=False, umask=0o22)
        self.assertEqual(done.returncode, 1)
        with open(out) as f:
            return calls_of(f.read())

    def test_as_strace_prints_it(self):
        theirs = self.strace()
        ours = calls_of(self.lab.igrec("replay", "-o", "strace", "--no-fds",
                                       self.lab.dump_path(self.row), status=(0, 4)).stdout)
        self.assertGreater(len(theirs), 30)
        self.assertEqual(len(ours), len(theirs), (ours, theirs))
        for (their_call, their_result), (our_call, our_result) in zip(theirs, ours):
            self.assertRegex(our_call, f"^{OTHER_NAMES.get(their_call, re.escape(their_call))}$")
            self.assertEqual(our_result, their_result, our_call)

    def test_marked(self):
        tape = Tape(self.lab.replay(self.row))
        opened = tape.named("openat")
        self.assertEqual([(e.get("compat"), e["errno"]) for e in opened], [(True, "ENOENT")])
        self.assertTrue(all(e.get("compat") for e in tape.calls))
        columns = self.lab.igrec("replay", self.lab.dump_path(self.row), status=(0, 4)).stdout
        self.assertEqual(columns.count("(32-bit)"), len(tape.calls) + len(tape.of_type("exit")))
        ends = [e["exit_code"] for e in tape.of_type("exit")]
        self.assertEqual(ends, [1])


if __name__ == "__main__":
    lab.main()
