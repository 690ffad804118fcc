# SPDX-License-Identifier: Apache-2.0
"""The image: the same bytes from the same files, and programs that run with what is in it."""

import io
import json
import os
import subprocess
import tarfile
import tempfile
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("IGREC_BIN", os.path.join(TOP, "build/release/bin"))


class Image(unittest.TestCase):
    def build(self, path):
        subprocess.run([os.path.join(TOP, "tools/build_image.py"), "--bin", BIN, path], check=True,
                       stdout=subprocess.DEVNULL)
        with open(path, "rb") as f:
            return f.read()

    def test_image(self):
        with tempfile.TemporaryDirectory(prefix="igrec-image-test-") as directory:
            data = self.build(os.path.join(directory, "one.tar"))
            self.assertEqual(data, self.build(os.path.join(directory, "two.tar")))
            archive = tarfile.open(fileobj=io.BytesIO(data))
            layers = json.load(archive.extractfile("manifest.json"))[0]["Layers"]
            root = os.path.join(directory, "root")
            tarfile.open(fileobj=archive.extractfile(layers[0])).extractall(root)
            loader = next(os.path.join(d, name) for d, _, names in os.walk(root)
                          for name in names if name.startswith("ld-linux"))
            libraries = {d for d, _, names in os.walk(root) if any(".so" in n for n in names)}
            for program in ("usr/sbin/igrecd", "usr/bin/igrec"):
                said = subprocess.run(
                    [loader, "--inhibit-cache", "--library-path", ":".join(libraries),
                     os.path.join(root, program), "--version"],
                    capture_output=True, text=True, check=False)
                self.assertRegex(said.stdout, r"^igrecd? \d", said.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
