# SPDX-License-Identifier: Apache-2.0
"""A replay's events, and how they are compared with what a workload said about itself."""


def text_of(event):
    """All that an event's arguments say, as one text."""
    words = []
    for arg in event.get("args", []):
        words.append(str(arg.get("value", "")))
        words.append(str(arg.get("text", "")))
    return " ".join(words)


class Tape:
    def __init__(self, events):
        """calls: the container's own; setup: those of the runtime's init before its first exec."""
        self.events = events
        calls = [e for e in events if e["type"] == "syscall"]
        self.calls = [e for e in calls if not e.get("setup")]
        self.setup = [e for e in calls if e.get("setup")]

    def of_type(self, kind):
        """The container's own, too."""
        return [e for e in self.events if e["type"] == kind and not e.get("setup")]

    def calls_of(self, tid):
        return [e for e in self.calls if e["tid"] == tid]

    def named(self, syscall, text=""):
        return [e for e in self.calls if e["syscall"] == syscall and text in text_of(e)]

    def missing_facts(self, facts):
        """The first fact of each thread that its part of the tape does not show, in their order."""
        missing = []
        for tid in sorted({fact["tid"] for fact in facts}):
            rest = iter(self.calls_of(tid))
            for fact in (f for f in facts if f["tid"] == tid):
                if not any(shows(event, fact) for event in rest):
                    missing.append(fact)
                    break
        return missing


def shows(event, fact):
    """Whether the event is the call that the workload reported."""
    if event["syscall"] != fact["syscall"] or event["pid"] != fact["pid"]:
        return False
    if fact["text"] not in text_of(event):
        return False
    if fact["errno"]:
        return event["errno"] == fact["errno"] and event["ret"] < 0
    return event["ret"] == fact["ret"] and not event.get("errno")
