# SPDX-License-Identifier: Apache-2.0
"""igrecd with containers in cgroups that the benchmarks make: no runtime adds its own time."""

import contextlib
import ctypes
import json
import os
import select
import shutil
import struct
import subprocess
import time

import lab
from stage import OWN_NAMES, Cgroup, remove_cgroup

CONFIG = lab.CONFIG + """
[ring]
memory-limit = {memory}
pool = {pool}
[retention]
total-size = 0
per-workload = 0
free-space = 0
"""
# The first program in the cgroup is in a pid namespace of its own: igrecd takes it for a container.
ENTER = 'echo 0 > "$0" && exec "$@"'


class Container:
    """A process in a pid namespace and cgroup of its own, with pipes to and from it. stdin: a
    descriptor instead of a pipe. Under runc_root it has a state file such as runc writes, so that
    igrecd knows its name at once."""

    def __init__(self, name, runc_root, command, stdin=subprocess.PIPE, **options):
        self.cgroup = Cgroup(name)
        self.name = os.path.basename(self.cgroup.path)
        self.state = os.path.join(runc_root, self.name)
        os.makedirs(self.state)
        with open(os.path.join(self.state, "state.json"), "w") as f:
            json.dump({"id": self.name, "config": {"cgroups": {"path": self.cgroup.name}}}, f)
        self.process = subprocess.Popen(
            ["unshare", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", ENTER,
             self.cgroup.procs, *command],
            stdin=stdin, stdout=subprocess.PIPE, preexec_fn=lab.die_with_parent, **options)

    def wait_ready(self):
        """Until it prints that it is."""
        line = self.process.stdout.readline()
        if line != b"ready\n":
            raise RuntimeError(f"{self.name} said {line!r}, not ready")
        return self

    def end(self):
        """Ends its stdin; returns what it printed since it was ready."""
        self.process.stdin.close()
        return self.process.stdout.read()

    def remove(self):
        self.process.kill()
        remove_cgroup(self.cgroup.path)
        shutil.rmtree(self.state, ignore_errors=True)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
        self.process.wait()


class Arrivals:
    """Tells when a dump appears in the store under its final name. of: what is in the names of the
    containers meant; igrecd records others of the machine, too."""

    IN_MOVED_TO = 0x80

    def __init__(self, store, of):
        self.of = of
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self.libc.inotify_init1(os.O_CLOEXEC)
        if self.libc.inotify_add_watch(self.fd, store.encode(), self.IN_MOVED_TO) < 0:
            raise OSError(ctypes.get_errno(), f"inotify_add_watch {store}")
        self.times = {}  # name -> monotonic ns

    def wait(self, count, seconds=20):
        """Until so many have come. Returns what came since the last wait."""
        end = time.monotonic() + seconds
        while len(self.times) < count:
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                raise RuntimeError(f"{len(self.times)} of {count} dumps after {seconds} s")
            self.read()
        came, self.times = self.times, {}
        return came

    def read(self):
        data, now, at = os.read(self.fd, 1 << 16), time.monotonic_ns(), 0
        while at < len(data):
            length = struct.unpack_from("iIII", data, at)[3]
            name = data[at + 16:at + 16 + length].rstrip(b"\0").decode()
            if name.endswith(".igrec") and self.of in name:
                self.times[name] = now
            at += 16 + length

    def close(self):
        os.close(self.fd)


class Daemon:
    """igrecd, and containers that it records. memory, pool: of rings; twice the default memory, as
    others of the machine take rings, too. real_runc: it looks where runc keeps its state."""

    def __init__(self, bench, memory="160MiB", pool=32, real_runc=False):
        self.bench = bench
        self.lab = bench.new_lab()
        self.lab.configure(CONFIG.format(memory=memory, pool=pool))
        self.runc_root = self.lab.path("runc")
        self.options = () if real_runc else ("--runc-root", self.runc_root)
        self.stack = contextlib.ExitStack()
        self.made = 0

    def start(self):
        """Returns the seconds until it is ready."""
        begin = time.monotonic()
        self.lab.start(*self.options)
        return time.monotonic() - begin

    def container(self, *command, **options):
        """Removed in the end, if not before."""
        self.made += 1
        container = Container(f"c{self.made}", self.runc_root, command, **options)
        self.stack.callback(container.remove)
        return container

    def full_container(self, **options):
        """One that has filled its ring and waits for the end of its stdin to fail."""
        return self.container(self.bench.program("bench_calls"), "fill", "open-read-close", "8000",
                              "1", **options)

    def arrivals(self, of=OWN_NAMES):
        arrivals = Arrivals(self.lab.store, of)
        self.stack.callback(arrivals.close)
        return arrivals

    def pid(self):
        return self.lab.process.pid

    def close(self):
        self.stack.close()
        self.bench.close_lab(self.lab)


@contextlib.contextmanager
def daemon(bench, start=True, **options):
    made = Daemon(bench, **options)
    try:
        if start:
            made.start()
        yield made
    finally:
        made.close()
