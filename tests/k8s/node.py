# SPDX-License-Identifier: Apache-2.0
"""A Kubernetes node without an API server: containerd and a real kubelet that runs static pods, and
igrecd as the pod that deploy/kubernetes makes.  Everything lies in mount and network namespaces of
the test; a program that uses this calls prepare() there first.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import yaml

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests/integration"))
import cri
import engines
import lab
from containers import UNIFIED

CACHE = os.environ.get("IGREC_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "igrec")
KUBELET = os.path.join(CACHE, "k8s", "kubelet")
NODE = "node-1"
STORE = "/var/lib/igrec"
BPFFS = "/sys/fs/bpf"
STATE = "/run/containerd"
STATUS_PORT = 10255
OVERLAY = os.path.join(TOP, "deploy/kubernetes/containerd")
BASE = os.path.join(TOP, "deploy/kubernetes/base")

# What the kubelet wants of the machine's sysctls; it finds it there, in files of the test's own.
SYSCTLS = {"vm/overcommit_memory": 1, "vm/panic_on_oom": 0, "kernel/panic": 10,
           "kernel/panic_on_oops": 1, "kernel/keys/root_maxkeys": 1000000,
           "kernel/keys/root_maxbytes": 25000000}

# Pods get an address that nothing answers at: their probes are commands.
CNI_PLUGIN = """\
#!/bin/sh
[ "$CNI_COMMAND" != VERSION ] || exec echo '{"cniVersion":"0.4.0","supportedVersions":["0.4.0"]}'
[ "$CNI_COMMAND" = ADD ] || exit 0
echo '{"cniVersion":"0.4.0","interfaces":[{"name":"'"$CNI_IFNAME"'","sandbox":"'"$CNI_NETNS"'"}],
"ips":[{"version":"4","interface":0,"address":"10.88.0.2/16"}]}'
"""
CNI_CONFIG = {"cniVersion": "0.4.0", "name": "none", "plugins": [{"type": "none"}]}

KUBELET_CONFIG = {
    "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
    "cgroupDriver": "cgroupfs", "cgroupsPerQOS": True, "enforceNodeAllocatable": [],
    "failSwapOn": False, "makeIPTablesUtilChains": False, "hairpinMode": "none",
    "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
    "authorization": {"mode": "AlwaysAllow"},
    "address": "127.0.0.1", "healthzBindAddress": "127.0.0.1", "readOnlyPort": STATUS_PORT,
    "oomScoreAdj": 0, "resolvConf": "", "imageGCHighThresholdPercent": 100,
    "evictionHard": {"memory.available": "50Mi"}, "syncFrequency": "1s",
    "fileCheckFrequency": "1s",
}


def lacking():
    """What this machine lacks to build and run a node, or None."""
    if not os.access(KUBELET, os.X_OK):
        return f"{KUBELET} (tools/setup.sh k8s && tools/build-kubelet.sh)"
    missing = engines.Containerd.missing()
    return f"{missing} (tools/setup.sh test)" if missing else lab.lacking()


def mount(*args):
    subprocess.run(["mount", *args], check=True)


def prepare():
    """In the namespaces: directories that the node's programs insist on, a network, sysctls."""
    engines.enter_private()
    for directory in ("/var/lib", "/var/log"):
        mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", directory)
    for directory in ("/run/fake", "/var/log/pods", "/var/log/containers"):
        os.mkdir(directory)
    for number, (name, value) in enumerate(SYSCTLS.items()):
        fake = f"/run/fake/{number}"
        with open(fake, "w") as f:
            f.write(f"{value}\n")
        mount("--bind", fake, f"/proc/sys/{name}")
    for command in ("link set lo up", "link add node type veth peer far", "link set node up",
                    "address add 10.200.0.1/24 dev node", "route add default dev node"):
        subprocess.run(["ip", *command.split()], check=True)
    # Pods may ask that mounts of the node appear in them; only in the test's own namespace.
    mount("--make-rshared", "/")


# ---- manifests ----------------------------------------------------------------------------------


def igrec_pod(config_dir, **annotations):
    """The static pod of what the DaemonSet's template says. Of what only an API server knows, a
    static pod may name nothing: service account, priority class, and the ConfigMap, whose file is
    taken from the same folder instead."""
    done = subprocess.run(["kubectl", "kustomize", OVERLAY], capture_output=True, text=True,
                          check=False) if shutil.which("kubectl") else None
    if done and done.returncode == 0:
        documents = list(yaml.safe_load_all(done.stdout))
    else:
        with open(os.path.join(BASE, "daemonset.yaml"), encoding="utf-8") as f:
            documents = [yaml.safe_load(f)]
    template = next(d for d in documents if d["kind"] == "DaemonSet")["spec"]["template"]
    spec = dict(template["spec"])
    del spec["serviceAccountName"], spec["priorityClassName"]
    spec["volumes"] = [{"name": "config", "hostPath": {"path": config_dir}}
                       if "configMap" in volume else volume for volume in spec["volumes"]]
    metadata = {**template["metadata"], "name": "igrecd", "namespace": "igrec"}
    metadata["annotations"] = {**metadata.get("annotations", {}), **annotations}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def container(name, *command, **more):
    return {"name": name, "image": engines.IMAGE, "imagePullPolicy": "Never",
            "command": list(command), **more}


def pod(name, *containers, **more):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "prod"},
            "spec": {"automountServiceAccountToken": False, "terminationGracePeriodSeconds": 1,
                     "containers": list(containers), **more}}


# ---- the node -----------------------------------------------------------------------------------


class Node(engines.Containerd):
    """A containerd with the images, and a kubelet; both end with close()."""

    def __init__(self, lab_):
        self.kubelet = None
        self.cgroup_root = f"/{lab_.name}"
        super().__init__(lab_, STATE)
        self.write_cni()
        self.load("k8s.io")
        self.load_pause()
        self.load_igrec()
        self.cri = cri.Cri(self.socket)
        lab.wait_for("the CRI plugin", lab.PATIENCE, self.cri.is_ready, 0.1)
        self.write_config()
        self.manifests = self.path("manifests")
        os.mkdir(self.manifests)
        self.make_cgroups()

    def write_cni(self):
        os.makedirs(self.path("cni"), exist_ok=True)
        for name in ("none", "loopback"):
            with open(self.path("cni", name), "w") as f:
                f.write(CNI_PLUGIN)
            os.chmod(self.path("cni", name), 0o755)
        with open(self.path("cni", "none.conflist"), "w") as f:
            json.dump(CNI_CONFIG, f)

    def load_igrec(self):
        archive = self.path("igrec.tar")
        subprocess.run([os.path.join(TOP, "tools/build_image.py"), "--bin", lab.BIN, archive],
                       check=True, stdout=subprocess.DEVNULL)
        self.load("k8s.io", archive)

    def write_config(self):
        """That of the deployment; without limits, as igrecd sees all that crashes on the machine."""
        os.mkdir(self.path("igrec"))
        with open(os.path.join(BASE, "igrec.conf"), encoding="utf-8") as f:
            text = f.read()
        with open(self.path("igrec", "igrec.conf"), "w", encoding="utf-8") as f:
            f.write(f"{text}\n{lab.CONFIG}")

    def make_cgroups(self):
        """All pods lie below a cgroup of the test's own; the kubelet wants it in each hierarchy."""
        for hierarchy in engines.cgroup_mounts():
            os.makedirs(hierarchy + self.cgroup_root, exist_ok=True)
            for name in ("cpuset.cpus", "cpuset.mems"):
                path = f"{hierarchy}{self.cgroup_root}/{name}"
                if os.path.exists(path):
                    with open(f"{hierarchy}/{name}") as f:
                        value = f.read()
                    with open(path, "w") as f:
                        f.write(value)

    def start_kubelet(self):
        config = self.path("kubelet.yaml")
        with open(config, "w") as f:
            yaml.safe_dump({**KUBELET_CONFIG, "staticPodPath": self.manifests,
                            "cgroupRoot": self.cgroup_root}, f)
        with open(self.path("kubelet.log"), "wb") as log:
            self.kubelet = subprocess.Popen(
                [KUBELET, f"--config={config}", f"--root-dir={self.path('kubelet')}",
                 f"--cert-dir={self.path('pki')}", "--container-runtime=remote",
                 f"--container-runtime-endpoint=unix://{self.socket}",
                 f"--hostname-override={NODE}", "--node-ip=10.200.0.1",
                 f"--pod-infra-container-image={engines.PAUSE}", "--v=2"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=lab.die_with_parent,
                env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"})

    def apply(self, *manifests):
        """Static pods: new ones, or others in place of those of the same name."""
        for manifest in manifests:
            path = os.path.join(self.manifests, f"{manifest['metadata']['name']}.yaml")
            with open(f"{self.path('new')}", "w") as f:
                yaml.safe_dump(manifest, f)
            os.rename(self.path("new"), path)

    def remove(self, name):
        os.unlink(os.path.join(self.manifests, f"{name}.yaml"))

    def pods(self):
        """The kubelet's own list: name without the node's -> pod. None while it cannot tell."""
        if self.kubelet.poll() is not None:
            raise AssertionError(f"the kubelet ended with {self.kubelet.returncode}:\n"
                                 + self.kubelet_log())
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{STATUS_PORT}/pods", timeout=10) as got:
                items = json.load(got)["items"] or []
        except (urllib.error.URLError, OSError):
            return None
        return {item["metadata"]["name"].removesuffix(f"-{NODE}"): item for item in items}

    def kubelet_log(self):
        with open(self.path("kubelet.log"), errors="replace") as f:
            return f.read()[-4000:]

    def close(self):
        if self.kubelet:
            self.kubelet.terminate()
            self.kubelet.wait()
        self.kill_containers()
        self.cri.close()
        super().close()
        engines.remove_cgroups(self.cgroup_root)

    def processes(self):
        """Host pids of all that runs in pods."""
        found = []
        for directory, _, _ in os.walk(UNIFIED + self.cgroup_root):
            try:
                with open(os.path.join(directory, "cgroup.procs")) as f:
                    found += [int(pid) for pid in f.read().split()]
            except OSError:
                pass  # it went meanwhile
        return found

    def kill_containers(self):
        """Those of the pods, with their sandboxes; their shims are ended with containerd."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        lab.wait_for("the pods' end", lab.PATIENCE, lambda: not self.processes(), 0.1)
