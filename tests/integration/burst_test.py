# SPDX-License-Identifier: Apache-2.0
"""Many containers at once, each living 20 ms and failing: nothing is missed, no tape begins late.
Prints how long it took from the making of a cgroup to a ring in it, and to its first program."""

import unittest

import lab
from tape import Tape

CONTAINERS = 100
SPARE = 60  # rings for what else this machine starts meanwhile
LIVES_MS = 20


class Burst(lab.LabTest):
    # A ring ready for each: making more takes some 15 ms, and 20 ms are short.
    config = f"{lab.CONFIG}[ring]\nsize = 128KiB\npool = {CONTAINERS + SPARE}\n"

    def start_all(self):
        made = [self.runtime.container(f"burst-{i}", "/bin/ending", "exit", str(i + 1),
                                       str(LIVES_MS)) for i in range(CONTAINERS)]
        for container in made:
            container.start()
        for container in made:
            container.wait()
        return made

    def test_each_has_its_tape(self):
        self.lab.wait_pool(CONTAINERS + SPARE)
        made = self.start_all()

        def all_there():
            rows = {r["container"]: r for r in self.lab.json_lines("list")}
            return rows if all(container.id in rows for container in made) else None
        rows = lab.wait_for("all dumps", lab.PATIENCE, all_there, 0.5)
        to_exec_ns = []
        for i, container in enumerate(made):
            row = rows[container.id]
            self.assertEqual((row["kind"], row["exit_code"]), ("exit", i + 1))
            tape = Tape(self.lab.replay(row))
            start = [e for e in tape.events if e["lane"] == "start"]
            self.assertEqual(start[0]["type"], "exec", container.id)
            self.assertEqual(tape.missing_facts(container.facts("call")), [])
            info = self.lab.json_lines("info", self.lab.dump_path(row))[0]
            to_exec_ns.append(start[0]["time_ns"] - info["started_ns"])
        self.report(to_exec_ns)

    def report(self, to_exec_ns):
        node = self.lab.node()
        to_exec_ns.sort()
        print(f"\ncgroup_mkdir to first exec: least {to_exec_ns[0] / 1e6:.1f} ms, median "
              f"{to_exec_ns[len(to_exec_ns) // 2] / 1e6:.1f} ms")
        print(f"cgroup_mkdir to armed: within the hook for {CONTAINERS - node['late']}; "
              f"{node['late']} waited for a ring, at most {node['late_ns_most'] / 1e6:.1f} ms")


if __name__ == "__main__":
    lab.main()
