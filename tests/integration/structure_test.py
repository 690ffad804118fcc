# SPDX-License-Identifier: Apache-2.0
"""The shape of the sources: who includes what, what is linked, formatting, sizes."""

import os
import re
import shutil
import subprocess
import sys
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("IGREC_BIN", os.path.join(TOP, "build/release/bin"))
STAGES = ("bpf", "common", "decode", "dumper", "storage", "replay", "explain", "view", "export",
          "report", "sql", "recorder", "cli")
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.M)
MOST_LINES = 600  # of a source file; a longer one has a second noun inside

# The headers of each library that docs/ARCHITECTURE.md gives a home.
HEADERS = {
    "libbpf": r"bpf/(?!bpf_)\w+\.h",
    "libuv": r"uv\.h",
    "sqlite3": r"sqlite3\.h",
    "sqlite3ext": r"sqlite3ext\.h",
    "libcurl": r"curl/.*",
    "zstd": r"zstd\w*\.h|zdict\.h",
    "xxhash": r"xxhash\.h",
    "jansson": r"jansson\.h",
    "inih": r"ini\.h",
    "libsmartcols": r"libsmartcols(/.*)?\.h",
    "libseccomp": r"seccomp\.h",
}


def sources(*folders, kinds=(".c", ".h")):
    """Paths below TOP of the folders' source files."""
    for folder in folders:
        for where, _, names in os.walk(os.path.join(TOP, folder)):
            for name in sorted(names):
                if name.endswith(kinds):
                    yield os.path.relpath(os.path.join(where, name), TOP)


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as f:
        return f.read()


def table_of_architecture(*head):
    """The rows below this head in docs/ARCHITECTURE.md, two texts each."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else None
            for line in read("docs/ARCHITECTURE.md").splitlines()]
    begin = rows.index(list(head)) + 2
    end = next((i for i in range(begin, len(rows)) if rows[i] is None), len(rows))
    return rows[begin:end]


def may_include():
    """Stage -> the stages whose headers it may include."""
    return {stage: set(re.findall(r"\w+", others))
            for stage, others in table_of_architecture("stage", "may include")}


def homes():
    """Library -> the start of the paths that may include its headers."""
    return {library: re.match(r"`([^`]+?)(\.[ch])?`", home).group(1)
            for library, home in table_of_architecture("library", "home")}


class Structure(unittest.TestCase):
    def test_stages_include_only_what_the_table_allows(self):
        table = may_include()
        self.assertEqual(set(table), set(STAGES))
        wrong = []
        for path in sources(*STAGES):
            stage = path.split("/")[0]
            for quoted, _ in INCLUDE.findall(read(path)):
                other = quoted.split("/")[0]
                if other in STAGES and other != stage and other not in table[stage]:
                    wrong.append(f"{path} includes {quoted}")
        self.assertEqual(wrong, [])

    def test_includes_name_their_stage(self):
        wrong = [f"{path} includes {quoted}" for path in sources(*STAGES[1:])
                 for quoted, _ in INCLUDE.findall(read(path))
                 if quoted and "/" not in quoted and not quoted.endswith((".skel.h", ".inc"))]
        self.assertEqual(wrong, [])

    def test_libraries_stay_in_their_homes(self):
        home = homes()
        self.assertEqual(set(home), set(HEADERS))
        wrong = []
        for path in sources(*STAGES[1:]):
            for _, system in INCLUDE.findall(read(path)):
                for library, header in HEADERS.items():
                    if re.fullmatch(header, system) and not path.startswith(home[library]):
                        wrong.append(f"{path} includes <{system}>")
        self.assertEqual(wrong, [])

    def test_igrec_links_neither_libbpf_nor_libuv(self):
        igrec = os.path.join(BIN, "igrec")
        self.assertTrue(os.path.exists(igrec), f"{igrec}: build first, or set IGREC_BIN")
        dynamic = subprocess.run(["readelf", "-dW", igrec], capture_output=True, text=True,
                                 check=True).stdout
        needed = re.findall(r"NEEDED.*\[(.+?)\]", dynamic)
        self.assertTrue(any(name.startswith("libc.so") for name in needed), needed)
        self.assertEqual([n for n in needed if re.match(r"lib(bpf|uv|elf)\b", n)], [])
        # Nor a static one.
        symbols = subprocess.run(["readelf", "-sW", igrec], capture_output=True, text=True,
                                 check=True).stdout
        self.assertNotRegex(symbols, r"\b(bpf_object__\w+|uv_run|uv_loop_\w+)\b")

    def test_formatted(self):
        if not shutil.which("clang-format"):
            self.skipTest("clang-format")
        paths = list(sources(*STAGES, "tests"))
        done = subprocess.run(["clang-format", "--dry-run", *paths], cwd=TOP, check=True,
                              capture_output=True, text=True)
        self.assertEqual(sorted(set(re.findall(r"^(\S+?):\d+:\d+:", done.stderr, re.M))), [])

    def test_tidy(self):
        if not shutil.which("run-clang-tidy"):
            self.skipTest("clang-tidy")
        build = os.path.dirname(BIN)
        done = subprocess.run(["run-clang-tidy", "-quiet", "-p", build,
                               rf"{TOP}/({'|'.join(STAGES[1:])})/.*"],
                              capture_output=True, text=True)
        lines = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout).splitlines()
        self.assertEqual([x for x in lines if re.search(r"(warning|error):", x)], [])
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_sizes(self):
        long = {path: lines for path in sources(*STAGES, "tests", "tools", kinds=(".c", ".h", ".py"))
                if (lines := read(path).count("\n")) > MOST_LINES}
        self.assertEqual(long, {})

    def test_licences(self):
        wrong = []
        for path in sources(*STAGES, "tests", "tools", kinds=(".c", ".h", ".py", ".sh")):
            head = "\n".join(read(path).splitlines()[:3])
            kernel_side = path.startswith("bpf/") or path.endswith(".bpf.c")
            licence = r"GPL-2\.0" if kernel_side else r"Apache-2\.0"
            wanted = r"SPDX-License-Identifier: .*" + licence
            if not re.search(wanted, head):
                wrong.append(path)
        self.assertEqual(wrong, [])

    def test_nothing_unfinished(self):
        marks = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
        wrong = [path for path in sources(*STAGES, "tests", "tools", "docs", "deploy",
                                          kinds=(".c", ".h", ".py", ".sh", ".md", ".txt"))
                 if marks.search(read(path))]
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=2).result
    skipped = bool(result.skipped) and os.environ.get("IGREC_TEST_STRICT") != "1"
    sys.exit(1 if not result.wasSuccessful() or (result.skipped and not skipped)
             else 77 if skipped else 0)
