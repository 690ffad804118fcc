# SPDX-License-Identifier: Apache-2.0
"""Pods of a real kubelet crash, and what igrec says of them is compared with the kubelet's own
status.  igrecd runs as deploy/kubernetes makes it: its mounts, capabilities and limits.

The kubelet has no Debian package and takes minutes to build, so where tools/build-kubelet.sh has
not built it this suite is skipped, and that is no failure even with IGREC_TEST_STRICT=1: it is the
one exception to that rule.
"""

import json
import os
import signal
import sys
import time
import unittest

try:
    import node
    from node import container, pod
    LACKING = node.lacking()
except ImportError as error:
    LACKING = f"{error.name} of the system's Python (tools/setup.sh test)"
if LACKING:
    print(f"skipped: this machine lacks {LACKING}", file=sys.stderr)
    sys.exit(77)

import engines
import lab
from containers import UNIFIED, V1_MEMORY
from tape import Tape

# A busy machine with two CPUs starts a dozen pods in a minute; nothing here waits for the clock.
SECONDS = 180
CAPABILITIES = {"DAC_READ_SEARCH": 2, "SYS_PTRACE": 19, "PERFMON": 38, "BPF": 39}

LIMIT = {"resources": {"limits": {"memory": "32Mi"}}}
FAILING_PROBE = {"livenessProbe": {"exec": {"command": ["/bin/ending", "exit", "1"]},
                                   "initialDelaySeconds": 1, "periodSeconds": 1,
                                   "failureThreshold": 1}}
NO_CONFIG = {"volumeMounts": [{"name": "config", "mountPath": "/etc/app"}]}

PODS = (
    pod("silent", container("app", "/bin/ending", "silent", "1")),
    pod("oom", container("app", "/bin/ending", "oom", **LIMIT)),
    pod("probed", container("app", "/bin/ending", "pipe", **FAILING_PROBE)),
    pod("unconfigured", container("app", "/bin/ending", "exit", "78", **NO_CONFIG),
        volumes=[{"name": "config", "emptyDir": {}}]),
    pod("pair", container("app", "/bin/ending", "segv"), container("side", "/bin/ending", "pipe")),
    pod("deleted", container("app", "/bin/ending", "serve", "143")),
    pod("steady", container("app", "/bin/ending", "pipe")),
    pod("user", container("app", "/bin/ending", "pipe"),
        securityContext={"runAsUser": 1000, "runAsGroup": 1000}),
)
REFUSED_PROBE = {"livenessProbe": {"tcpSocket": {"port": 9}, "initialDelaySeconds": 1,
                                   "periodSeconds": 1, "failureThreshold": 1}}
# igrecd counts such ends from its own start on, so these come after the update.
ENDING = (
    pod("zero", container("app", "/bin/ending", "exit", "0")),
    pod("refused", container("app", "/bin/ending", "serve", "143", **REFUSED_PROBE)),
)
# How many ends of each are waited for; the kubelet waits 10 s before the second restart.
WANTED_ENDS = {"silent": 2, "oom": 1, "probed": 1, "unconfigured": 1, "pair": 1, "zero": 3, "refused": 3,
               "between": 1}


class Observer:
    """The ends of containers as the kubelet tells them: container id -> what it says."""

    def __init__(self, node_):
        self.node = node_
        self.ends = {}

    def look(self):
        pods = self.node.pods()
        for name, item in (pods or {}).items():
            for status in item["status"].get("containerStatuses", []):
                self.note(name, status)
        return pods

    def note(self, name, status):
        now, last = status.get("state", {}), status.get("lastState", {})
        # What waits has not been restarted: its last end is that of the restart counted last.
        behind = 0 if "waiting" in now else 1
        for state, restart in ((now, status["restartCount"]),
                               (last, status["restartCount"] - behind)):
            ended = state.get("terminated")
            if not ended or not ended.get("containerID"):
                continue
            self.ends[ended["containerID"].removeprefix("containerd://")] = {
                "pod": name, "container": status["name"], "restart": restart,
                "exit_code": ended["exitCode"], "reason": ended["reason"]}

    def of(self, name):
        return {key: end for key, end in self.ends.items() if end["pod"] == name}

    def status(self, name, container_name):
        item = (self.look() or {}).get(name)
        statuses = item["status"].get("containerStatuses", []) if item else []
        return next((s for s in statuses if s["name"] == container_name), None)

    def running(self, name, container_name="app"):
        """Its id, or None."""
        status = self.status(name, container_name)
        if not status or "running" not in status["state"]:
            return None
        return status["containerID"].removeprefix("containerd://")

    def wait(self, what, poll):
        try:
            return lab.wait_for(what, SECONDS, lambda: poll(self.look() or {}), 0.5)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.node.kubelet_log()}") from None


class Kubelet(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        began = time.monotonic()
        cls.lab = lab.Lab()
        cls.addClassCleanup(cls.close_lab)
        node.mount("--bind", cls.lab.bpf_mount, node.BPFFS)
        cls.node = node.Node(cls.lab)
        cls.addClassCleanup(cls.node.close)
        cls.kubelet = Observer(cls.node)
        cls.node.start_kubelet()
        cls.igrecd = cls.deploy("first")
        cls.node.apply(*PODS)
        cls.kubelet.wait("the pods to start", lambda pods: all(
            cls.kubelet.running(name) for name in ("steady", "user", "deleted")))
        cls.update()
        cls.delete()
        cls.kubelet.wait("the pods to end", lambda pods: all(
            len(cls.kubelet.of(name)) >= count for name, count in WANTED_ENDS.items()))
        cls.rows = cls.wait_for_dumps()
        print(f"all pods ended as wanted after {time.monotonic() - began:.0f} s", file=sys.stderr)

    @classmethod
    def close_lab(cls):
        wrong = cls.lab.close()
        if wrong:
            raise AssertionError("\n".join(wrong))

    @classmethod
    def deploy(cls, version):
        """Puts igrecd's pod there; returns its container's id once the kubelet calls it ready."""
        cls.node.apply(node.igrec_pod(cls.node.path("igrec"), version=version))

        def ready(pods):
            status = cls.kubelet.status("igrecd", "igrecd")
            return status and status["ready"] and cls.kubelet.running("igrecd", "igrecd")
        try:
            return cls.kubelet.wait("igrecd to be ready", ready)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{cls.igrecd_log()}") from None

    @classmethod
    def igrecd_log(cls):
        texts = []
        for directory, _, names in os.walk("/var/log/pods"):
            for name in names if "igrecd" in directory else ():
                with open(os.path.join(directory, name), errors="replace") as f:
                    texts += [line for line in f if "igt-" not in line]
        return "".join(texts)

    @classmethod
    def update(cls):
        """As a DaemonSet is updated: the pod goes, another comes. A pod crashes in between."""
        cls.node.remove("igrecd")
        cls.kubelet.wait("igrecd's pod to go", lambda pods: pods and "igrecd" not in pods)
        cls.node.apply(pod("between", container("app", "/bin/ending", "exit", "9"),
                           restartPolicy="Never"))
        cls.kubelet.wait("a crash without igrecd", lambda pods: cls.kubelet.of("between"))
        cls.igrecd = cls.deploy("second")
        cls.node.apply(*ENDING)

    @classmethod
    def delete(cls):
        cls.node.remove("deleted")
        cls.kubelet.wait("a pod to go", lambda pods: pods and "deleted" not in pods)

    @classmethod
    def igrec(cls, *args, status=(0,)):
        """As `kubectl exec` runs it."""
        got, out, err = cls.node.cri.exec_output(cls.igrecd, "igrec", *args)
        if got not in status:
            raise AssertionError(f"igrec {' '.join(args)}: status {got}: {err}{cls.igrecd_log()}")
        return [json.loads(line) for line in out.splitlines()]

    @classmethod
    def wait_for_dumps(cls):
        """A dump of every end that is a failure; returns all rows of `igrec list`."""
        missing = []

        def all_there(pods):
            rows = cls.igrec("list", "--json")
            have = {row["container_id"] for row in rows}
            missing[:] = [end for key, end in cls.kubelet.ends.items()
                          if end["exit_code"] and end["pod"] != "refused" and key not in have]
            return rows if not missing and all(
                cls.rows_of(rows, name) for name in ("zero", "refused")) else None
        try:
            return cls.kubelet.wait("the dumps", all_there)
        except AssertionError as error:
            raise AssertionError(f"{error}\nmissing: {missing}\n{cls.igrec('ps', '--json')[-1]}\n"
                                 f"{cls.igrecd_log()}") from None

    @staticmethod
    def rows_of(rows, name, container_name="app"):
        """Newest first."""
        return [r for r in rows if r["pod"] == f"{name}-{node.NODE}" and
                r["container"] == container_name]

    def tape(self, row):
        return Tape(self.igrec("replay", "--json", row["id"], status=(0, 4)))

    def one(self, name):
        rows = self.rows_of(self.rows, name)
        self.assertTrue(rows, name)
        return rows[-1]

    # ---- igrecd -----------------------------------------------------------------------------

    def igrecd_cgroup(self, hierarchy):
        found = [d for d, _, _ in os.walk(hierarchy + self.node.cgroup_root)
                 if os.path.basename(d) == self.igrecd]
        self.assertEqual(len(found), 1)
        return found[0]

    def igrecd_file(self, name):
        with open(os.path.join(self.igrecd_cgroup(UNIFIED), "cgroup.procs")) as f:
            pid = f.read().split()[0]
        with open(f"/proc/{pid}/{name}") as f:
            return f.read()

    def test_igrecd_has_what_the_manifest_gives_and_no_more(self):
        status = dict(line.split(":\t", 1) for line in self.igrecd_file("status").splitlines()
                      if ":\t" in line)
        security = node.igrec_pod("")["spec"]["containers"][0]["securityContext"]
        given = sum(1 << CAPABILITIES[name] for name in security["capabilities"]["add"])
        for kind in ("CapPrm", "CapEff", "CapBnd"):
            self.assertEqual(int(status[kind], 16) & ~given, 0, kind)
        self.assertEqual(status["NoNewPrivs"].strip(), "1")
        self.assertEqual(status["Seccomp"].strip(), "2")
        root = next(line.split() for line in self.igrecd_file("mounts").splitlines()
                    if line.split()[1] == "/")
        self.assertIn("ro", root[3].split(","))

    def test_limits_hold_the_rings(self):
        info = next(r for r in self.igrec("ps", "--json") if r.get("type") == "node")
        hierarchy = V1_MEMORY if os.path.exists(V1_MEMORY) else UNIFIED
        names = ("memory.usage_in_bytes", "memory.limit_in_bytes") \
            if hierarchy == V1_MEMORY else ("memory.current", "memory.max")
        figures = []
        for name in names:
            with open(os.path.join(self.igrecd_cgroup(hierarchy), name)) as f:
                figures.append(int(f.read()))
        used, limit = figures
        unmade = info["rings_max"] - info["rings"] - info["pool"]
        self.assertLess(used + max(unmade, 0) * info["ring_bytes"] + info["snapshot_bytes_max"],
                        limit)

    # ---- what the kubelet says --------------------------------------------------------------

    def test_list_is_what_the_kubelet_says(self):
        """Exit code, reason and restart number of every failure."""
        rows = {row["container_id"]: row for row in self.rows}
        compared = 0
        for key, end in self.kubelet.ends.items():
            if not end["exit_code"] or (end["pod"] == "refused" and key not in rows):
                continue
            row = rows[key]
            told = row["exit_code"] if row["signal"] is None else 128 + row["signal"]
            with self.subTest(**end):
                # The engine may hear of an OOM kill after the end: then the kubelet says "Error".
                self.assertEqual(
                    (row["namespace"], row["pod"], told, row["kind"] == "oom"),
                    ("prod", f"{end['pod']}-{node.NODE}", end["exit_code"], end["pod"] == "oom"))
                self.assertTrue(row["kind"] == "oom" or end["reason"] != "OOMKilled")
                # One that came and went while no igrecd ran took its name along.
                if row["container"] != key:
                    self.assertEqual((row["container"], row["restart"]),
                                     (end["container"], end["restart"]))
                    compared += 1
        self.assertGreaterEqual(compared, 7)

    def test_crash_at_start_with_empty_logs(self):
        row = self.one("silent")
        self.assertEqual((row["kind"], row["exit_code"], row["restart"]), ("exit", 1, 0))
        logs = [os.path.join(directory, name) for directory, _, names in os.walk("/var/log/pods")
                for name in names if f"prod_silent-{node.NODE}" in directory]
        self.assertTrue(logs)
        self.assertEqual([os.path.getsize(path) for path in logs], [0] * len(logs))
        tape = self.tape(row)
        self.assertTrue(tape.named("openat", "/etc/app/config.yaml"))
        self.assertEqual([e["type"] for e in tape.events if e["lane"] == "start"][:1], ["exec"])

    def test_out_of_memory(self):
        row = self.one("oom")
        self.assertEqual((row["kind"], row["signal"]), ("oom", signal.SIGKILL))
        self.assertEqual([e["victim_pid"] for e in self.tape(row).of_type("oom")], [1])

    def test_liveness_kill_is_no_crash(self):
        """The dump says that the kill came from outside. The SIGTERM before it is none that a first
        process without a handler would get."""
        row = self.one("probed")
        self.assertEqual((row["kind"], row["signal"]), ("signal", signal.SIGKILL))
        kills = [e for e in self.tape(row).of_type("signal") if e["signal"] == signal.SIGKILL]
        self.assertTrue(kills)
        self.assertTrue(all(e["sender_outside"] for e in kills))
        self.assertIn("outside", row["cause"])

    def test_mounted_configuration_is_missing(self):
        row = self.one("unconfigured")
        self.assertEqual((row["kind"], row["exit_code"]), ("exit", 78))
        self.assertIn("/etc/app/config.yaml", row["cause"])
        self.assertIn("ENOENT", row["cause"])

    def test_one_of_two_containers(self):
        row = self.one("pair")
        self.assertEqual((row["kind"], row["signal"]), ("signal", signal.SIGSEGV))
        self.assertEqual(self.rows_of(self.rows, "pair", "side"), [])
        self.assertTrue(self.kubelet.running("pair", "side"))

    def test_deleted_pod_leaves_no_dump(self):
        self.assertEqual(self.rows_of(self.igrec("list", "--json"), "deleted"), [])

    def test_end_with_0_again_and_again(self):
        rows = self.rows_of(self.rows, "zero")
        self.assertEqual((rows[-1]["kind"], rows[-1]["restart"]), ("crash-loop", 2))
        self.assertIn(rows[-1]["container_id"], self.kubelet.of("zero"))

    def test_stopped_by_a_probe_again_and_again(self):
        """A stop by itself leaves no dump; it does when it comes again and again."""
        rows = self.rows_of(self.rows, "refused")
        self.assertEqual((rows[-1]["kind"], rows[-1]["restart"], rows[-1]["exit_code"]),
                         ("crash-loop", 2, 143))
        self.assertIn("was told to end by SIGTERM", rows[-1]["cause"])
        self.assertIn(rows[-1]["container_id"], self.kubelet.of("refused"))

    # ---- an update --------------------------------------------------------------------------

    def test_crash_while_igrecd_is_replaced(self):
        row = next(r for r in self.rows if r["pod"] == f"between-{node.NODE}" and
                   r["container_id"] in self.kubelet.of("between"))
        self.assertEqual((row["kind"], row["exit_code"]), ("exit", 9))
        self.assertTrue(row["complete"])
        self.assertTrue(self.tape(row).named("openat", "/etc/app/config.yaml"))

    def test_tape_goes_on_over_an_update(self):
        """What a container did before the update and after it is on one tape."""
        self.node.cri.exec(self.kubelet.running("steady"), "/bin/ending", "segv")
        rows = self.kubelet.wait("the dump", lambda pods: self.rows_of(
            self.igrec("list", "--json"), "steady"))
        self.assertEqual((rows[0]["kind"], rows[0]["signal"], rows[0]["complete"]),
                         ("child-signal", signal.SIGSEGV, True))
        opened = self.tape(rows[0]).named("openat", "/etc/app/config.yaml")
        self.assertEqual([e["lane"] for e in opened if e["pid"] == 1], ["start"])
        self.assertEqual(len(opened), 2)

    def test_process_of_another_user(self):
        """With its capabilities igrecd sees what a process has open that is not root's."""
        made = self.kubelet.running("user")
        self.igrec("dump", "--json", made)
        row = next(r for r in self.igrec("list", "--json") if r["container_id"] == made)
        info = self.igrec("info", "--json", row["id"])[0]
        self.assertEqual([(t["uid"], t["exe"], t["cwd"]) for t in info["tasks"]],
                         [(1000, "/bin/ending", "/")])
        self.assertIn("pipe:", " ".join(fd["target"] for fd in info["fds"]))
        self.assertEqual((info["node"], info["static_pod"]), (node.NODE, True))


if __name__ == "__main__":
    lab.main(net=True, prepare=node.prepare)
