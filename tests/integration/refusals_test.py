# SPDX-License-Identifier: Apache-2.0
"""igrecd where it cannot work: exit status 1, and one line that names the thing and the way out."""

import os
import shutil
import subprocess
import unittest

import lab

BTF = "/sys/kernel/btf/vmlinux"


class Refusals(unittest.TestCase):
    def setUp(self):
        self.lab = lab.Lab()
        self.addCleanup(self.close)

    def close(self):
        self.assertEqual(self.lab.close(), [])

    def refused(self, *mentions, command=None, options=(), status=1):
        """Runs igrecd, which must end by itself, and checks its one line of error."""
        command = command or self.lab.igrecd_command(*options)
        done = subprocess.run(command, capture_output=True, text=True, timeout=lab.PATIENCE)
        self.assertEqual(done.returncode, status, done.stderr)
        errors = [line for line in done.stderr.splitlines() if "error" in line]
        lines = errors or done.stderr.splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        for mention in mentions:
            self.assertIn(mention, lines[0])
        self.assertEqual(done.stdout, "")
        return lines[0]

    def refused_config(self, text, *mentions):
        self.lab.configure(text)
        self.refused(self.lab.config, *mentions)

    def test_second_igrecd(self):
        self.lab.start()
        self.refused("igrecd")
        # Nor with another socket on the same pinned maps, nor the reverse.
        self.refused(self.lab.bpffs, options=["--socket", self.lab.path("other.sock")])
        self.refused(self.lab.socket,
                     options=["--bpffs", os.path.join(self.lab.bpf_mount, "other")])
        self.assertTrue(os.path.exists(self.lab.socket))
        self.assertIsNone(self.lab.process.poll(), "the first one still runs")
        self.lab.igrec("ps", status=(0, 3))

    def test_bpffs_missing(self):
        plain = self.lab.path("plain")
        os.mkdir(plain)
        self.refused(plain, "mount", options=["--bpffs", os.path.join(plain, "igrec")])

    def refused_directory(self, path):
        """Neither taken over nor removed by --unload."""
        before = sorted(os.listdir(path))
        self.assertNotEqual(before, [])
        self.refused(path, command=[lab.IGRECD, "--bpffs", path, "--unload"])
        self.refused(path, "--bpffs", options=["--bpffs", path])
        self.assertEqual(sorted(os.listdir(path)), before)

    def test_directory_of_others(self):
        plain = self.lab.path("plain")
        os.makedirs(os.path.join(plain, "below"))
        with open(os.path.join(plain, "precious"), "w"):
            pass
        self.refused_directory(plain)
        self.refused_directory(self.lab.bpf_mount)
        others = os.path.join(self.lab.bpf_mount, "others")
        os.mkdir(others)
        pin = os.path.join(others, "precious")
        subprocess.run(["bpftool", "map", "create", pin, "type", "array", "key", "4", "value",
                        "4", "entries", "1", "name", "precious"], check=True)
        self.refused_directory(others)
        os.unlink(pin)
        os.rmdir(others)

    def test_store_not_writable(self):
        where = self.lab.path("read-only")
        os.mkdir(where)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", where], check=True)
        self.addCleanup(subprocess.run, ["umount", where], check=True)
        store = os.path.join(where, "store")
        self.refused(store, "ead-only", options=["--store", store])

    def test_store_is_a_file(self):
        store = self.lab.path("store-file")
        with open(store, "w"):
            pass
        self.refused(store, options=["--store", store])

    def test_no_privilege(self):
        igrecd = self.lab.path("igrecd")
        shutil.copy(lab.IGRECD, igrecd)
        command = self.lab.igrecd_command()
        for privilege in (["--reuid", "65534", "--regid", "65534", "--clear-groups"],
                          ["--bounding-set", "-sys_admin,-bpf,-perfmon", "--inh-caps", "-all"]):
            self.refused("root", command=["setpriv", *privilege, igrecd, *command[1:]])

    def test_no_btf(self):
        self.refused(BTF, command=["unshare", "--mount", "sh", "-c",
                                   f'mount --bind /dev/null {BTF} && exec "$@"', "sh",
                                   *self.lab.igrecd_command()])

    def test_memory_limit_too_small(self):
        self.refused_config("[ring]\nmemory-limit = 64KiB\n", "memory-limit", "512")

    def test_bad_configuration(self):
        self.refused_config("[ring]\n\nsize = many\n", ":3:", "size", '"many"', "512KiB")
        self.refused_config("[ring]\nsize = 5000\n", ":2:", "size", "4096")
        self.refused_config("[ring]\nsise = 64KiB\n", ":2:", "sise")
        self.refused_config("[rinG]\n", ":1:", "rinG")
        self.refused_config("size = 64KiB\n", ":1:", "size")
        self.refused_config("[payload]\npolicy = some\n", "policy", "none", "stdio", "all")
        self.refused_config("[failure]\nkinds = exit explosion\n", "kinds", "explosion", "oom")

    def test_bad_command_line(self):
        self.refused("--config", command=[lab.IGRECD, "--config"], status=2)
        self.refused("--speed", command=self.lab.igrecd_command("--speed", "9"), status=2)
        self.refused("--ring-size", "12", options=["--ring-size", "12"])

    def test_configuration_missing(self):
        os.unlink(self.lab.config)
        self.refused(self.lab.config)


if __name__ == "__main__":
    lab.main()
