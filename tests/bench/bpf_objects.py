# SPDX-License-Identifier: Apache-2.0
"""What the kernel tells of pinned BPF programs and maps: bpf(2), include/uapi/linux/bpf.h."""

import ctypes
import os
import platform
import struct

BPF_OBJ_GET, BPF_OBJ_GET_INFO_BY_FD = 7, 15
SYS_BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
INFO_BYTES = 224

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    got = libc.syscall(SYS_BPF, command, attributes, len(attributes))
    if got < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return got


def info(path):
    """struct bpf_prog_info or bpf_map_info of what is pinned there."""
    where = ctypes.create_string_buffer(path.encode())
    fd = bpf(BPF_OBJ_GET, struct.pack("=QII", ctypes.addressof(where), 0, 0))
    try:
        got = ctypes.create_string_buffer(INFO_BYTES)
        bpf(BPF_OBJ_GET_INFO_BY_FD, struct.pack("=IIQ", fd, INFO_BYTES, ctypes.addressof(got)))
    finally:
        os.close(fd)
    return got


class Program:
    """Instructions as verified (of all paths), bytes as translated and as compiled."""

    def __init__(self, path):
        got = info(path)
        self.jited, self.xlated = struct.unpack_from("=II", got, 16)
        self.verified, = struct.unpack_from("=I", got, 216)


class Map:
    PERCPU_TYPES = (5, 6, 10, 21)  # hash, array, LRU hash, cgroup storage

    def __init__(self, path):
        self.type, _, _, self.value_bytes, self.entries = struct.unpack_from("=IIIII", info(path))
        self.is_percpu = self.type in self.PERCPU_TYPES
