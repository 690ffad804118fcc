# SPDX-License-Identifier: Apache-2.0
"""What the configuration decides: whose data is captured, what counts as a failure, how much
memory and disk may be used."""

import json
import os
import signal
import unittest

import lab
from tape import Tape, text_of


class PolicyTest(lab.LabTest):
    def end(self, name, *args, count=1):
        container = self.runtime.container(name, *args)
        container.run()
        row = self.lab.wait_dump(container.id, count)[0]
        return container, row, Tape(self.lab.replay(row))


class PayloadNone(PolicyTest):
    options = ("--payload", "none")

    def test_no_payload(self):
        container, row, tape = self.end("none", "/bin/tour")
        self.assertTrue(tape.named("openat", "/etc/tour"), "paths are no payload")
        self.assertEqual(tape.named("read", "0123456789"), [])
        self.assertEqual(tape.named("write", "the end"), [])
        with open(self.lab.dump_path(row), "rb") as f:
            self.assertNotIn(b"the end", f.read())


class PayloadStdio(PolicyTest):
    def test_stdio_only(self):
        _, _, tape = self.end("stdio", "/bin/tour")
        self.assertEqual(tape.named("read", "0123456789"), [])
        self.assertEqual(len(tape.named("write", "the end")), 1)

    def test_both_ends_of_a_long_message(self):
        container, row, tape = self.end("long", "/bin/ending", "trace")
        with open(container.errors) as f:
            truth = f.read()
        write, = [e for e in tape.named("write") if e["args"][0]["value"] == 2]
        text = write["args"][1]
        self.assertEqual(write["ret"], len(truth))
        self.assertTrue(text["truncated"])
        self.assertGreaterEqual(min(len(text["value"]), len(text["tail"])), 100)
        self.assertTrue(truth.startswith(text["value"]))
        # Where the tail begins, a word may be the rest of a secret.
        hidden = len(text["tail"]) - len(text["tail"].lstrip("*"))
        self.assertTrue(truth.endswith(text["tail"][hidden:]))
        self.assertNotIn(" ", truth[len(truth) - len(text["tail"]):][:hidden].lstrip())
        columns = self.lab.igrec("replay", "-e", "write", self.lab.dump_path(row)).stdout
        self.assertIn("line no. 99\\n\"", columns)
        strace = self.lab.igrec("replay", "-o", "strace", self.lab.dump_path(row)).stdout
        self.assertIn("line no. 00\\n", strace)
        self.assertNotIn("line no. 99\\n", strace)


class PayloadAll(PolicyTest):
    options = ("--payload", "all")

    def test_payload_of_files(self):
        _, _, tape = self.end("all", "/bin/tour")
        self.assertEqual(len(tape.named("read", "0123456789abcdef")), 1)
        self.assertEqual(len(tape.named("write", "the end")), 1)


class PayloadLength(PolicyTest):
    config = "[payload]\npolicy = all\nbytes = 5\n"

    def test_cut_is_marked(self):
        _, row, tape = self.end("cut", "/bin/tour")
        read = tape.named("read", "01234")
        self.assertEqual(len(read), 1)
        self.assertNotIn("012345", text_of(read[0]))
        text = self.lab.igrec("replay", "--syscall", "read", self.lab.dump_path(row)).stdout
        self.assertIn('"01234"...', text)
        info = self.lab.json_lines("info", self.lab.dump_path(row))[0]
        self.assertGreater(info["truncated"], 0)


class Kinds(PolicyTest):
    config = "[failure]\nkinds = signal\n"

    def test_only_chosen_kinds(self):
        quiet = self.runtime.container("quiet", "/bin/ending", "exit", "1")
        self.assertEqual(quiet.run(), 1)
        _, row, _ = self.end("loud", "/bin/ending", "segv")
        self.assertEqual(row["kind"], "signal")
        self.assertEqual(self.lab.dumps(quiet.id), [])


class DumpsPerContainer(PolicyTest):
    only_own = True
    config = "[failure]\nper-container-per-hour = 2\n"

    def test_limit(self):
        container = self.runtime.container("again", "/bin/child", "segv", "", "5").start()
        container.wait_ready()
        self.lab.wait_dump(container.id, 2)
        container.go_on()
        self.assertEqual(container.wait(), 0)
        self.end("behind", "/bin/ending", "exit", "1")
        self.assertEqual(len(self.lab.dumps(container.id)), 2)
        self.assertEqual(self.lab.node()["failures_refused"], 3)
        self.assertIn("per-container-per-hour", self.lab.log_text())

    def test_limit_holds_for_restarts(self):
        """A crash loop: each start is a new cgroup with an old name."""
        before = self.lab.node()["failures_refused"]
        loop = self.runtime.container("loop", "/bin/ending", "exit", "1")
        for _ in range(5):
            self.assertEqual(loop.run(), 1)
        self.end("behind-loop", "/bin/ending", "exit", "1")
        self.assertEqual(len(self.lab.dumps(loop.id)), 2)
        self.assertEqual(self.lab.node()["failures_refused"] - before, 3)


class StopsAndLimits(PolicyTest):
    only_own = True
    config = "[failure]\nper-container-per-hour = 1\nper-node-per-minute = 3\n"

    @staticmethod
    def share_pids(container):
        """Without a pid namespace of its own, where the first process would ignore SIGTERM."""
        path = os.path.join(container.bundle, "config.json")
        with open(path) as f:
            spec = json.load(f)
        kept = [n for n in spec["linux"]["namespaces"] if n["type"] != "pid"]
        spec["linux"]["namespaces"] = kept
        with open(path, "w") as f:
            json.dump(spec, f)

    def test_stops_do_not_use_up_the_limits(self):
        stopped = [self.runtime.container(f"stopped-{i}", "/bin/ending", "read") for i in range(3)]
        for container in stopped:
            self.share_pids(container)
            container.start().wait_ready()
            os.kill(container.pid(), signal.SIGTERM)
            container.wait()
        lab.wait_for("the stops", lab.PATIENCE, lambda: self.lab.node()["stops"] == 3)
        self.end("after-stops", "/bin/ending", "exit", "1")
        for container in stopped:
            self.assertEqual(self.lab.dumps(container.id), [])


class Memory(PolicyTest):
    config = "[ring]\nsize = 512KiB\nmemory-limit = 2MiB\npool = 2\n"

    def start_six(self, attempt):
        """Six containers, for which there are four rings, come and go. Returns how many of them were
        recorded and how many cgroups got no ring."""
        before = self.lab.node()["no_ring"]
        made = [self.runtime.container(f"memory-{attempt}-{i}", "/bin/ending", "read")
                for i in range(6)]
        for container in made:
            container.start()
            container.wait_ready()

        def decided():
            rows = self.lab.json_lines("ps")
            recorded = len({r.get("container_id") for r in rows} & {c.id for c in made})
            refused = rows[-1]["no_ring"] - before
            return (recorded, refused) if recorded + refused >= 6 else None
        found = lab.wait_for("rings, or none, for all of them", lab.PATIENCE, decided)
        for container in made:
            container.go_on()
            self.assertEqual(container.wait(), 0)
        return found

    def test_limit_is_enforced_and_told(self):
        self.assertEqual(self.lab.node()["rings_max"], 4)
        for attempt in range(10):  # another container of this machine may have taken a ring
            lab.wait_for("rings to be ready", lab.PATIENCE, lambda: self.lab.node()["pool"] >= 2)
            found = self.start_six(attempt)
            if found == (4, 2):
                break
        self.assertEqual(found, (4, 2))
        self.assertIn("memory-limit", self.lab.log_text())
        # Rings of containers that are gone serve new ones.
        lab.wait_for("rings to be ready again", lab.PATIENCE, lambda: self.lab.node()["pool"])
        container, _, tape = self.end("after", "/bin/ending", "exit", "1")
        self.assertEqual(tape.missing_facts(container.facts("call")), [])
        # Nothing of the ring's earlier user.
        self.assertEqual({e["comm"] for e in tape.calls}, {"ending"})
        self.assertEqual(len(tape.named("openat", "/etc/app")), 1)


class Store(PolicyTest):
    only_own = True
    config = "[retention]\nper-workload = 3\ninterval = 1h\n"

    def test_gc(self):
        container = self.runtime.container("loop", "/bin/child", "segv", "", "6").start()
        container.wait_ready()
        rows = self.lab.wait_dump(container.id, 6)
        before = self.lab.files()
        dry = self.lab.igrec("gc", "--dry-run").stdout
        self.assertEqual(self.lab.files(), before)
        self.lab.igrec("gc")
        left = [r["id"] for r in self.lab.dumps(container.id)]
        self.assertEqual(len(left), 3)
        self.assertIn(rows[0]["id"], left, "the newest")
        self.assertIn(rows[-1]["id"], left, "the first")
        for row in rows:
            self.assertEqual(row["id"] not in left, row["id"] in dry)
        container.go_on()
        self.assertEqual(container.wait(), 0)


class Hostile(PolicyTest):
    def test_terminal_is_safe(self):
        evil = "\x1b]0;owned\x07\x1b[31m\u202e"
        _, row, tape = self.end("evil", "/bin/ending", "exit", "1", evil)
        self.assertEqual(tape.of_type("exec")[0]["argv"], ["/bin/ending", "exit", "1", evil])
        path = self.lab.dump_path(row)
        for args in (["replay", path], ["replay", "-o", "strace", path], ["info", path]):
            text = self.lab.igrec(*args).stdout
            self.assertEqual([c for c in text if c < " " and c not in "\n\t" or c in "\x7f\u202e"],
                             [])


if __name__ == "__main__":
    lab.main()
