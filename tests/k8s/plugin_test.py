# SPDX-License-Identifier: Apache-2.0
"""deploy/kubectl-igrec against a kubectl that stands in for a cluster of three nodes: it notes each
call, and `exec` runs the real igrec on the store of that node."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PLUGIN = os.path.join(TOP, "deploy/kubectl-igrec")
GOLDEN = os.path.join(TOP, "tests/golden")
IGREC = os.path.abspath(os.path.join(os.environ.get("IGREC_BIN", "build/release/bin"), "igrec"))
SECONDS = 300
INCOMPLETE = 4  # what igrec says of the golden dumps, which have losses

KUBECTL = """\
#!/usr/bin/env python3
import json, os, sys
args = sys.argv[1:]
cluster = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(cluster, "calls"), "a") as f:
    f.write(json.dumps(args) + "\\n")
if "config" in args:
    print(open(os.path.join(cluster, "namespace")).read(), end="")
elif "get" in args:
    print(open(os.path.join(cluster, "agents")).read(), end="")
else:
    agent = args[args.index("exec") + 3]
    command = args[args.index("--") + 1:]
    store = os.path.join(cluster, agent)
    if not os.path.isdir(store):
        sys.exit("Error from server: error dialing backend")
    os.execv(IGREC, [*command[:2], "--store", store, *command[2:]])
"""


class Plugin(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="igrec-plugin-")
        self.addCleanup(shutil.rmtree, self.dir)
        kubectl = os.path.join(self.dir, "kubectl")
        with open(kubectl, "w") as f:
            f.write(KUBECTL.replace("IGREC", repr(IGREC)))
        os.chmod(kubectl, 0o755)
        self.write("agents", "igrecd-a node-a\nigrecd-b node-b\n")
        self.write("namespace", "")
        for agent in ("igrecd-a", "igrecd-b"):
            os.mkdir(os.path.join(self.dir, agent))
        self.work = os.path.join(self.dir, "work")
        os.mkdir(self.work)

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w") as f:
            f.write(text)

    def put(self, agent, when, pod, golden="format2", namespace="prod"):
        """A dump on a node; returns its id and its path there."""
        source = os.path.join(GOLDEN, f"{golden}.igrec")
        done = subprocess.run([IGREC, "info", "--json", source], capture_output=True, text=True,
                              check=False)
        dump_id = json.loads(done.stdout)["id"]
        path = os.path.join(self.dir, agent,
                            f"{when}T000000.000Z_{namespace}_{pod}_app_exit_{dump_id}.igrec")
        shutil.copy(source, path)
        return dump_id, path

    def run_plugin(self, *args, status=0):
        done = subprocess.run([PLUGIN, *args], capture_output=True, text=True, timeout=SECONDS,
                              cwd=self.work, check=False, stdin=subprocess.DEVNULL,
                              env={**os.environ, "PATH": f"{self.dir}:{os.environ['PATH']}"})
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def calls(self):
        with open(os.path.join(self.dir, "calls")) as f:
            return [json.loads(line) for line in f]

    def execs(self):
        """What was run, and where."""
        return [(call[call.index("exec") + 3], *call[call.index("--") + 1:])
                for call in self.calls() if "exec" in call]

    def test_newest_dump_of_all_nodes(self):
        """The pod is gone, nobody knows where it ran: every node is asked."""
        self.put("igrecd-a", "20240101", "web-0", "format1")
        dump_id, _ = self.put("igrecd-b", "20240102", "web-0")
        said = self.run_plugin("explain", "web-0", "-n", "prod", "--json", status=INCOMPLETE)
        self.assertEqual(json.loads(said.stdout.splitlines()[0])["id"], dump_id)
        self.assertEqual(self.execs(), [
            ("igrecd-a", "igrec", "list", "--json", "prod/web-0"),
            ("igrecd-b", "igrec", "list", "--json", "prod/web-0"),
            ("igrecd-b", "igrec", "explain", "--json", dump_id)])

    def test_exact_commands(self):
        dump_id, _ = self.put("igrecd-a", "20240101", "web-0")
        self.run_plugin("replay", "--context", "there", "web-0/app", "--namespace=prod", "--last",
                        "2s", "-o", "strace", "--failed", "--node", "node-a", status=INCOMPLETE)
        cluster = ["--context", "there"]
        in_igrecd = [*cluster, "exec", "--namespace", "igrec"]
        asked = self.calls()
        self.assertEqual(asked[0][:8], [
            *cluster, "get", "pods", "--namespace", "igrec", "--selector",
            "app.kubernetes.io/name=igrec"])
        self.assertIn("status.phase=Running,spec.nodeName=node-a", asked[0])
        self.assertIn([*in_igrecd, "igrecd-a", "--container", "igrecd", "--", "igrec", "list",
                       "--json", "prod/web-0/app"], asked)
        self.assertEqual(asked[-1], [
            *in_igrecd, "igrecd-a", "--container", "igrecd", "--", "igrec", "replay", "--last",
            "2s", "-o", "strace", "--failed", dump_id])

    def test_namespace_of_the_context(self):
        self.put("igrecd-a", "20240101", "web-0", namespace="shop")
        self.write("namespace", "shop")
        self.run_plugin("info", "web-0", status=INCOMPLETE)
        self.assertIn(("igrecd-a", "igrec", "list", "--json", "shop/web-0"), self.execs())

    def test_id_of_a_dump(self):
        dump_id, _ = self.put("igrecd-b", "20240101", "web-0")
        self.run_plugin("summary", dump_id, status=INCOMPLETE)
        self.assertEqual(self.execs()[-1], ("igrecd-b", "igrec", "summary", dump_id))

    def test_earlier_dump(self):
        self.put("igrecd-a", "20240101", "web-0", "format1")
        self.put("igrecd-a", "20240102", "web-0")
        self.run_plugin("info", "web-0", "-n", "prod", "--previous", "1", status=INCOMPLETE)
        self.assertEqual(self.execs()[-1],
                         ("igrecd-a", "igrec", "info", "--previous", "1", "prod/web-0"))

    def test_list_of_all_nodes(self):
        self.put("igrecd-b", "20240102", "web-0")
        said = self.run_plugin("list", status=INCOMPLETE)
        self.assertRegex(said.stdout, r"(?s)== node-a\n.*== node-b\n.*KIND")
        rows = self.run_plugin("list", "--json", "web-0", "-n", "prod", status=INCOMPLETE).stdout
        self.assertEqual(len(rows.splitlines()), 1)

    def test_fetch(self):
        _, path = self.put("igrecd-b", "20240101", "web-0")
        said = self.run_plugin("fetch", "web-0", "-n", "prod")
        name = os.path.basename(path)
        self.assertEqual(said.stdout, f"{name}\n")
        with open(path, "rb") as there, open(os.path.join(self.work, name), "rb") as here:
            self.assertEqual(there.read(), here.read())
        self.assertIn("is there already",
                      self.run_plugin("fetch", "web-0", "-n", "prod", status=1).stderr)
        self.run_plugin("fetch", "web-0", "-n", "prod", "-o", "other")
        self.assertEqual(sorted(os.listdir(self.work)), sorted([name, "other"]))

    def test_nothing_matches(self):
        self.put("igrecd-a", "20240101", "web-0")
        said = self.run_plugin("replay", "web-1", "-n", "prod", status=3)
        self.assertIn("no node has a dump of prod/web-1", said.stderr)

    def test_node_that_cannot_be_asked(self):
        """What is found elsewhere counts; nothing found is then no proof."""
        self.write("agents", "igrecd-dead node-c\nigrecd-a node-a\n")
        dump_id, _ = self.put("igrecd-a", "20240101", "web-0")
        said = self.run_plugin("explain", "web-0", "-n", "prod", status=INCOMPLETE)
        self.assertIn("node node-c could not be asked", said.stderr)
        self.assertEqual(self.execs()[-1], ("igrecd-a", "igrec", "explain", dump_id))
        self.run_plugin("explain", "web-1", "-n", "prod", status=1)

    def test_no_igrecd(self):
        self.write("agents", "")
        self.assertIn("no igrecd runs", self.run_plugin("list", status=1).stderr)

    def test_status_of_igrec(self):
        self.put("igrecd-a", "20240101", "web-0")
        self.run_plugin("replay", "web-0", "-n", "prod", "--no-such-option", status=2)

    def test_usage(self):
        self.assertIn("kubectl igrec list", self.run_plugin("help").stdout)
        for args in (("explain",), ("fetch",), ("nothing",), ("info", "a", "b"), ("list", "-n")):
            self.run_plugin(*args, status=2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
