# SPDX-License-Identifier: Apache-2.0
"""A private igrecd with its own store, socket, configuration and bpffs, and what must be left of
it afterwards: nothing.  Used by the tests of this folder; not a test itself.

A lab lives in a mount namespace of its own (see main()), so that even a killed test leaves no
mounts and no pinned programs behind.
"""

import ctypes
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BIN = os.environ.get("IGREC_BIN", "build/release/bin")
WORKLOADS = os.environ.get("IGREC_WORKLOADS", os.path.join(os.path.dirname(BIN), "workloads"))
IGREC = os.path.join(BIN, "igrec")
IGRECD = os.path.join(BIN, "igrecd")
# How long a test waits for what should come at once, before it takes it for lost: far longer than a
# busy machine delays anything.
PATIENCE = 120
SKIPPED = 77
SYS_READ = {"x86_64": "0", "aarch64": "63"}[os.uname().machine]
lab_numbers = itertools.count(1)
PRIVATE = "IGREC_TEST_PRIVATE_MOUNTS"

CONFIG = """\
[failure]
per-container-per-hour = 0
per-node-per-minute = 0
"""


def die_with_parent():
    """For preexec_fn: a child that must not outlive a killed test."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def wait_for(what, seconds, poll, interval=0.02):
    """Calls poll until it returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        got = poll()
        if got:
            return got
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(interval)


def is_reading(pid, comm):
    """Whether this process, if it runs that program, is in a read that has nothing yet."""
    try:
        with open(f"/proc/{pid}/comm") as f:
            name = f.read().rstrip("\n")
        with open(f"/proc/{pid}/syscall") as f:
            return name == comm and f.read().split()[0] == SYS_READ
    except (FileNotFoundError, ProcessLookupError):
        return False


def lacking():
    """What this machine lacks for the tests of this folder, or None."""
    if os.geteuid() != 0:
        return "root"
    if not shutil.which("runc"):
        return "runc (tools/setup.sh test)"
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        return "a kernel with BTF"
    if not os.path.exists(IGRECD):
        return f"{IGRECD}: build first, or set IGREC_BIN"
    return None


def remove_dead_labs():
    """Directories whose test was killed before it could remove them; the mounts went with it."""
    for name in os.listdir(tempfile.gettempdir()):
        found = re.match(r"igrec-lab-(\d+)-", name)
        if found and not os.path.exists(f"/proc/{found.group(1)}"):
            shutil.rmtree(os.path.join(tempfile.gettempdir(), name), ignore_errors=True)


class Lab:
    def __init__(self):
        remove_dead_labs()
        self.dir = tempfile.mkdtemp(prefix=f"igrec-lab-{os.getpid()}-")
        os.chmod(self.dir, 0o755)
        # In the names of its containers: who made them, and no other lab's.
        self.name = f"igt-{os.getpid()}-{next(lab_numbers)}"
        self.store = self.path("store")
        self.socket = self.path("igrecd.sock")
        self.config = self.path("igrec.conf")
        self.bpf_mount = self.path("bpf")
        self.bpffs = os.path.join(self.bpf_mount, "igrec")
        self.log = self.path("igrecd.log")
        self.process = None
        self.configure(CONFIG)
        os.mkdir(self.bpf_mount)
        subprocess.run(["mount", "-t", "bpf", "bpf", self.bpf_mount], check=True)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def configure(self, text):
        with open(self.config, "w") as f:
            f.write(text)

    # ---- igrecd -----------------------------------------------------------------------------

    def igrecd_command(self, *options):
        return [IGRECD, "--config", self.config, "--store", self.store, "--socket", self.socket,
                "--bpffs", self.bpffs, *options]

    def start(self, *options):
        """Starts igrecd and waits until it records."""
        with open(self.log, "ab") as log:
            begin = log.tell()
            self.process = subprocess.Popen(self.igrecd_command(*options), stderr=log,
                                            stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)

        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"igrecd ended with {self.process.returncode}:\n"
                                     + self.log_text(begin))
            return any("ready" in line for line in self.log_text(begin).splitlines())
        wait_for("igrecd's ready", PATIENCE, ready)

    def log_text(self, begin=0):
        if not os.path.exists(self.log):
            return ""
        with open(self.log, errors="replace") as f:
            f.seek(begin)
            return f.read()

    def stop(self, how=signal.SIGTERM):
        """Ends igrecd; returns its exit status. What it pinned stays."""
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(how)
        try:
            return process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError("igrecd did not end:\n" + self.log_text())

    def unload(self):
        return subprocess.run([IGRECD, "--config", self.config, "--bpffs", self.bpffs, "--unload"],
                              capture_output=True, text=True, timeout=PATIENCE)

    def pinned(self):
        """What is in the bpffs beside the kernel's own maps.debug and progs.debug."""
        return sorted(os.path.join(d, name) for d, dirs, files in os.walk(self.bpf_mount)
                      for name in dirs + files if not name.endswith(".debug"))

    def close(self):
        """Ends everything; returns what was wrong with that, one text each."""
        wrong = []
        status = self.stop()
        if status != 0:
            wrong.append(f"igrecd ended with {status}:\n{self.log_text()}")
        self.configure(CONFIG)
        done = self.unload()
        if done.returncode != 0:
            wrong.append(f"igrecd --unload ended with {done.returncode}: {done.stderr}")
        if self.pinned():
            wrong.append(f"left in bpffs after --unload: {self.pinned()}")
        subprocess.run(["umount", "-l", self.bpf_mount], check=False)
        if os.environ.get("IGREC_KEEP_LAB"):
            print(f"lab kept: {self.dir}", file=sys.stderr)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)
        return wrong

    # ---- igrec ------------------------------------------------------------------------------

    def igrec(self, verb, *args, status=0, **options):
        """Runs `igrec VERB` on this lab's store, checks its exit status and returns the result."""
        done = subprocess.run([IGREC, verb, "--config", self.config, "--store", self.store,
                               "--socket", self.socket, *args], capture_output=True, text=True,
                              timeout=PATIENCE, errors="replace", **options)
        wanted = status if isinstance(status, tuple) else (status,)
        if done.returncode not in wanted:
            raise AssertionError(f"igrec {verb} {' '.join(args)}: status {done.returncode}, not "
                                 f"{status}:\n{done.stderr}{done.stdout[:2000]}")
        return done

    def json_lines(self, verb, *args, status=(0, 3, 4)):
        done = self.igrec(verb, "--json", *args, status=status)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def dumps(self, container):
        """The list rows of a container, newest first."""
        return [row for row in self.json_lines("list") if row["container"] == container]

    def wait_dump(self, container, count=1):
        """Waits for the container's dumps; returns their list rows, newest first."""
        def enough():
            rows = self.dumps(container)
            return rows if len(rows) >= count else None
        try:
            return wait_for(f"{count} dumps of {container}", PATIENCE, enough, 0.1)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log_text()[-4000:]}") from None

    def dump_path(self, row):
        return os.path.join(self.store, os.path.basename(row["file"]))

    def files(self):
        """All in the store but what `igrec list` keeps there of many dumps."""
        return sorted(name for name in os.listdir(self.store) if name != ".list-cache")

    def replay(self, row, *args, status=(0, 4)):
        return self.json_lines("replay", *args, self.dump_path(row), status=status)

    def node(self):
        """The ps row of the node: igrecd's own counters."""
        return next(row for row in self.json_lines("ps") if row.get("type") == "node")

    def wait_pool(self, count):
        wait_for(f"{count} rings to be ready", PATIENCE, lambda: self.node()["pool"] >= count)

    def only_own(self):
        """Configuration for tests of what a failure costs: those of other containers on this machine
        cost nothing, and there are rings for them, too."""
        return (f"[ring]\nmemory-limit = 1GiB\n[policy others]\ncontainer = *\nrecord = no\n"
                f"[policy own]\ncontainer = {self.name}-*\nrecord = yes\n")

    def ps(self, container):
        """The ps row of a container that is being recorded, or None."""
        rows = [row for row in self.json_lines("ps") if row.get("container") == container]
        return rows[0] if rows else None


class LabTest(unittest.TestCase):
    """A test with a lab whose igrecd runs; one lab serves all tests of the class."""

    config = CONFIG
    options = ()
    only_own = False  # whether containers of others are left out, see Lab.only_own()

    @classmethod
    def setUpClass(cls):
        import containers  # here, as it needs Lab
        cls.lab = Lab()
        cls.addClassCleanup(cls.close_lab)
        cls.runtime = containers.Runtime(cls.lab)
        cls.addClassCleanup(cls.runtime.close)
        cls.lab.configure(cls.config + (cls.lab.only_own() if cls.only_own else ""))
        cls.lab.start(*cls.options)

    @classmethod
    def close_lab(cls):
        wrong = cls.lab.close()
        if wrong:
            raise AssertionError("\n".join(wrong))


def enter_private_mounts(net=False):
    """Starts this program again in a mount namespace of its own, and a network namespace."""
    if os.environ.get(PRIVATE):
        return
    os.environ[PRIVATE] = "1"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private",
                          *(["--net"] if net else []), sys.executable, *sys.argv])


def main(net=False, prepare=None):
    """Runs the tests of the calling program. Exit status 77 if one had to be skipped.
    net: in a network namespace of their own; prepare is called in the namespaces first."""
    strict = os.environ.get("IGREC_TEST_STRICT") == "1"
    missing = lacking()
    if missing:
        print(f"skipped: this machine lacks {missing}", file=sys.stderr)
        sys.exit(1 if strict else SKIPPED)
    enter_private_mounts(net)
    if prepare:
        prepare()
    # A terminated test cleans up as a failed one does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    program = unittest.main(exit=False, verbosity=2)
    result = program.result
    for test, why in result.skipped:
        print(f"skipped: {test}: {why}", file=sys.stderr)
    if not result.wasSuccessful():
        sys.exit(1)
    if result.skipped:
        sys.exit(1 if strict else SKIPPED)
    if result.testsRun == 0:
        sys.exit("no tests ran")
    sys.exit(0)
