# SPDX-License-Identifier: Apache-2.0
"""Millions of syscalls on two CPUs, and every one of them accounted for."""

import time
import unittest

import lab
from tape import Tape, text_of

WARMUP_CALLS = 20_000  # more than the start lane holds
CALLS_PER_THREAD = 2_600_000
PORT = 4711
KINDS = ("getppid", "read", "openat", "socket", "connect", "write", "pipe2", "clone")
LANES = ("start", "vital", "flow")


def total(fact):
    return sum(fact[kind] for kind in KINDS)


class Flood(lab.LabTest):
    def written(self, container):
        """Records ever written, all lanes together, when the container is at rest: in a read, so that
        the call before it is counted."""
        container.wait_reading()

        def now():
            lanes = self.lab.ps(container.id)["lanes"]
            return sum(lanes[lane]["written"] for lane in LANES)

        def settled():
            first = now()
            time.sleep(0.1)
            return first if first == now() else None
        return lab.wait_for("counters at rest", lab.PATIENCE, settled)

    def test_flood(self):
        container = self.runtime.container("flood", "/bin/flood", str(WARMUP_CALLS),
                                           str(CALLS_PER_THREAD), str(PORT)).start()
        at_ready = container.wait_ready()
        written_at_ready = self.written(container)
        container.go_on()
        self.assertEqual(container.wait(300), 1)
        at_end = container.facts("done")[0]
        self.assertGreaterEqual(total(at_end), 5_000_000)

        row = self.lab.wait_dump(container.id)[0]
        self.assertEqual((row["kind"], row["exit_code"]), ("exit", 1))
        tape = Tape(self.lab.replay(row))
        self.check_vital(tape)
        self.check_counters(row, tape, total(at_end) - total(at_ready), written_at_ready)

    def check_vital(self, tape):
        """What was done before the flood is still there, and not as the start of the tape."""
        opened = tape.named("openat", "/etc/flood")
        self.assertEqual([e["lane"] for e in opened], ["vital"])
        connected = [e for e in tape.named("connect") if str(PORT) in text_of(e)]
        self.assertEqual([(e["lane"], e["errno"]) for e in connected], [("vital", "ECONNREFUSED")])

    def check_counters(self, row, tape, calls, written_at_ready):
        # Beside the calls: one thread was made, and both ended.
        events = 1 + 2
        info = self.lab.json_lines("info", self.lab.dump_path(row))[0]
        lanes = info["lanes"]
        written = sum(lanes[lane]["written"] for lane in LANES)
        self.assertEqual(written, written_at_ready + calls + events)
        for lane in LANES:
            shown = [e for e in tape.events if e["lane"] == lane
                     and e["type"] not in ("gap", "failure")]
            self.assertEqual(lanes[lane]["dropped"], 0)
            self.assertEqual(len(shown) + lanes[lane]["overwritten"], lanes[lane]["written"], lane)
            gaps = [e["overwritten"] for e in tape.of_type("gap") if e["lane"] == lane]
            self.assertEqual(sum(gaps), lanes[lane]["overwritten"], lane)
        self.assertGreater(lanes["flow"]["overwritten"], 4_000_000)
        self.assertEqual(lanes["start"]["overwritten"], 0)

    def test_every_call_since_exec(self):
        """A small run: nothing overwritten, so the tape is exactly what the program did."""
        container = self.runtime.container("small", "/bin/flood", "100", "200", "9")
        self.assertEqual(container.run(), 1)
        done = container.facts("done")[0]
        tape = Tape(self.lab.replay(self.lab.wait_dump(container.id)[0]))
        self.assertEqual(tape.of_type("gap"), [])
        for kind in KINDS:
            self.assertEqual(len(tape.named(kind)), done[kind], kind)
        self.assertEqual(len(tape.calls), total(done))


if __name__ == "__main__":
    lab.main()
