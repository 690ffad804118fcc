# SPDX-License-Identifier: Apache-2.0
"""What was around a failure: the cgroup's figures over time, the OOM killer's choice, who sent the
signal.  The truth is in the kernel's own files and in who really did it."""

import itertools
import os
import signal
import time

import lab
from containers import V1_MEMORY

LIMIT = 32 << 20
MIB = 1 << 20


def read(path):
    with open(path) as f:
        return f.read()


def keyed(path):
    return {key: int(value) for key, value in (line.split() for line in read(path).splitlines())}


class Figures:
    """A container's figures as the kernel's files have them now."""

    def __init__(self, container):
        v1 = os.path.join(V1_MEMORY, container.id)
        v2 = container.cgroup()
        self.cpu_ns = keyed(os.path.join(v2, "cpu.stat"))["usage_usec"] * 1000
        if os.path.isdir(v1):
            self.memory = int(read(os.path.join(v1, "memory.usage_in_bytes")))
            self.limit_hits = sum(int(read(os.path.join(v1, f"memory.{name}failcnt")))
                                  for name in ("", "memsw."))
            self.pids = int(read(f"/sys/fs/cgroup/pids/{container.id}/pids.current"))
        else:
            self.memory = int(read(os.path.join(v2, "memory.current")))
            self.limit_hits = keyed(os.path.join(v2, "memory.events"))["max"]
            self.pids = int(read(os.path.join(v2, "pids.current")))


class Surroundings(lab.LabTest):
    config = f"{lab.CONFIG}[surroundings]\nsample-every = 1s\nsamples = 6\n"

    def info(self, container):
        row = self.lab.wait_dump(container.id)[0]
        return self.lab.json_lines("info", self.lab.dump_path(row))[0]

    def requested(self, container):
        """The info of a dump on request, and its path."""
        path = self.lab.igrec("dump", container.id).stdout.rstrip("\n")
        return self.lab.json_lines("info", path)[0], path

    # ---- samples ----------------------------------------------------------------------------

    def test_samples_are_the_kernels_figures(self):
        container = self.runtime.container("quiet", "/bin/ending", "read", memory_bytes=LIMIT)
        container.start().wait_ready()

        # It only waits, but the kernel gives back memory that it charged in advance when it likes:
        # compared with a dump during which the kernel's files did not change.
        def still():
            before = Figures(container)
            info, _ = self.requested(container)
            truth = Figures(container)
            return (info, truth) if vars(before) == vars(truth) and len(info["samples"]) >= 3 \
                else None
        info, truth = lab.wait_for("figures that stand still", lab.PATIENCE, still, 0.5)
        last = info["samples"][-1]
        self.assertEqual((last["memory_bytes"], last["limit_hits"], last["pids"], last["cpu_ns"]),
                         (truth.memory, truth.limit_hits, truth.pids, truth.cpu_ns))
        vitals = {v["name"]: v["value"] for v in info["vitals"]}
        self.assertEqual(vitals.get("memory.max", vitals.get("memory.limit_in_bytes")), LIMIT)
        container.go_on()
        self.assertEqual(container.wait(), 0)

    def test_samples_go_round(self):
        """At most as many as the setting says, in the order of time, the last at the end; what
        counts never falls, and the CPU time of a busy program is in it."""
        container = self.runtime.container("busy", "/bin/ending", "busy", "1000000")
        pid = self.runtime.start_detached(container)  # its cgroup stays
        taken = itertools.count(1)  # a dump on request takes one more
        lab.wait_for("samples that no dump has taken", lab.PATIENCE, lambda: len(
            self.requested(container)[0]["samples"]) > next(taken), 1)
        for _ in range(6):
            self.requested(container)
        used_ns = Figures(container).cpu_ns
        os.kill(pid, signal.SIGKILL)
        self.runtime.wait_detached(pid)
        row = lab.wait_for("the dump of its end", lab.PATIENCE, lambda: next(
            (r for r in self.lab.dumps(container.id) if r["kind"] == "signal"), None))
        info = self.lab.json_lines("info", self.lab.dump_path(row))[0]
        samples = info["samples"]
        self.assertEqual(len(samples), 6)
        times = [s["time_ns"] for s in samples]
        self.assertEqual(times, sorted(times))
        self.assertEqual(times[-1], info["time_ns"])
        for key in ("cpu_ns", "throttled_ns", "limit_hits", "read_bytes", "written_bytes"):
            values = [s[key] for s in samples if s[key] is not None]
            self.assertEqual(values, sorted(values), key)
        self.assertGreaterEqual(samples[-1]["cpu_ns"], used_ns)
        self.assertGreater(samples[-1]["cpu_ns"], samples[0]["cpu_ns"])

    def test_chart(self):
        container = self.runtime.container("chart", "/bin/ending", "read").start()
        container.wait_ready()

        def sampled():
            info, path = self.requested(container)
            return path if len(info["samples"]) >= 3 else None
        path = lab.wait_for("three samples", lab.PATIENCE, sampled, 1)
        for locale, mark in (("C", "#"), ("C.UTF-8", "█")):
            shown = self.lab.igrec("info", path, status=(0, 4),
                                   env={**os.environ, "LC_ALL": locale}).stdout
            chart = [line for line in shown.splitlines() if line.startswith("threads ")]
            self.assertEqual(len(chart), 1, shown)
            self.assertIn(mark, chart[0])
            if locale == "C":
                shown.encode("ascii")
        container.go_on()
        container.wait()

    # ---- out of memory ----------------------------------------------------------------------

    def check_oom(self, info, victim, is_init):
        oom = info["oom"]
        self.assertEqual(oom["limit_bytes"], LIMIT)
        self.assertLessEqual(oom["peak_bytes"], LIMIT)
        self.assertGreater(oom["peak_bytes"], LIMIT - 2 * MIB)
        self.assertEqual(oom["kills"], 1)
        self.assertEqual((oom["victim"]["pid"], oom["victim"]["is_init"]), (victim, is_init))
        # All that the container has of memory is its victim's, but for the kernel's own.
        self.assertGreater(oom["victim"]["rss_bytes"], LIMIT // 2)
        self.assertLess(oom["victim"]["rss_bytes"], LIMIT + 2 * MIB)
        sizes = [p["rss_bytes"] or 0 for p in oom["processes"]]
        self.assertEqual(sizes, sorted(sizes, reverse=True))
        self.assertEqual(oom["processes"][0]["pid"], victim)
        self.assertEqual(info["ended_by"]["sender"], "kernel")

    def test_oom_of_the_first_process(self):
        container = self.runtime.container("oom", "/bin/ending", "oom", memory_bytes=LIMIT)
        self.runtime.wait_detached(self.runtime.start_detached(container))  # its cgroup stays
        info = self.info(container)
        self.check_oom(info, 1, True)
        self.assertIn("MiB of memory", info["cause"])

    def test_oom_of_a_child(self):
        container = self.runtime.container("childoom", "/bin/child", "oom", memory_bytes=LIMIT)
        container.start().wait_ready()
        child = container.facts("child")[0]
        info = self.info(container)
        self.check_oom(info, child["pid"], False)
        self.assertEqual([p["pid"] for p in info["oom"]["processes"]], [child["pid"], 1])
        self.assertEqual(info["oom"]["processes"][1]["argv"], ["/bin/child", "oom"])
        container.go_on()
        container.wait()

    # ---- who sent the signal ----------------------------------------------------------------

    def waiting(self, name, mode="read"):
        container = self.runtime.container(name, "/bin/ending", mode).start()
        container.wait_ready()
        return container

    def test_signal_of_this_test(self):
        container = self.waiting("outside")
        os.kill(container.pid(), signal.SIGKILL)
        container.wait()
        by = self.info(container)["ended_by"]
        with open("/proc/self/comm") as f:
            comm = f.read().strip()
        self.assertEqual((by["signal"], by["sender"], by["host_pid"], by["comm"]),
                         (signal.SIGKILL, "outside", os.getpid(), comm))

    def test_signals_of_the_runtime(self):
        """SIGTERM, which the first process of a pid namespace does not hear, then SIGKILL."""
        container = self.waiting("stopped", "pipe")
        self.runtime.kill(container, "TERM")
        time.sleep(0.3)
        self.runtime.kill(container, "KILL")
        container.wait()
        info = self.info(container)
        self.assertEqual((info["ended_by"]["signal"], info["ended_by"]["sender"]),
                         (signal.SIGKILL, "runtime"))
        self.assertTrue(info["ended_by"]["comm"].startswith("runc"))

    def test_signal_from_within(self):
        container = self.runtime.container("within", "/bin/child", "sent").start()
        container.wait_ready()
        info = self.info(container)
        self.assertEqual((info["ended_by"]["sender"], info["ended_by"]["host_pid"]),
                         ("inside", container.pid()))
        container.go_on()
        container.wait()

    def test_fault_of_its_own(self):
        container = self.runtime.container("fault", "/bin/ending", "segv")
        container.run()
        info = self.info(container)
        self.assertEqual(info["ended_by"]["sender"], "fault")
        self.assertIsNone(info["told_to_end"])

    def test_exit_by_itself(self):
        container = self.runtime.container("itself", "/bin/ending", "exit", "1")
        container.run()
        info = self.info(container)
        self.assertEqual((info["ended_by"], info["told_to_end"], info["oom"]), (None, None, None))

    # ---- descriptors ------------------------------------------------------------------------

    def test_files_are_closed_with_the_container(self):
        where = f"/proc/{self.lab.process.pid}/fd"
        container = self.waiting("held")

        def leads_to_it(fd):
            try:
                return container.id in os.readlink(os.path.join(where, fd))
            except FileNotFoundError:
                return False  # closed meanwhile

        def held():
            return any(leads_to_it(fd) for fd in os.listdir(where))
        lab.wait_for("a sample", lab.PATIENCE, held)
        container.go_on()
        container.wait()
        lab.wait_for("igrecd to close its files", lab.PATIENCE, lambda: not held())


if __name__ == "__main__":
    lab.main()
