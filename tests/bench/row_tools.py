# SPDX-License-Identifier: Apache-2.0
"""The same loads under other tracers, each writing what it sees to /dev/null: by the wall's clock,
as a tracer works in processes of its own."""

import contextlib
import os
import shutil
import statistics
import subprocess
import time
from contextlib import closing

import loads
from rows import CannotRun, Figure, once, row
from stage import Caller

ROUNDS = 3
BPFTRACE_SECONDS = 3  # until it is attached, which it does not tell
BPFTRACE = """
tracepoint:raw_syscalls:sys_enter /cgroup == {id}/ {{ @entered[tid] = nsecs; }}
tracepoint:raw_syscalls:sys_exit /cgroup == {id} && @entered[tid]/ {{
  printf("%llu %d %s %d = %ld <%llu>\\n", nsecs, tid, comm, args->id, args->ret,
         nsecs - @entered[tid]);
  delete(@entered[tid]); }}
"""


def measure(bench, cgroup, under=()):
    """Seconds that each load takes, started by a tracer's command line."""
    took = {}
    with (loads.redis(bench, cgroup, 1, 1500, under) as redis,
          closing(Caller(bench, under, cgroup)) as caller):
        redis()
        for kind, batches, calls in (("getppid", 5, 150), ("open-read-close", 5, 50),
                                     ("find", 1, 1)):
            took[kind] = caller.ns(kind, batches, calls, wall=True) / 1e9
        begin = time.monotonic()
        redis()
        took["redis"] = time.monotonic() - begin
    return took


def need(program):
    if not shutil.which(program):
        raise CannotRun(f"no {program}: tools/setup.sh bench")


def switched(what):
    def under(bench, cgroup):
        bench.switch.attach(what)
        try:
            return measure(bench, cgroup)
        finally:
            bench.switch.attach("bare")
    return under


def wrapped(*command):
    def under(bench, cgroup):
        need(command[0])
        return measure(bench, cgroup, command)
    return under


def bpftrace(bench, cgroup):
    need("bpftrace")
    script = BPFTRACE.format(id=os.stat(cgroup.path).st_ino)
    with bench.running(["bpftrace", "-o", "/dev/null", "-e", script], stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE) as tracer:
        time.sleep(BPFTRACE_SECONDS)
        if tracer.poll() is not None:
            raise CannotRun(f"bpftrace: {tracer.stderr.read().decode().strip()[-200:]}")
        return measure(bench, cgroup)


TRACERS = {
    "bare": switched("bare"),
    "floor": switched("floor"),
    "igrec": switched("igrec"),
    "bpftrace": bpftrace,
    "perf": wrapped("perf", "trace", "-o", "/dev/null"),
    "strace": wrapped("strace", "-f", "-ttt", "-T", "-o", "/dev/null"),
}


@once
def samples(bench):
    """tracer -> load -> times, or the CannotRun of the tracer."""
    got = {tracer: {} for tracer in TRACERS}
    for _ in range(1 if bench.quick else ROUNDS):
        for tracer, run in TRACERS.items():
            with contextlib.suppress(CannotRun), bench.cgroup() as cgroup:
                for load, took in run(bench, cgroup).items():
                    got[tracer].setdefault(load, []).append(took)
    return got


def against(bench, tracer):
    got = samples(bench)
    if not got[tracer]:
        need(tracer)
        raise CannotRun(f"{tracer} does not work here")
    bare = {load: statistics.median(took) for load, took in got["bare"].items()}
    slower = ", ".join(f"{load} {statistics.median(took) / bare[load]:.2f}"
                       for load, took in got[tracer].items())
    ns = [1e9 * (one - bare["getppid"]) for one in got[tracer]["getppid"]]
    return Figure.median_of(ns, f"times as slow as bare: {slower}")


@row("as-floor", "wall ns added to getppid: two empty programs", unit="ns")
def as_floor(bench):
    return against(bench, "floor")


@row("as-igrec", "wall ns added to getppid: igrec", unit="ns")
def as_igrec(bench):
    return against(bench, "igrec")


@row("as-bpftrace", "wall ns added to getppid: bpftrace printing each call", unit="ns")
def as_bpftrace(bench):
    return against(bench, "bpftrace")


@row("as-perf", "wall ns added to getppid: perf trace", unit="ns")
def as_perf(bench):
    return against(bench, "perf")


@row("as-strace", "wall ns added to getppid: strace -f", unit="ns")
def as_strace(bench):
    return against(bench, "strace")
