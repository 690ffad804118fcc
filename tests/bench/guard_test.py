# SPDX-License-Identifier: Apache-2.0
"""What recording costs, by what can be counted: a regression is seen here without timing anything.
The limits stand a tenth or so above what is; one that is lowered on purpose goes down here too."""

import mmap
import os
import struct
import subprocess
import tempfile
import time
import unittest
from contextlib import closing

from stage import Bench, Caller  # finds lab
import lab
from bpf_objects import Program, pinned
from daemon import Daemon

# program -> bytes compiled, instructions as the kernel translates them, instructions verified (of
# all paths, which is what makes loading slow)
PROGRAMS = {
    "igrec_sys_enter": (1_320, 275, 1_050),
    "igrec_sys_exit": (25_300, 5_150, 153_000),
    "igrec_fork": (5_800, 1_210, 6_900),
    "igrec_exec": (13_500, 2_600, 10_000),
    "igrec_exit": (5_000, 975, 3_400),
    "igrec_signal": (4_290, 850, 2_600),
    "igrec_oom": (3_700, 800, 1_600),
    "igrec_cgroup_mkdir": (1_300, 260, 250),
    "igrec_cgroup_rmdir": (500, 100, 100),
    "igrec_cgroup_attach": (1_870, 400, 1_600),
    "igrec_walk": (1_550, 350, 1_500),
}
INSTRUCTION_BYTES = 8

# call -> bytes of one record in the ring, with its share of what a block says once
RECORDS = {
    "getppid": 33,
    "write": 130,
    "openat": 90,
    "fcntl": 63,
    "pread": 66,
    "fstat": 114,
    "stat": 155,
    "poll": 82,
    "writev": 98,
    "open-read-close": 72,
    "unmapped": 66,
    "long-path": 333,
}
CALLS = 4000

# records in a made-up tape -> bytes on disk
DUMPS = {0: 13_500, 20: 13_500, 10_000: 80_000}

WINDOWS = 40  # of half a second, of which one must be free: igrecd may have other containers, too


class Counts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bench = Bench(lab.BIN)
        cls.addClassCleanup(cls.bench.close)

    def test_programs(self):
        """As bench_switch loads them, which is igrecd's way."""
        where = self.bench.switch.pins
        names = pinned(where, "prog")
        self.assertEqual(set(names) - set(PROGRAMS), set(), "programs without a limit here")
        self.assertIn("igrec_sys_exit", names)
        for name in names:
            jited, instructions, verified = PROGRAMS[name]
            program = Program(os.path.join(where, name))
            with self.subTest(name):
                self.assertGreater(program.xlated, 0)
                self.assertLessEqual(program.jited, jited, "bytes compiled")
                self.assertLessEqual(program.xlated // INSTRUCTION_BYTES, instructions)
                self.assertLessEqual(program.verified, verified, "verified")

    def test_record_bytes(self):
        with closing(Caller(self.bench)) as caller:
            for kind, limit in RECORDS.items():
                with self.subTest(kind), self.bench.cgroup() as cgroup:
                    self.bench.switch.attach("igrec")
                    caller.ns(kind, 1, CALLS, cgroup=cgroup)
                    self.bench.switch.attach("bare")
                    counts = self.bench.switch.counts(cgroup)
                    self.assertGreaterEqual(counts["records"], CALLS)
                    self.assertLessEqual(counts["bytes"] / counts["records"], limit)

    def test_dump_bytes(self):
        for records, limit in DUMPS.items():
            with self.subTest(records), tempfile.TemporaryDirectory() as where:
                subprocess.run([self.bench.program("bench_store"), where, "1", str(records)],
                               check=True)
                name, = os.listdir(where)
                self.assertLessEqual(os.path.getsize(os.path.join(where, name)), limit)


class Allocations(unittest.TestCase):
    """igrecd at rest allocates nothing, however much its containers do."""

    def setUp(self):
        self.bench = Bench(lab.BIN)
        self.addCleanup(self.bench.close)
        shared = tempfile.NamedTemporaryFile()
        self.addCleanup(shared.close)
        shared.write(bytes(mmap.PAGESIZE))
        shared.flush()
        self.counter = mmap.mmap(shared.fileno(), mmap.PAGESIZE)
        self.addCleanup(self.counter.close)
        self.environment = {"LD_PRELOAD": os.environ["IGREC_BENCH_ALLOCATIONS"],
                            "IGREC_ALLOCATIONS": shared.name}

    def count(self):
        return struct.unpack_from("=Q", self.counter)[0]

    def start(self, igrecd):
        os.environ.update(self.environment)
        try:
            igrecd.start()
        finally:
            for name in self.environment:
                del os.environ[name]

    def records(self, igrecd, container):
        lanes = igrecd.lab.ps(container.name)["lanes"]
        return sum(lane["written"] for lane in lanes.values())

    def test_steady_state(self):
        igrecd = Daemon(self.bench)
        self.addCleanup(igrecd.close)
        self.start(igrecd)
        self.assertGreater(self.count(), 0, "nothing is counted")
        container = igrecd.container(self.bench.program("bench_calls"), "loop", "openat", "-1")
        lab.wait_for("it to be recorded", lab.PATIENCE, lambda: igrecd.lab.ps(container.name))
        time.sleep(3)  # names are looked for until then
        records, allocated = self.records(igrecd, container), []
        while 0 not in allocated and len(allocated) < WINDOWS:
            before = self.count()
            time.sleep(0.5)
            allocated.append(self.count() - before)
        self.assertIn(0, allocated, "allocations in each window")
        lab.wait_for("the container to have done something", lab.PATIENCE,
                     lambda: self.records(igrecd, container) > records + 1000)


if not os.environ.get("IGREC_BENCH_ALLOCATIONS"):
    del Allocations  # the sanitizers have an allocator of their own

if __name__ == "__main__":
    lab.main()
