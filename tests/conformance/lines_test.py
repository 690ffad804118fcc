# SPDX-License-Identifier: Apache-2.0
"""What lines.py calls equal, and what it must not."""

import sys
import unittest

sys.dont_write_bytecode = True
import lines  # noqa: E402
import report  # noqa: E402


class Recording:
    def __init__(self, strace, igrec):
        self.strace, self.igrec = strace, igrec


BEGIN = '7 1.0 execve("/bin/sh", ["sh"], 0x1) = 0\n'
EXEC = '7 2.0 execve("/bin/true", ["true"], 0x1) = 0\n'


class Same(unittest.TestCase):
    EQUAL = [
        ('read(3, "abc"..., 8) = 8', 'read(3, "abcdefgh", 8) = 8'),
        ('read(3, "a\\0"..., 8) = 8', 'read(3, "a\\00012345", 8) = 8'),
        ('read(3, "\\x01\\x02"..., 3) = 3', 'read(3, "\\x01\\x02\\x03", 3) = 3'),
        ('read(3,  <unfinished ...>) = ?', 'read(3, 0x7f00, 8) = ?'),
        ('read(3,  <unfinished ...>) = ?',
         'read(3, 0x7f00, 8) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)'),
        ('pause() = ?', 'pause( <unfinished ...>) = ?'),
    ]
    DIFFERENT = [
        ('read(3, "abc", 8) = 8', 'read(3, "abcdefgh", 8) = 8'),
        ('read(3, "abc"..., 8) = 8', 'read(3, "abX", 8) = 8'),
        ('read(3, "abc"..., 8) = 8', 'read(3, 0x7f00, 8) = 8'),
        ('read(3, "abc"..., 8) = 8', 'read(3, "abcdefgh", 8) = 9'),
        ('read(3, "\\x01\\x02"..., 3) = 3', 'read(3, "\\1\\2\\3", 3) = 3'),
        ('read(3,  <unfinished ...>) = ?', 'read(3, 0x7f00, 8) = 0'),
        ('read(3,  <unfinished ...>) = ?', 'read(4, 0x7f00, 8) = ?'),
        ('pause() = ?', 'pause() = 0'),
        ('dup(1) = 2', 'dup(1) = 3'),
    ]

    def test_equal(self):
        for theirs, ours in self.EQUAL:
            self.assertTrue(lines.same(theirs, ours), (theirs, ours))

    def test_different(self):
        for theirs, ours in self.DIFFERENT:
            self.assertFalse(lines.same(theirs, ours), (theirs, ours))


class Compare(unittest.TestCase):
    def counts(self, strace, igrec):
        result = report.compare("test", Recording(BEGIN + EXEC + strace, EXEC + igrec))
        return [sum(c.values()) for c in (result.equal, result.different, result.missing,
                                          result.extra)]

    def test_joined(self):
        strace = ('7 3.0 wait4(-1,  <unfinished ...>\n8 3.1 getpid() = 8\n'
                  '7 3.2 <... wait4 resumed>NULL, 0, NULL) = 8 <0.2>\n')
        igrec = '8 3.1 getpid()           = 8 <0.0>\n7 3.0 wait4(-1, NULL, 0, NULL) = 8 <0.1>\n'
        self.assertEqual(self.counts(strace, igrec), [3, 0, 0, 0])

    def test_missing_and_extra(self):
        strace = '7 3.0 getpid() = 7\n7 3.1 getuid() = 0\n7 3.2 getgid() = 0\n'
        igrec = '7 3.0 getpid() = 7\n7 3.2 getgid() = 0\n7 3.3 getppid() = 1\n'
        self.assertEqual(self.counts(strace, igrec), [3, 0, 1, 1])

    def test_thread_missing(self):
        self.assertEqual(self.counts('9 3.0 getpid() = 9\n', ''), [1, 0, 1, 0])

    def test_lost(self):
        igrec = EXEC + "# 3.15 9 records of lane flow overwritten\n"
        result = report.compare("test", Recording(BEGIN + EXEC, igrec))
        self.assertEqual(result.lost, 9)
        self.assertTrue(result.words)

    def test_killed(self):
        strace = '7 3.0 getpid() = 7\n7 3.2 +++ killed by SIGKILL +++\n'
        igrec = ('7 3.0 getpid() = 7\n7 3.1 --- SIGKILL {si_signo=SIGKILL} ---\n'
                 '7 3.1 getuid() = -1 ENOSYS (Function not implemented)\n'
                 '7 3.2 +++ killed by SIGKILL +++\n')
        self.assertEqual(self.counts(strace, igrec), [3, 0, 0, 0])
        # Whoever is not killed has no such excuse.
        self.assertEqual(self.counts(strace.replace("killed by SIGKILL", "exited with 0"),
                                     igrec.replace("killed by SIGKILL", "exited with 0")),
                         [3, 0, 0, 2])


if __name__ == "__main__":
    unittest.main()
