# SPDX-License-Identifier: Apache-2.0
"""What the kernel tells of a pinned BPF program: bpf(2), include/uapi/linux/bpf.h."""

import ctypes
import os
import platform
import struct

BPF_OBJ_GET, BPF_OBJ_GET_INFO_BY_FD = 7, 15
SYS_BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
INFO_BYTES = 224
# Offsets in struct bpf_prog_info.
JITED_BYTES, XLATED_BYTES, NAME, VERIFIED_INSNS = 16, 20, 64, 216

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    got = libc.syscall(SYS_BPF, command, attributes, len(attributes))
    if got < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return got


class Program:
    """name; instructions as verified (of all paths), bytes as translated and as compiled."""

    def __init__(self, path):
        where = ctypes.create_string_buffer(path.encode())
        fd = bpf(BPF_OBJ_GET, struct.pack("=QII", ctypes.addressof(where), 0, 0))
        try:
            info = ctypes.create_string_buffer(INFO_BYTES)
            bpf(BPF_OBJ_GET_INFO_BY_FD,
                struct.pack("=IIQ", fd, INFO_BYTES, ctypes.addressof(info)))
        finally:
            os.close(fd)
        self.jited, self.xlated = struct.unpack_from("=II", info, JITED_BYTES)
        self.verified, = struct.unpack_from("=I", info, VERIFIED_INSNS)
        self.name = info.raw[NAME:NAME + 16].split(b"\0")[0].decode()
