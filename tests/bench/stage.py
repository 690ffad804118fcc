# SPDX-License-Identifier: Apache-2.0
"""What the rows measure with: cgroups, processes in them, and programs that attach by command.
All of it is gone when the Bench is closed, however the run ends."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import containers  # noqa: E402
import lab  # noqa: E402

CGROUP = re.compile(r"igrec-bench-(\d+)-")
OWN_NAMES = f"igrec-bench-{os.getpid()}-"  # how the names of this run's cgroups begin
SLOTS = 1200  # the most rings that a row asks for, and some for cgroups of others


def remove_cgroup(path):
    """With all processes in it."""
    for _ in range(200):
        if not os.path.exists(path):
            return
        with contextlib.suppress(OSError):
            with open(os.path.join(path, "cgroup.procs")) as f:
                for pid in f.read().split():
                    os.kill(int(pid), signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.rmdir(path)
            return
        time.sleep(0.01)
    raise RuntimeError(f"cannot remove {path}")


def remove_cgroups_of_dead_runs():
    for name in os.listdir(containers.UNIFIED):
        found = CGROUP.match(name)
        if found and not os.path.exists(f"/proc/{found.group(1)}"):
            remove_cgroup(os.path.join(containers.UNIFIED, name))


class Cgroup:
    def __init__(self, name):
        self.name = f"/{OWN_NAMES}{name}"
        self.path = containers.UNIFIED + self.name
        self.procs = os.path.join(self.path, "cgroup.procs")
        os.mkdir(self.path)

    def cpu_s(self):
        """CPU time of all processes that were ever in it."""
        with open(os.path.join(self.path, "cpu.stat")) as f:
            return int(f.readline().split()[1]) / 1e6

    def join(self):
        """For preexec_fn."""
        with open(self.procs, "w") as f:
            f.write("0")

    def remove(self):
        remove_cgroup(self.path)


class Talker:
    """A process that answers each line on its stdin by one on its stdout."""

    def __init__(self, *command, cgroup=None):
        def prepare():
            lab.die_with_parent()
            if cgroup:
                cgroup.join()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, preexec_fn=prepare)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args[0]} ended with {self.process.wait()}")
        return line

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


class Switch(Talker):
    """bench_switch: the kernel side without igrecd."""

    def __init__(self, bench):
        self.pins = os.path.join(bench.lab.bpf_mount, "bench")  # by igrecd's own names
        super().__init__(bench.program("bench_switch"), self.pins, str(SLOTS))
        self.checked(self.answer())

    @staticmethod
    def checked(answer):
        parsed = json.loads(answer)
        if "error" in parsed:
            raise RuntimeError("bench_switch: " + parsed["error"])
        return parsed

    def attach(self, what):
        self.checked(self.ask("attach " + what))

    def record(self, cgroup):
        self.checked(self.ask("record " + cgroup.name))

    def counts(self, cgroup):
        """Since the cgroup was given its ring: records, bytes and blocks of all lanes, and the
        lanes themselves."""
        got = self.checked(self.ask("counts " + cgroup.name))
        for what in ("records", "bytes", "blocks"):
            got[what] = sum(lane[what] for lane in got["lanes"])
        return got


class Caller(Talker):
    """bench_calls serve: loops of one call. under: the command line of a tracer."""

    def __init__(self, bench, under=(), cgroup=None):
        super().__init__(*under, bench.program("bench_calls"), "serve", cgroup=cgroup)

    def order(self, kind, batches, calls, cpu=-1, cgroup=None):
        """Begins one measurement; answer_ns() waits for it."""
        self.process.stdin.write(f"{kind} {batches} {calls} {cpu} "
                                 f"{cgroup.procs if cgroup else ''}\n")
        self.process.stdin.flush()

    def answer_ns(self, wall=False):
        return float(self.answer().split()[wall])

    def ns(self, *order, wall=False, **options):
        """CPU (or wall) time of one call."""
        self.order(*order, **options)
        return self.answer_ns(wall)


class Bench:
    """One run. results: what @once keeps."""

    def __init__(self, bin_dir, quick=False):
        self.bin, self.quick = bin_dir, quick
        self.results = {}
        self.labs = []
        remove_cgroups_of_dead_runs()
        self.lab = self.new_lab()
        self._switch = None
        self._numbers = 0

    def program(self, name):
        return os.path.join(self.bin, name)

    def rounds(self, many):
        return max(3, many // 5) if self.quick else many

    @staticmethod
    def cpus():
        return len(os.sched_getaffinity(0))

    def close(self):
        try:
            if self._switch is not None:
                self._switch.close()
        finally:
            while self.labs:
                self.close_lab(self.labs[-1])

    def new_lab(self):
        made = lab.Lab()
        self.labs.append(made)
        return made

    def close_lab(self, made):
        self.labs.remove(made)
        wrong = made.close()
        if wrong:
            print("\n".join(wrong), file=sys.stderr)

    @property
    def switch(self):
        """Loaded when a row first asks for it; end_row() detaches all."""
        if self._switch is None:
            self._switch = Switch(self)
        return self._switch

    def end_row(self):
        if self._switch is not None:
            self._switch.attach("bare")

    @contextlib.contextmanager
    def cgroup(self, recorded=True):
        """recorded: with a ring of the switch. The first program in it is one of the host, so that
        an igrecd of the machine's own lets go of it."""
        self._numbers += 1
        made = Cgroup(str(self._numbers))
        try:
            subprocess.run(["/bin/true"], preexec_fn=made.join, check=True)
            if recorded:
                self.switch.record(made)
            yield made
        finally:
            made.remove()

    @contextlib.contextmanager
    def running(self, command, cgroup=None, cpu=None, **options):
        """A process that is killed in the end."""
        def prepare():
            lab.die_with_parent()
            if cpu is not None:
                os.sched_setaffinity(0, {cpu})
            if cgroup:
                cgroup.join()
        process = subprocess.Popen(command, preexec_fn=prepare, **options)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    @contextlib.contextmanager
    def directory(self):
        """In memory."""
        self._numbers += 1
        path = self.lab.path(f"work-{self._numbers}")
        os.mkdir(path)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "igrec-bench", path], check=True)
        try:
            yield path
        finally:
            subprocess.run(["umount", "-l", path], check=True)
            shutil.rmtree(path)
