# SPDX-License-Identifier: Apache-2.0
"""What views tell of a real container, compared with strace, ss, the peers and the name server that
it talked to; and where a bad run parts from a good one."""

import json
import os
import re
import shutil
import socket
import struct
import subprocess
import threading
import unittest

import containers
import lab

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs", "views.py")
ANSWER = "192.0.2.77"
CONFIG = """\
[ring]
size = 16MiB
memory-limit = 256MiB
pool = 2
[failure]
per-container-per-hour = 0
per-node-per-minute = 0
"""

# strace is a process of the container, but of a cgroup beside the recorded one.
INIT = """\
( echo 0 > /run/igrec/beside/cgroup.procs &&
  exec strace -f -y -s 512 -o /run/igrec/strace \\
    sh -c 'echo 0 > /run/igrec/recorded/cgroup.procs && exec /usr/bin/python3 -SE /run/igrec/views.py'
) 2>/run/igrec/errors
exit 1
"""

LINE = re.compile(r"^(?P<pid>\d+) +(?P<name>\w+)\((?P<args>.*)\) += (?P<ret>-?\w+|\?)(?:<[^>]*>)?"
                  r"(?: (?P<error>E\w+))?")
UNFINISHED = re.compile(r"^(\d+) +(\w+\(.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")


def read_strace(path):
    """The calls of each process, in order, as matches of LINE; halves are joined."""
    begun, calls = {}, {}
    with open(path, errors="replace") as f:
        for line in f:
            line = line.rstrip("\n")
            half, rest = UNFINISHED.match(line), RESUMED.match(line)
            if half:
                begun[half.group(1)] = half.group(2)
                continue
            if rest:
                line = f"{rest.group(1)} {begun.pop(rest.group(1))}{rest.group(2)}"
            found = LINE.match(line)
            if found:
                calls.setdefault(int(found["pid"]), []).append(found)
    return calls


class NameServer(threading.Thread):
    """Answers found.test, denies missing.test, and says nothing of silent.test."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        self.log = []  # id, name, type

    def run(self):
        while True:
            query, peer = self.socket.recvfrom(512)
            at, labels = 12, []
            while query[at]:
                labels.append(query[at + 1:at + 1 + query[at]].decode())
                at += 1 + query[at]
            number, = struct.unpack_from(">H", query)
            kind, = struct.unpack_from(">H", query, at + 1)
            name = ".".join(labels)
            self.log.append((number, name, kind))
            if name.startswith("silent"):
                continue
            found = name == "found.test" and kind == 1
            flags = 0x8180 if name == "found.test" else 0x8183
            answer = (b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(ANSWER)
                      if found else b"")
            self.socket.sendto(query[:2] + struct.pack(">HHHHH", flags, 1, found, 0, 0)
                               + query[12:at + 5] + answer, peer)


class Peer(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 7007))
        self.peers = []

    def run(self):
        while True:
            peer, address = self.socket.accept()
            self.peers.append(address)
            got = 0
            while got < 3000:
                got += len(peer.recv(4096))
            peer.sendall(b"r" * 5000)
            peer.recv(1)
            peer.close()


def make_root(path):
    """The machine's programs, with an /etc and directories of their own."""
    for d in ("usr", "etc", "proc", "sys", "dev", "tmp", "run"):
        os.makedirs(os.path.join(path, d))
    for name in ("bin", "sbin", "lib", "lib64"):
        if os.path.islink("/" + name):
            os.symlink(os.readlink("/" + name), os.path.join(path, name))
    for name, text in (("resolv.conf", "nameserver 127.0.0.1\noptions timeout:5 attempts:1\n"),
                       ("nsswitch.conf", "hosts: dns\n")):
        with open(os.path.join(path, "etc", name), "w", encoding="ascii") as f:
            f.write(text)


@unittest.skipUnless(shutil.which("strace"), "this machine lacks strace")
@unittest.skipUnless(os.path.exists("/usr/bin/python3"), "this machine lacks /usr/bin/python3")
class Views(lab.LabTest):
    config = CONFIG
    maxDiff = None
    seen = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.beside = os.path.join(containers.UNIFIED, cls.lab.name + "-beside")
        os.mkdir(cls.beside)
        cls.addClassCleanup(os.rmdir, cls.beside)
        cls.name_server, cls.peer = NameServer(), Peer()
        cls.name_server.start()
        cls.peer.start()
        cls.root = cls.lab.path("views-root")
        make_root(cls.root)
        cls.shared = cls.lab.path("io")
        os.mkdir(cls.shared)
        shutil.copy(PROGRAM, cls.shared)
        with open(os.path.join(cls.shared, "init"), "w", encoding="ascii") as f:
            f.write(INIT)
        cls.good = cls.record("good")
        cls.calls = read_strace(os.path.join(cls.shared, "strace"))
        cls.program = min(pid for pid, calls in cls.calls.items())
        cls.seen_names = list(cls.name_server.log)
        cls.bad = cls.record("bad")

    @classmethod
    def record(cls, mode):
        with open(os.path.join(cls.shared, "mode"), "w", encoding="ascii") as f:
            f.write(mode)
        container = cls.runtime.container("views", "/bin/sh", "/run/igrec/init",
                                          writable_cgroup=True)
        path = os.path.join(container.bundle, "config.json")
        with open(path) as f:
            spec = json.load(f)
        spec["root"] = {"path": cls.root, "readonly": True}
        spec["linux"]["namespaces"] = [n for n in spec["linux"]["namespaces"]
                                       if n["type"] != "network"]
        recorded = next(m for m in spec["mounts"] if m["destination"] == "/tmp/cgroup")
        recorded["destination"] = "/run/igrec/recorded"
        spec["mounts"].remove(recorded)
        spec["mounts"] = [m for m in spec["mounts"] if m["type"] != "sysfs"] + [
            {"destination": "/usr", "type": "bind", "source": "/usr", "options": ["bind", "ro"]},
            {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]},
            {"destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": []},
            {"destination": "/run/igrec", "type": "bind", "source": cls.shared,
             "options": ["bind"]},
            recorded,
            {"destination": "/run/igrec/beside", "type": "bind", "source": cls.beside,
             "options": ["bind"]}]
        with open(path, "w") as f:
            json.dump(spec, f)
        container.start()
        try:
            cls.talk(container)
            container.wait()
            with open(container.output) as f:
                cls.output = f.read()
            return cls.lab.wait_dump(container.id, 1 if mode == "good" else 2)[0]
        finally:
            container.remove()
            shutil.rmtree(container.bundle)  # a second run has the same name

    @classmethod
    def said(cls, container, word):
        def look():
            if container.process.poll() is not None:
                with open(os.path.join(cls.shared, "errors")) as f:
                    raise AssertionError(f"ended: {container.error_text()}{f.read()}")
            with open(container.output) as f:
                return next((line.split() for line in f if line.startswith(word)), None)
        return lab.wait_for(f"{word} of the container", lab.PATIENCE, look)

    @classmethod
    def talk(cls, container):
        """Its other side; what it sees of the good run is kept, which is the first."""
        local = cls.said(container, "connected")[1:]
        ss = subprocess.run(["ss", "-tnH", "state", "established"], capture_output=True,
                            text=True, check=True).stdout
        container.go_on()
        cls.said(container, "listening")
        with socket.create_connection(("127.0.0.1", 7009)) as s:
            our_peer = s.getsockname()
            s.sendall(b"s" * 10)
            while s.recv(100):
                pass
        if not cls.seen:
            cls.seen = {"local": ":".join(local), "ss": ss, "our_peer": "{}:{}".format(*our_peer)}

    def view(self, kind, *args, row=None):
        return self.lab.json_lines("view", kind, *args, self.lab.dump_path(row or self.good),
                                   status=0)

    # ---- against strace ---------------------------------------------------------------------

    def traced(self, *names):
        """The calls of these names, of all processes, in the order of each."""
        return {pid: [c for c in calls if c["name"] in names]
                for pid, calls in self.calls.items() if any(c["name"] in names for c in calls)}

    def test_open(self):
        rows = {}
        for row in self.view("open"):
            rows.setdefault(row["pid"], []).append(row)
        compared = 0
        for pid, calls in self.traced("open", "openat", "creat").items():
            # What sh did before it was recorded is not on the tape.
            mine = rows.get(pid, [])
            calls = calls[len(calls) - len(mine):]
            for call, row in zip(calls, mine, strict=True):
                path, flags = re.search(r'"([^"]*)", ([A-Z_|]+)', call["args"]).groups()
                self.assertEqual(row["given"], path)
                self.assertEqual(row["flags"], flags)
                self.assertEqual(row["error"], call["error"])
                if call["error"]:
                    self.assertIsNone(row["fd"])
                else:
                    self.assertEqual(row["fd"], int(call["ret"]))
                    told = re.search(r"= \d+<([^>]*)>", call.group(0)).group(1)
                    self.assertEqual(row["path"], told)
                mode = re.search(r", (0\d+)$", call["args"])
                self.assertEqual(row["mode"], mode.group(1) if mode else None)
                self.assertGreater(row["duration_ns"], 0)
                compared += 1
        self.assertGreater(compared, 100)

    def test_open_filters(self):
        written = self.view("open", "--flags", "O_WRONLY,O_RDWR", "--path", "/tmp/d/data")
        self.assertEqual([(r["given"], r["flags"]) for r in written],
                         [("/tmp/d/data", "O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC"),
                          ("data", "O_RDWR|O_APPEND|O_CLOEXEC")])
        failed = self.view("open", "--errno", "EISDIR")
        self.assertEqual([r["path"] for r in failed], ["/tmp/d"])

    def test_exec(self):
        rows = [(r["path"], r["argv"], r["cwd"], r["error"], r["ended"])
                for r in self.view("exec")]
        for wanted in (("/bin/true", ["/bin/true", "one", "two words", ""], "/tmp", None,
                        "exited with 0"),
                       ("/bin/sh", ["/bin/sh", "-c", "exit 7"], "/", None, "exited with 7"),
                       ("/no/such/program", ["/no/such/program", "x"], "/", "ENOENT", None),
                       ("/bin/cat", ["/bin/cat"], "/", None, "killed by SIGTERM")):
            self.assertIn(wanted, rows)
        traced = sum(len(calls) for calls in self.traced("execve").values())
        # The first two are of the sh that strace started, and the runtime's.
        self.assertEqual(len([r for r in rows if r[1][:2] != ["/bin/sh", "/run/igrec/init"]]),
                         traced - 1)
        parents = {r["parent_pid"] for r in self.view("exec") if r["path"] == "/bin/true"}
        self.assertEqual(parents, {self.program})

    def test_syscalls(self):
        counts, errors = {}, {}
        calls = self.calls[self.program]
        begin = next(i for i, c in enumerate(calls) if c["args"].startswith('"/usr/bin/python3"'))
        for call in calls[begin:]:
            counts[call["name"]] = counts.get(call["name"], 0) + 1
            if call["error"]:
                key = call["name"], call["error"]
                errors[key] = errors.get(key, 0) + 1
        rows = self.view("syscalls", "--pid", str(self.program), "--comm", "python3")
        told = {r["syscall"]: r["calls"] for r in rows}
        for name in ("openat", "connect", "read", "clone", "vfork", "wait4", "bind", "fsync"):
            self.assertEqual(told.get(name), counts.get(name), name)
        self.assertEqual({(r["syscall"], *e.split(":")) for r in rows for e in r["errnos"] or []},
                         {(name, error, str(n)) for (name, error), n in errors.items()})

    # ---- against the peers -------------------------------------------------------------------

    def test_tcp(self):
        rows = [r for r in self.view("tcp")]
        made = next(r for r in rows if r["state"] == "closed" and r["operation"] == "connect")
        self.assertEqual((made["peer"], made["local"]), ("127.0.0.1:7007", self.seen["local"]))
        self.assertIn(made["local"], self.seen["ss"])
        self.assertEqual((made["sent_bytes"], made["received_bytes"]), (3000, 5000))
        self.assertGreater(made["duration_ns"], made["latency_ns"])
        refused = [r for r in rows if r["peer"] == "127.0.0.1:7008"]
        self.assertEqual([(r["state"], r["error"]) for r in refused],
                         [("failed", "ECONNREFUSED")] * 2)
        accepted = next(r for r in rows if r["operation"] == "accept")
        self.assertEqual((accepted["peer"], accepted["local"], accepted["state"],
                          accepted["sent_bytes"], accepted["received_bytes"]),
                         (self.seen["our_peer"], "127.0.0.1:7009", "closed", 20, 10))

    def test_bind(self):
        rows = [(r["protocol"], r["address"], r["error"]) for r in self.view("bind")]
        self.assertEqual(rows, [("TCP", "127.0.0.1:7009", None),
                                ("TCP", "127.0.0.1:7009", "EADDRINUSE")])

    def test_dns(self):
        rows = self.view("dns")
        asked = [(r["query_id"], r["name"], {"A": 1, "AAAA": 28}[r["type"]]) for r in rows]
        self.assertEqual(sorted(asked), sorted(self.seen_names))
        self.assertEqual({r["nameserver"] for r in rows}, {"127.0.0.1:53"})
        told = {(r["name"], r["type"]): (r["qr"], r["rcode"], r["answers"]) for r in rows}
        self.assertEqual(told["found.test", "A"], ("QR", "NOERROR", [ANSWER]))
        self.assertEqual(told["found.test", "AAAA"], ("QR", "NOERROR", None))
        self.assertEqual(told["missing.test", "A"], ("QR", "NXDOMAIN", None))
        self.assertEqual(told["silent.test", "A"], ("Q", None, None))
        self.assertEqual({r["latency_ns"] is None for r in rows if r["qr"] == "Q"}, {True})

    def test_deps(self):
        rows = self.view("deps")
        told = {(r["source"], r["target"], r["protocol"]): r for r in rows}
        self.assertEqual(told["python3", "127.0.0.1:7007", "TCP"]["received_bytes"], 5000)
        self.assertEqual(told["python3", "127.0.0.1:7008", "TCP"]["failed"], 2)
        self.assertIn(("127.0.0.1", "python3", "TCP"), told)
        self.assertIn(("python3", "127.0.0.1:53", "UDP"), told)
        graph = self.lab.igrec("view", "deps", "--dot", self.lab.dump_path(self.good)).stdout
        self.assertIn('"python3" -> "127.0.0.1:7007" [label="TCP"];', graph)

    # ---- the rest ---------------------------------------------------------------------------

    def test_signal(self):
        rows = [(r["signal"], r["code"], r["sender_comm"], r["sender_outside"], r["comm"])
                for r in self.view("signal") if r["signal"] != "SIGCHLD"]
        self.assertEqual(rows, [("SIGUSR1", "SI_USER", "python3", False, "python3"),
                                ("SIGTERM", "SI_USER", "python3", False, "cat")])

    def test_file(self):
        row, = [r for r in self.view("file", "--path", "/tmp/d/data")]
        self.assertEqual((row["opens"], row["read_bytes"], row["write_bytes"], row["writes"]),
                         (2, 8000, 10000, len([c for c in self.calls[self.program]
                                               if c["name"] == "write"
                                               and "/tmp/d/data" in c["args"]])))

    def test_io(self):
        rows = self.view("io")
        self.assertEqual([r["duration_ns"] for r in rows],
                         sorted((r["duration_ns"] for r in rows), reverse=True))
        # It waited for the test on stdin.
        waited = next(r for r in rows if r["syscall"] == "read" and r["fd"] == 0)
        self.assertEqual(waited["bytes"], 1)

    def test_mount(self):
        rows = [(r["syscall"], r["source"], r["target"], r["fs_type"], r["error"])
                for r in self.view("mount")]
        traced = [(pid, c) for pid, calls in self.calls.items() for c in calls
                  if c["name"] in ("mount", "fsopen", "umount2")]
        self.assertEqual(len([r for r in rows if r[0] in ("mount", "umount2")]),
                         len([c for _, c in traced if c["name"] != "fsopen"]))
        self.assertTrue(any(r[0] == "umount2" and r[2] == "/tmp/d" and r[4] for r in rows), rows)

    def test_process(self):
        rows = self.view("process")
        self.assertEqual([(r["pid"], r["depth"], r["last_syscall"]) for r in rows if r["failed"]],
                         [(1, 0, "exit_group")])

    def test_diff(self):
        same = self.lab.json_lines("diff", self.lab.dump_path(self.good),
                                   self.lab.dump_path(self.good), status=0)
        self.assertEqual([line["type"] for line in same], ["diff"])
        head, first, *rest = self.lab.json_lines(
            "diff", self.lab.dump_path(self.good), self.lab.dump_path(self.bad), status=0)
        self.assertEqual((head["type"], first["type"]), ("diff", "divergence"))
        self.assertEqual(first["b"]["comm"], "python3")
        event = first["b"]["events"][0]
        self.assertEqual(event["syscall"], "openat")
        self.assertIn("/etc/views.conf", json.dumps(event["args"]))
        self.assertIn(("b", "error", "openat ENOENT /etc/views.conf"),
                      [(line["side"], line["fact"], line["value"]) for line in rest])
        text = self.lab.igrec("diff", self.lab.dump_path(self.good),
                              self.lab.dump_path(self.bad)).stdout
        self.assertRegex(text, r"(?m)^B .* openat .*/etc/views.conf")
        # The newest dump of a container against the one before.
        again = self.lab.json_lines("diff", self.bad["container_id"], status=0)
        self.assertEqual([again[0][side]["id"] for side in "ab"],
                         [self.good["id"], self.bad["id"]])


def prepare():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


if __name__ == "__main__":
    lab.main(net=True, prepare=prepare)
