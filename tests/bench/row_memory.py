# SPDX-License-Identifier: Apache-2.0
"""What fits into a ring, and what rings and CPUs cost when there are many."""

import contextlib
import random
import statistics
from contextlib import closing

import loads
from rows import CannotRun, Figure, at_least, at_most, row
from stage import Caller

BLOCK_BYTES = 4096
RINGS = (1, 100, 1000)


def per_mib(before, after):
    """By what the records took of the ring: whole blocks."""
    records = after["records"] - before["records"]
    blocks = after["blocks"] - before["blocks"]
    if blocks < 100:
        raise RuntimeError(f"{records} records in {blocks} blocks: too few to tell")
    bytes_each = (after["bytes"] - before["bytes"]) / records
    return Figure(records / blocks * (1 << 20) / BLOCK_BYTES,
                  detail=f"{bytes_each:.1f} bytes a record, {records} records in {blocks} blocks")


@row("records-redis", "records in a MiB of ring, redis mix", at_least(12_000, 20_000), "records")
def records_redis(bench):
    with bench.cgroup() as cgroup, loads.redis_single(bench, cgroup) as work:
        bench.switch.attach("igrec")
        before = bench.switch.counts(cgroup)
        work()
        return per_mib(before, bench.switch.counts(cgroup))


@row("records-files", "records in a MiB of ring, open-read-close mix", at_least(9_000, 14_000),
     "records")
def records_files(bench):
    with bench.cgroup() as cgroup, closing(Caller(bench)) as caller:
        bench.switch.attach("igrec")
        before = bench.switch.counts(cgroup)
        caller.ns("open-read-close", 5, 4000, cgroup=cgroup)
        return per_mib(before, bench.switch.counts(cgroup))


def two_at_once(callers, cgroups):
    """Mean ns of getppid by two processes at the same time, each on a CPU of its own."""
    for cpu, (caller, cgroup) in enumerate(zip(callers, cgroups)):
        caller.order("getppid", 9, 4000, cpu, cgroup)
    return statistics.mean([caller.answer_ns() for caller in callers])


@row("two-writers", "2 CPUs write into one ring: added, by that with a ring each",
     at_most(1.1, 1.0), "x")
def two_writers(bench):
    if bench.cpus() < 2:
        raise CannotRun("needs 2 CPUs")
    ratios, added = [], []
    with contextlib.ExitStack() as stack:
        one, other = (stack.enter_context(bench.cgroup()) for _ in range(2))
        callers = [stack.enter_context(closing(Caller(bench))) for _ in range(2)]
        for _ in range(bench.rounds(41)):
            bench.switch.attach("bare")
            bare = two_at_once(callers, (None, None))
            bench.switch.attach("igrec")
            each = two_at_once(callers, (one, other)) - bare
            shared = two_at_once(callers, (one, one)) - bare
            ratios.append(shared / each)
            added.append(each)
    return Figure.median_of(ratios, f"a ring each: +{statistics.median(added):.0f} ns a call")


@row("many-rings", "calls spread over 1,000 rings: added, by that with all in 1", at_most(1.05),
     "x")
def many_rings(bench):
    added = {rings: [] for rings in RINGS}
    dice = random.Random(1)
    with contextlib.ExitStack() as stack:
        cgroups = [stack.enter_context(bench.cgroup()) for _ in range(RINGS[-1])]
        caller = stack.enter_context(closing(Caller(bench)))

        def ns(rings):
            """A batch in each of a few of so many cgroups."""
            return statistics.median(
                caller.ns("getppid", 3, 4000, cgroup=cgroups[dice.randrange(rings)]
                          if rings else None) for _ in range(7))
        for _ in range(bench.rounds(25)):
            bench.switch.attach("bare")
            bare = ns(0)
            bench.switch.attach("igrec")
            for rings in RINGS:
                added[rings].append(ns(rings) - bare)
    ratios = {rings: [one / first for one, first in zip(added[rings], added[1])]
              for rings in RINGS}
    return Figure.median_of(ratios[RINGS[-1]], "{0:.3f} x with {1} rings".format(
        statistics.median(ratios[RINGS[1]]), RINGS[1]))
