# SPDX-License-Identifier: Apache-2.0
"""Records failures of real programs: each in a container of its own whose root is the machine's
own, read-only, with memory mounted where programs write."""

import json
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import containers  # noqa: E402
import lab  # noqa: E402

# What Docker gives a container.
CAPABILITIES = ["CAP_" + name for name in (
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP "
    "SETGID SETPCAP SETUID SYS_CHROOT").split()]
ENVIRONMENT = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
               "LANG=C.UTF-8"]
IN_MEMORY = {"/tmp": "512m", "/run": "64m", "/var/log": "64m", "/root": "64m", "/var/tmp": "64m",
             "/var/cache": "64m"}
ROOT = "root-of-host"


class Studio:
    """A lab, and the machine's root directory seen through a read-only mount."""

    def __init__(self):
        self.lab = lab.Lab()
        os.mkdir(self.lab.path("rootfs"))
        self.runtime = containers.Runtime(self.lab)
        self.root = self.lab.path(ROOT)
        os.mkdir(self.root)
        try:
            subprocess.run(["mount", "--bind", "/", self.root], check=True)
            self.lab.start()
        except BaseException:
            self.close()
            raise

    def close(self):
        self.runtime.close()
        subprocess.run(["umount", "-l", self.root], check=False)
        os.rmdir(self.root)
        wrong = self.lab.close()
        if wrong:
            raise AssertionError("\n".join(wrong))

    def container(self, failure, name, command, shared, uid):
        """A bundle for one command of the failure."""
        container = self.runtime.container(name, *command, memory_bytes=failure.memory,
                                           denied=failure.denied)
        path = os.path.join(container.bundle, "config.json")
        with open(path) as f:
            spec = json.load(f)
        process = spec["process"]
        spec["root"] = {"path": self.root, "readonly": True}
        process["env"] = ENVIRONMENT + failure.env
        process["cwd"] = failure.cwd
        process["noNewPrivileges"] = False
        process["user"] = {"uid": uid, "gid": uid}
        process["rlimits"] = [{"type": "RLIMIT_" + kind, "hard": n, "soft": n}
                              for kind, n in failure.limits.items()]
        kept = [c for c in CAPABILITIES + failure.add if c not in failure.drop]
        process["capabilities"] = {kind: kept if uid == 0 or kind == "bounding" else []
                                   for kind in ("bounding", "effective", "permitted")}
        if failure.pids:
            spec["linux"].setdefault("resources", {})["pids"] = {"limit": failure.pids}
        sizes = {**IN_MEMORY, **failure.in_memory}
        spec["mounts"] += [{"destination": where, "type": "tmpfs", "source": "tmpfs",
                            "options": ["mode=1777", "size=" + size]}
                           for where, size in sizes.items()]
        spec["mounts"].append({"destination": "/srv", "type": "bind", "source": shared,
                               "options": ["bind", failure.srv]})
        for where in failure.over:
            spec["mounts"].append({"destination": where, "type": "bind", "options": ["bind"],
                                   "source": os.path.join(shared, os.path.basename(where))})
        with open(path, "w") as f:
            json.dump(spec, f)
        return container

    def make_files(self, failure):
        """The host's side of /srv."""
        shared = self.lab.path(f"srv-{failure.name}")
        os.mkdir(shared)
        os.chmod(shared, 0o777)
        for name, text in failure.files.items():
            path = os.path.join(shared, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(text if isinstance(text, bytes) else text.encode())
            os.chmod(path, failure.modes.get(name, 0o755 if name.endswith(".sh") else 0o644))
        return shared

    def prepare(self, failure, shared):
        """What has to be there before: run in a container that succeeds."""
        done = self.container(failure, failure.name + "-setup", ["/bin/sh", "-c", failure.setup],
                              shared, failure.setup_uid)
        try:
            if done.start().wait():
                raise AssertionError(f"{failure.name}: setup failed: {done.error_text()}")
        finally:
            done.remove()

    @staticmethod
    def runs(container):
        state = subprocess.run(["runc", "state", container.id], capture_output=True, check=False)
        return b'"running"' in state.stdout

    def end(self, failure, container):
        """Ends it from outside, as an orchestrator does."""
        if failure.kill:
            lab.wait_for(f"{container.id} to run", lab.PATIENCE, lambda: self.runs(container))
        for name, seconds in failure.kill:
            time.sleep(seconds)
            if container.process.poll() is None:
                subprocess.run(["runc", "kill", container.id, name], check=False,
                               capture_output=True)

    def record(self, failure, keep):
        """Provokes it and copies its dump to the path `keep`. Returns what it wrote."""
        shared = self.make_files(failure)
        if failure.setup:
            self.prepare(failure, shared)
        container = self.container(failure, failure.name, failure.command, shared,
                                   failure.uid)
        try:
            container.start()
            self.end(failure, container)
            container.wait(failure.seconds)
            row = self.lab.wait_dump(container.id)[-1]
            shutil.copy(self.lab.dump_path(row), keep)
        finally:
            container.remove()
        with open(container.output, errors="replace") as f:
            return f.read() + container.error_text()
