# SPDX-License-Identifier: Apache-2.0
"""Real programs: how much of their efficiency is left while they are recorded. Counted is the CPU
time of the recorded processes for an operation, bare by recorded; operations a second beside it."""

import statistics
import time

import loads
from rows import Figure, at_least, row

ROUNDS = 9
LEAST_RECORDS = 0.05  # of an operation; a pipelined GET has 0.14


class Slice:
    """CPU and wall time of one operation in a slice of work."""

    def __init__(self, cgroup, work):
        cpu, begin = cgroup.cpu_s(), time.monotonic()
        operations = work()
        self.wall_s = (time.monotonic() - begin) / operations
        self.cpu_s = (cgroup.cpu_s() - cpu) / operations
        self.operations = operations


VARIANTS = ("bare", "floor", "igrec")


def alternate(bench, cgroup, work, rounds):
    """Slices of each variant, one a round, each round beginning with another one; and records for
    an operation."""
    slices, operations = {variant: [] for variant in VARIANTS}, 0
    before = bench.switch.counts(cgroup)["records"]
    for i in range(bench.rounds(rounds)):
        for variant in VARIANTS[i % 3:] + VARIANTS[:i % 3]:
            bench.switch.attach(variant)
            slices[variant].append(Slice(cgroup, work))
        operations += slices["igrec"][-1].operations
    records = (bench.switch.counts(cgroup)["records"] - before) / operations
    if records < LEAST_RECORDS:
        raise RuntimeError(f"{records} records of an operation: not recorded")
    return slices, records


def kept(bench, load, rounds=ROUNDS):
    with bench.cgroup() as cgroup, load(bench, cgroup) as work:
        bench.switch.attach("bare")
        work()  # warms caches
        slices, records = alternate(bench, cgroup, work, rounds)

    def ratios(what, variant):
        return [100 * getattr(bare, what) / getattr(other, what)
                for bare, other in zip(slices["bare"], slices[variant])]
    throughput = statistics.median(ratios("wall_s", "igrec"))
    floor = statistics.median(ratios("cpu_s", "floor"))
    cpu_us = statistics.median(one.cpu_s for one in slices["bare"]) * 1e6
    added_ns = statistics.median(
        recorded.cpu_s - bare.cpu_s
        for bare, recorded in zip(slices["bare"], slices["igrec"])) * 1e9 / records
    return Figure.median_of(ratios("cpu_s", "igrec"),
                            f"two empty programs keep {floor:.1f} %; throughput "
                            f"{throughput:.1f} %; bare {cpu_us:.4g} us CPU and {records:.3g} calls "
                            f"an operation, {added_ns:.0f} ns added to a call")


@row("redis", "redis-benchmark GET, unpipelined: efficiency kept", at_least(90, 93), "%")
def redis(bench):
    return kept(bench, loads.redis_single, 11)


@row("redis-pipeline", "redis-benchmark GET, pipeline of 16: efficiency kept", at_least(90, 93),
     "%")
def redis_pipeline(bench):
    return kept(bench, loads.redis_pipelined)


@row("nginx", "nginx, small file, wrk: efficiency kept", at_least(92, 95), "%")
def nginx(bench):
    return kept(bench, loads.nginx, 7)


@row("sqlite", "sqlite3, a transaction for each insert: efficiency kept", at_least(96, 98), "%")
def sqlite(bench):
    return kept(bench, loads.sqlite)


@row("find", "find /usr: efficiency kept", at_least(96, 98), "%")
def find(bench):
    return kept(bench, loads.find)


@row("gcc", "gcc -O2, one file: efficiency kept", at_least(96, 98), "%")
def gcc(bench):
    return kept(bench, loads.gcc)


@row("pgbench", "PostgreSQL, pgbench's own transactions: efficiency kept", at_least(96, 98), "%")
def pgbench(bench):
    return kept(bench, loads.pgbench)
