# SPDX-License-Identifier: Apache-2.0
"""Single calls in a loop: what recording adds, by what two empty programs add to getppid."""

import statistics
from contextlib import closing

from rows import Figure, at_most, once, row
from stage import Caller

KINDS = ("getppid", "write", "openat")
ROUNDS, BATCHES, CALLS = 61, 5, 4000


@once
def samples(bench):
    """variant -> kind -> ns of each round."""
    got = {variant: {kind: [] for kind in KINDS}
           for variant in ("bare", "floor", "clock", "not recorded", "recorded")}
    with closing(Caller(bench)) as caller, bench.cgroup() as cgroup:
        def measure(variant, where=None):
            for kind in KINDS:
                got[variant][kind].append(caller.ns(kind, BATCHES, CALLS, cgroup=where))
        before = bench.switch.counts(cgroup)["records"]
        for _ in range(bench.rounds(ROUNDS)):
            for variant in ("bare", "floor", "clock"):
                bench.switch.attach(variant)
                measure(variant)
            bench.switch.attach("igrec")
            measure("not recorded")
            measure("recorded", cgroup)
        made = len(KINDS) * bench.rounds(ROUNDS) * BATCHES * CALLS
        recorded = bench.switch.counts(cgroup)["records"] - before
    if recorded < made:
        raise RuntimeError(f"{recorded} records of {made} calls")
    return got


def added(bench, variant, kind):
    """ns over bare, of each round."""
    got = samples(bench)
    return [ns - bare for ns, bare in zip(got[variant][kind], got["bare"][kind])]


def floor_ns(bench):
    return statistics.median(added(bench, "floor", "getppid"))


def by_floor(bench, variant, kind):
    floor = floor_ns(bench)
    ns = added(bench, variant, kind)
    bare = statistics.median(samples(bench)["bare"][kind])
    return Figure(statistics.median(ns) / floor, [one / floor for one in ns],
                  f"+{statistics.median(ns):.0f} ns on {bare:.0f} ns")


@row("floor", "two empty programs on getppid: ns added, 1.0x by definition", unit="ns")
def floor(bench):
    ns = added(bench, "floor", "getppid")
    return Figure.median_of(ns, f"on {statistics.median(samples(bench)['bare']['getppid']):.0f} ns")


@row("clock", "two programs that only read the clock, getppid", unit="x floor")
def clock(bench):
    return by_floor(bench, "clock", "getppid")


@row("not-recorded", "getppid of a task that is not recorded", at_most(1.3, 1.15), "x floor")
def not_recorded(bench):
    return by_floor(bench, "not recorded", "getppid")


@row("recorded", "getppid recorded, both time stamps", at_most(2.7, 2.2), "x floor")
def recorded(bench):
    return by_floor(bench, "recorded", "getppid")


@row("write", "write of 64 B recorded with payload", at_most(3.3, 2.7), "x floor")
def write(bench):
    return by_floor(bench, "recorded", "write")


@row("openat", "failing openat recorded with path", at_most(4.2, 3.4), "x floor")
def openat(bench):
    return by_floor(bench, "recorded", "openat")


OTHER_KINDS = (*KINDS, "fcntl", "pread", "fstat", "stat", "poll", "writev", "open-read-close")


@row("kinds", "calls recorded: ns added to each, mean of the kinds in the remark", unit="ns")
def kinds(bench):
    """To see what a capture costs: fcntl and pread have none, fstat the struct, stat the path too,
    poll its array, writev vectors and what they hold if that is stdio."""
    ns = {kind: [] for kind in OTHER_KINDS}
    with closing(Caller(bench)) as caller, bench.cgroup() as cgroup:
        for _ in range(bench.rounds(ROUNDS // 3)):
            bench.switch.attach("bare")
            bare = [caller.ns(kind, BATCHES, CALLS // 2) for kind in OTHER_KINDS]
            bench.switch.attach("igrec")
            for kind, bare_ns in zip(OTHER_KINDS, bare):
                ns[kind].append(caller.ns(kind, BATCHES, CALLS // 2, cgroup=cgroup) - bare_ns)
    medians = {kind: statistics.median(values) for kind, values in ns.items()}
    medians["open-read-close"] /= 3
    return Figure(statistics.mean(medians.values()), detail=", ".join(
        f"{kind} +{median:.0f}" for kind, median in medians.items()))
