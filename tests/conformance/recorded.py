# SPDX-License-Identifier: Apache-2.0
"""Runs a program once in a container, recorded by igrec and traced by strace at the same time.

The container's root is an overlay over the machine's own root, so that every installed program is
there and nothing is written to the machine.  strace is a process of the container, but of a cgroup
beside the recorded one: its own calls, ten for each call of the program, would fill the ring.
"""

import itertools
import json
import os
import re
import shlex
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import containers  # noqa: E402
import lab  # noqa: E402

CONFIG = """\
[ring]
size = 16MiB
memory-limit = 1GiB
pool = 4
start-percent = 5
vital-percent = 40
[payload]
policy = all
bytes = 256
[failure]
per-container-per-hour = 0
per-node-per-minute = 0
"""

CAPABILITIES = ["CAP_" + name for name in (
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_ADMIN NET_BIND_SERVICE NET_RAW "
    "SETFCAP SETGID SETPCAP SETUID SYS_ADMIN SYS_CHROOT SYS_NICE SYS_PTRACE").split()]

ENVIRONMENT = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp",
               "LC_ALL=C.UTF-8", "GOMAXPROCS=2"]

# The first process stays in the recorded cgroup and ends with 1, which is what makes the dump.  The
# program's own directory and descriptors are set when its process is recorded.
INIT = """\
( echo 0 > /run/igrec/beside/cgroup.procs && . /run/igrec/setup ) >/run/igrec/setup.log 2>&1
( echo 0 > /run/igrec/beside/cgroup.procs &&
  exec timeout -k 1 {seconds} strace -f -ttt -T {options} -s 32 -o /run/igrec/strace \\
    sh -c 'echo 0 > /run/igrec/recorded/cgroup.procs && cd /tmp &&
           exec "$@" </dev/null >/run/igrec/output 2>&1' sh {command}
) >/run/igrec/strace.log 2>&1
echo $? > /run/igrec/status
exit 1
"""


class Recording:
    """What both sides said of one run."""

    def __init__(self, strace, igrec, status, output):
        self.strace, self.igrec, self.status, self.output = strace, igrec, status, output


def mount(*args):
    subprocess.run(["mount", *args], check=True)


def make_root(path):
    """An overlay over the machine's root directory, whose changes are kept in memory."""
    changes = path + ".changes"
    for d in (path, changes):
        os.mkdir(d)
    mount("-t", "tmpfs", "-o", "size=2g", "igrec-conformance", changes)
    for d in ("upper", "work"):
        os.mkdir(os.path.join(changes, d))
    mount("-t", "overlay", "overlay", "-o",
          f"lowerdir=/,upperdir={changes}/upper,workdir={changes}/work", path)


def remove_root(path):
    for d in (path, path + ".changes"):
        subprocess.run(["umount", "-l", d], check=False)
        os.rmdir(d)


def remove_cgroups_of_dead_labs():
    for name in os.listdir(containers.UNIFIED):
        found = re.fullmatch(r"igt-(\d+)-.*-beside", name)
        if found and not os.path.exists(f"/proc/{found.group(1)}"):
            os.rmdir(os.path.join(containers.UNIFIED, name))


class Studio:
    """A lab and what programs need in it."""

    def __init__(self):
        remove_cgroups_of_dead_labs()
        self.lab = lab.Lab()
        self.numbers = itertools.count(1)
        os.mkdir(self.lab.path("rootfs"))
        self.runtime = containers.Runtime(self.lab)
        self.beside = os.path.join(containers.UNIFIED, self.lab.name + "-beside")
        os.mkdir(self.beside)
        try:
            self.lab.configure(CONFIG)
            self.lab.start()
        except BaseException:
            self.close()
            raise

    def close(self):
        self.runtime.close()
        os.rmdir(self.beside)
        wrong = self.lab.close()
        if wrong:
            raise AssertionError("\n".join(wrong))

    def container(self, run, root, shared):
        container = self.runtime.container(run, "/bin/sh", "/run/igrec/init",
                                           writable_cgroup=True)
        path = os.path.join(container.bundle, "config.json")
        with open(path) as f:
            spec = json.load(f)
        spec["root"] = {"path": root, "readonly": False}
        spec["process"]["env"] = ENVIRONMENT
        spec["process"]["noNewPrivileges"] = False
        spec["process"]["capabilities"] = {
            kind: CAPABILITIES for kind in ("bounding", "effective", "permitted")}
        recorded = next(m for m in spec["mounts"] if m["destination"] == "/tmp/cgroup")
        recorded["destination"] = "/run/igrec/recorded"
        spec["mounts"].remove(recorded)
        spec["mounts"] += [
            {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]},
            {"destination": "/run/igrec", "type": "bind", "source": shared, "options": ["bind"]},
            recorded,
            {"destination": "/run/igrec/beside", "type": "bind", "source": self.beside,
             "options": ["bind"]}]
        with open(path, "w") as f:
            json.dump(spec, f)
        return container

    def last_dump(self, container):
        """That of its end; there may be others, of processes in it that crashed."""
        def of_its_end():
            return next((row for row in self.lab.dumps(container) if row["kind"] == "exit"), None)
        return lab.wait_for(f"the dump of the end of {container}", lab.PATIENCE, of_its_end, 0.1)

    def record(self, program, objects=0):
        """Runs the program under both. objects: how many -y both get, 0 for plain numbers as
        descriptors."""
        run = f"{program.name}-{next(self.numbers)}"
        root, shared = self.lab.path(f"root-{run}"), self.lab.path(f"io-{run}")
        os.mkdir(shared)
        os.chmod(shared, 0o777)
        files = {"init": INIT.format(seconds=program.seconds, options="-y " * objects,
                                     command=shlex.join(program.command)),
                 "setup": program.setup + "\n", "program": program.script}
        for name, text in files.items():
            with open(os.path.join(shared, name), "w") as f:
                f.write(text)
        make_root(root)
        try:
            container = self.container(run, root, shared)
            container.start().process.stdin.close()
            container.wait(program.seconds + 60)
            row = self.last_dump(container.id)
        finally:
            container.remove()
            remove_root(root)
        fds = "-" + "y" * objects if objects else "--no-fds"
        replayed = self.lab.igrec("replay", "-o", "strace", fds, self.lab.dump_path(row),
                                  status=(0, 4)).stdout
        os.unlink(self.lab.dump_path(row))

        def text_of(name):
            path = os.path.join(shared, name)
            if not os.path.exists(path):
                return ""
            with open(path, errors="replace") as f:
                return f.read()
        return Recording(text_of("strace"), replayed, text_of("status").strip(),
                         "".join(map(text_of, ("setup.log", "strace.log", "output")))
                         + container.error_text())
