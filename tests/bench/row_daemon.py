# SPDX-License-Identifier: Apache-2.0
"""igrecd itself: what it takes of memory and CPU while nothing fails, and how it starts."""

import os
import re
import time

from bpf_objects import Map, pinned
from daemon import daemon
from rows import Figure, at_most, once, row

QUIET, MEASURED, RUNNING = 100, 110, 300
IDLE_SECONDS = 10
SLEEP = ("sleep", "1000")


def quiet_containers(igrecd, count):
    made = [igrecd.container(*SLEEP) for _ in range(count)]
    names = {container.name for container in made}

    def recorded():
        rows = igrecd.lab.json_lines("ps")
        return names <= {row.get("container") for row in rows}
    deadline = time.monotonic() + 60
    while not recorded():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not all of {count} containers are recorded")
        time.sleep(0.2)
    return names


def cpu_s(pid):
    """Of all its threads; /proc/PID/schedstat counts ns, but of one thread."""
    total = 0
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/schedstat") as f:
            total += int(f.read().split()[0])
    return total / 1e9


class Memory:
    """MiB of a process: all that is resident, and without what it maps of BPF maps."""

    def __init__(self, pid):
        self.rss = self.own = 0
        with open(f"/proc/{pid}/smaps") as f:
            for line in f:
                if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                    is_map = "bpf-map" in line
                elif line.startswith("Rss:"):
                    mib = int(line.split()[1]) / 1024
                    self.rss += mib
                    self.own += 0 if is_map else mib


@once
def idle(bench):
    """CPU in percent of a core in each second, CPU seconds until then, dumps written, Memory."""
    with daemon(bench) as igrecd:
        quiet_containers(igrecd, QUIET)
        time.sleep(3)  # names are looked for until then
        percent, started_s = [], cpu_s(igrecd.pid())
        for _ in range(3 if bench.quick else IDLE_SECONDS):
            before, begin = cpu_s(igrecd.pid()), time.monotonic()
            time.sleep(1)
            percent.append(100 * (cpu_s(igrecd.pid()) - before) / (time.monotonic() - begin))
        dumps = sum(name.endswith(".igrec") for name in os.listdir(igrecd.lab.store))
        return percent, started_s, dumps, Memory(igrecd.pid())


@row("idle-cpu", "igrecd, 100 quiet containers: CPU", at_most(0.1, 0.02), "% of a core")
def idle_cpu(bench):
    percent, started_s, *_ = idle(bench)
    return Figure(sum(percent) / len(percent), percent,
                  f"over {len(percent)} s; {started_s:.2f} s until then")


@row("rss", "igrecd, 100 quiet containers: resident memory beside the rings", at_most(12, 8), "MiB")
def rss(bench):
    *_, dumps, memory = idle(bench)
    return Figure(memory.own, detail=f"{memory.rss:.1f} MiB with the rings, which it maps; "
                                     f"{dumps} dumps written, of other containers")


@row("ring-memory", "rings of 110 containers", at_most(55), "MiB")
def ring_memory(bench):
    with daemon(bench) as igrecd:
        names = quiet_containers(igrecd, MEASURED)
        rows = igrecd.lab.json_lines("ps")
        sizes = [one["ring_bytes"] for one in rows if one.get("container") in names]
        node = next(one for one in rows if one.get("type") == "node")
    return Figure(sum(sizes) / (1 << 20),
                  detail=f"{node['pool']} more rings are kept ready for new containers")


@row("cpu-memory", "kernel memory of a container for each CPU", at_most(64), "bytes")
def cpu_memory(bench):
    where, values = bench.switch.pins, {}
    slots = Map(os.path.join(where, "slots")).entries
    for name in pinned(where, "map"):
        one = Map(os.path.join(where, name))
        if one.is_percpu:
            values[name] = -(-one.value_bytes // 8) * 8 * one.entries / slots
    return Figure(sum(values.values()), detail=", ".join(values))


@row("start", "igrecd starts with 300 containers running", at_most(1), "s")
def start(bench):
    took = []
    with daemon(bench, start=False, memory="250MiB") as igrecd:
        names = {igrecd.container(*SLEEP).name for _ in range(RUNNING)}
        time.sleep(0.5)
        for _ in range(3):
            took.append(igrecd.start())
            recorded = {one.get("container") for one in igrecd.lab.json_lines("ps")}
            igrecd.lab.stop()
            igrecd.lab.unload()  # else the next one finds all of it at work
            if not names <= recorded:
                raise RuntimeError(f"{len(names - recorded)} of {RUNNING} are not recorded")
    return Figure.median_of(took, "until it says ready; all 300 are recorded then")
