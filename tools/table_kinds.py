# SPDX-License-Identifier: Apache-2.0
"""The kinds of values that decode/'s tables name, and what decode/layout.h calls them."""

import re

SCALARS = {  # C type of an argument: bytes, signed
    "int": (4, 1), "long": (8, 1), "unsigned": (4, 0), "unsigned int": (4, 0),
    "unsigned long": (8, 0), "size_t": (8, 0), "loff_t": (8, 1), "off_t": (8, 1),
    "pid_t": (4, 1), "uid_t": (4, 0), "gid_t": (4, 0), "qid_t": (4, 0), "umode_t": (2, 0),
    "u32": (4, 0), "__u32": (4, 0), "__s32": (4, 1), "u64": (8, 0), "__u64": (8, 0),
    "key_t": (4, 1), "key_serial_t": (4, 1), "clockid_t": (4, 1), "timer_t": (4, 1),
    "mqd_t": (4, 1), "rwf_t": (4, 1), "aio_context_t": (8, 0), "siginfo_t": (8, 0),
    "enum landlock_rule_type": (4, 0), "old_uid_t": (2, 0), "old_gid_t": (2, 0),
}
REGISTERS = {"wide": "LOW_HIGH", "high": "HIGH_LOW", "pages": "PAGES"}  # what makes the number
POINTER_TYPEDEFS = ("cap_user_header_t", "cap_user_data_t")
MEMBERS = {  # type of a struct's member: bytes, signed
    "u8": (1, 0), "u16": (2, 0), "u32": (4, 0), "u64": (8, 0), "u128": (16, 0),
    "i8": (1, 1), "i16": (2, 1), "i32": (4, 1), "i64": (8, 1), "bytes": (0, 0),
}
PLAIN = {
    "num": "NUMBER", "hex": "HEX", "mode": "MODE", "ptr": "POINTER", "fd": "FD",
    "dirfd": "DIRFD", "id": "ID", "dev": "DEVICE", "sig": "SIGNAL", "argv": "POINTER",
    "wait_status": "WAIT_STATUS", "file_mode": "FILE_MODE", "port": "PORT",
    "net_long": "NET_LONG", "ipv4": "IPV4", "ipv6": "IPV6", "socket_path": "SOCKET_PATH",
    "sigset": "SIGNAL_SET", "mask32": "MASK32", "ticks": "TICKS", "time": "TIME",
    "timestamp": "TIMESTAMP", "noted_time": "NOTED_TIME", "ifindex": "INTERFACE",
    "kernel_version": "KERNEL_VERSION",
}
NAMED = {  # kinds with a set
    "flags": "FLAGS", "enum": "ENUM", "noted_flags": "NOTED_FLAGS", "noted_enum": "NOTED_ENUM",
    "ioctl": "IOCTL", "caps": "CAPABILITIES", "told_enum": "TOLD_ENUM",
}
BYTES = {  # in memory
    "text": "STRING", "data": "DATA", "sockdata": "SOCKET_DATA", "bytes": "DATA",
    "cpuset": "CPU_SET", "xattr": "XATTR",
}
OCTETS = {"mac": ("MAC", 6), "macs": ("MAC", 0), "address": ("IP", 0)}  # of members; 0: all
COUNTED = {"vars": "COUNT", "dirents_out": "DIRENTS"}
ANY = re.compile(r"(any|ptr):(\w+)(?:@(\d+)-(\d+))?")
BEHIND = {  # meaning of a struct's pointer: type, capture that holds what is there, layout
    "msg_name": ("STRUCT", "IGREC_ARG_MSG_NAME", "sockaddr"),
    "msg_iov": ("IOVEC", "IGREC_ARG_MSG_IOV", None),
    "msg_control": ("CONTROL", "IGREC_ARG_MSG_CONTROL", "cmsghdr"),
}
OUTCOMES = {  # of a call: mask and value of what event_outcome() says
    "done": ("OUTCOME_FAILED", 0), "failed": ("OUTCOME_FAILED", "OUTCOME_FAILED"),
}
NETLINK = {  # protocols with rows of their own, and the one of the others
    0: "_route", 4: "_diag", 6: "_xfrm", 9: "_audit", 12: "_netfilter", 16: "_generic", 31: "",
}
WIDTHS = {"fd": (4, 1), "dirfd": (4, 1), "sig": (4, 1), "id": (4, 0)}
