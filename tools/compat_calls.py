# SPDX-License-Identifier: Apache-2.0
"""What is different in the calls of 32-bit programs on a 64-bit kernel: for gen_syscalls.py and
gen_tables.py."""

import re

NATIVE = {"i386": "x86_64", "arm": "arm64"}  # on which kernel; whose flags they have
SCALARS = {  # C types that are narrower there: bytes, signed
    "long": (4, 1), "unsigned long": (4, 0), "size_t": (4, 0), "off_t": (4, 1),
    "aio_context_t": (4, 0), "siginfo_t": (4, 0),
}
# What lies in memory in the same form for both, or is theirs alone. Anything else that a native row would capture, all
# that has a long or a pointer in it, is a plain pointer in a 32-bit call.
SAME_STRUCTS = """
    open_how clone_args statx epoll_event utsname pollfd linger ucred ip_mreq ipv6_mreq rlimit64
    cap_header cap_data sched_attr mount_attr winsize termios landlock_ruleset landlock_path
    notif_sizes io_uring_params sembuf timezone f_owner file_handle file_handle_got
    file_clone_range stat64 sigaction32
""".split()
TIME64_STRUCTS = ("timespec", "itimerspec", "timex")  # of the calls with 64 at the end
SAME = re.compile(
    r"(path|str|str_and:.*|str_out|any:.*|ptr:.*|pages_out:.*|changed:.*"
    r"|(text|data|sockdata|random|sockaddr|option|bytes|xattr|cpuset|sigset)_(in|out)(:\w+)?"
    r"|array_(in|out|got):([iu]32|u16|i64)(:.*|\*.*))")
STRUCT = re.compile(r"(?:struct|array)_(?:in|out|got|both):(\w+).*")
IN_MEMORY = re.compile(r"\w+_(in|out|got|both|moved)(:.*)?|vars:.*|argv_in|path|str")
WORD = re.compile(r"((?:\w+=)?(?:\d:)?)([^?]*)((?:\?.+)?)")


def native_name(name):
    """Of the call that a 32-bit program's is a form of: without what says which form."""
    return re.sub(r"(_time64|64|32)$", "", name)


def has_same_form(name, kind):
    if SAME.fullmatch(kind):
        return True
    found = STRUCT.fullmatch(kind)
    if found is None:
        return False
    has_time = name.endswith("64") and (found[1] in TIME64_STRUCTS or ":timestamp*" in kind)
    return found[1] in SAME_STRUCTS or has_time


def words_of(name, words):
    """The arguments of a row of overlay.tbl as 32-bit programs have them."""
    if words == ["blocked"]:
        return []
    changed = []
    for word in words:
        start, kind, condition = WORD.fullmatch(word).groups()
        if IN_MEMORY.fullmatch(kind) and not has_same_form(name, kind):
            kind = "ptr"
        changed.append(start + kind + condition)
    return changed
