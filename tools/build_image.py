#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds igrec's container image from what was built, without an engine: igrecd, igrec, the shared
libraries that these two need, and nothing else; no shell.

usage: tools/build_image.py [--bin DIR] [--name NAME:TAG] [ARCHIVE]

The archive, build/igrec-image.tar unless named, is for `ctr images import`, `podman load`,
`docker load` or `skopeo copy oci-archive:`. The same programs and libraries make the same bytes.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

from oci_image import write_image

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAMS = {"igrecd": "usr/sbin", "igrec": "usr/bin"}
DIRECTORIES = ("dev", "etc/igrec", "host", "proc", "run/igrec", "sys", "tmp", "var/lib/igrec")
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def version():
    with open(os.path.join(TOP, "CMakeLists.txt"), encoding="utf-8") as f:
        return re.search(r"^project\(igrec VERSION (\S+)", f.read(), re.M).group(1)


def libraries(program):
    """Paths of the shared libraries and the loader that a program needs, all of them."""
    lines = subprocess.run(["ldd", program], capture_output=True, text=True,
                           check=True).stdout.splitlines()
    missing = [line.split()[0] for line in lines if "not found" in line]
    if missing:
        sys.exit(f"build_image.py: {program} needs {missing[0]}, which is not installed")
    found = (re.search(r"(?:=> )?(/\S+) \(0x", line) for line in lines)
    return {match.group(1) for match in found if match}


def copy(source, rootfs, where, mode):
    """Without what only a debugger needs."""
    target = os.path.join(rootfs, where.lstrip("/"))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    subprocess.run(["strip", "--strip-unneeded", "-o", target, os.path.realpath(source)],
                   check=True)
    os.chmod(target, mode)


def licence_of(library):
    """The copyright file of the Debian package that brought a library."""
    for path in (os.path.realpath(library), os.path.realpath(library).removeprefix("/usr")):
        done = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True,
                              check=False)
        if done.returncode == 0:
            return f"/usr/share/doc/{done.stdout.split(':')[0]}/copyright"
    return None


def copy_licences(rootfs, needed):
    texts = {os.path.join(TOP, "LICENSE"): "usr/share/doc/igrec/LICENSE"}
    if shutil.which("dpkg-query"):
        found = (licence_of(library) for library in needed)
        texts.update({path: path.lstrip("/") for path in found if path})
    for source, where in texts.items():
        target = os.path.join(rootfs, where)
        if os.path.exists(source) and not os.path.exists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(source, target)


def make_rootfs(programs_dir, rootfs):
    needed = set()
    for directory in DIRECTORIES:
        os.makedirs(os.path.join(rootfs, directory))
    for program, where in PROGRAMS.items():
        source = os.path.join(programs_dir, program)
        if not os.path.exists(source):
            sys.exit(f"build_image.py: there is no {source}: build it, or name its directory "
                     "with --bin")
        copy(source, rootfs, f"{where}/{program}", 0o755)
        needed |= libraries(source)
    for library in sorted(needed):
        copy(library, rootfs, library, 0o755)
    copy_licences(rootfs, needed)
    os.chmod(os.path.join(rootfs, "tmp"), 0o1777)


def build(programs_dir, name, archive):
    with tempfile.TemporaryDirectory(prefix="igrec-image-") as rootfs:
        os.chmod(rootfs, 0o755)
        os.umask(0o022)
        make_rootfs(programs_dir, rootfs)
        write_image(name, rootfs, archive, ["/usr/sbin/igrecd"],
                    ARCHITECTURES[platform.machine()],
                    {"Env": ["PATH=/usr/sbin:/usr/bin", "LANG=C.UTF-8",
                             "PAGER=cat"],
                     "Labels": {"org.opencontainers.image.title": "igrec",
                                "org.opencontainers.image.version": version(),
                                "org.opencontainers.image.licenses": "Apache-2.0 AND GPL-2.0"}})


def main():
    words = argparse.ArgumentParser(usage="tools/build_image.py [--bin DIR] [--name NAME:TAG] "
                                    "[ARCHIVE]")
    words.add_argument("--bin", default=os.path.join(TOP, "build/release/bin"),
                       help="where igrecd and igrec are; default build/release/bin")
    words.add_argument("--name", default=f"localhost/igrec:{version()}",
                       help="default localhost/igrec and the version")
    words.add_argument("archive", nargs="?", default=os.path.join(TOP, "build/igrec-image.tar"))
    args = words.parse_args()
    build(args.bin, args.name, args.archive)
    print(f"{args.archive}: {args.name}, {os.path.getsize(args.archive) / (1 << 20):.1f} MiB")


if __name__ == "__main__":
    main()
