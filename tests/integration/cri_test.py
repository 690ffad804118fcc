# SPDX-License-Identifier: Apache-2.0
"""Pods of containerd's CRI plugin, restarted as the kubelet does."""

import importlib.util
import os
import signal
import unittest
import uuid

import engines
import lab
from failure_table import EngineTest, FailureTable
from tape import Tape

LACKING = engines.Containerd.missing() or \
    (None if importlib.util.find_spec("grpc") else "python3-grpcio")
if not LACKING:
    import cri
    import grpc


class CriEngine(engines.Containerd):
    """A containerd with images for pods."""

    def __init__(self, lab_):
        super().__init__(lab_)
        self.logs = self.path("pods")
        self.root = f"/{lab_.name}"
        os.mkdir(self.logs)
        self.load("k8s.io")
        self.load_pause()
        self.cri = cri.Cri(self.socket)
        lab.wait_for("the CRI plugin", lab.PATIENCE, self.cri.is_ready, 0.1)
        self.pods = []

    def settings(self):
        return f"{super().settings()}pod-logs = {self.logs}\n"

    def make_pod(self, namespace, name, qos="burstable", pids="CONTAINER"):
        uid = str(uuid.uuid4())
        qos_part = f"/{qos}" if qos != "guaranteed" else ""
        pod = cri.Pod(namespace, name, uid, f"{self.root}/kubepods{qos_part}/pod{uid}", self.logs,
                      pids)
        os.makedirs(pod.logs)
        pod.sandbox = self.cri.run_pod(pod)
        self.pods.append(pod)
        return pod

    def create(self, pod, name, attempt, *args, memory=None):
        os.makedirs(os.path.join(pod.logs, name), exist_ok=True)
        container = cri.Container(pod, name, attempt, engines.IMAGE, args, memory)
        return self.cri.create(pod, container)

    def wait(self, container_id):
        def ended():
            status = self.cri.status(container_id)
            return status if status["state"] == cri.EXITED else None
        return lab.wait_for("the container's end", lab.PATIENCE, ended)

    def close(self):
        for pod in self.pods:
            try:
                self.cri.remove_pod(pod.sandbox)
            except grpc.RpcError as error:
                print(f"pod {pod.name}: {error}")
        self.cri.close()
        super().close()


@unittest.skipIf(LACKING, f"this machine lacks {LACKING}")
class CriPods(FailureTable, EngineTest):
    engine_class = CriEngine
    runtime_name = "containerd"
    policy = "[policy big]\ncontainer = big\nring-size = 1MiB\n"
    missing_status = (128,)  # StartError, see containerd pkg/cri/server/container_start.go

    @classmethod
    def prepare(cls):
        cls.pod = cls.engine.make_pod("prod", "web-0")
        cls.ids = {}

    def name_of(self, name):
        return name

    def create(self, name, *args, memory=None, attempt=0):
        self.ids[name] = self.engine.create(self.pod, name, attempt, *args, memory=memory)
        return self.ids[name]

    def run_attempt(self, name, attempt, *args, memory=None):
        made = self.create(name, *args, memory=memory, attempt=attempt)
        try:
            self.engine.cri.start(made)
        except grpc.RpcError as error:
            self.assertIn("failed to create containerd task", error.details())
        return self.engine.wait(made)

    def run_to_end(self, name, *args, memory=None):
        return self.run_attempt(name, 0, *args, memory=memory)["exit_code"]

    def start(self, name, *args):
        self.engine.cri.start(self.create(name, *args))

    def stop(self, name, seconds):
        self.engine.cri.stop(self.ids[name], seconds)
        return self.engine.wait(self.ids[name])["exit_code"]

    def check_names(self, name, row):
        self.assertEqual((row["namespace"], row["pod"], row["container"], row["restart"]),
                         ("prod", "web-0", name, 0))
        self.assertEqual(row["container_id"], self.ids[name])

    def says_oom(self, name):
        return self.engine.cri.status(self.ids[name])["reason"] == "OOMKilled"

    def log_path(self, name, attempt=0):
        return os.path.join(self.pod.logs, name, f"{attempt}.log")

    def logged(self, name, attempt=0):
        with open(self.log_path(name, attempt)) as f:
            fields = [line.rstrip("\n").split(" ", 3) for line in f]
        return [(stream, text) for _, stream, _, text in fields]

    def is_ready(self, name, attempt):
        try:
            with open(self.log_path(name, attempt)) as f:
                return '"fact":"ready"' in f.read()
        except FileNotFoundError:
            return False

    def running(self, name):
        self.start(name, "/bin/ending", "pipe")
        lab.wait_for(f"{name}'s log", lab.PATIENCE, lambda: len(self.logged(name)) == 3)
        lab.wait_for("the container in ps", lab.PATIENCE, lambda: self.lab.ps(name))

    def request(self, name, count):
        self.lab.igrec("dump", name)
        return self.check_info(self.lab.wait_dump(name, count)[0])

    def test_rotated_log(self):
        """As the kubelet rotates: renamed, then a new file, of which the old one is the beginning."""
        self.running("rotated")
        before = self.logged("rotated")
        path = self.log_path("rotated")
        os.rename(path, f"{path}.20261121-234640")
        for name, text in ((f"{path}.20261120-000000", "older"), (f"{path}.20261122-0.gz", "no")):
            with open(name, "w") as f:
                f.write(f"2026-11-20T00:00:00Z stdout F {text}\n")
        with open(path, "w") as f:
            f.write("2036-11-21T23:46:41.5Z stderr P in \n2036-11-21T23:46:41.6Z stderr F parts\n")
        info = self.request("rotated", 1)
        self.assertEqual([(line["stream"], line["text"]) for line in info["log"]],
                         [*before, ("stderr", "in parts")])
        self.assertEqual(info["log_file"], path)

    def test_log_that_leads_elsewhere(self):
        """Whoever can write to the log directory cannot make igrecd read another file."""
        self.running("linked")
        path = self.log_path("linked")
        secret = self.engine.path("secret")
        with open(secret, "w") as f:
            f.write("2036-11-21T23:46:41Z stdout F secret\n")
        os.rename(path, path + ".away")
        os.symlink(secret, path)
        self.assertEqual(self.request("linked", 1)["log"], [])
        os.unlink(path)
        os.mkfifo(path)
        self.assertEqual(self.request("linked", 2)["log"], [])
        os.unlink(path)
        where = os.path.dirname(path)
        os.rename(where, where + ".away")
        os.symlink(self.engine.dir, where)
        os.rename(secret, self.engine.path("0.log"))
        self.assertEqual(self.request("linked", 3)["log"], [])

    def test_attempts(self):
        """A dump for each attempt, with its number."""
        wanted = []
        for attempt in range(3):
            status = self.run_attempt("app", attempt, "/bin/ending", "exit", str(attempt + 1))
            self.assertEqual(status["attempt"], attempt)
            wanted.insert(0, (attempt, status["exit_code"], self.ids["app"]))
        rows = self.lab.wait_dump("app", 3)
        self.assertEqual([(r["restart"], r["exit_code"], r["container_id"]) for r in rows], wanted)

    def test_identity(self):
        self.run_attempt("who", 0, "/bin/ending", "exit", "1")
        row = self.lab.wait_dump("who")[0]
        info = self.check_info(row)
        self.assertEqual(info["pod_uid"], self.pod.uid)
        self.assertEqual(info["image"], engines.IMAGE)
        self.assertEqual(info["cgroup"], f"{self.pod.cgroup_parent}/{self.ids['who']}")
        self.assertTrue(info["node"])

    def test_end_with_0_again_and_again(self):
        for attempt in range(3):
            status = self.run_attempt("loop", attempt, "/bin/ending", "exit", "0")
            self.assertEqual(status["reason"], "Completed")
        rows = self.lab.wait_dump("loop")
        self.assertEqual([(r["kind"], r["restart"]) for r in rows], [("crash-loop", 2)])

    def test_stopped_again_and_again(self):
        """As by a failing HTTP or TCP liveness probe, of which the node shows but the stops."""
        for attempt in range(3):
            self.engine.cri.start(self.create("probed", "/bin/ending", "serve", "143",
                                              attempt=attempt))
            lab.wait_for("its word", lab.PATIENCE, lambda: self.is_ready("probed", attempt))
            self.assertEqual(self.stop("probed", 30), 128 + signal.SIGTERM)
        rows = self.lab.wait_dump("probed")
        self.assertEqual([(r["kind"], r["restart"], r["exit_code"]) for r in rows],
                         [("crash-loop", 2, 128 + signal.SIGTERM)])
        explained = self.lab.igrec("explain", self.lab.dump_path(rows[0])).stdout
        self.assertIn("was told to end by SIGTERM", explained)
        self.assertEqual(self.check_info(rows[0])["ended_by"]["sender"], "runtime")

    def check_shared_pids(self, name, pids):
        """A container that is not PID 1 in its namespace ends as any other."""
        pod = self.engine.make_pod("prod", f"{name}-0", pids=pids)
        made = self.engine.create(pod, name, 0, "/bin/ending", "exit", "6")
        self.engine.cri.start(made)
        self.assertEqual(self.engine.wait(made)["exit_code"], 6)
        row = self.lab.wait_dump(name)[0]
        self.assertEqual((row["pod"], row["kind"], row["exit_code"]), (f"{name}-0", "exit", 6))
        tape = Tape(self.lab.replay(row))
        self.assertTrue(tape.named("openat", "/etc/app/config.yaml"))
        self.assertNotEqual(tape.events[-1]["pid"], 1)

    def test_pids_of_the_host(self):
        self.check_shared_pids("hostpid", "NODE")

    def test_pids_shared_in_the_pod(self):
        self.check_shared_pids("sharedpid", "POD")

    def test_exec_that_crashes(self):
        made = self.create("entered", "/bin/ending", "pipe")
        self.engine.cri.start(made)
        self.assertEqual(self.engine.cri.exec(made, "/bin/ending", "segv"), 128 + signal.SIGSEGV)
        row = self.lab.wait_dump("entered")[0]
        self.assertEqual((row["kind"], row["signal"]), ("child-signal", signal.SIGSEGV))

    def test_failing_liveness_probe(self):
        """As the kubelet does: an exec probe that fails three times, then a stop."""
        made = self.create("live", "/bin/ending", "pipe")
        self.engine.cri.start(made)
        self.assertEqual(self.engine.cri.exec(made, "/bin/ending", "exit", "0"), 0)
        for _ in range(3):
            self.assertEqual(self.engine.cri.exec(made, "/bin/ending", "exit", "4"), 4)
        self.assertEqual(self.stop("live", 1), 128 + signal.SIGKILL)
        row = self.lab.wait_dump("live")[0]
        self.assertIn("ending, run in it from outside, exited with 4, as the 2 times before",
                      row["cause"])
        self.assertEqual(self.check_info(row)["ended_by"]["sender"], "runtime")

    def test_qos_and_static_pods(self):
        for qos in ("guaranteed", "besteffort"):
            pod = self.engine.make_pod("prod", f"{qos}-0", qos)
            made = self.engine.create(pod, qos, 0, "/bin/ending", "exit", "1")
            self.engine.cri.start(made)
            self.engine.wait(made)
            info = self.check_info(self.lab.wait_dump(qos)[0])
            self.assertEqual((info["qos"], info["static_pod"]), (qos, False))
            self.assertEqual(info["sandbox_id"], pod.sandbox)

    def test_ring_size_by_policy(self):
        """The bundle is there before the cgroup, so the ring is exchanged before the program runs,
        unless igrecd gets no CPU for so long; one of many times it does."""
        sizes = []
        while 1 << 20 not in sizes and len(sizes) < 20:
            attempt = len(sizes)
            self.run_attempt("big", attempt, "/bin/ending", "exit", "1")
            row = self.lab.wait_dump("big", attempt + 1)[0]
            sizes.append(self.check_info(row)["ring_bytes"])
            tape = Tape(self.lab.replay(row))
            self.assertTrue(tape.named("openat", "/etc/app/config.yaml"))
        self.assertIn(1 << 20, sizes)
        row = self.lab.dumps("big")[sizes[::-1].index(1 << 20)]
        start = [e for e in self.lab.replay(row) if e["lane"] == "start"]
        self.assertEqual(start[0]["type"], "exec")

    def test_pause_containers_are_not_recorded(self):
        pod = self.engine.make_pod("prod", "quiet-0", "guaranteed")
        self.engine.cri.start(self.engine.create(pod, "only", 0, "/bin/ending", "pipe"))
        lab.wait_for("the container in ps", lab.PATIENCE, lambda: self.lab.ps("only"))
        recorded = [r for r in self.lab.json_lines("ps") if r.get("pod") == "quiet-0"]
        self.assertEqual([r["container"] for r in recorded], ["only"])
        paths = {r.get("cgroup_path") for r in self.lab.json_lines("ps")}
        for pod in self.engine.pods:
            self.assertNotIn(f"{pod.cgroup_parent}/{pod.sandbox}", paths)
            self.assertNotIn(pod.cgroup_parent, paths)


if __name__ == "__main__":
    lab.main(net=True, prepare=engines.enter_private)
