# SPDX-License-Identifier: Apache-2.0
"""An initramfs for a kernel under test: files of this system in the kernel's cpio format
(Documentation/driver-api/early-userspace/buffer-format.rst). Not a test itself."""

import os
import re
import stat
import subprocess


LIBRARY_FOLDERS = ("lib", "usr/lib")


def needed(program):
    """The names of the shared libraries, and of the loader, that a program or a library needs."""
    done = subprocess.run(["readelf", "--wide", "--dynamic", "--program-headers", program],
                          capture_output=True, text=True, check=True)
    return re.findall(r"\(NEEDED\).*\[(.+)\]|interpreter: /\S*/(\S+)\]", done.stdout)


class Initramfs:
    def __init__(self, root="/", multiarch="x86_64-linux-gnu"):
        """root: where the libraries of the programs lie, multiarch: in which folders of lib/."""
        self.entries = {}  # path without leading slash: (mode, bytes)
        self.folders = [os.path.join(root, folder, multiarch) for folder in LIBRARY_FOLDERS]

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

    def program(self, source):
        """A program into /bin, with its libraries into /lib."""
        self.file(os.path.join("bin", os.path.basename(source)), source)
        self.libraries(source)

    def libraries(self, program):
        for library, loader in needed(program):
            path = os.path.join("lib", library or loader)
            if path not in self.entries:
                self.file(path, self.find(library or loader))
                self.libraries(self.find(library or loader))

    def find(self, library):
        for folder in self.folders:
            if os.path.exists(os.path.join(folder, library)):
                return os.path.join(folder, library)
        raise FileNotFoundError(f"{library} is not in {', '.join(self.folders)}")

    def write(self, path):
        self.link("lib64", "lib")
        with open(path, "wb") as f:
            for number, (name, (mode, data)) in enumerate([*self.entries.items(),
                                                           ("TRAILER!!!", (0, b""))]):
                name = os.fsencode(name) + b"\0"
                fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
                head = b"070701" + b"".join(b"%08x" % field for field in fields) + name
                for part in (head, data):
                    f.write(part + b"\0" * (-len(part) % 4))
