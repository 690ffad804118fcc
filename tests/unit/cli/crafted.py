# SPDX-License-Identifier: Apache-2.0
"""Dumps made by hand, with right checksums where they are wanted: docs/dump-format.md.  Used by
hostile_test.py; not a test itself."""

import ctypes
import sqlite3
import struct

ZSTD = ctypes.CDLL("libzstd.so.1")
ZSTD.ZSTD_compressBound.restype = ZSTD.ZSTD_compress.restype = ctypes.c_size_t
ZSTD.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
ZSTD.ZSTD_compress.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t,
                               ctypes.c_int]
XXHASH = ctypes.CDLL("libxxhash.so.0")
XXHASH.XXH64.restype = ctypes.c_uint64
XXHASH.XXH64.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]


def compress(data):
    room = ctypes.create_string_buffer(ZSTD.ZSTD_compressBound(len(data)))
    size = ZSTD.ZSTD_compress(room, len(room), data, len(data), 3)
    return room.raw[:size]


def signed(value):
    return value - (1 << 64) if value >> 63 else value


def packed(value):
    """A value as checksums take it."""
    if value is None:
        return b"N"
    if isinstance(value, int):
        return b"I" + struct.pack("<q", value)
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogateescape")
        return b"T" + struct.pack("<Q", len(value)) + value
    return b"B" + struct.pack("<Q", len(value)) + value


def checksum(values):
    data = b"".join(packed(value) for value in values)
    return signed(XXHASH.XXH64(data, len(data), 0))


def columns(db, table):
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def open_dump(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    return db


def seal(db):
    """Makes every table's checksum right again."""
    for table, in db.execute("SELECT name FROM checksum").fetchall():
        names = [n for n in columns(db, table) if (table, n) != ("chunk", "data")]
        rows = db.execute(f"SELECT {','.join(names)} FROM {table} ORDER BY rowid").fetchall()
        db.execute("UPDATE checksum SET rows = ?, xxh64 = ? WHERE name = ?",
                   (len(rows), checksum([v for row in rows for v in row]), table))


def put_chunk(db, lane, seq, first_block, blocks, records, raw_bytes, data):
    """A chunk whose own checksum is right, whatever it says."""
    row = [lane, seq, first_block, first_block + blocks - 1, blocks, records, 1, 2, raw_bytes]
    db.execute("INSERT INTO chunk VALUES (?,?,?,?,?,?,?,?,?,?,?)",
               (*row, checksum([*row, data]), data))


def blocks_of_records(first_block, count):
    """Blocks full of the smallest syscall records: many events in few compressed bytes."""
    each = 4080 // 32
    record = struct.pack("<HHHHQII", 32, 1, 0, 39, 1000, 7, 0) + bytes(8)
    return b"".join(struct.pack("<QII", first_block + i, each, each * 32) + record * each
                    for i in range(count)), count * each
