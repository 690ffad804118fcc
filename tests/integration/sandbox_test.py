# SPDX-License-Identifier: Apache-2.0
"""What igrecd may do once it records, and what it must be given to start."""

import grp
import json
import os
import shutil
import signal
import stat
import subprocess
import unittest

import containers
import lab

NUMBERS = {"dac_override": 1, "dac_read_search": 2, "sys_ptrace": 19, "sys_admin": 21,
           "perfmon": 38, "bpf": 39}
NEEDED = ("bpf", "perfmon", "sys_ptrace", "dac_read_search")
KEPT = ("bpf", "sys_ptrace", "dac_read_search")


def status_of(path):
    with open(path) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


class LimitedLab(lab.Lab):
    """Its igrecd has these capabilities only, from its start on."""

    capabilities = NEEDED

    def igrecd_command(self, *options):
        sets = ",".join(["-all", *(f"+{name}" for name in self.capabilities)])
        return ["setpriv", "--bounding-set", sets, "--inh-caps=-all", "--",
                *super().igrecd_command(*options)]


class SandboxTest(unittest.TestCase):
    capabilities = NEEDED
    lab_class = LimitedLab
    config = lab.CONFIG

    def setUp(self):
        self.lab = self.lab_class()
        self.lab.capabilities = self.capabilities
        self.addCleanup(self.close)
        self.runtime = containers.Runtime(self.lab)
        self.addCleanup(self.runtime.close)
        self.lab.configure(self.config)

    def close(self):
        self.assertEqual(self.lab.close(), [])

    def running(self, name, uid=1000):
        """A container of another user that waits."""
        made = self.runtime.container(name, "/bin/ending", "read")
        path = os.path.join(made.bundle, "config.json")
        with open(path) as f:
            spec = json.load(f)
        spec["process"]["user"] = {"uid": uid, "gid": uid}
        with open(path, "w") as f:
            json.dump(spec, f)
        made.start().wait_ready()
        return made

    def dump(self, made):
        """The info of a dump on request."""
        self.lab.igrec("dump", made.id)
        return self.lab.json_lines("info", self.lab.dump_path(self.lab.dumps(made.id)[0]))[0]

    def end(self, made):
        made.go_on()
        made.wait()

    def failed(self, name):
        made = self.runtime.container(name, "/bin/ending", "exit", "1")
        self.assertEqual(made.run(), 1)
        return self.lab.wait_dump(made.id)[0]


class Root(SandboxTest):
    lab_class = lab.Lab

    def threads(self):
        tasks = f"/proc/{self.lab.process.pid}/task"
        return [status_of(f"{tasks}/{tid}/status") for tid in os.listdir(tasks)]

    def test_every_thread_has_given_up_the_rest(self):
        self.lab.start()
        self.assertTrue(self.failed("ends")["cause"], "its child works, too")
        threads = self.threads()
        self.assertGreater(len(threads), 1, "the workers are there")
        kept = sum(1 << NUMBERS[name] for name in KEPT)
        for thread in threads:
            for which in ("CapEff", "CapPrm", "CapBnd"):
                self.assertEqual(int(thread[which], 16), kept, which)
            self.assertEqual(int(thread["CapAmb"], 16) | int(thread["CapInh"], 16), 0)
            self.assertEqual((thread["Seccomp"], thread["NoNewPrivs"]), ("2", "1"))
        text = self.lab.igrec("doctor", status=(0, 1)).stdout
        self.assertIn("igrecd has kept: dac_read_search sys_ptrace bpf\n", text)
        self.assertIn("only the system calls",
                      json.dumps(self.lab.json_lines("doctor", status=(0, 1))))
        self.lab.process.send_signal(signal.SIGHUP)
        lab.wait_for("the reload", lab.PATIENCE, lambda: "reloaded" in self.lab.log_text())
        self.assertNotIn("not permitted", self.lab.log_text())
        self.assertNotIn("not implemented", self.lab.log_text())

    def test_store_of_another_user(self):
        os.mkdir(self.lab.store, 0o750)
        os.chown(self.lab.store, 1000, 1000)
        self.lab.start()
        self.failed("foreign")
        kept = int(self.threads()[0]["CapEff"], 16)
        self.assertTrue(kept & 1 << NUMBERS["dac_override"])

    def test_off(self):
        self.lab.configure(lab.CONFIG + "[igrecd]\nsandbox = off\n")
        before = int(status_of("/proc/self/status")["CapEff"], 16)
        self.lab.start()
        for thread in self.threads():
            self.assertEqual(int(thread["CapEff"], 16), before)
            self.assertEqual(thread["Seccomp"], "0")
        self.assertIn("sandbox is off", self.lab.igrec("doctor", status=(0, 1)).stdout)


class Limited(SandboxTest):
    """Without CAP_SYS_ADMIN: all of recording, and going on after a kill."""

    def test_needed_capabilities_suffice(self):
        self.lab.start()
        made = self.running("other-user")
        info = self.dump(made)
        self.assertEqual([t["exe"] for t in info["tasks"]], ["/bin/ending"])
        self.assertEqual([t["cwd"] for t in info["tasks"]], ["/"])
        self.assertGreaterEqual(len(info["fds"]), 3)
        self.assertEqual(self.lab.ps(made.id)["tasks"], 1)
        self.failed("before")
        self.lab.stop(signal.SIGKILL)
        self.lab.start()
        self.assertIn("going on with what igrecd", self.lab.log_text())
        self.assertGreaterEqual(len(self.dump(made)["fds"]), 3)
        self.failed("after")
        self.end(made)


class WithoutPtrace(SandboxTest):
    capabilities = ("bpf", "perfmon", "dac_read_search")

    def test_what_is_missing(self):
        """Why CAP_SYS_PTRACE: nothing of processes, and nobody is answered."""
        self.lab.start()
        row = self.failed("no-ptrace")
        self.assertTrue(row["cause"], "recording itself does not need it")
        self.assertEqual(self.lab.igrec("ps", status=1).stdout, "")


class WithoutSearch(SandboxTest):
    capabilities = ("bpf", "perfmon", "sys_ptrace")

    def test_what_is_missing(self):
        """Why CAP_DAC_READ_SEARCH: descriptors of other users' processes."""
        self.lab.start()
        made = self.running("no-search")
        self.assertEqual(self.dump(made)["fds"], [])
        self.end(made)


class WithoutBpf(SandboxTest):
    def test_refused(self):
        for capabilities in (("perfmon", "sys_ptrace"), ("bpf", "sys_ptrace")):
            self.lab.capabilities = capabilities
            done = subprocess.run(self.lab.igrecd_command(), capture_output=True, text=True,
                                  timeout=lab.PATIENCE, check=False)
            self.assertEqual(done.returncode, 1, capabilities)
            self.assertEqual(self.lab.pinned(), [])


class Group(SandboxTest):
    """The group igrec, in a group file that only this test sees."""

    lab_class = lab.Lab

    def setUp(self):
        super().setUp()
        shutil.copy("/etc/group", self.lab.path("group"))
        with open(self.lab.path("group"), "a") as f:
            f.write("igrec:x:64999:\n")
        subprocess.run(["mount", "--bind", self.lab.path("group"), "/etc/group"], check=True)
        self.addCleanup(subprocess.run, ["umount", "/etc/group"], check=True)
        self.assertEqual(grp.getgrnam("igrec").gr_gid, 64999)

    def test_may_read(self):
        self.lab.start()
        info = os.stat(self.lab.store)
        self.assertEqual((info.st_gid, stat.S_IMODE(info.st_mode)), (64999, 0o2750))
        path = self.lab.dump_path(self.failed("shared"))
        info = os.stat(path)
        self.assertEqual((info.st_gid, stat.S_IMODE(info.st_mode)), (64999, 0o640))
        reader = ["setpriv", "--reuid", "1000", "--clear-groups", "--regid"]
        for group, status in (("64999", 0), ("1000", 1)):
            done = subprocess.run([*reader, group, "cat", path], capture_output=True, check=False)
            self.assertEqual(done.returncode, status, group)

    def test_a_group_that_was_chosen_stays(self):
        os.mkdir(self.lab.store, 0o700)
        os.chown(self.lab.store, 0, 1000)
        self.lab.start()
        info = os.stat(self.lab.store)
        self.assertEqual((info.st_gid, stat.S_IMODE(info.st_mode)), (1000, 0o700))


class Unit(unittest.TestCase):
    def test_unit_gives_what_is_needed(self):
        """deploy/systemd: the capabilities above, and an exposure that is no worse than noted."""
        top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        path = os.path.join(top, "deploy/systemd/igrecd.service")
        with open(path) as f:
            lines = [line.strip().split("=", 1) for line in f if "=" in line and line[0] != "#"]
        settings = {key: value for key, value in lines}
        bounds = {name.lower().removeprefix("cap_")
                  for name in settings["CapabilityBoundingSet"].split()}
        self.assertTrue(set(NEEDED) <= bounds, bounds)
        self.assertNotIn("sys_admin", bounds)
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze (package systemd)")
        done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=30",
                               "--no-pager", path], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)


if __name__ == "__main__":
    lab.main()
