# SPDX-License-Identifier: Apache-2.0
"""[policy] sections: what is otherwise for some containers, and reading them anew on SIGHUP."""

import json
import os
import signal
import unittest

import lab
from tape import Tape

SECTIONS = f"""{lab.CONFIG}
[payload]
policy = stdio
[policy quiet]
namespace = kube-*
record = no
[policy dns]
namespace = kube-system
pod = coredns-*
record = yes
[policy bank]
image = registry/bank/*
payload = none
[policy batch]
container = worker
ignore-exit-codes = 3 64-78
kinds = exit
"""


class Sections(lab.LabTest):
    config = SECTIONS

    def tearDown(self):
        self.reload(SECTIONS)

    def reload(self, text):
        """Returns what igrecd said about it."""
        begin = len(self.lab.log_text())
        self.lab.configure(text)
        self.lab.process.send_signal(signal.SIGHUP)

        def said():
            log = self.lab.log_text(begin)
            return log if "reloaded" in log else None
        return lab.wait_for("the reload", lab.PATIENCE, said)

    def pod(self, name, namespace, pod, container, image, *args, **options):
        """A container whose bundle has the annotations of a CRI engine."""
        made = self.runtime.container(name, *args, **options)
        path = os.path.join(made.bundle, "config.json")
        with open(path) as f:
            spec = json.load(f)
        spec["annotations"] = {
            "io.kubernetes.cri.sandbox-namespace": namespace,
            "io.kubernetes.cri.sandbox-name": pod,
            "io.kubernetes.cri.container-name": container,
            "io.kubernetes.cri.image-name": image}
        with open(path, "w") as f:
            json.dump(spec, f)
        return made

    def end(self, name, namespace, pod, container, image, code):
        """An end with this code, once its names could be read: runc writes its file late."""
        made = self.pod(name, namespace, pod, container, image, "/bin/ending", "read", str(code))
        made.start().wait_ready()
        lab.wait_for("its names or its release", lab.PATIENCE, lambda: self.is_settled(made))
        made.go_on()
        self.assertEqual(made.wait(), code)
        return made

    def is_settled(self, made):
        rows = [r for r in self.lab.json_lines("ps") if r.get("container_id") == made.id]
        return not rows or rows[0]["pod"]

    def dumps_of(self, made):
        """Those of this container, once a failure behind it is dumped and no dump is on its way."""
        behind = self.runtime.container(f"behind-{len(self.runtime.made)}", "/bin/ending", "exit",
                                        "1")
        behind.run()
        self.lab.wait_dump(behind.id)
        lab.wait_for("all dumps", lab.PATIENCE, lambda: not self.lab.node()["snapshots"])
        return [r for r in self.lab.json_lines("list") if r["container_id"] == made.id]

    def recorded(self, made):
        return made.id in {r.get("container_id") for r in self.lab.json_lines("ps")}

    def test_not_recorded(self):
        made = self.pod("proxy", "kube-system", "kube-proxy-1", "proxy", "p:1",
                        "/bin/ending", "read").start()
        made.wait_ready()
        lab.wait_for("its release", lab.PATIENCE, lambda: not self.recorded(made))
        os.kill(made.pid(), signal.SIGKILL)
        made.wait()
        self.assertEqual(self.dumps_of(made), [])

    def test_later_section_comes_over_earlier_one(self):
        made = self.end("dns", "kube-system", "coredns-1", "coredns", "c:1", 1)
        self.assertEqual([r["pod"] for r in self.dumps_of(made)], ["coredns-1"])

    def test_cgroup_below_an_unrecorded_container(self):
        made = self.pod("nested", "kube-x", "outer-0", "outer", "o:1", "/bin/child", "segv",
                        "/tmp/cgroup", writable_cgroup=True)
        made.start().wait_ready()
        self.assertTrue(os.path.isdir(os.path.join(made.cgroup(), "nested")))
        made.go_on()
        self.assertEqual(made.wait(), 0)
        self.assertEqual(self.dumps_of(made), [])
        self.assertEqual(self.lab.dumps("nested"), [])

    def tour(self, name, image):
        """Writes a text once its names are known: before, the strictest policy is in force."""
        made = self.pod(name, "prod", f"{name}-0", name, image, "/bin/ending", "read").start()
        made.wait_ready()
        lab.wait_for("its names", lab.PATIENCE, lambda: (self.lab.ps(name) or {}).get("pod"))
        made.exec("/bin/tour")
        os.kill(made.pid(), signal.SIGKILL)
        made.wait()
        row = self.dumps_of(made)[0]
        return row, Tape(self.lab.replay(row))

    def test_payload_of_an_image(self):
        row, tape = self.tour("bank", "registry/bank/pay:7")
        self.assertTrue(tape.named("openat", "/etc/tour"))
        self.assertEqual(tape.named("write", "the end"), [])
        with open(self.lab.dump_path(row), "rb") as f:
            self.assertNotIn(b"the end", f.read())

    def test_payload_of_others(self):
        _, tape = self.tour("shop", "registry/shop:7")
        self.assertEqual(len(tape.named("write", "the end")), 1)

    def test_what_counts_as_failure(self):
        for code, wanted in ((3, 0), (4, 1), (63, 1), (64, 0), (78, 0), (79, 1)):
            made = self.end(f"job-{code}", "prod", "job-0", "worker", "j:1", code)
            self.assertEqual(len(self.dumps_of(made)), wanted, code)
        made = self.pod("job-kill", "prod", "job-0", "worker", "j:1", "/bin/ending", "read").start()
        made.wait_ready()
        lab.wait_for("its names", lab.PATIENCE, lambda: self.is_settled(made))
        os.kill(made.pid(), signal.SIGKILL)
        made.wait()
        self.assertEqual(self.dumps_of(made), [])

    def test_reload(self):
        """For the containers that run, too: one is let go, one is taken."""
        quiet = self.pod("late", "kube-x", "late-0", "late", "l:1", "/bin/ending", "read").start()
        loud = self.pod("early", "prod", "early-0", "early", "e:1", "/bin/ending", "read").start()
        for made in (quiet, loud):
            made.wait_ready()
        lab.wait_for("the other to be recorded", lab.PATIENCE, lambda: self.recorded(loud))
        lab.wait_for("the one to be let go", lab.PATIENCE, lambda: not self.recorded(quiet))
        said = self.reload(f"{lab.CONFIG}[policy a]\npod = early-*\nrecord = no\n")
        self.assertIn("1 policies", said)
        lab.wait_for("the exchange", lab.PATIENCE, lambda: self.recorded(quiet) and not self.recorded(loud))
        for made in (quiet, loud):
            os.kill(made.pid(), signal.SIGKILL)
            made.wait()
        row = self.lab.wait_dump("late")[0]
        self.assertEqual((row["pod"], row["signal"]), ("late-0", signal.SIGKILL))
        self.assertEqual(self.dumps_of(loud), [])

    def test_an_error_leaves_the_old_policy_in_force(self):
        said = self.reload(f"{lab.CONFIG}[policy a]\nrecord = perhaps\n")
        lines = lab.CONFIG.count("\n")
        self.assertIn(f'{self.lab.config}:{lines + 2}: policy a.record: "perhaps" is not one of: '
                      "no yes", said)
        self.assertIn("not reloaded", said)
        self.lab.configure(lab.CONFIG)  # for igrec; igrecd is not told
        made = self.end("still", "kube-x", "still-0", "still", "s:1", 1)
        self.assertEqual(self.dumps_of(made), [])


if __name__ == "__main__":
    lab.main()
