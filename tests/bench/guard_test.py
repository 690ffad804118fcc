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

import stage  # finds lab
import lab
from bpf_objects import Program
from daemon import Daemon
from stage import Bench, Caller

# program -> bytes compiled, instructions as the kernel translates them, instructions verified (of
# all paths, which is what makes loading slow)
PROGRAMS = {
    "igrec_sys_enter": (850, 185, 560),
    "igrec_sys_exit": (25_500, 5_000, 215_000),
    "igrec_fork": (5_600, 1_120, 2_300),
    "igrec_exec": (11_600, 2_350, 8_600),
    "igrec_exit": (4_700, 960, 3_400),
    "igrec_signal": (3_500, 750, 1_420),
    "igrec_oom": (3_400, 730, 1_320),
    "igrec_cgroup_mkdir": (1_290, 255, 220),
    "igrec_cgroup_rmdir": (490, 97, 85),
    "igrec_cgroup_attach": (1_290, 245, 315),
    "igrec_walk": (910, 192, 185),
}
INSTRUCTION_BYTES = 8

# call -> bytes of one record in the ring, with its share of what a block says once
RECORDS = {
    "getppid": 33,
    "write": 130,
    "openat": 90,
    "fcntl": 98,
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
DUMPS = {0: 17_000, 20: 19_000, 10_000: 150_000}

WINDOWS = 5  # of which one must be free of allocations: others of the machine may disturb the rest


class Counts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bench = Bench(lab.BIN)
        cls.addClassCleanup(cls.bench.close)

    def test_programs(self):
        """As bench_switch loads them, which is igrecd's way."""
        where = self.bench.switch_pins()
        pinned = {name for name in os.listdir(where) if name.startswith("igrec_")}
        self.assertEqual(pinned - set(PROGRAMS), set(), "programs without a limit here")
        for name in pinned:
            jited, instructions, verified = PROGRAMS[name]
            program = Program(os.path.join(where, name))
            with self.subTest(name):
                self.assertGreater(program.xlated, 0)
                self.assertLessEqual(program.jited, jited, "bytes compiled")
                self.assertLessEqual(program.xlated // INSTRUCTION_BYTES, instructions)
                self.assertLessEqual(program.verified, verified, "verified")

    def test_record_bytes(self):
        with self.bench.own(Caller(self.bench)) as caller:
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
                subprocess.run([self.bench.program("bench_dumps"), where, "1", str(records)],
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
        lab.wait_for("it to be recorded", 20, lambda: igrecd.lab.ps(container.name))
        time.sleep(3)  # names are looked for until then
        records, allocated = self.records(igrecd, container), []
        for _ in range(WINDOWS):
            before = self.count()
            time.sleep(1)
            allocated.append(self.count() - before)
        self.assertGreater(self.records(igrecd, container), records + 1000)
        self.assertEqual(min(allocated), 0, f"allocations in each second: {allocated}")


if not os.environ.get("IGREC_BENCH_ALLOCATIONS"):
    del Allocations  # the sanitizers have an allocator of their own

if __name__ == "__main__":
    lab.main()
