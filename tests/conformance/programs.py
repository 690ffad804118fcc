# SPDX-License-Identifier: Apache-2.0
"""The programs of the conformance run: Debian packages and what is done with them."""

import shlex


class Program:
    """command: what strace starts. script: a shell script that the command may name. setup: shell
    commands that run before, not traced. core: part of the short run. status: how it ends."""

    def __init__(self, name, command, packages="", script="", setup="", core=False, status="0",
                 seconds=60):
        self.name, self.packages, self.script, self.setup = name, packages.split(), script, setup
        self.command, self.core, self.status = shlex.split(command), core, status
        self.seconds = seconds


def shell(name, script, packages="", setup="", **more):
    """A script of the shell, which is traced too."""
    return Program(name, "/bin/sh /run/igrec/program", packages, script, setup, **more)


PROGRAMS = [
    Program("ls", "ls -lR /etc/alternatives /etc/apt", core=True),
    Program("cat", "cat /etc/passwd /etc/group /no/such/file", core=True, status="1"),
    Program("cp", "cp -a /etc/security /tmp/copy", core=True),
    Program("sort", "sort -u -k2 -o /tmp/sorted /etc/services", core=True),
    Program("stat", "stat / /etc/passwd /dev/null /tmp", core=True),
]
