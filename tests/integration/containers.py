# SPDX-License-Identifier: Apache-2.0
"""Real containers, made with an OCI runtime of the system, running this folder's workloads."""

import copy
import ctypes
import json
import os
import re
import shutil
import subprocess

from lab import PATIENCE, WORKLOADS, die_with_parent, is_reading, wait_for

UNIFIED = next((path for path in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup")
                if os.path.exists(os.path.join(path, "cgroup.controllers"))), None)
V1_MEMORY = "/sys/fs/cgroup/memory"
DEAD_LAB = re.compile(r"igt-(\d+)-")


def adopt_orphans():
    pr_set_child_subreaper = 36
    ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1)


def make_rootfs(path):
    """A root directory with the workloads in /bin and the few files that they open."""
    for d in ("bin", "etc", "proc", "sys", "dev", "tmp"):
        os.makedirs(os.path.join(path, d))
    for name in os.listdir(WORKLOADS):
        shutil.copy(os.path.join(WORKLOADS, name), os.path.join(path, "bin", name))
    for name in ("flood", "tour"):
        with open(os.path.join(path, "etc", name), "w") as f:
            f.write("0123456789abcdef\n")
    os.symlink("/etc/tour", os.path.join(path, "link"))
    # A program of no architecture, which passes a runtime's look-up and fails in execve.
    with open(os.path.join(path, "bin", "no-program"), "wb") as f:
        f.write(b"\x7fELF" + b"\xff" * 60)
    os.chmod(os.path.join(path, "bin", "no-program"), 0o755)


class Runtime:
    """Makes containers with one of the system's runtimes, and removes them all in the end."""

    def __init__(self, lab, command="runc"):
        self.lab = lab
        self.command = command
        self.made = []
        self.rootfs = lab.path("rootfs")
        if not os.path.exists(self.rootfs):
            make_rootfs(self.rootfs)
        self.template = self.make_template()
        self.remove_of_dead_labs()

    def make_template(self):
        where = self.lab.path(f"template-{self.command}")
        os.makedirs(where)
        subprocess.run([self.command, "spec"], cwd=where, check=True)
        with open(os.path.join(where, "config.json")) as f:
            spec = json.load(f)
        spec["process"]["terminal"] = False
        spec["root"] = {"path": self.rootfs, "readonly": True}
        # Raising a limit takes CAP_SYS_RESOURCE, which a machine for tests may lack.
        spec["process"].pop("rlimits", None)
        return spec

    def remove_of_dead_labs(self):
        """Containers whose test was killed before it could remove them."""
        root = f"/run/{self.command}"
        for name in os.listdir(root) if os.path.isdir(root) else []:
            found = DEAD_LAB.match(name)
            if found and not os.path.exists(f"/proc/{found.group(1)}"):
                subprocess.run([self.command, "delete", "--force", name], check=False)

    def container(self, name, *args, memory_bytes=None, denied=(), writable_cgroup=False,
                  parent_cgroup=""):
        """A bundle, not started. denied: syscalls for which seccomp returns EPERM."""
        container = Container(self, f"{self.lab.name}-{name}", args[0], parent_cgroup)
        spec = copy.deepcopy(self.template)
        spec["process"]["args"] = list(args)
        spec["linux"]["cgroupsPath"] = container.cgroup_path
        if memory_bytes:
            spec["linux"].setdefault("resources", {})["memory"] = {
                "limit": memory_bytes, "swap": memory_bytes}
        if denied:
            spec["linux"]["seccomp"] = {
                "defaultAction": "SCMP_ACT_ALLOW",
                "syscalls": [{"names": list(denied), "action": "SCMP_ACT_ERRNO"}]}
        if writable_cgroup:
            spec["mounts"].append({"destination": "/tmp/cgroup", "type": "bind",
                                   "source": container.cgroup(),
                                   "options": ["bind", "rw"]})
        os.makedirs(container.bundle)
        with open(os.path.join(container.bundle, "config.json"), "w") as f:
            json.dump(spec, f)
        self.made.append(container)
        return container

    def kill(self, container, name):
        subprocess.run([self.command, "kill", container.id, name], check=True)

    def start_detached(self, container):
        """Its init becomes a child of this process, so that wait_detached() gets what the kernel
        reports; its cgroup stays until it is removed. Returns its pid."""
        adopt_orphans()
        pid_file = os.path.join(container.bundle, "pid")
        with open(container.output, "wb") as out, open(container.errors, "wb") as err:
            subprocess.run([self.command, "run", "--detach", "--pid-file", pid_file,
                            "--bundle", container.bundle, container.id],
                           stdin=subprocess.DEVNULL, stdout=out, stderr=err, check=True)
        with open(pid_file) as f:
            return int(f.read())

    def wait_detached(self, pid):
        """Its wait status."""
        def ended():
            done = os.waitpid(pid, os.WNOHANG)
            return done if done[0] else None
        return wait_for(f"{pid} to end", PATIENCE, ended)[1]

    def close(self):
        for container in self.made:
            container.remove()


class Container:
    def __init__(self, runtime, container_id, program, parent_cgroup):
        self.runtime = runtime
        self.comm = os.path.basename(program)[:15]
        self.id = container_id
        self.cgroup_path = f"{parent_cgroup}/{container_id}"
        self.bundle = runtime.lab.path("bundles", container_id)
        self.output = os.path.join(self.bundle, "stdout")
        self.errors = os.path.join(self.bundle, "stderr")
        self.process = None

    def start(self):
        """Runs it in the foreground of a runtime process of its own."""
        with open(self.output, "wb") as out, open(self.errors, "wb") as err:
            self.process = subprocess.Popen(
                [self.runtime.command, "run", "--bundle", self.bundle, self.id],
                stdin=subprocess.PIPE, stdout=out, stderr=err, preexec_fn=die_with_parent)
        return self

    def wait(self, seconds=PATIENCE):
        """Waits for its end; returns the runtime's exit status."""
        try:
            return self.process.wait(seconds)
        finally:
            self.process.stdin.close()

    def run(self):
        """With nothing on its stdin. Returns the runtime's exit status."""
        self.start().process.stdin.close()
        return self.wait()

    def go_on(self):
        """Lets a workload that waits in a read of stdin go on."""
        self.process.stdin.write(b"g")
        self.process.stdin.flush()

    def facts(self, kind=None):
        """What the workload said about itself."""
        with open(self.output) as f:
            lines = [line for line in f if line.startswith('{"fact"') and line.endswith("}\n")]
        facts = [json.loads(line) for line in lines]
        return [fact for fact in facts if kind in (None, fact["fact"])]

    def wait_ready(self):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.id} ended with {self.process.returncode} before it "
                                     f"was ready: {self.error_text()}")
            return self.facts("ready")
        return wait_for(f"{self.id} to be ready", PATIENCE, ready)[0]

    def wait_reading(self):
        """Until it has come from "ready" into the read that it waits in. Returns its pid."""
        pid = self.pid()
        wait_for(f"{self.id} to read", PATIENCE, lambda: is_reading(pid, self.comm))
        return pid

    def exec(self, *args):
        """Runs one more program in it; returns the runtime's exit status."""
        with open(self.output, "ab") as out:
            return subprocess.run([self.runtime.command, "exec", self.id, *args],
                                  stdin=subprocess.DEVNULL, stdout=out, check=False).returncode

    def error_text(self):
        with open(self.errors, errors="replace") as f:
            return f.read()

    def pid(self):
        """Of its init, on the host."""
        done = subprocess.run([self.runtime.command, "state", self.id], capture_output=True,
                              text=True, check=True)
        return json.loads(done.stdout)["pid"]

    def cgroup(self):
        return UNIFIED + self.cgroup_path

    def remove(self):
        def removed():
            """A runtime gives up on a cgroup that its last process takes long to leave."""
            subprocess.run([self.runtime.command, "delete", "--force", self.id],
                           capture_output=True, check=False)
            return not UNIFIED or not os.path.exists(self.cgroup()) or self.remove_cgroup()
        if not removed():
            wait_for(f"{self.cgroup()} to go", PATIENCE, removed)
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def remove_cgroup(self):
        """What the runtime no longer knows. Whether it is gone."""
        for where, _, _ in os.walk(self.cgroup(), topdown=False):
            try:
                os.rmdir(where)
            except OSError:
                return False
        return True
