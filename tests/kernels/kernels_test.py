#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records containers that fail under Debian's own kernels, in a virtual machine, and replays the
dumps here.  Prints a table of kernels and checks.
usage: kernels_test.py [--arm64 BUILD SYSROOT] SUITE...   (bullseye is Linux 5.10,
bookworm 6.1, trixie 6.12)
--arm64: with the programs of that build, made by tools/cross-arm64.sh, and its libraries.
Exit status 77: this machine lacks qemu, or the kernel could not be fetched."""

import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
VM = os.path.join(HERE, "..", "..", "tools", "vm.sh")
BIN = os.environ.get("IGREC_BIN", "build/release/bin")
WORKLOADS = os.environ.get("IGREC_WORKLOADS", os.path.join(os.path.dirname(BIN), "workloads"))
IGREC = os.path.join(BIN, "igrec")
KEEP = os.environ.get("IGREC_KEEP_CONSOLE")  # a path: what the machines said is kept there
SKIPPED = 77
AT_ONCE = 2  # machines, of two processors each
SIGKILL, SIGSEGV = 9, 11

sys.path.insert(0, os.path.join(HERE, "..", "integration"))
from initramfs import Initramfs  # noqa: E402
from tape import Tape  # noqa: E402

CONTAINERS = {
    "exit": {"args": ["/bin/ending", "exit", "1"]},
    "segv": {"args": ["/bin/ending", "segv"]},
    "late": {"args": ["/bin/ending", "exit", "1"]},
    "oom": {"args": ["/bin/ending", "oom"], "memory_bytes": 32 << 20},
}


class Lacking(Exception):
    pass


# ---- what the machine holds ------------------------------------------------------------------

def container_spec(args, memory_bytes=0):
    with tempfile.TemporaryDirectory() as where:
        subprocess.run(["runc", "spec"], cwd=where, check=True)
        with open(os.path.join(where, "config.json")) as f:
            spec = json.load(f)
    spec["process"].update(terminal=False, args=args)
    spec["root"] = {"path": "/rootfs", "readonly": True}
    if memory_bytes:
        spec["linux"]["resources"]["memory"] = {"limit": memory_bytes, "swap": memory_bytes}
    return spec


class Machine:
    """Of which architecture the machine is, and where its programs come from."""

    def __init__(self, arch="amd64", build=None, sysroot="/"):
        self.arch = arch
        self.multiarch = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[arch]
        self.sysroot = sysroot
        self.bin = os.path.join(build, "bin") if build else BIN
        self.workloads = os.path.join(build, "workloads") if build else WORKLOADS

    def programs(self):
        path = ":".join(os.path.join(self.sysroot, folder) for folder in
                        ("usr/sbin", "usr/bin", "sbin", "bin"))
        return [os.path.join(self.bin, "igrecd"), os.path.join(self.bin, "igrec"),
                shutil.which("runc", path=path), shutil.which("busybox", path=path)]


def add_programs(image, machine):
    image.file("init", os.path.join(HERE, "guest_init.sh"))
    for program in machine.programs():
        image.program(program)
    listed = subprocess.run(["busybox", "--list"], capture_output=True, text=True, check=True)
    for applet in listed.stdout.split():
        if applet != "busybox":
            image.link(f"bin/{applet}", "busybox")


def make_initramfs(machine, path):
    image = Initramfs(machine.sysroot, machine.multiarch)
    add_programs(image, machine)
    for name, options in CONTAINERS.items():
        spec = container_spec(**options)
        spec["linux"]["cgroupsPath"] = f"/{name}"
        image.data(f"bundles/{name}/config.json", json.dumps(spec).encode())
    image.file("rootfs/bin/ending", os.path.join(machine.workloads, "ending"))
    for directory in ("etc", "proc", "sys", "dev", "tmp"):
        image.directory(f"rootfs/{directory}")
    image.write(path)


# ---- a run -----------------------------------------------------------------------------------

def vm(*args):
    """Runs tools/vm.sh; returns what it prints."""
    done = subprocess.run([VM, *args], stdout=subprocess.PIPE, check=False)
    if done.returncode == SKIPPED:
        raise Lacking("qemu, or a package that could not be fetched: see above")
    if done.returncode:
        print(f"vm.sh {args[0]} ended with {done.returncode}", file=sys.stderr)
    return done.stdout.decode(errors="replace")


def boot(machine, kernel, image):
    """Again if Linux did not get to the end: emulation without KVM is not quite reliable."""
    for _ in range(3):
        guest = Guest(vm("boot", kernel, image, machine.arch))
        if guest.got_through():
            break
    if KEEP:
        with open(f"{KEEP}.{os.path.basename(kernel)}", "w") as f:
            f.write(guest.console)
    return guest


class Guest:
    """What the machine said on its console."""

    def __init__(self, console):
        self.console = console.replace("\r", "")
        self.parts = {}
        for found in re.finditer(r"^@@begin (\S+)\n(.*?)^@@end \1 (\d+)$", self.console,
                                 re.MULTILINE | re.DOTALL):
            self.parts[found[1]] = (found[2], int(found[3]))

    def got_through(self):
        """To the last part; that is another where igrecd did not start."""
        return "stop" in self.parts or self.parts.get("start", ("", 0))[1] != 0

    def text(self, part):
        if part not in self.parts:
            raise AssertionError(f"no part {part!r} on the console:\n{self.console[-4000:]}")
        return self.parts[part][0]

    def status(self, part):
        self.text(part)
        return self.parts[part][1]

    def json_lines(self, part):
        return [json.loads(line) for line in self.text(part).splitlines() if line.startswith("{")]

    def names_victims(self):
        """Whether the tracepoint mark_victim tells more than a pid (Linux 6.9), by the kernel's own
        description of its fields."""
        return "[] comm;" in self.text("mark-victim")

    def row(self, container):
        rows = [row for row in self.json_lines("list") if row["container"] == container]
        equal(f"dumps of {container}", len(rows), 1)
        return rows[0]

    def dumps(self):
        """The files of its store, by name."""
        packed = io.BytesIO(base64.b64decode("".join(self.text("store").split())))
        with tarfile.open(fileobj=packed) as tar:
            return {os.path.basename(member.name): tar.extractfile(member).read()
                    for member in tar if member.isfile()}

    def read(self, verb, container):
        """What igrec says of its dump on this machine."""
        name = os.path.basename(self.row(container)["file"])
        with tempfile.TemporaryDirectory() as where:
            path = os.path.join(where, name)
            with open(path, "wb") as f:
                f.write(self.dumps()[name])
            done = subprocess.run([IGREC, verb, "--json", path], capture_output=True,
                                  text=True, check=False)
        if done.returncode not in (0, 4):
            raise AssertionError(f"{verb} ended with {done.returncode}: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def tape(self, container):
        return Tape(self.read("replay", container))


def equal(what, got, wanted):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, not {wanted!r}")


# ---- the checks: each raises AssertionError --------------------------------------------------

def check_start(guest):
    """The programs load and attach."""
    if guest.status("start"):
        raise AssertionError("igrecd is not ready:\n" + guest.text("start"))


def check_facts(guest, container):
    """The tape shows what the container's process said that it did."""
    facts = [fact for fact in guest.json_lines(f"run-{container}") if fact["fact"] == "call"]
    equal("failing opens", [fact["errno"] for fact in facts], ["ENOENT"])
    equal("facts that are not on the tape", guest.tape(container).missing_facts(facts), [])


def check_exit(guest):
    """Exit status 1 after an open that failed."""
    row = guest.row("exit")
    equal("runc's status", guest.status("run-exit"), 1)
    equal("kind and code", (row["kind"], row["exit_code"]), ("exit", 1))
    check_facts(guest, "exit")


def check_segv(guest):
    """A process that writes to address 0."""
    row = guest.row("segv")
    equal("runc's status", guest.status("run-segv"), 128 + SIGSEGV)
    equal("kind and signal", (row["kind"], row["signal"]), ("signal", SIGSEGV))
    check_facts(guest, "segv")
    faults = [event for event in guest.tape("segv").of_type("signal")
              if event["signal"] == SIGSEGV]
    equal("faults", [(event["pid"], event["fault_address"]) for event in faults], [(1, 0)])


def check_victim(guest):
    """What is known of the OOM killer's choice."""
    limit = CONTAINERS["oom"]["memory_bytes"]
    scene = guest.read("info", "oom")[0]["oom"]
    victim = scene["victim"]
    equal("limit and victim", (scene["limit_bytes"], victim["pid"], victim["is_init"]),
          (limit, 1, True))
    if not limit / 2 < victim["rss_bytes"] < limit + (2 << 20):
        raise AssertionError(f"memory of the victim: {victim['rss_bytes']}")


def check_oom(guest):
    """A memory cgroup that runs full; a SIGKILL where the kernel does not name the victim."""
    row = guest.row("oom")
    named = guest.names_victims()
    equal("kind and signal", (row["kind"], row["signal"]), ("oom" if named else "signal", SIGKILL))
    kills = re.search(r"^oom_kill (\d+)$", guest.text("run-oom"), re.MULTILINE)
    equal("OOM kills, by the kernel's own count", kills and kills[1], "1")
    tape = guest.tape("oom")
    equal("victims", [event["victim_pid"] for event in tape.of_type("oom")], [1] if named else [])
    if named:
        check_victim(guest)
    last = guest.read("info", "oom")[0]["samples"][-1]
    unknown = [key for key in ("memory_bytes", "limit_hits", "pids", "cpu_ns") if last[key] is None]
    equal("figures that version 2 of cgroups has and the last sample lacks", unknown, [])
    opened = tape.named("openat", "/etc/app/config.yaml")
    equal("failing open", [event["errno"] for event in opened], ["ENOENT"])


def check_late(guest):
    """As exit, while igrecd is dead: the next one dumps it."""
    equal("whether igrecd started again", guest.status("start-again"), 0)
    equal("kind", guest.row("late")["kind"], "exit")
    check_facts(guest, "late")


def check_whole(guest):
    """Each tape has the container's one exec; nothing is missing from then on.  What runc's init did
    before it may fill the ring: a slow machine lets its Go threads wait for each other in thousands
    of calls.  A gap's time is that of the oldest record behind it."""
    for container in CONTAINERS:
        tape = guest.tape(container)
        execs = tape.of_type("exec")
        equal(f"first exec of {container}", len(execs), 1)
        gaps = [gap for gap in tape.of_type("gap") if gap["time_ns"] >= execs[0]["time_ns"]]
        equal(f"gaps in {container} since its exec", gaps, [])


def check_stop(guest):
    """Ends with status 0; --unload leaves nothing in the kernel."""
    equal(f"status ({guest.text('stop').strip()})", guest.status("stop"), 0)


CHECKS = {"start": check_start, "exit": check_exit, "segv": check_segv, "oom": check_oom,
          "late": check_late, "whole": check_whole, "stop": check_stop}


def run_checks(guest):
    """Returns the errors by check's name."""
    wrong = {}
    for name, check in CHECKS.items():
        try:
            check(guest)
        except (AssertionError, KeyError, ValueError) as error:
            wrong[name] = f"{type(error).__name__}: {error}"
            if name == "start":
                wrong.update({other: "igrecd did not start" for other in CHECKS if other != name})
                break
    return wrong


def lacking():
    for program in ("runc", "busybox", "qemu-system-x86_64"):
        if not shutil.which(program):
            return f"{program} (tools/setup.sh test)"
    for path in (IGREC, os.path.join(BIN, "igrecd"), os.path.join(WORKLOADS, "ending")):
        if not os.path.exists(path):
            return f"{path}: build first, or set IGREC_BIN"
    return None


def main(args):
    machine = Machine()
    if args[:1] == ["--arm64"] and len(args) > 3:
        machine = Machine("arm64", *args[1:3])
        args = args[3:]
    if not args or args[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    missing = lacking()
    if missing:
        raise Lacking(missing)
    failed = []
    print(" | ".join(("kernel", *CHECKS)))
    with tempfile.TemporaryDirectory() as where:
        image = os.path.join(where, "initramfs")
        make_initramfs(machine, image)
        with ThreadPoolExecutor(AT_ONCE) as machines:
            for row, wrong in machines.map(lambda suite: test_kernel(machine, suite, image), args):
                print(row, flush=True)
                failed += wrong
    for text in failed:
        print(text, file=sys.stderr)
    return 1 if failed else 0


def test_kernel(machine, suite, image):
    """Returns the table's row of that kernel, and what is wrong, one text each."""
    guest = boot(machine, vm("kernel", suite, machine.arch).strip(), image)
    release = guest.text("release").strip()
    wrong = run_checks(guest)
    words = {name: "no" if name in wrong else "yes" for name in CHECKS}
    if "oom" not in wrong and not guest.names_victims():
        words["oom"] = "as signal"
    row = " | ".join((release, *words.values()))
    if not wrong:
        return row, []
    console = re.sub("@@begin store.*@@end store", "...", guest.console, flags=re.DOTALL)
    return row, [f"{release}: {name}: {text}" for name, text in wrong.items()] + [console]


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Lacking as what:
        print(f"skipped: this machine lacks {what}", file=sys.stderr)
        sys.exit(1 if os.environ.get("IGREC_TEST_STRICT") == "1" else SKIPPED)
