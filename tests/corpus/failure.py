# SPDX-License-Identifier: Apache-2.0
"""One failure of the corpus: how to provoke it, what the cause is, what must be named."""

import shlex
import zlib


UP = "/tmp/up"


def behind(server):
    """For the beginning of a shell's command: starts a server, waits until it has said something,
    which it does once it listens, and goes on."""
    return f": >{UP}; {server} >{UP} 2>&1 & until [ -s {UP} ]; do sleep 0.1; done; "


class Failure:
    """command: text for sh -c if it has shell syntax (shell=True), else split into words.
    kind: acceptable kinds, | between. object: part of the object or the sentence that must be
    named; "" if there is none. never: texts that no finding that is certain may name as its object,
    and the first not at all. files: by path below /srv. over: files of /srv that are put over others
    of the same name. kill: signals from outside, each after some seconds."""

    def __init__(self, name, command, kind, object="", never=(), cause="", shell=False, files=None,
                 packages="", setup="", memory=None, denied=(), limits=None, uid=0, drop=(), add=(),
                 pids=0, in_memory=None, over=(), kill=(), env=(), cwd="/", setup_uid=None, seconds=180, fast=False,
                 modes=None, srv="rw"):
        self.name, self.kind, self.object, self.never = name, kind.split("|"), object, never
        self.command = ["/bin/sh", "-c", command] if shell else shlex.split(command)
        self.cause = cause or kind
        self.files, self.packages, self.setup = files or {}, packages.split(), setup
        self.memory, self.denied, self.limits = memory, denied, limits or {}
        self.setup_uid = uid if setup_uid is None else setup_uid
        self.uid, self.drop, self.add, self.pids = uid, drop, list(add), pids
        self.in_memory, self.over, self.kill = in_memory or {}, over, kill
        self.env, self.cwd, self.seconds, self.fast = list(env), cwd, seconds, fast
        self.modes, self.srv = modes or {}, srv

    @property
    def held_out(self):
        """A third, chosen by name alone, that no rule was written for."""
        return zlib.crc32(self.name.encode()) % 3 == 0

    def is_named_by(self, finding):
        """Whether a finding, as JSON, is the true cause."""
        text = (finding["object"] or "") + " " + finding["sentence"]
        return finding["kind"] in self.kind and self.object in text

    def is_forbidden(self, finding):
        return any(text in (finding["object"] or "") for text in self.never)
