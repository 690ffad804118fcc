# SPDX-License-Identifier: Apache-2.0
"""Container engines of the system, each as a private daemon (or none) below a lab's directory, and
an image with this folder's workloads.  A program that uses them calls enter_private() first: they
write below /run, make mounts and look at the network.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from containers import DEAD_LAB, UNIFIED, make_rootfs
from lab import PATIENCE, die_with_parent, wait_for

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))
from oci_image import write_image

IMAGE = "registry.local/workloads:1"
PAUSE = "registry.local/pause:1"


def enter_private():
    """Call in a mount namespace of its own: gives it a /run of its own, too."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"], check=True)


# ---- what must not be left ----------------------------------------------------------------------


def cgroup_mounts():
    with open("/proc/self/mounts") as f:
        mounts = [line.split() for line in f]
    return [mount[1] for mount in mounts if mount[2] in ("cgroup", "cgroup2")]


def remove_cgroups(path):
    """A cgroup and those below it, in every hierarchy. They must be empty."""
    for mount in cgroup_mounts():
        for directory, _, _ in os.walk(mount + path, topdown=False):
            try:
                os.rmdir(directory)
            except OSError:
                pass


def processes_with(text):
    """Host pids of processes whose command line has this text."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                if text.encode() in f.read() and int(pid) != os.getpid():
                    found.append(int(pid))
        except OSError:
            pass
    return found


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def kill_all_with(text):
    """Ends what a daemon left behind; the text is the path of its lab, so they are ours."""
    def all_ended():
        pids = processes_with(text)
        for pid in pids:
            kill(pid)
        return not pids
    wait_for(f"the end of all with {text}", PATIENCE, all_ended, 0.1)


def processes_in(path):
    """Host pids of processes in a cgroup and those below it."""
    found = []
    for directory, _, _ in os.walk(UNIFIED + path):
        try:
            with open(os.path.join(directory, "cgroup.procs")) as f:
                found += [int(pid) for pid in f.read().split()]
        except OSError:
            pass  # it went meanwhile
    return found


def end_cgroups(path):
    """Ends what runs in a cgroup and those below it, and removes them."""
    def is_empty():
        pids = processes_in(path)
        for pid in pids:
            kill(pid)
        return not pids
    wait_for(f"{path} to be empty", PATIENCE, is_empty, 0.1)
    remove_cgroups(path)


def empty_cgroups_of_dead_labs():
    """Containers whose engine was killed: they lie in a cgroup with their lab's name."""
    for name in os.listdir(UNIFIED):
        found = DEAD_LAB.match(name)
        if not found or os.path.exists(f"/proc/{found.group(1)}"):
            continue
        end_cgroups(f"/{name}")


def kill_of_dead_labs():
    empty_cgroups_of_dead_labs()
    for pid in processes_with("igrec-lab-"):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                line = f.read().decode(errors="replace")
        except OSError:
            continue
        found = re.search(tempfile.gettempdir() + r"/igrec-lab-(\d+)-", line)
        if found and not os.path.exists(f"/proc/{found.group(1)}"):
            kill(pid)


# ---- engines ------------------------------------------------------------------------------------


class Engine:
    """A daemon below a directory of the lab; commands(...) talks to it."""

    name = ""
    needs = ()

    @classmethod
    def missing(cls):
        """The first command that the machine lacks, or None."""
        return next((command for command in cls.needs if not shutil.which(command)), None)

    def __init__(self, lab):
        self.lab = lab
        self.dir = lab.path(self.name)
        self.log = os.path.join(self.dir, "log")
        self.process = None
        kill_of_dead_labs()
        os.makedirs(self.dir)
        self.rootfs = lab.path("rootfs")
        if not os.path.exists(self.rootfs):
            make_rootfs(self.rootfs)
        self.archive = os.path.join(self.dir, "image.tar")
        write_image(IMAGE, self.rootfs, self.archive)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def start_daemon(self, command, ready):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, preexec_fn=die_with_parent)

        def is_ready():
            if self.process.poll() is not None:
                with open(self.log, errors="replace") as f:
                    raise AssertionError(f"{command[0]} ended: {f.read()[-3000:]}")
            return subprocess.run(ready, capture_output=True, check=False).returncode == 0
        wait_for(f"{command[0]} to be ready", PATIENCE, is_ready, 0.1)

    def run(self, command, check=True):
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE,
                              check=False, stdin=subprocess.DEVNULL, cwd=self.dir)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)}: {done.returncode}: {done.stderr}")
        return done

    def close(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        kill_all_with(self.lab.dir + "/" + self.name)
        self.unmount()

    def unmount(self):
        with open("/proc/self/mounts") as f:
            mounts = [line.split()[1] for line in f]
        for mount in reversed(mounts):
            if mount.startswith(self.dir + "/"):
                subprocess.run(["umount", "-l", mount], check=False)


CONTAINERD_CONFIG = """\
version = 2
root = "{dir}/root"
state = "{state}"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp"]
[grpc]
  address = "{dir}/sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{dir}/cni"
    conf_dir = "{dir}/cni"
"""


class Containerd(Engine):
    name = "containerd"
    needs = ("containerd", "ctr", "containerd-shim-runc-v2")

    def __init__(self, lab, state=None):
        super().__init__(lab)
        self.state = state or self.path("state")
        self.socket = self.path("sock")
        self.namespace = lab.name
        with open(self.path("config.toml"), "w") as f:
            f.write(CONTAINERD_CONFIG.format(dir=self.dir, state=self.state,
                                             pause=PAUSE))
        self.start_daemon(["containerd", "--config", self.path("config.toml")],
                          ["ctr", "--address", self.socket, "version"])

    def settings(self):
        """For [runtimes]."""
        return f"containerd = {self.state}\n"

    def ctr(self, *args, namespace=None, check=True):
        return self.run(["ctr", "--address", self.socket, "--namespace",
                         namespace or self.namespace, *args], check)

    def load(self, namespace=None, archive=None):
        self.ctr("images", "import", "--no-unpack", archive or self.archive, namespace=namespace)

    def load_pause(self):
        """The image of sandboxes."""
        pause = self.path("pause.tar")
        write_image(PAUSE, self.rootfs, pause, ("/bin/ending", "pipe"))
        self.load("k8s.io", pause)

    def close(self):
        for task in self.ctr("tasks", "list", "-q", check=False).stdout.split():
            self.ctr("tasks", "kill", "-s", "KILL", task, check=False)
        super().close()
        end_cgroups(f"/{self.namespace}")


class Docker(Engine):
    name = "docker"
    needs = ("dockerd", "containerd", "containerd-shim-runc-v2")

    def __init__(self, lab):
        super().__init__(lab)
        self.socket = self.path("sock")
        self.parent = f"/{lab.name}"
        # Beside a docker of the machine's own: the one that came with dockerd.
        beside = os.path.join("/usr/bin", "docker")
        self.client = beside if os.path.exists(beside) else "docker"
        self.start_daemon(
            ["dockerd", "--data-root", self.path("root"), "--exec-root", self.path("exec"),
             "--host", f"unix://{self.socket}", "--pidfile", self.path("pid"),
             "--iptables=false", "--ip6tables=false", "--bridge=none",
             "--storage-driver", "overlay2", "--cgroup-parent", self.parent,
             "--exec-opt", "native.cgroupdriver=cgroupfs"],
            [self.client, "--host", f"unix://{self.socket}", "info"])
        self.docker("load", "--input", self.archive)

    def settings(self):
        return (f"containerd = {self.path('exec', 'containerd', 'daemon')}\n"
                f"docker = {self.path('root')}\n")

    def docker(self, *args, check=True):
        return self.run([self.client, "--host", f"unix://{self.socket}", *args], check)

    def inspect(self, name):
        return json.loads(self.docker("inspect", name).stdout)[0]

    def close(self):
        made = self.docker("ps", "--all", "--quiet", check=False).stdout.split()
        if made:
            self.docker("rm", "--force", *made, check=False)
        super().close()
        end_cgroups(self.parent)


class Podman(Engine):
    name = "podman"
    needs = ("podman", "conmon")

    def __init__(self, lab):
        super().__init__(lab)
        self.parent = f"/{lab.name}"
        config = self.path("storage.conf")
        with open(config, "w") as f:
            f.write(f'[storage]\ndriver = "overlay"\ngraphroot = "{self.path("root")}"\n'
                    f'runroot = "{self.path("run")}"\n')
        # For the processes that conmon starts after a container's end, too.
        os.environ["CONTAINERS_STORAGE_CONF"] = config
        self.podman("load", "--input", self.archive)

    def settings(self):
        return f"storage = {self.path('run')} {self.path('root')}\n"

    def podman(self, *args, check=True):
        return self.run(["podman", "--cgroup-manager=cgroupfs", "--runtime=runc",
                         "--events-backend=file", "--tmpdir", self.path("tmp"), *args], check)

    def inspect(self, name):
        return json.loads(self.podman("inspect", name).stdout)[0]

    def close(self):
        self.podman("rm", "--all", "--force", "--time", "0", check=False)
        super().close()
        end_cgroups(self.parent)
