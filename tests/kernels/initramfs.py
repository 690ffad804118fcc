# SPDX-License-Identifier: Apache-2.0
"""An initramfs for a kernel under test: files of this system in the kernel's cpio format
(Documentation/driver-api/early-userspace/buffer-format.rst). Not a test itself."""

import os
import re
import stat
import subprocess


def libraries(program):
    """The shared libraries and the loader that a program of this machine needs."""
    done = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    return re.findall(r"(/\S+) \(0x", done.stdout)


class Initramfs:
    def __init__(self):
        self.entries = {}  # path without leading slash: (mode, bytes)

    def directory(self, path):
        path = path.strip("/")
        if path and path not in self.entries:
            self.directory(os.path.dirname(path))
            self.entries[path] = (stat.S_IFDIR | 0o755, b"")

    def data(self, path, data, mode=0o644):
        self.directory(os.path.dirname(path))
        self.entries[path.strip("/")] = (stat.S_IFREG | mode, data)

    def link(self, path, target):
        self.directory(os.path.dirname(path))
        self.entries[path.strip("/")] = (stat.S_IFLNK | 0o777, os.fsencode(target))

    def file(self, path, source, mode=0o755):
        with open(source, "rb") as f:
            self.data(path, f.read(), mode)

    def program(self, source, root=None):
        """A program into /bin, with its libraries where it looks for them."""
        self.file(os.path.join("bin", os.path.basename(source)), source)
        for library in libraries(source):
            self.file(library, library)

    def write(self, path):
        with open(path, "wb") as f:
            for number, (name, (mode, data)) in enumerate([*self.entries.items(),
                                                           ("TRAILER!!!", (0, b""))]):
                name = os.fsencode(name) + b"\0"
                fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
                head = b"070701" + b"".join(b"%08x" % field for field in fields) + name
                for part in (head, data):
                    f.write(part + b"\0" * (-len(part) % 4))
