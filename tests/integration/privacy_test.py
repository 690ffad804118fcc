# SPDX-License-Identifier: Apache-2.0
"""Secrets of a real container: not in its dump where a pattern finds them, nowhere in a scrubbed
one, and payload that the policy does not want not even in the ring."""

import ctypes
import ctypes.util
import json
import os
import sqlite3
import struct
import unittest

import lab
from tape import Tape

SECRET = "hunter2-Kq9xZ"
PLACE = "/srv/keys-of-bank"
BARE = f"it is {SECRET}"
zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
zstd.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
zstd.ZSTD_findFrameCompressedSize.restype = ctypes.c_size_t
zstd.ZSTD_decompress.restype = ctypes.c_size_t


def frames(data):
    """What the zstd frames of a chunk hold, without the project's own reader."""
    while data:
        size = zstd.ZSTD_findFrameCompressedSize(data, ctypes.c_size_t(len(data)))
        room = ctypes.create_string_buffer(
            zstd.ZSTD_getFrameContentSize(data, ctypes.c_size_t(len(data))) or 1)
        got = zstd.ZSTD_decompress(room, ctypes.c_size_t(len(room)), data, ctypes.c_size_t(size))
        assert got <= len(room), "no zstd frame"
        yield room.raw[:got]
        data = data[size:]


def parts(path):
    """The file's bytes, the content of its chunks, and every value of every table."""
    with open(path, "rb") as f:
        yield "file", f.read()
    with sqlite3.connect(f"file:{path}?immutable=1", uri=True) as db:
        db.text_factory = bytes
        for (table,) in db.execute("SELECT name FROM sqlite_schema").fetchall():
            for row in db.execute(f"SELECT * FROM {table.decode()}"):
                for value in row:
                    if isinstance(value, bytes):
                        yield table.decode(), value
        for (data,) in db.execute("SELECT data FROM chunk").fetchall():
            for frame in frames(data):
                yield "chunk", frame
    db.close()


def places(path, text):
    """Where it stands in a dump."""
    return [name for name, data in parts(path) if text.encode() in data]


class PrivacyTest(lab.LabTest):
    def failed(self, name, place=PLACE + "/key.pem"):
        container = self.runtime.container(name, "/bin/secrets", place, "--password", SECRET)
        self.assertEqual(container.run(), 1)
        with open(container.output) as f:
            self.assertIn(BARE, f.read(), "the container itself is not touched")
        row = self.lab.wait_dump(container.id)[0]
        return row, self.lab.dump_path(row)

    def scrub(self, path, *options, status=0):
        out = self.lab.path("scrubbed")
        done = self.lab.igrec("scrub", "--json", *options, "-f", "-o", out, path, status=status)
        self.lab.igrec("verify", out)
        with sqlite3.connect(out) as db:
            self.assertEqual(db.execute("PRAGMA freelist_count").fetchone(), (0,))
        db.close()
        return out, json.loads(done.stdout)


class Masked(PrivacyTest):
    def test_dump(self):
        row, path = self.failed("masked")
        info = self.lab.json_lines("info", path)[0]
        # exec and execve, or one of them; four lines, two in pieces; stderr; the process table.
        self.assertGreaterEqual(info["masked"], 6)
        self.assertIn("Masked", self.lab.igrec("info", path).stdout)
        self.assertNotIn(SECRET, row["cause"])
        tape = Tape(self.lab.replay(row))
        lines = [e for e in tape.named("write") + tape.named("writev") if SECRET in json.dumps(e)]
        self.assertEqual([BARE in json.dumps(e) for e in lines], [True], "the rest is masked")
        self.assertTrue(tape.named("write", "DB_PASSWORD=" + "*" * len(SECRET)))
        self.assertTrue(tape.named("write", "HOME=/"), "what is no secret is left")
        for event in tape.of_type("exec"):
            self.assertNotIn(SECRET, json.dumps(event))
        self.assertEqual(places(path, SECRET[5:] + "\\n"), [])

    def test_scrub(self):
        _, path = self.failed("scrubbed")
        self.assertTrue(places(path, SECRET), "there is something to find")
        out, told = self.scrub(path, "--pattern", "it is ([^,]+)")
        self.assertGreaterEqual(told["masked"], 1)
        self.assertEqual(places(out, SECRET), [])
        self.assertTrue(places(out, PLACE))
        first, second = (self.lab.json_lines("info", p)[0] for p in (path, out))
        self.assertEqual(second["masked"], first["masked"] + told["masked"])
        for key in ("id", "time_ns", "container", "kind", "exit_code"):
            self.assertEqual(first[key], second[key])
        before, after = (self.lab.json_lines("replay", p) for p in (path, out))
        self.assertEqual(len(before), len(after))

    def test_scrub_paths(self):
        _, path = self.failed("paths")
        out, _ = self.scrub(path, "--path", PLACE)
        self.assertEqual(places(out, PLACE), [])
        self.assertEqual(places(out, "key.pem"), [])
        cause = self.lab.json_lines("info", out)[0]["cause"]
        self.assertNotIn(PLACE, cause)

    def test_scrub_parts(self):
        _, path = self.failed("parts")
        out, told = self.scrub(path, "--payloads", "--argv")
        self.assertGreater(told["removed"], 8)
        for text in (SECRET, "HOME=/", "they say", "--password", "cannot open"):
            self.assertEqual(places(out, text), [], text)
        self.assertTrue(places(out, PLACE), "paths stay")
        calls = Tape(self.lab.json_lines("replay", out)).named("writev")
        self.assertEqual(len(calls), 1, "the call stays")

    def test_scrub_leaves_what_exists(self):
        _, path = self.failed("exists")
        with open(path, "rb") as f:
            before = f.read()
        done = self.lab.igrec("scrub", "-o", path, path, status=1)
        self.assertIn("--force", done.stderr)
        self.lab.igrec("scrub", "-o", self.lab.path("no-such/file"), path, status=1)
        self.lab.igrec("scrub", "-e", "(", "-o", self.lab.path("x"), path, status=2)
        self.lab.igrec("scrub", path, status=2)
        with open(path, "rb") as f:
            self.assertEqual(f.read(), before)
        self.assertFalse(os.path.exists(self.lab.path("x")))
        # igrecd may be at the dump of another container.
        lab.wait_for("no unfinished file", lab.PATIENCE, lambda: not [
            n for n in self.lab.files() if n.startswith(".tmp-")])


class NotMasked(PrivacyTest):
    config = lab.CONFIG + "[privacy]\nmask = off\npatterns = it[[:blank:]]is[[:blank:]]([^,]+)\n"

    def test_off(self):
        _, path = self.failed("open")
        self.assertEqual(self.lab.json_lines("info", path)[0]["masked"], 1)
        self.assertEqual(places(path, BARE), [])
        self.assertTrue(places(path, f"DB_PASSWORD={SECRET}"))
        out, _ = self.scrub(path)
        self.assertEqual(places(out, SECRET), [], "scrub masks all the same")


# ---- the raw ring --------------------------------------------------------------------------

BPF_MAP_LOOKUP_ELEM, BPF_OBJ_GET, BPF_MAP_GET_FD_BY_ID, BPF_OBJ_GET_INFO_BY_FD = 1, 7, 14, 15
libc = ctypes.CDLL(None, use_errno=True)
SYS_BPF = {"x86_64": 321, "aarch64": 280}[os.uname().machine]


def bpf(command, attr):
    room = ctypes.create_string_buffer(attr, 128)
    got = libc.syscall(SYS_BPF, command, room, 128)
    if got < 0:
        raise OSError(ctypes.get_errno(), f"bpf({command})")
    return got


def map_info(fd):
    """key size, value size, entries of a map, by the kernel."""
    info = ctypes.create_string_buffer(128)
    bpf(BPF_OBJ_GET_INFO_BY_FD, struct.pack("<IIQ", fd, len(info), ctypes.addressof(info)))
    _, _, key, value, entries = struct.unpack_from("<IIIII", info)
    return key, value, entries


def lookup(fd, index, bytes_):
    key = ctypes.c_uint32(index)
    value = ctypes.create_string_buffer(bytes_)
    bpf(BPF_MAP_LOOKUP_ELEM, struct.pack("<IIQQ", fd, 0, ctypes.addressof(key),
                                         ctypes.addressof(value)))
    return value.raw


def ring_bytes(bpffs):
    """All blocks of all rings, read from the kernel's maps without igrecd."""
    path = ctypes.create_string_buffer(os.path.join(bpffs, "rings").encode())
    outer = bpf(BPF_OBJ_GET, struct.pack("<QII", ctypes.addressof(path), 0, 0))
    data = []
    for slot in range(map_info(outer)[2]):
        try:
            number = struct.unpack("<I", lookup(outer, slot, 4))[0]
        except OSError:
            continue  # no ring in this slot
        try:
            inner = bpf(BPF_MAP_GET_FD_BY_ID, struct.pack("<III", number, 0, 0))
        except FileNotFoundError:
            continue  # exchanged meanwhile
        _, value, entries = map_info(inner)
        data += [lookup(inner, block, value) for block in range(entries)]
        os.close(inner)
    os.close(outer)
    return b"".join(data)


class RawRing(PrivacyTest):
    """[payload] policy = none: the data are not masked, they are never copied."""

    options = ("--payload", "none")

    def ring_of(self, name, *args):
        """All rings while this container runs: a ring is wiped before its next use."""
        container = self.runtime.container(name, *args).start()
        container.wait_ready()
        ring = ring_bytes(self.lab.bpffs)
        container.go_on()
        container.wait()
        return ring

    def check(self, ring, wanted, unwanted):
        for text in wanted:
            self.assertTrue(text in ring, text)
        for text in unwanted:
            self.assertFalse(text in ring, text)

    def test_ring(self):
        ring = self.ring_of("raw", "/bin/secrets", PLACE, "--password", "in-argv", "wait")
        self.check(ring, [PLACE.encode(), b"in-argv"],
                   [b"they say", b"DB_PASSWORD", b"cannot open"])


class RawRingStdio(RawRing):
    """The default: what goes to or comes from other descriptors than 1 and 2 is not copied."""

    options = ()

    def test_ring(self):
        ring = self.ring_of("raw", "/bin/secrets", PLACE, "--password", "in-argv", "wait", "file")
        self.check(ring, [PLACE.encode(), b"they say", b"cannot open"], [b"0123456789abcdef"])


class RawRingAll(RawRing):
    """So the bytes that are looked for could be there."""

    options = ("--payload", "all")

    def test_ring(self):
        ring = self.ring_of("raw", "/bin/secrets", PLACE, "--password", "in-argv", "wait", "file")
        self.check(ring, [b"they say", b"0123456789abcdef"], [])


if __name__ == "__main__":
    lab.main()
