# SPDX-License-Identifier: Apache-2.0
"""Ring truth under contention: writers on all CPUs, a tiny ring, snapshots all the time.  Every
record that replay shows is exactly one that was written, and the counters account for the others.
IGREC_RINGTRUTH_SECONDS: how long, 20 unless set."""

import json
import os
import re
import time
import unittest

import lab
from tape import Tape, text_of

SECONDS = float(os.environ.get("IGREC_RINGTRUTH_SECONDS", "20"))
LANES = ("start", "vital", "flow")
STAMP = re.compile(r"/([0-9a-f]{8})-([0-9a-f]{8})((?:-[0-9a-f]{8})+)")


def checksum(thread, n):
    """As workloads/stamps.c computes it."""
    return ((thread << 32 | n) * 0x9e3779b97f4a7c15 & (1 << 64) - 1) >> 32


class RingTruth(lab.LabTest):
    config = "[retention]\nper-workload = 0\ntotal-size = 0\nfree-space = 0\n"
    options = ("--ring-size", "64KiB", "--payload", "all")

    def facts(self, kind):
        """What the workload said: to stderr, as its stdout is part of the test."""
        found = [json.loads(line) for line in self.container.error_text().splitlines()
                 if line.startswith('{"fact"') and line.endswith("}")]
        return [fact for fact in found if fact["fact"] == kind]

    def stamp_of(self, event):
        """(thread, n) of a stamped call, checked; None of any other event."""
        if event["type"] != "syscall" or event["syscall"] not in ("write", "openat"):
            return None
        found = STAMP.search(text_of(event))
        if not found:
            self.assertNotRegex(text_of(event), r"/[0-9a-f]{8}-", "a stamp that is not whole")
            return None
        thread, n = int(found.group(1), 16), int(found.group(2), 16)
        self.assertEqual(found.group(3), f"-{checksum(thread, n):08x}" * (n % 5 + 1), event)
        self.assertEqual(event["syscall"], "write" if n % 8 else "openat")
        if n % 8:
            self.assertEqual(event["ret"], 27 + n % 5 * 9, "the result of this very call")
        else:
            self.assertEqual(event["errno"], "ENOENT")
        return thread, n

    def check_tape(self, path):
        """The stamps on a tape, each thread's in their order; all lanes' counters."""
        events = self.lab.json_lines("replay", path, status=(0, 4))
        info = self.lab.json_lines("info", path)[0]
        tape = Tape(events)
        seen, tid_of = {}, {}
        for event in tape.events:
            stamp = self.stamp_of(event)
            if stamp is None:
                continue
            thread, n = stamp
            self.assertEqual(tid_of.setdefault(thread, event["tid"]), event["tid"])
            seen.setdefault((thread, event["lane"]), []).append(n)
        for (thread, lane), numbers in seen.items():
            self.assertEqual(numbers, sorted(set(numbers)), f"thread {thread}, {lane}")
        everything = [(t, n) for (t, _), numbers in seen.items() for n in numbers]
        self.assertEqual(len(everything), len(set(everything)), "each record once")
        for lane in LANES:
            shown = [e for e in events if e["lane"] == lane and e["type"] not in ("gap", "failure")]
            counted = info["lanes"][lane]
            self.assertEqual(counted["missing"], 0)
            self.assertEqual(len(shown) + counted["overwritten"] + counted["torn_records"],
                             counted["written"], lane)
        return everything, info["lanes"]

    def dump(self):
        return self.lab.igrec("dump", self.container.id).stdout.strip()

    def at_rest(self):
        """What all lanes together have written and dropped, once that no longer changes: its first
        thread is in a read, so that the call before it is counted."""
        self.container.wait_reading()

        def now():
            lanes = self.lab.ps(self.container.id)["lanes"]
            return [sum(lanes[lane][key] for lane in LANES) for key in ("written", "dropped")]

        def settled():
            first = now()
            time.sleep(0.1)
            return first if first == now() else None
        return lab.wait_for("counters at rest", lab.PATIENCE, settled)

    def test_truth(self):
        self.container = self.runtime.container("stamps", "/bin/stamps", "2").start()
        ready = lab.wait_for("ready", lab.PATIENCE, lambda: self.facts("ready"))[0]
        written_before, dropped_before = self.at_rest()

        self.container.go_on()
        end = time.monotonic() + SECONDS
        paths = []
        while time.monotonic() < end or len(paths) < 5:
            paths.append(self.dump())
        self.container.go_on()
        done = lab.wait_for("done", lab.PATIENCE, lambda: self.facts("done"))[0]
        self.assertEqual(len(done["calls"]), ready["threads"])
        self.assertGreater(min(done["calls"]), 1000, "every writer wrote")

        # All that was written is counted: the calls, two reads and the write of "done".
        written, dropped = self.at_rest()
        calls = sum(done["calls"]) + 2 + 1
        self.assertEqual(written - written_before + dropped - dropped_before, calls)

        paths.append(self.dump())
        records = torn = 0
        for path in paths:
            everything, lanes = self.check_tape(path)
            for thread, n in everything:
                self.assertLess(n, done["calls"][thread])
            records += len(everything)
            torn += sum(lanes[lane]["torn_blocks"] for lane in LANES)
        self.assertEqual(sum(lanes[lane]["torn_blocks"] for lane in LANES), 0, "none at rest")
        self.assertGreater(records, 100 * len(paths))
        print(f"{len(paths)} snapshots, {sum(done['calls'])} calls, {records} records checked, "
              f"{torn} blocks torn, {dropped - dropped_before} dropped", flush=True)
        self.container.go_on()
        self.container.wait()


if __name__ == "__main__":
    lab.main()
