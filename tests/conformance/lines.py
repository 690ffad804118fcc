# SPDX-License-Identifier: Apache-2.0
"""Lines of `strace -f -ttt -T -o FILE` and of `igrec replay -o strace`: parsed, normalised,
aligned.  Used by run.py; docs/conformance.md lists what is normalised."""

import re
from collections import defaultdict

LINE = re.compile(r"^(\d+|\?) +(\d+\.\d+) (.*)$")
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$", re.S)
UNFINISHED = re.compile(r"^(.*) <unfinished \.\.\.>$", re.S)
NEVER_ENDED = " <unfinished ...>) = ?"
SKIPPED = " = -1 ENOSYS (Function not implemented)"
NO_RESULT = re.compile(r"\) = \?( E\w+ \(.*\))?$")
CALL = re.compile(r"^(\w+)\(")
DURATION = re.compile(r" <\d+\.\d+>$")
# The column of "=" is strace's -a, which counts from the start of the rest of a joined line.
PADDING = re.compile(r"\) += (?=[^=]*$)")
GAP = re.compile(r"^# [\d.]+ (\d+) records of lane \w+ (?:overwritten|dropped|torn)")
LOOK_AHEAD = 200

CUT = re.compile(r'"((?:[^"\\]|\\.)*)"\.\.\.')
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\.\.\.)?')
ESCAPE = re.compile(rb"\\(?:x([0-9a-f]{2})|([0-7]{1,3})|(.))", re.S)
LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"v": b"\v", b"f": b"\f"}

SIGNAL, EXIT = "(signal)", "(exit)"


class Line:
    """One call, signal or end of a thread. name is the syscall's, SIGNAL or EXIT; lines of the
    same key may be a pair."""
    __slots__ = ("tid", "time", "name", "text", "key")

    def __init__(self, tid, time, name, text):
        self.tid, self.time, self.name, self.text = tid, time, name, text
        self.key = " ".join(text.split(" ", 2)[:2]) if name == SIGNAL else name


def without_duration(text):
    """Rule `time`: both clocks are right, ptrace's stops are in only one of them."""
    return DURATION.sub("", text)


def without_padding(text):
    """Rule `column`: spaces before the "=" say nothing."""
    return PADDING.sub(") = ", text)


def content(quoted):
    """The bytes of a quoted string."""
    def one(found):
        if found.group(1):
            return bytes([int(found.group(1), 16)])
        if found.group(2):
            return bytes([int(found.group(2), 8) & 0xff])
        return LETTERS.get(found.group(3), found.group(3))
    return ESCAPE.sub(one, quoted.encode("utf-8", "surrogateescape"))


def is_cut_of(short, whole):
    return (("\\x" in short) == ("\\x" in whole)
            and content(whole).startswith(content(short)))


def same(theirs, ours):
    """Whether two lines agree, character by character but for rules `cut` and `died`."""
    if theirs.endswith(NEVER_ENDED):
        # Rule `died`: of a call that never returned strace shows what it had printed by then,
        # and no word of `unfinished` if that was all.
        begun = theirs.removesuffix(NEVER_ENDED).rstrip()
        return bool(NO_RESULT.search(ours)) and same_text(begun, ours[:len(begun)])
    if theirs.endswith(") = ?"):
        ours = ours.replace(NEVER_ENDED, ") = ?")
    return same_text(theirs, ours)


def same_text(theirs, ours):
    """Rule `cut`: strace -s 32 cuts strings that igrec shows for longer; how much is shown is a
    setting of both."""
    at_theirs = at_ours = 0
    for cut in CUT.finditer(theirs):
        between = theirs[at_theirs:cut.start()]
        if not ours.startswith(between, at_ours):
            return False
        whole = STRING.match(ours, at_ours + len(between))
        if not whole or not is_cut_of(cut.group(1), whole.group(1)):
            return False
        at_theirs, at_ours = cut.end(), whole.end()
    return theirs[at_theirs:] == ours[at_ours:]


def name_of(text):
    if text.startswith("---"):
        return SIGNAL
    if text.startswith("+++"):
        return EXIT
    found = CALL.match(text)
    return found.group(1) if found else None


class Joiner:
    """Rule `joined`: strace splits a call when another thread speaks; igrec never does."""

    def __init__(self):
        self.open = {}

    def feed(self, tid, time, text):
        """The whole call as (time, text), or None while its end has not been seen."""
        resumed = RESUMED.match(text)
        if resumed:
            begin = self.open.pop(tid, None)
            if begin is None:
                return None
            return begin[0], begin[1] + resumed.group(2)
        unfinished = UNFINISHED.match(text)
        if unfinished:
            self.open[tid] = (time, unfinished.group(1))
            return None
        return time, text

    def never_ended(self):
        """A call in which its thread died: strace leaves it open, or says `= ?`."""
        for tid, (time, text) in self.open.items():
            yield tid, time, text + NEVER_ENDED


def parse(text):
    """The lines of each tid in the order of the text, and how many records igrec says are lost."""
    threads, lost, joiner = defaultdict(list), 0, Joiner()

    def add(tid, time, text):
        text = without_padding(without_duration(text))
        name = name_of(text)
        if name:
            threads[tid].append(Line(tid, time, name, text))

    for raw in text.split("\n"):
        gap = GAP.match(raw)
        if gap:
            lost += int(gap.group(1))
            continue
        found = LINE.match(raw)
        if not found or found.group(1) == "?":
            continue
        tid, time = int(found.group(1)), float(found.group(2))
        whole = joiner.feed(tid, time, found.group(3))
        if whole:
            if found.group(3).startswith("+++") and tid in joiner.open:
                began, begun = joiner.open.pop(tid)
                add(tid, began, begun + NEVER_ENDED)
            add(tid, *whole)
    for left in joiner.never_ended():
        add(*left)
    return threads, lost


def from_first_exec(lines):
    """Rule `begin`: what the first thread does before the program's own execve belongs to the
    harness, which moves it into the recorded cgroup there."""
    execs = [i for i, line in enumerate(lines) if line.name == "execve"]
    return lines[execs[0]:] if execs else []


def resync(a, b, i, j):
    """The smallest step of either side after which the keys agree again, for two in a row if
    the lines reach that far."""
    def agree(x, y):
        if x >= len(a) or y >= len(b) or a[x].key != b[y].key:
            return False
        if x + 1 < len(a) and y + 1 < len(b):
            return a[x + 1].key == b[y + 1].key
        return True
    for distance in range(1, LOOK_AHEAD):
        for da in range(distance + 1):
            if agree(i + da, j + distance - da):
                return da, distance - da
    return len(a) - i, len(b) - j


def align(a, b):
    """Pairs of lines of one thread; None stands where a side has no line."""
    pairs, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if a[i].key == b[j].key:
            pairs.append((a[i], b[j]))
            i, j = i + 1, j + 1
            continue
        da, db = resync(a, b, i, j)
        pairs += [(line, None) for line in a[i:i + da]] + [(None, line) for line in b[j:j + db]]
        i, j = i + da, j + db
    return pairs + [(line, None) for line in a[i:]] + [(None, line) for line in b[j:]]


def calls_of(lines):
    return [line for line in lines if line.name not in (SIGNAL, EXIT)]


def without_killed(a, b):
    """Rule `killed`: ptrace is not told of a SIGKILL.  When one comes while strace has stopped the
    thread at the entry of a call, the kernel skips the call with ENOSYS, and strace may not even
    read which it is: it shows registers of before."""
    if not a or a[-1].text != "+++ killed by SIGKILL +++":
        return a, b
    b = [line for line in b if not line.text.startswith("--- SIGKILL ")]
    theirs, ours = calls_of(a)[-1:], calls_of(b)[-1:]
    if ours and ours[0].text.endswith(SKIPPED):
        b.remove(ours[0])
        if theirs and theirs[0].text.endswith(" = ?"):
            a = [line for line in a if line is not theirs[0]]
    return a, b


def align_thread(a, b):
    """Rule `order`: calls, signals and ends are aligned apart, as ptrace reports a signal when
    its thread stops and the kernel when it is sent."""
    pairs = []
    a, b = without_killed(a, b)
    for kind in (SIGNAL, EXIT, None):
        def mine(line, kind=kind):
            return line.name == kind or (kind is None and line.name not in (SIGNAL, EXIT))
        pairs += align([x for x in a if mine(x)], [x for x in b if mine(x)])
    return pairs
