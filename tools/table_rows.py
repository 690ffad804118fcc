# SPDX-License-Identifier: Apache-2.0
"""Reads decode/'s tables: rows, their variants, sets of names. Of what a row means it knows nothing.

The tables' formats are described at the top of overlay.tbl, structs.tbl and in docs/. Name sets
(flags/*.list):  "[SET] UNKNOWN" opens a set, then "NAME VALUE [/MASK]" a line; a name applies if
(bits & MASK) == VALUE, MASK being VALUE itself unless given.  "NAME@ARCH" is for one architecture,
"NAME@compat" for the 32-bit programs of both: i386, which has x86_64's names else, and arm, arm64's.
A name with spaces is in quotes; "<<NAME SHIFT /MASK" as the last one is a number of these bits.
Numbers are written as in C.
"""

import re
import sys

import compat_calls

ARCHES = ("x86_64", "arm64", *compat_calls.NATIVE)
ALL_BITS = (1 << 64) - 1
NOTES = ("poll", "select", "left", "timeout")  # what strace says in parentheses behind a result
CLASSES = ("network", "process", "memory", "signal", "ipc")


class TableError(Exception):
    pass


def number(text):
    if re.fullmatch(r"-?0[0-7]+", text):
        return int(text, 8)
    return int(text, 0)


def here(name, arch):
    """The name without its @ARCH, or None if it is another architecture's."""
    name, _, only = name.partition("@")
    if only and only not in (*ARCHES, "compat"):
        raise TableError(f"unknown architecture {only}")
    native = compat_calls.NATIVE.get(arch)
    return name if only in ("", arch, native) or (only == "compat" and native) else None


def rows(path):
    for at, line in enumerate(path.read_text().splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield f"{path.name}:{at}", line


class TableRows:
    """The tables of one architecture."""

    def __init__(self, folder, arch):
        self.folder, self.arch = folder, arch
        self.is_compat = arch in compat_calls.NATIVE
        self.sets, self.structs, self.calls, self.compat_calls = {}, {}, {}, {}
        for path in sorted((folder / "flags").glob("*.list")):
            self.read_sets(path)

    def fail(self, where, what):
        sys.exit(f"{where}: {what}")

    def read_sets(self, path):
        current = None
        for where, line in rows(path):
            head = re.fullmatch(r"\[(\w+)\] (\S+)( alternatives)?", line)
            if head:
                if head[1] in self.sets:
                    self.fail(where, f"set {head[1]} is there twice")
                current = self.sets[head[1]] = (head[2], [], bool(head[3]))
                continue
            word = re.fullmatch(r"(\S+|\"[^\"]+\") (\S+)(?: /(\S+))?", line)
            if not word or current is None:
                self.fail(where, "neither [SET] UNKNOWN nor NAME VALUE [/MASK]")
            name = here(word[1].strip('"'), self.arch)
            if name:
                value = number(word[2])
                mask = number(word[3]) if word[3] else value if value > 0 else ALL_BITS
                current[1].append((name, value & ALL_BITS, mask))

    def read_errnos(self):
        """The set errno."""
        names = [(line.split(" ")[1], int(line.split(" ")[0]), ALL_BITS)
                 for _, line in rows(self.folder / "errno.list")]
        self.sets["errno"] = ("-", names, False)

    def read_syscall_names(self):
        """The set syscall_nr: the architecture's own numbers."""
        names = [(f"__NR_{name}", nr, ALL_BITS) for _, nr, name, _ in self.read_numbers()]
        self.sets["syscall_nr"] = ("__NR_???", names, False)

    def read_variants(self, path, parse):
        """{name: (row, {variant: row})} with parse(where, words) making a row."""
        table = {}
        for where, line in rows(path):
            words = line.split()
            head, _, condition = words[0].partition("/")
            base, _, only = head.partition("@")
            if here(head, self.arch) is None:
                continue
            entry = table.setdefault(base, {"row": None, "only": False, "variants": {}})
            if condition:
                entry["variants"][condition] = (where, words[1:])
            elif not entry["only"]:
                entry["row"], entry["only"] = parse(where, words[1:]), bool(only)
        return table

    def read_structs(self):
        def parse(where, words):
            return where, int(words[0]), words[1:]
        self.structs = {**self.read_variants(self.folder / "structs.tbl", parse),
                        **self.read_variants(self.folder / "netlink.tbl", parse)}

    def read_overlay(self):
        def parse(where, words):
            arguments = words[2:]
            result, note = "num", []
            if "=" in arguments:
                at = arguments.index("=")
                result, *note = arguments[at + 1:]
                arguments = arguments[:at]
            if words[0] not in ("vital", "flow"):
                self.fail(where, f"lane {words[0]} is neither vital nor flow")
            classes = [] if words[1] == "-" else words[1].split(",")
            for name in classes:
                if name not in CLASSES:
                    self.fail(where, f"unknown class {name}")
            if note and note[0] not in NOTES:
                self.fail(where, f"unknown note {note[0]}")
            return where, words[0], classes, arguments, result, (note or ["none"])[0]
        self.calls = self.read_variants(self.folder / "overlay.tbl", parse)
        if self.is_compat:
            self.compat_calls = self.read_variants(self.folder / "overlay_compat.tbl", parse)

    def read_numbers(self):
        for where, line in rows(self.folder / f"syscalls_{self.arch}.tbl"):
            nr, name, arguments = (line.split("\t") + [""])[:3]
            yield where, int(nr), name, [
                tuple(argument.rsplit(" ", 1)) for argument in arguments.split(", ") if argument]
