# SPDX-License-Identifier: Apache-2.0
"""What a program of the conformance run is."""

import shlex


class Program:
    """command: what strace starts. script: a shell script that the command may name. setup: shell
    commands that run before, not traced. core: part of the short run. status: how it ends."""

    def __init__(self, name, command, packages="", script="", setup="", core=False, status="0",
                 seconds=180):
        self.name, self.packages, self.script, self.setup = name, packages.split(), script, setup
        self.command, self.core, self.status = shlex.split(command), core, status
        self.seconds = seconds


def shell(name, script, packages="", setup="", as_nobody=False, **more):
    """A script of the shell, which is traced too."""
    command = "/bin/sh /run/igrec/program"
    if as_nobody:
        command = "setpriv --reuid nobody --clear-groups " + command
    return Program(name, command, packages, script, setup, **more)


def stress(name, stressors):
    """One instance of each stressor, for a few of its rounds."""
    each = " ".join(f"--{s} 1 --{s}-ops 3" for s in stressors.split())
    return Program(f"stress-{name}", f"stress-ng --timeout 15 --no-rand-seed {each}", "stress-ng")
