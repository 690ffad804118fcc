# SPDX-License-Identifier: Apache-2.0
"""From a container's death to its dump: when the file has its final name, by inotify, since the
moment before its init called exit."""

import os
import shutil
import time

import containers
from daemon import daemon
from rows import CannotRun, Figure, at_most, once, quantile, row

DEATHS, AT_ONCE, RUNC_DEATHS = 200, 100, 15


def check_full(lab, name):
    """That the dump is whole, and that its ring had gone round."""
    path = os.path.join(lab.store, name)
    verified = lab.json_lines("verify", path)[0]
    if verified["state"] != "whole":
        raise RuntimeError(f"{name}: {verified}")
    lanes = lab.json_lines("info", path)[0]["lanes"]
    if not lanes["vital"]["overwritten"] or not lanes["flow"]["overwritten"]:
        raise RuntimeError(f"{name}: its ring was not full: {lanes}")
    return verified["records"]


@once
def deaths_ms(bench):
    took, records = [], []
    with daemon(bench) as igrecd:
        arrivals = igrecd.arrivals()
        for _ in range(40 if bench.quick else DEATHS):
            container = igrecd.full_container().wait_ready()
            died_ns = int(container.end())
            (name, durable_ns), = arrivals.wait(1).items()
            took.append((durable_ns - died_ns) / 1e6)
            records.append(check_full(igrecd.lab, name))
            os.unlink(os.path.join(igrecd.lab.store, name))
            container.remove()
    return took, records


@row("death", "death to durable dump, full ring: median", at_most(25, 10), "ms")
def death(bench):
    took, records = deaths_ms(bench)
    return Figure.median_of(took, f"{len(took)} deaths, {min(records)} records or more each, "
                                  "each dump verified")


@row("death-p99", "death to durable dump, full ring: 99th percentile", at_most(60, 30), "ms")
def death_p99(bench):
    took, _ = deaths_ms(bench)
    return Figure(quantile(took, 0.99), detail=f"worst {max(took):.1f} ms")


@row("deaths-at-once", "100 full rings fail at once: until all are durable", at_most(2, 1), "s")
def deaths_at_once(bench):
    read_end, write_end = os.pipe()
    with daemon(bench, pool=AT_ONCE + 28) as igrecd:  # none of them waits for a ring
        arrivals = igrecd.arrivals()
        for _ in range(AT_ONCE):
            igrecd.full_container(stdin=read_end).wait_ready()
        os.close(read_end)
        begin_ns = time.monotonic_ns()
        os.close(write_end)
        came = arrivals.wait(AT_ONCE, 60)
        for name in came:
            check_full(igrecd.lab, name)
    first, last = min(came.values()), max(came.values())
    return Figure((last - begin_ns) / 1e9, detail=f"the first after {(first - begin_ns) / 1e6:.0f} "
                                                  "ms, all verified")


@row("death-runc", "the same in runc: since its init exits", at_most(25, 10), "ms")
def death_runc(bench):
    if not shutil.which("runc"):
        raise CannotRun("no runc: tools/setup.sh bench")
    took = []
    with daemon(bench, real_runc=True) as igrecd:
        arrivals = igrecd.arrivals(igrecd.lab.name)
        runtime = containers.Runtime(igrecd.lab)
        igrecd.stack.callback(runtime.close)
        shutil.copy(bench.program("bench_calls"), os.path.join(runtime.rootfs, "bin"))
        with open(os.path.join(runtime.rootfs, "etc", "hostname"), "w") as f:
            f.write("bench\n")
        for i in range(4 if bench.quick else RUNC_DEATHS):
            container = runtime.container(f"c{i}", "/bin/bench_calls", "fill", "open-read-close",
                                          "8000", "1").start()
            containers.wait_for("it to be ready", 30,
                                lambda: b"ready\n" in open(container.output, "rb").read())
            container.process.stdin.close()
            (name, durable_ns), = arrivals.wait(1).items()
            with open(container.output) as f:
                died_ns = int(f.read().split()[-1])
            took.append((durable_ns - died_ns) / 1e6)
            check_full(igrecd.lab, name)
            container.wait()
            container.remove()
    return Figure.median_of(took, f"{len(took)} deaths")
