# SPDX-License-Identifier: Apache-2.0
"""Failures of shells, tools and of the container's start."""

from failure import Failure
from languages import NAMESERVER, RESOLV, with_nameserver

ALL = [
    # The container's own start
    Failure("start-missing-program", "/usr/bin/no-such-program", "missing-program|missing-file",
            "no-such-program", fast=True),
    Failure("start-exec-format", "/srv/app.sh", "exec-format", "/srv/app.sh",
            files={"app.sh": b"\x7fELF" + b"\xff" * 60}, fast=True),
    Failure("start-missing-interpreter", "/srv/app.sh", "interpreter|missing-program",
            "/srv/app.sh", files={"app.sh": "#!/opt/bin/python9\nprint()\n"}),
    Failure("start-not-executable", "/srv/app", "not-executable", "/srv/app",
            files={"app": "#!/bin/sh\n"}, modes={"app": 0o644}),
    # Shells
    Failure("sh-command-not-found", "sh -c 'frobnicate --now'", "missing-program|missing-file",
            "frobnicate", packages="dash", fast=True),
    Failure("bash-missing-source", "bash /srv/start.sh", "missing-file", "/srv/lib.sh",
            files={"start.sh": "set -e\nsource /srv/lib.sh\nrun\n"}, packages="bash"),
    Failure("bash-not-executable", "bash /srv/start.sh", "not-executable|permission", "/srv/step",
            files={"start.sh": "/srv/step\n", "step": "#!/bin/sh\n"}, packages="bash"),
    Failure("bash-wrong-interpreter", "bash /srv/start.sh", "interpreter|missing-program",
            "/srv/step.sh", files={"start.sh": "exec /srv/step.sh\n",
                                   "step.sh": "#!/usr/bin/no-python\n"}, packages="bash"),
    Failure("bash-helper-fails", "bash /srv/start.sh", "missing-file", "/srv/seed.sql",
            files={"start.sh": "set -e\necho starting\ncat /srv/seed.sql > /tmp/x\n"},
            packages="bash coreutils", fast=True),
    Failure("bash-unset-variable", "bash -u -c 'echo $DATABASE_URL'", "message", "DATABASE_URL",
            packages="bash"),
    Failure("bash-wrong-directory", "bash /srv/start.sh", "wrong-directory|missing-file",
            "/srv/release", files={"start.sh": "cd /srv/release || exit 1\n"}, packages="bash"),
    Failure("shell-timeout", "timeout 2 sleep 30", "killed", "timeout", packages="coreutils"),
    Failure("shell-stopped", "sleep 60", "killed", "runc", kill=[("TERM", 1), ("KILL", 2)],
            packages="coreutils", fast=True),
    Failure("shell-fork-limit", "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 2 & done; exit 0",
            "process-limit", "", pids=6, shell=True, packages="dash"),
    # Libraries and the loader
    Failure("missing-library", "/srv/tool", "library", "libgone.so.1", files={"gone.c":
            "int gone(void) { return 0; }", "tool.c": "int gone(void); int main(void) { return "
            "gone(); }"}, setup="cd /srv && gcc -shared -fPIC -Wl,-soname,libgone.so.1 -o "
            "libgone.so gone.c && gcc -o tool tool.c -L. -lgone && rm libgone.so",
            packages="gcc libc6-dev", fast=True),
    Failure("division-by-zero", "/srv/tool", "crash", "SIGFPE", files={"tool.c":
            "int main(int c, char **v) { return 70 / (c - 1); }"},
            setup="cd /srv && gcc -O0 -o tool tool.c", packages="gcc libc6-dev"),
    Failure("assertion", "/srv/tool", "abort", "", files={"tool.c":
            "#include <assert.h>\nint main(int c, char **v) { assert(c == 7); return 0; }"},
            setup="cd /srv && gcc -o tool tool.c", packages="gcc libc6-dev"),
    Failure("stack-overflow", "/srv/tool", "crash", "SIGSEGV", files={"tool.c":
            "int f(volatile int *x) { int y[1000]; y[0] = *x + 1; return f(y) + y[0]; }\n"
            "int main(void) { int x = 0; return f(&x); }"},
            setup="cd /srv && gcc -O0 -o tool tool.c", packages="gcc libc6-dev"),
    # Network tools
    Failure("curl-refused", "curl -sS http://127.0.0.1:9200/", "refused", "127.0.0.1:9200",
            packages="curl", fast=True),
    Failure("curl-nxdomain", with_nameserver(3) + "curl -sS http://search.example/", "dns",
            "search.example", shell=True, files={"ns.py": NAMESERVER, "resolv.conf": RESOLV},
            over=["/etc/resolv.conf"], packages="curl python3"),
    Failure("curl-unwritable", "curl -sS -o /opt/x file:///etc/passwd", "read-only|permission",
            "/opt/x", packages="curl"),
    Failure("curl-missing-ca", "curl -sS --cacert /srv/ca.pem https://127.0.0.1:1/",
            "missing-file|refused", "", packages="curl"),
    Failure("wget-refused", "wget -q -t 1 http://127.0.0.1:8081/", "refused", "127.0.0.1:8081",
            packages="wget"),
    Failure("git-missing-repository", "git clone -q /srv/none.git /tmp/x", "missing-file|message",
            "/srv/none.git", packages="git"),
    Failure("git-index-lock", "git -C /srv/repo commit -q --allow-empty -am x", "exists",
            "index.lock", setup="cd /srv && git init -q repo && touch repo/.git/index.lock && "
            "git config --file repo/.git/config user.email a@b && git config --file "
            "repo/.git/config user.name a && touch repo/f", packages="git"),
    Failure("git-not-a-repository", "git -C /tmp status", "message|missing-file", "",
            packages="git"),
    Failure("ssh-refused", "ssh -o BatchMode=yes -p 2200 root@127.0.0.1 true", "refused",
            "127.0.0.1:2200", packages="openssh-client"),
    Failure("ssh-missing-key", "ssh -F /srv/none -o BatchMode=yes 127.0.0.1", "missing-file",
            "/srv/none", packages="openssh-client"),
    Failure("rsync-missing-source", "rsync -a /srv/none /tmp/", "missing-file", "/srv/none",
            packages="rsync"),
    Failure("rsync-refused", "rsync rsync://127.0.0.1:8730/x /tmp/", "refused", "127.0.0.1:8730",
            packages="rsync"),
    # Files and disks
    Failure("sqlite-read-only", "sqlite3 /srv/db.sqlite 'create table t(x)'",
            "read-only", "/srv/db.sqlite", srv="ro", packages="sqlite3"),
    Failure("sqlite-locked", "python3 /srv/hold.py & sleep 1; exec sqlite3 /srv/d 'insert into t "
            "values(1)'", "lock", "/srv/d", shell=True, files={"hold.py":
            "import sqlite3, time\nc = sqlite3.connect('/srv/d', isolation_level=None)\n"
            "c.execute('create table if not exists t(x)')\nc.execute('begin exclusive')\n"
            "time.sleep(20)\n"}, packages="sqlite3 python3"),
    Failure("dd-disk-full", "dd if=/dev/zero of=/mnt/big bs=64k count=100", "no-space",
            "/mnt/big", in_memory={"/mnt": "1m"}, packages="coreutils", fast=True),
    Failure("cp-denied", "cp /srv/secret /tmp/", "permission", "/srv/secret", uid=33,
            files={"secret": "x"}, modes={"secret": 0o600}, packages="coreutils", fast=True),
    Failure("mkdir-read-only", "mkdir /opt/new", "read-only", "/opt/new", packages="coreutils"),
    Failure("ls-not-a-directory", "cat /etc/passwd/x", "not-a-directory", "/etc/passwd/x",
            packages="coreutils"),
    Failure("chown-denied", "chown nobody /srv/f", "capability|permission", "/srv/f", files={"f":
            "x"}, drop=("CAP_CHOWN",), packages="coreutils"),
    Failure("mount-denied", "mount -t tmpfs x /mnt", "capability|permission", "",
            packages="mount"),
    Failure("seccomp-denied", "mkdir /tmp/new", "seccomp", "mkdir", denied=("mkdir", "mkdirat"),
            packages="coreutils", fast=True),
    Failure("broken-pipe", "bash -o pipefail -c 'yes | head -n 1'", "broken-pipe", "",
            packages="bash coreutils"),
    # Rust and Go
    Failure("rg-missing-directory", "rg needle /srv/none", "missing-file", "/srv/none",
            packages="ripgrep"),
    Failure("bat-missing-file", "batcat /srv/none.txt", "missing-file", "/srv/none.txt",
            packages="bat"),
    Failure("fd-missing-directory", "fdfind x /srv/none", "missing-file", "/srv/none",
            packages="fd-find"),
]
