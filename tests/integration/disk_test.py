# SPDX-License-Identifier: Apache-2.0
"""The store on filesystems that are tiny, full, read-only, or gone for a while: the recorder goes
on, what matters most is kept, and what is lost is counted."""

import os
import subprocess
import unittest

import lab
from tape import Tape

NOISE = 4000  # records that fill the flow lane with bytes that do not compress
LANES = ("start", "vital", "flow")


class DiskTest(lab.LabTest):
    """A store on a filesystem of its own; the lab has a mount namespace to itself."""

    size = "1m"
    only_own = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls.unmount)

    def setUp(self):
        self.restart_on(self.size)

    @classmethod
    def unmount(cls):
        while subprocess.run(["umount", "-l", cls.lab.store], capture_output=True).returncode == 0:
            pass

    def restart_on(self, size):
        """A fresh store, a fresh igrecd."""
        self.assertEqual(self.lab.stop(), 0)
        self.unmount()
        os.makedirs(self.lab.store, exist_ok=True)
        self.mount(size)
        self.log_begin = len(self.lab.log_text())
        self.lab.start(*self.options)

    def mount(self, size):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0750", "store",
                        self.lab.store], check=True)

    def remount(self, option):
        subprocess.run(["mount", "-o", f"remount,{option}", self.lab.store], check=True)

    def log(self):
        return self.lab.log_text()[self.log_begin:]

    def fail_container(self, name, records=NOISE):
        """A container that fails; back when igrecd has done with it. Returns its name."""
        before = self.lab.node()
        container = self.runtime.container(name, "/bin/noise", str(records))
        self.assertEqual(container.run(), 1)

        def judged():
            node = self.lab.node()
            done = node["dumps"] + node["dumps_failed"] + node["failures_refused"]
            return node["failures"] > before["failures"] and done >= node["failures"]
        lab.wait_for(f"what becomes of {name}", lab.PATIENCE, judged)
        return container.id

    def fail_again(self, name, times):
        """The same container, over and over."""
        container = self.runtime.container(name, "/bin/noise", str(NOISE))
        for i in range(times):
            self.assertEqual(container.run(), 1)
            lab.wait_for(f"failure {i} of {name}", lab.PATIENCE,
                         lambda: self.lab.node()["failures"] >= self.failures_before + i + 1
                         and not self.lab.node()["snapshots"])
        return container.id

    def whole_store(self):
        """Each file in the store is a whole dump."""
        everything = os.listdir(self.lab.store)
        self.assertEqual([n for n in everything if n.startswith(".tmp-")], [])
        names = [n for n in everything if n.endswith(".igrec")]
        if names:
            self.lab.igrec("verify")
        return names


class Tiny(DiskTest):
    size = "96k"

    def test_smaller_dump(self):
        """The whole takes some 200 KB: the vital lane is kept, the rest counted to the record."""
        name = self.fail_container("tiny")
        row = self.lab.dumps(name)[0]
        self.whole_store()
        info = self.lab.json_lines("info", self.lab.dump_path(row))[0]
        lanes = info["lanes"]
        self.assertEqual(lanes["vital"]["missing"], 0)
        left_out = sum(lanes[lane]["missing"] for lane in LANES)
        self.assertGreater(left_out, 0)
        node = self.lab.node()
        self.assertEqual((node["dumps_smaller"], node["records_left_out"]), (1, left_out))
        self.assertIn(f"lacks {left_out} records", self.log())

        tape = Tape(self.lab.replay(row, status=4))
        for lane in LANES:
            shown = [e for e in tape.events if e["lane"] == lane
                     and e["type"] not in ("gap", "failure")]
            counted = lanes[lane]
            self.assertEqual(len(shown) + counted["missing"] + counted["overwritten"]
                             + counted["torn_records"], counted["written"], lane)
        self.assertEqual([e["lane"] for e in tape.named("openat", "/etc/app")], ["start"])

    def test_nothing_fits(self):
        self.restart_on("8k")
        for i in range(3):
            self.fail_container(f"nothing-{i}", 50)
        self.assertEqual(self.whole_store(), [])
        node = self.lab.node()
        self.assertEqual(node["dumps"], 0)
        self.assertGreaterEqual(node["dumps_failed"], 3)
        lines = [line for line in self.log().splitlines() if "No space left" in line]
        self.assertEqual(len(lines), 1, "once per reason and minute")


class Quota(DiskTest):
    """One container in a crash loop, and the only dumps of others."""

    size = "1200k"

    def test_crash_loop_fills_it(self):
        others = [self.fail_container(f"other-{i}", 100) for i in range(3)]
        self.failures_before = self.lab.node()["failures"]
        loop = self.fail_again("loop", 15)
        first = min(r["time_ns"] for r in self.lab.json_lines("list") if r["container"] == loop)
        late = self.fail_container("late")
        self.whole_store()
        for name in (*others, late):
            self.assertEqual(len(self.lab.dumps(name)), 1, name)
        rows = self.lab.dumps(loop)
        self.assertGreaterEqual(len(rows), 1)
        self.assertEqual(rows[-1]["time_ns"], first, "the loop's first dump")
        node = self.lab.node()
        self.assertGreater(node["dumps_made_room"], 3)
        self.assertEqual((node["dumps_failed"], node["dumps_smaller"]), (0, 0))
        self.assertGreaterEqual(node["dumps"], 3 + 15 + 1)


class ReadOnly(DiskTest):
    def test_read_only_for_a_while(self):
        before = self.fail_container("before", 50)
        self.remount("ro")
        for i in range(3):
            self.fail_container(f"during-{i}", 50)
        node = self.lab.node()
        self.assertGreaterEqual(node["dumps_failed"], 3)
        lines = [line for line in self.log().splitlines() if "Read-only file system" in line]
        self.assertEqual(len(lines), 1, self.log())
        self.assertIn(self.lab.store, lines[0])
        self.remount("rw")
        after = self.fail_container("after", 50)
        self.assertEqual([len(self.lab.dumps(n)) for n in (before, after)], [1, 1])
        self.whole_store()


class Gone(DiskTest):
    def test_unmounted_and_mounted_again(self):
        """Dumps go to what stands at the store's path, not to a filesystem nobody sees."""
        self.fail_container("mounted", 50)
        self.unmount()
        below = self.fail_container("unmounted", 50)
        self.assertEqual(len(self.lab.dumps(below)), 1)
        self.mount("1m")
        back = self.fail_container("back", 50)
        self.assertEqual([r["container"] for r in self.lab.json_lines("list")], [back])
        self.whole_store()
        self.assertEqual(self.lab.node()["dumps_failed"], 0)

    def test_directory_removed(self):
        self.unmount()
        gone = self.lab.store + ".away"
        os.rename(self.lab.store, gone)
        name = self.fail_container("removed", 50)
        self.assertEqual(len(self.lab.dumps(name)), 1)
        self.assertEqual(os.stat(self.lab.store).st_mode & 0o777, 0o750)
        self.whole_store()


class Full(DiskTest):
    def test_full_of_other_files(self):
        fd = os.open(os.path.join(self.lab.store, "foreign"), os.O_WRONLY | os.O_CREAT)
        with self.assertRaises(OSError):
            while True:
                os.write(fd, bytes(4096))
        os.close(fd)
        self.fail_container("full")
        self.assertGreaterEqual(self.lab.node()["dumps_failed"], 1)
        self.assertEqual(self.whole_store(), [], "no dump, no leftover")
        os.unlink(os.path.join(self.lab.store, "foreign"))
        name = self.fail_container("room-again")
        self.assertEqual(len(self.lab.dumps(name)), 1)
        self.whole_store()


if __name__ == "__main__":
    lab.main()
