# SPDX-License-Identifier: Apache-2.0
"""Bad cases: what they cost, and what they do to a quiet container beside them."""

import contextlib
import statistics
import subprocess
import time
from contextlib import closing

from row_calls import added
from rows import CannotRun, Figure, at_most, row
from stage import Caller

THREADS = 10_000


def wait_ready(process):
    line = process.stdout.readline()
    if line != b"ready\n":
        raise RuntimeError(f"{process.args} said {line!r}")


@row("storm", "a storm of getppid on 2 CPUs, one ring: records", unit="million/s")
def storm(bench):
    """And how far back the lanes reach then."""
    loop = [bench.program("bench_calls"), "loop", "getppid"]
    with contextlib.ExitStack() as stack:
        cgroup = stack.enter_context(bench.cgroup())
        bench.switch.attach("igrec")
        for cpu in range(2):
            stack.enter_context(bench.running([*loop, str(cpu)], cgroup))
        rates, windows = [], []
        for _ in range(bench.rounds(15)):
            before, begin = bench.switch.counts(cgroup), time.monotonic()
            time.sleep(0.2)
            now = bench.switch.counts(cgroup)
            rates.append((now["records"] - before["records"]) / (time.monotonic() - begin) / 1e6)
            windows.append(now["lanes"][2]["window_ns"] / 1e6)
    return Figure.median_of(rates, "a call's window in the flow lane is then "
                                   f"{statistics.median(windows):.1f} ms; the storm does not touch "
                                   "the other lanes")


def added_ns(bench, kind, calls, rounds=15):
    """To a call that is recorded, CPU time, of each round; and what it takes bare."""
    bare, ns = [], []
    with bench.cgroup() as cgroup, closing(Caller(bench)) as caller:
        for _ in range(bench.rounds(rounds)):
            bench.switch.attach("bare")
            bare.append(caller.ns(kind, 5, calls))
            bench.switch.attach("igrec")
            ns.append(caller.ns(kind, 5, calls, cgroup=cgroup) - bare[-1])
        if not bench.switch.counts(cgroup)["records"]:
            raise RuntimeError("nothing was recorded")
    return Figure.median_of(ns, f"on {statistics.median(bare):.0f} ns")


@row("bad-unmapped", "openat of an unmapped path: added", unit="ns")
def bad_unmapped(bench):
    return added_ns(bench, "unmapped", 2000)


@row("bad-long-path", "openat of a path of 4 KiB: added", unit="ns")
def bad_long_path(bench):
    return added_ns(bench, "long-path", 500)


@row("bad-exec", "vfork, exec with 100 KiB of argv, exit: added", unit="ns")
def bad_exec(bench):
    return added_ns(bench, "exec", 20, 41)


@row("bad-thread", "a thread made and joined: added", unit="ns")
def bad_thread(bench):
    return added_ns(bench, "thread", 200)


@row("bad-threads", "getppid in a container with 10,000 threads: added", unit="ns")
def bad_threads(bench):
    bare, ns = [], []
    with bench.cgroup() as cgroup, closing(Caller(bench)) as caller:
        bench.switch.attach("igrec")
        with bench.running([bench.program("bench_calls"), "threads", str(THREADS)], cgroup,
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            wait_ready(process)
            for _ in range(bench.rounds(9)):
                bench.switch.attach("bare")
                bare.append(caller.ns("getppid", 5, 4000))
                bench.switch.attach("igrec")
                ns.append(caller.ns("getppid", 5, 4000, cgroup=cgroup) - bare[-1])
        if bench.switch.counts(cgroup)["records"] < THREADS:
            raise RuntimeError("the threads were not recorded")
    return Figure.median_of(ns, f"on {statistics.median(bare):.0f} ns")


# ---- beside a quiet container -----------------------------------------------------------------

def beside(bench, kind):
    """ns of getppid in a recorded container on one CPU while the other CPU is busy with a bad case:
    that recorded, less the same not recorded. By what a call that is not recorded pays."""
    if bench.cpus() < 2:
        raise CannotRun("needs 2 CPUs")
    loop = [bench.program("bench_calls"), "loop", kind, "0"]
    slower = []
    with bench.cgroup() as quiet, bench.cgroup() as noisy, closing(Caller(bench)) as caller:
        bench.switch.attach("igrec")

        def ns(cgroup):
            with bench.running(loop, cgroup, stdout=subprocess.DEVNULL):
                return caller.ns("getppid", 15, 4000, 1, quiet)
        for i in range(bench.rounds(21)):
            pair = {where: ns(where) for where in ((noisy, None) if i % 2 else (None, noisy))}
            slower.append(pair[noisy] - pair[None])
        if not bench.switch.counts(noisy)["records"]:
            raise RuntimeError("the bad case was not recorded")
    host_ns = statistics.median(added(bench, "not recorded", "getppid"))
    return Figure.median_of([ns / host_ns for ns in slower],
                            f"{statistics.median(slower):+.1f} ns; a call that is not recorded "
                            f"pays {host_ns:.0f} ns")


NEIGHBOUR = "a quiet container beside {}: getppid slower, by a call not recorded"


@row("beside-storm", NEIGHBOUR.format("a storm of getppid"), at_most(1), "x")
def beside_storm(bench):
    return beside(bench, "getppid")


@row("beside-unmapped", NEIGHBOUR.format("openat of unmapped paths"), at_most(1), "x")
def beside_unmapped(bench):
    return beside(bench, "unmapped")


@row("beside-long-path", NEIGHBOUR.format("openat of 4 KiB paths"), at_most(1), "x")
def beside_long_path(bench):
    return beside(bench, "long-path")


@row("beside-exec", NEIGHBOUR.format("execs with 100 KiB of argv"), at_most(1), "x")
def beside_exec(bench):
    return beside(bench, "exec")


@row("beside-thread", NEIGHBOUR.format("threads made and joined"), at_most(1), "x")
def beside_thread(bench):
    return beside(bench, "thread")
