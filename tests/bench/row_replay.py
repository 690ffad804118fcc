# SPDX-License-Identifier: Apache-2.0
"""Dumps: how large they are and how fast they are read."""

import os
import subprocess
import time

import lab
import loads
from daemon import daemon
from rows import Figure, at_most, once, row

EVENTS, DUMPS, RENDERED = 1_000_000, 10_000, 200_000
BOOT = "import argparse, asyncio, http.server, json, logging, sqlite3, ssl, unittest; exit(1)"


def bytes_by_event(path, records):
    size = os.path.getsize(path)
    return Figure(size / records, detail=f"{size} bytes, {records} events")


@row("dump-redis", "dump: bytes on disk for an event, redis mix", at_most(7, 4), "bytes")
def dump_redis(bench):
    with daemon(bench) as igrecd:
        port = loads.free_port()
        container = igrecd.container("redis-server", "--port", str(port), "--save", "", "--dir",
                                     "/tmp", "--appendonly", "no")
        loads.wait_for_port(port)
        loads.client("redis-benchmark", "-p", str(port), "-t", "get", "-n", "20000", "-q")
        done = igrecd.lab.json_lines("dump", container.name)[0]
        path = os.path.join(igrecd.lab.store, os.path.basename(done["file"]))
        return bytes_by_event(path, igrecd.lab.json_lines("verify", path)[0]["records"])


@row("dump-python", "dump: bytes on disk for an event, boot of a Python app", at_most(9, 6),
     "bytes")
def dump_python(bench):
    with daemon(bench) as igrecd:
        arrivals = igrecd.arrivals()
        igrecd.container("/usr/bin/python3", "-c", BOOT, env=loads.ENVIRONMENT)
        name, = arrivals.wait(1)
        path = os.path.join(igrecd.lab.store, name)
        return bytes_by_event(path, igrecd.lab.json_lines("verify", path)[0]["records"])


def made_dumps(bench, store, count, records):
    subprocess.run([bench.program("bench_store"), store, str(count), str(records)], check=True,
                   preexec_fn=lab.die_with_parent)
    return [os.path.join(store, name) for name in os.listdir(store)]


def seconds_of(*command):
    begin = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.monotonic() - begin


def first_line_ms(*command):
    begin = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        os.read(process.stdout.fileno(), 1)
        took = time.monotonic() - begin
        process.kill()
    return took * 1000


@once
def replays(bench):
    """Seconds for the whole of a million events, ms until the first line."""
    igrec = bench.program("igrec")
    with bench.directory() as where:
        path, = made_dumps(bench, os.path.join(where, "store"), 1, EVENTS)
        rounds = bench.rounds(7)
        return ([seconds_of(igrec, "replay", path) for _ in range(rounds)],
                [first_line_ms(igrec, "replay", path) for _ in range(3 * rounds)])


@row("replay", "replay of 1,000,000 events to text", at_most(1, 0.5), "s")
def replay(bench):
    return Figure.median_of(replays(bench)[0])


@row("first-line", "replay of 1,000,000 events: first line", at_most(15), "ms")
def first_line(bench):
    return Figure.median_of(replays(bench)[1])


@row("list", "igrec list over 10,000 dumps", at_most(150, 50), "ms")
def list_dumps(bench):
    with bench.directory() as where:
        store = os.path.join(where, "store")
        made_dumps(bench, store, DUMPS, 20)
        command = [bench.program("igrec"), "list", "--store", store]
        seconds_of(*command)
        return Figure.median_of([1000 * seconds_of(*command) for _ in range(bench.rounds(11))])


@row("render", "replay's renderers: events a second, columns", unit="events/s")
def render(bench):
    done = subprocess.run([bench.program("bench_render"), str(RENDERED)],
                          check=True, capture_output=True, text=True)
    rates = [line.split() for line in done.stdout.splitlines()]
    return Figure(float(rates[0][1]), detail=", ".join(f"{name} {rate}" for name, rate, *_ in
                                                       rates[1:]))
