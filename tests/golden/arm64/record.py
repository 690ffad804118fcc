#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records the golden tape of arm64 anew, in a virtual machine: writes arm64.igrec and what strace
printed of the same run, arm64.traced.txt, beside this folder.
usage: record.py BUILD SYSROOT   (both as tools/cross-arm64.sh made them)
Needs clang, gcc-aarch64-linux-gnu and qemu-system-arm."""

import base64
import gzip
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "..", "kernels"))
import kernels_test  # noqa: E402
from initramfs import Initramfs  # noqa: E402

STRACE = ("strace", "libunwind8", "liblzma5", "libdw1", "libelf1", "zlib1g", "libc6", "libbz2-1.0")


def compile_programs(sysroot, where):
    """The paths of both."""
    calls, arm32 = os.path.join(where, "calls"), os.path.join(where, "arm32")
    subprocess.run(["aarch64-linux-gnu-gcc", f"--sysroot={sysroot}", "-D_GNU_SOURCE", "-O1", "-static",
                    "-o", calls, os.path.join(HERE, "calls.c")], check=True)
    headers = kernels_test.vm("package", "bookworm", "amd64", "linux-libc-dev-armhf-cross").strip()
    subprocess.run(["clang", "--target=arm-linux-gnueabihf", "-march=armv7-a", "-O1", "-ffreestanding",
                    "-isystem", os.path.join(headers, "usr/arm-linux-gnueabihf/include"),
                    "-c", "-o", arm32 + ".o", os.path.join(HERE, "arm32.c")], check=True)
    subprocess.run(["aarch64-linux-gnu-ld", "-m", "armelf_linux_eabi", "-o", arm32, arm32 + ".o"],
                   check=True)
    return calls, arm32


def container_spec():
    spec = kernels_test.container_spec(["/bin/sh", "/init.sh"])
    spec["root"]["readonly"] = False
    spec["linux"]["cgroupsPath"] = "/golden"
    spec["process"]["noNewPrivileges"] = False
    spec["process"]["env"] = ["PATH=/bin", "HOME=/tmp"]
    for place, source in (("recorded", "golden"), ("beside", "beside")):
        spec["mounts"].append({"destination": f"/run/{place}", "type": "bind",
                               "source": f"/sys/fs/cgroup/{source}", "options": ["bind", "rw"]})
    return spec


def make_image(machine, where):
    image = Initramfs(machine.sysroot, machine.multiarch)
    kernels_test.add_programs(image, machine)
    strace = kernels_test.vm("package", "bookworm", "arm64", *STRACE).strip()
    libraries = Initramfs(strace, machine.multiarch)
    libraries.program(os.path.join(strace, "usr/bin/strace"))
    image.entries.update({name: entry for name, entry in libraries.entries.items()
                          if name not in image.entries})
    for program in compile_programs(machine.sysroot, where):
        image.file(f"rootfs/bin/{os.path.basename(program)}", program)
    image.file("rootfs/init.sh", os.path.join(HERE, "init.sh"))
    image.file("extra.sh", os.path.join(HERE, "guest.sh"))
    image.data("bundles/golden/config.json", json.dumps(container_spec()).encode())
    for directory in ("rootfs/tmp", "rootfs/proc", "rootfs/sys", "rootfs/dev"):
        image.directory(directory)
    path = os.path.join(where, "initramfs")
    image.write(path)
    return path


def unpack(guest, part):
    return base64.b64decode("".join(guest.text(part).split()))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    machine = kernels_test.Machine("arm64", *sys.argv[1:])
    with tempfile.TemporaryDirectory() as where:
        image = make_image(machine, where)
        guest = kernels_test.boot(machine, kernels_test.vm("kernel", "bookworm", "arm64").strip(), image)
    if "dump" not in guest.parts:
        sys.exit(guest.console)
    for name, data in (("arm64.igrec", unpack(guest, "dump")),
                       ("arm64.traced.txt", gzip.decompress(unpack(guest, "strace")))):
        with open(os.path.join(HERE, "..", name), "wb") as f:
            f.write(data)
    print(guest.text("output"))


if __name__ == "__main__":
    main()
