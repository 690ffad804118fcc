#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes decode/syscalls_<arch>.tbl from the kernel's own tables.

Numbers and names come from the uapi headers of the compiler (asm/unistd_64.h for x86_64,
asm/unistd_32.h for i386, asm-generic/unistd.h for arm64; arm's, of Debian's package
linux-libc-dev-armhf-cross, by --headers), arguments from the running kernel's syscall tracepoints
(events/syscalls/*/format in tracefs), and what neither knows from tools/syscalls_extra.tbl.
libseccomp, where it is there, must agree on every number that it knows.

i386 and arm are what a 64-bit kernel has for 32-bit programs. Tracefs describes the native calls:
a call of theirs has the arguments of the native one of its name, with or without "64", "32" or
"_time64" behind it, unless syscalls_extra.tbl has a row NAME@i386, NAME@arm or NAME@compat.

  gen_syscalls.py x86_64 [--tracefs DIR] > decode/syscalls_x86_64.tbl
  gen_syscalls.py arm --headers /usr/arm-linux-gnueabihf/include > decode/syscalls_arm.tbl

If tracefs is not mounted, run it as: unshare -m sh -c 'mount -t tracefs t /sys/kernel/tracing; ...'
"""

import argparse
import ctypes
import ctypes.util
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import compat_calls  # noqa: E402

HEADERS = {
    "x86_64": ("asm/unistd_64.h", []),
    # arch/arm64/include/uapi/asm/unistd.h is these and the generic table.
    "arm64": ("asm-generic/unistd.h", [
        "__ARCH_WANT_RENAMEAT", "__ARCH_WANT_NEW_STAT", "__ARCH_WANT_SET_GET_RLIMIT",
        "__ARCH_WANT_TIME32_SYSCALLS", "__ARCH_WANT_SYS_CLONE3", "__ARCH_WANT_MEMFD_SECRET"]),
    "i386": ("asm/unistd_32.h", []),
    "arm": ("asm/unistd.h", ["__ARM_EABI__"]),
}
# Private calls of arm, arch/arm/include/uapi/asm/unistd.h, and what their records say for 0xf0000.
ARM_PRIVATE, ARM_PRIVATE_HERE = 0xf0000, 496
# Names of the table whose SYSCALL_DEFINE carries another name.
TRACEPOINTS = {
    "stat": "newstat", "fstat": "newfstat", "lstat": "newlstat", "uname": "newuname",
    "umount2": "umount", "sendfile": "sendfile64",
}
NOT_SYSCALLS = {"syscalls", "arch_specific_syscall",
                "sync_file_range2"}  # another name of arm_sync_file_range
NO_NAME = re.compile(r"\w*(BASE|MASK)")
AUDIT_ARCH = {"x86_64": 0xC000003E, "arm64": 0xC00000B7,  # linux/audit.h
              "i386": 0x40000003, "arm": 0x40000028}
HERE = pathlib.Path(__file__).parent


def header_numbers(arch, include):
    header, wants = HEADERS[arch]
    command = ["cc", "-E", "-dM", "-D__BITS_PER_LONG=64", *(f"-D{w}" for w in wants),
               *(["-I", include] if include else []), "-include", header, "-x", "c", "/dev/null"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    macros = dict(re.findall(r"#define (__(?:ARM_)?NR\w+) (.+)", text))

    def value_of(words):
        """Of a sum of numbers and macros; None for anything else."""
        sum_of = 0
        for word in words.strip("()").split("+"):
            word = word.strip("() ")
            value = value_of(macros[word]) if word in macros else \
                int(word, 0) if re.fullmatch(r"0x[0-9a-f]+|\d+", word) else None
            if value is None:
                return None
            sum_of += value
        return sum_of
    numbers = {}
    for macro, words in macros.items():
        name, value = macro.partition("NR_")[2], value_of(words)
        if value is not None and name and name not in NOT_SYSCALLS and not NO_NAME.fullmatch(name):
            numbers[name] = value
    return numbers


def extra_rows(arch):
    """{name: (number or None, arguments)} of tools/syscalls_extra.tbl."""
    rows = {}
    for line in (HERE / "syscalls_extra.tbl").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        number, name, arguments = (line.split("\t") + [""])[:3]
        name, _, only = name.partition("@")
        if only in ("", arch) or (only == "compat" and arch in compat_calls.NATIVE):
            rows[name] = (int(number) if number != "-" else None, arguments)
    return rows


def tidy(declaration):
    kind, name = declaration.rsplit(" ", 1)
    kind = re.sub(r"\bconst\b", "", kind).replace("__user", "")
    kind = " ".join(kind.replace("*", " * ").split())
    return f"{kind.replace(' *', '*').replace('* *', '**')} {name}"


def tracepoint_arguments(tracefs, name):
    path = tracefs / "events/syscalls" / f"sys_enter_{TRACEPOINTS.get(name, name)}" / "format"
    if not path.exists():
        return None
    fields = re.findall(r"^\tfield:([^;]*);", path.read_text(), re.M)
    first = next(i for i, field in enumerate(fields) if field.endswith("__syscall_nr"))
    return ", ".join(tidy(field) for field in fields[first + 1:])


def check_against_libseccomp(arch, numbers):
    library = ctypes.util.find_library("seccomp")
    if not library:
        print("libseccomp is not here: numbers are not cross-checked", file=sys.stderr)
        return
    resolve = ctypes.CDLL(library).seccomp_syscall_resolve_name_arch
    for name, number in numbers.items():
        known = resolve(ctypes.c_uint32(AUDIT_ARCH[arch]), name.encode())
        if known >= 0 and known != number:
            sys.exit(f"{arch} {name}: {number}, but libseccomp says {known}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("arch", choices=sorted(HEADERS))
    parser.add_argument("--tracefs", type=pathlib.Path, default="/sys/kernel/tracing")
    parser.add_argument("--headers", metavar="DIR", help="where asm/ is, if not the compiler's")
    options = parser.parse_args()
    if not (options.tracefs / "events/syscalls").exists():
        sys.exit(f"{options.tracefs}: no syscall tracepoints there; is tracefs mounted?")
    numbers = header_numbers(options.arch, options.headers)
    extra = extra_rows(options.arch)
    for name, (number, _) in extra.items():
        if number is not None and number not in numbers.values():
            numbers[name] = number
    check_against_libseccomp(options.arch, numbers)
    print(f"# Syscalls of {options.arch}: number, name, arguments. "
          "Generated by tools/gen_syscalls.py; do not edit.")
    for name, number in sorted(numbers.items(), key=lambda item: item[1]):
        arguments = extra[name][1] if name in extra else \
            tracepoint_arguments(options.tracefs, name)
        if arguments is None and options.arch in compat_calls.NATIVE:
            arguments = tracepoint_arguments(options.tracefs,
                                             compat_calls.native_name(name))
        if arguments is None:
            sys.exit(f"{name} ({number}): no tracepoint and no row in syscalls_extra.tbl")
        if number >= ARM_PRIVATE:
            number -= ARM_PRIVATE - ARM_PRIVATE_HERE
        print(f"{number}\t{name}\t{arguments}".rstrip())


main()
