# SPDX-License-Identifier: Apache-2.0
"""Counts what lines.py aligned, and the report of it as text and JSON."""

import json
from collections import Counter, defaultdict

import lines

EXAMPLES = 40  # pairs kept for each syscall


class Result:
    """What one program showed."""

    def __init__(self, name):
        self.name = name
        self.equal = Counter()
        self.different = Counter()
        self.missing = Counter()   # strace has it, igrec lacks it
        self.extra = Counter()     # the reverse
        self.examples = defaultdict(list)
        self.lost = 0
        self.words = ""

    def add(self, theirs, ours):
        name = (theirs or ours).name
        if theirs and ours and lines.same(theirs.text, ours.text):
            self.equal[name] += 1
            return
        which = self.different if theirs and ours else self.missing if theirs else self.extra
        which[name] += 1
        self.examples[name].append((theirs.text if theirs else None, ours.text if ours else None))

    def compared(self):
        return sum((self.equal + self.wrong()).values())

    def wrong(self):
        return self.different + self.missing + self.extra

    def calls_missing(self):
        return sum(n for name, n in self.missing.items() if not name.startswith("("))

    def share(self):
        compared = self.compared()
        return 100.0 * sum(self.equal.values()) / compared if compared else 0.0


def compare(name, recording):
    result = Result(name)
    theirs, _ = lines.parse(recording.strace)
    ours, result.lost = lines.parse(recording.igrec)
    if not theirs:
        result.words = "strace wrote nothing"
        return result
    first = next(iter(theirs))
    theirs[first] = lines.from_first_exec(theirs[first][1:])
    ours[first] = lines.from_first_exec(ours[first])
    if result.lost:
        result.words = "the ring is too small for it"
    for tid, mine in theirs.items():
        for pair in lines.align_thread(mine, ours.get(tid, [])):
            result.add(*pair)
    return result


def counts(result, name=None):
    """Of one name, or of all."""
    return {kind: counter[name] if name else sum(counter.values())
            for kind, counter in (("equal", result.equal), ("different", result.different),
                                  ("missing", result.missing), ("extra", result.extra))}


def distinct(pairs):
    """The first pairs, each once."""
    return list(dict.fromkeys(pairs))[:EXAMPLES]


class Report:
    def __init__(self, results):
        self.results = results
        self.total = Result("all")
        for result in results:
            for kind in ("equal", "different", "missing", "extra"):
                getattr(self.total, kind).update(getattr(result, kind))
            for name, pairs in result.examples.items():
                self.total.examples[name] += pairs
            self.total.lost += result.lost

    def table(self):
        rows = [f"{'program':<18} {'lines':>8} {'equal':>8} {'share':>7} {'differ':>7} "
                f"{'missing':>7} {'extra':>6} {'lost':>7}"]
        for result in [*self.results, self.total]:
            rows.append(f"{result.name:<18} {result.compared():>8} "
                        f"{sum(result.equal.values()):>8} {result.share():>6.1f}% "
                        f"{sum(result.different.values()):>7} "
                        f"{sum(result.missing.values()):>7} {sum(result.extra.values()):>6} "
                        f"{result.lost:>7}{'  ' + result.words if result.words else ''}")
        return "\n".join(rows) + "\n"

    def text(self):
        return self.table() + "\n" + self.differences()

    def by_difference(self):
        """Names and how many programs differ there, by the share of the programs' lines, so that
        a program that makes one call thousands of times does not hide the others."""
        share, programs = Counter(), Counter()
        for result in self.results:
            for name, count in result.wrong().items():
                share[name] += count / result.compared()
                programs[name] += 1
        return [(name, programs[name]) for name, _ in share.most_common()]

    def differences(self):
        rows = ["What differs, the largest share first; of each one example, strace's and igrec's.",
                ""]
        total = self.total
        for name, programs in self.by_difference():
            rows.append(f"{name} in {programs} programs: {total.equal[name]} equal, "
                        f"{total.different[name]} differ, {total.missing[name]} missing, "
                        f"{total.extra[name]} extra")
            theirs, ours = total.examples[name][0]
            rows += [f"    < {theirs or '(no line)'}", f"    > {ours or '(no line)'}"]
        return "\n".join(rows) + "\n"

    def json(self):
        syscalls = {}
        for name, programs in self.by_difference():
            pairs = distinct(self.total.examples[name])
            syscalls[name] = {"programs": programs, **counts(self.total, name),
                              "examples": [{"strace": a, "igrec": b} for a, b in pairs]}
        rows = [{"name": r.name, "lines": r.compared(), **counts(r), "lost": r.lost,
                 "share": round(r.share(), 2), "words": r.words}
                for r in [*self.results, self.total]]
        return json.dumps({"schema": 1, "programs": rows, "syscalls": syscalls}, indent=1)
