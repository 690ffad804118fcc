# SPDX-License-Identifier: Apache-2.0
"""What the kernel tells of pinned BPF programs and maps: bpf(2), include/uapi/linux/bpf.h."""

import contextlib
import ctypes
import os
import platform
import re
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


@contextlib.contextmanager
def opened(path):
    where = ctypes.create_string_buffer(path.encode())
    fd = bpf(BPF_OBJ_GET, struct.pack("=QII", ctypes.addressof(where), 0, 0))
    try:
        yield fd
    finally:
        os.close(fd)


def kind(path):
    """"map", "prog" or "link": by the first key of each kind in /proc/PID/fdinfo/FD."""
    with opened(path) as fd, open(f"/proc/self/fdinfo/{fd}") as f:
        return re.search(r"^(map|prog|link)_type:", f.read(), re.M).group(1)


def pinned(directory, wanted):
    """Names of the pinned objects of a kind."""
    return [name for name in sorted(os.listdir(directory))
            if kind(os.path.join(directory, name)) == wanted]


def info(path):
    """struct bpf_prog_info or bpf_map_info of what is pinned there."""
    got = ctypes.create_string_buffer(INFO_BYTES)
    with opened(path) as fd:
        bpf(BPF_OBJ_GET_INFO_BY_FD, struct.pack("=IIQ", fd, INFO_BYTES, ctypes.addressof(got)))
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
