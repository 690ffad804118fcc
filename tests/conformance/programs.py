# SPDX-License-Identifier: Apache-2.0
"""The programs of the conformance run: Debian packages and what is done with them.
Run as a program, it prints the packages, one a line: tools/setup.sh installs them."""

import sys

sys.dont_write_bytecode = True
from program import Program, shell, stress  # noqa: E402
from programs_more import MORE  # noqa: E402
from programs_other import OTHERS  # noqa: E402

REPOSITORY = """\
mkdir /tmp/repo && cd /tmp/repo && git init -q . && cp -r /etc/apt . && git add .
git -c user.name=a -c user.email=a@b commit -qm first
"""
LITTLE_C = """\
printf '#include <stdio.h>\\nint main(void) { puts("hello"); }\\n' > /tmp/little.c
"""
WEB = """\
cd /usr/share/doc/bash && python3 -u -m http.server -b 127.0.0.1 8000 >/tmp/web.log 2>&1 &
until [ -s /tmp/web.log ]; do sleep 0.1; done
"""
NGINX = """\
mkdir -p /tmp/web/html && echo hello > /tmp/web/html/index.html
cat > /tmp/web/conf <<'CONF'
daemon off; worker_processes 1; pid /tmp/web/pid; error_log /tmp/web/errors;
user root;
events { worker_connections 64; }
http { access_log /tmp/web/access; server { listen 127.0.0.1:8080; root /tmp/web/html; } }
CONF
"""
POSTGRES = "export PATH=/usr/lib/postgresql/15/bin:$PATH\n"

STRESSORS = {
    "files": "access chmod chown dentry fallocate flock getdent locka lockf rename",
    "attributes": "utime fiemap file-ioctl handle mknod quota",
    "watches": "inotify fanotify dnotify lease epoll poll eventfd timerfd",
    "copies": "copy-file sendfile splice tee vm-splice io aio",
    "memory": "mincore mlock mprotect mremap msync pkey userfaultfd",
    "signals": "sigfd sigpending sigq sigrt sigsuspend sigsegv itimer timer alarm",
    "ipc": "mq msg sem sem-sysv shm shm-sysv pipe fifo",
    "processes": "clone fork vfork exec wait session pidfd kcmp personality schedpolicy",
    "sockets": "sock sockfd udp rawsock",
    "kernel": "get set sysinfo membarrier seccomp landlock unshare io-uring cap rseq",
    "time": "nanosleep clock affinity futex dup close",
}

PROGRAMS = [
    # coreutils
    Program("ls", "ls -lR /etc/apt /etc/ssl", "coreutils", core=True),
    Program("cat", "cat /etc/passwd /etc/group /no/such/file", "coreutils", core=True, status="1"),
    Program("cp", "cp -a /etc/security /tmp/copy", "coreutils", core=True),
    Program("mv", "mv /tmp/a /var/a", "coreutils", setup="cp -r /etc/apt /tmp/a"),
    Program("rm", "rm -rf /tmp/a", "coreutils", setup="cp -r /etc/apt /tmp/a"),
    Program("sort", "sort -u -k2 -o /tmp/sorted /etc/services", "coreutils", core=True),
    Program("stat", "stat / /etc/passwd /dev/null /tmp", "coreutils", core=True),
    Program("df", "df -h", "coreutils"),
    Program("du", "du -s /etc/apt /usr/share/doc/bash", "coreutils"),
    Program("dd", "dd if=/dev/zero of=/tmp/zero bs=4k count=64 conv=fsync", "coreutils"),
    Program("tail", "timeout 1 tail -f /etc/passwd", "coreutils", status="124"),
    Program("install", "install -D -m 755 -o nobody /etc/passwd /tmp/x/y/z", "coreutils"),
    Program("id", "id nobody", "coreutils", core=True),
    Program("mkfifo", "mkfifo -m 600 /tmp/fifo", "coreutils"),
    shell("ln", "ln -s a /tmp/b\nln -f /etc/hostname /tmp/c || ln /tmp/b /tmp/d\nreadlink /tmp/b\n"
          "unlink /tmp/b\n", "coreutils", core=True),
    Program("nice", "nice -n 5 env A=B true", "coreutils", core=True),
    # other tools of a base system
    Program("find", "find /etc/apt /etc/ssl -newer /etc/hostname -ls", "findutils",
            core=True),
    shell("xargs", "find /etc/apt -type f -print0 | xargs -0 -n 2 wc -l\n", "findutils"),
    Program("grep", "grep -rn root /etc/pam.d /etc/passwd", "grep", core=True),
    Program("sed", "sed -i.bak s/root/toor/ /tmp/passwd", "sed", setup="cp /etc/passwd /tmp"),
    Program("awk", "gawk -F: '{ n += $3 } END { print n | \"cat\" }' /etc/passwd", "gawk"),
    shell("tar", "tar czf /tmp/a.tgz -C /etc apt ssl\nmkdir /tmp/x\ntar xzf /tmp/a.tgz -C /tmp/x\n",
          "tar gzip"),
    Program("gzip", "gzip -k9 /tmp/services", "gzip", setup="cp /etc/services /tmp"),
    Program("xz", "xz -T2 -k /tmp/services", "xz-utils", setup="cp /etc/services /tmp"),
    Program("zstd", "zstd -q -T2 /tmp/services", "zstd", setup="cp /etc/services /tmp"),
    Program("diff", "diff -r /etc/apt /tmp/apt", "diffutils", status="1",
            setup="cp -r /etc/apt /tmp; echo x > /tmp/apt/new"),
    Program("lscpu", "lscpu", "util-linux"),
    Program("su", "su nobody -s /bin/sh -c id", "util-linux"),
    Program("unshare", "unshare -Uf ls /proc/self/ns", "util-linux"),
    Program("apt", "apt-get -s install bash", "apt"),
    shell("attr", "touch /tmp/a\nsetfattr -n user.a -v one /tmp/a\ngetfattr -d /tmp/a\n"
          "setfattr -x user.a /tmp/a\n", "attr"),
    shell("keyctl", "key=$(keyctl add user a b @s)\nkeyctl show @s\nkeyctl timeout $key 9\n"
          "keyctl print $key\nkeyctl revoke $key\n", "keyutils"),
    Program("ps", "ps auxf", "procps"),
    Program("mount", "mount -t tmpfs none /mnt", "mount"),
    Program("ip", "ip address", "iproute2"),
    Program("ss", "ss -tlnpx", "iproute2"),
    Program("file", "file /bin/ls /etc/passwd", "file"),
    Program("rsync", "rsync -a /etc/apt /tmp/mirror", "rsync"),
    Program("dpkg", "dpkg -l bash", "dpkg"),
    Program("make", "make -j2 -f /run/igrec/program", "make",
            script="all: a b\na b:\n\techo $@ > /tmp/$@\n"),
    # shells and languages
    shell("dash", "for i in 1 2 3; do (echo $i | cat); done\nwait\ntrap 'echo bye' EXIT\n"
          "kill -0 $$\n", "dash", core=True),
    Program("bash", "bash /run/igrec/program", "bash", core=True,
            script="set -e\na=$(date)\ncat <<< $a\nsleep 0.1 &\nwait $!\n"
                   "exec 5<>/dev/null\nread -t 0.1 b < <(sleep 1) || true\nulimit -n\n"),
    shell("busybox", "busybox ls -l /etc/apt\nbusybox ps\nbusybox vi --help\n"
          "busybox sha1sum /bin/ls\nbusybox find /etc/apt -type f\n"
          "busybox wget -T 1 -O- http://127.0.0.1:9/\nbusybox true\n",
          "busybox-static"),
    Program("perl", "perl -MSocket -MPOSIX -e 'socketpair(A, B, AF_UNIX, SOCK_STREAM, 0); "
            "my $p = fork; if (!$p) { syswrite(B, \"x\"); POSIX::_exit(3) } sysread(A, $_, 1); "
            "waitpid($p, 0); print `uname`, $?'", "perl"),
    Program("python3", "python3 -c 'import json, subprocess, ssl; "
            "print(subprocess.check_output([\"id\"]))'", "python3"),
    shell("scripts", "printf '#!/bin/sh -e\\necho $0 $@\\n' >/tmp/script; chmod +x /tmp/script; "
          "/tmp/script one two; cd /tmp; ./script; printf '#!/tmp/script\\n' >/tmp/nested; "
          "chmod +x /tmp/nested; /tmp/nested three; PATH=/tmp:$PATH script four", core=True),
    Program("python-threads", "python3 /run/igrec/program", "python3", core=True, script="""\
import asyncio, concurrent.futures, os, select, signal, socket, threading, time
a, b = socket.socketpair()
with concurrent.futures.ThreadPoolExecutor(3) as pool:
    list(pool.map(lambda n: time.sleep(n / 100), range(6)))
b.sendmsg([b"one", b"two"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, b"\\0\\0\\0\\0")])
print(a.recvmsg(100, 100))
print(select.select([a], [], [], 0.01))
signal.setitimer(signal.ITIMER_REAL, 0.01)
signal.signal(signal.SIGALRM, lambda *_: None)
time.sleep(0.05)
async def main():
    process = await asyncio.create_subprocess_exec("true")
    await process.wait()
asyncio.run(main())
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 0))
u.sendto(b"datagram", u.getsockname())
print(u.recvfrom(10))
"""),
    Program("python-system", "python3 /run/igrec/program", "python3", script="""\
import fcntl, mmap, multiprocessing, os, pty, resource, sqlite3, tempfile
pool = multiprocessing.Pool(2)
print(pool.map(len, ["a", "bb"]))
pool.close()
pool.join()
data = sqlite3.connect("/tmp/x.db")
data.execute("create table a (b)")
data.commit()
f = tempfile.TemporaryFile()
f.truncate(8192)
memory = mmap.mmap(f.fileno(), 8192)
memory[0] = 1
memory.flush()
fcntl.lockf(f, fcntl.LOCK_EX)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
print(os.sched_getaffinity(0), os.getloadavg())
"""),
    Program("python-sockets", "python3 /run/igrec/program", "python3", core=True, script="""\
import socket
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
socket.send_fds(a, [b"x"], [0, 1])
print(socket.recv_fds(b, 10, 4))
server = socket.socket(socket.AF_UNIX)
server.bind("\\0abstract")
server.listen()
client = socket.socket(socket.AF_UNIX)
client.connect("\\0abstract")
six = socket.socket(socket.AF_INET6)
six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
six.bind(("::1", 0))
print(six.getsockname())
six.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\2\\0\\0\\0")
"""),
    Program("perl-files", "perl -e 'open(F, \"<\", \"/etc/passwd\"); my @a = stat F; "
            "select(undef, undef, undef, 0.1); utime 1, 2, \"/tmp\"; symlink \"a\", \"/tmp/q\"; "
            "print readlink \"/tmp/q\"; chmod 0600, \"/tmp\"; my $x = `ls`'", "perl"),
    Program("node-http", "node /run/igrec/program", "nodejs", script="""\
const http = require("http");
const server = http.createServer((request, response) => response.end("hi"));
server.listen(0, "127.0.0.1", () => http.get({port: server.address().port, host: "127.0.0.1"},
    response => { response.resume(); response.on("end", () => server.close()); }));
require("child_process").execSync("ls");
"""),
    Program("node", "node -e 'require(\"fs\").writeFileSync(\"/tmp/f\", \"x\"); "
            "setTimeout(() => {}, 20)'", "nodejs"),
    # the network
    Program("wget", "wget -q -O- http://127.0.0.1:8000/", "wget python3", setup=WEB),
    Program("curl", "curl -s http://127.0.0.1:8000/", "curl python3", setup=WEB),
    shell("http-server", "python3 -m http.server -b 127.0.0.1 8000 >/dev/null 2>&1 &\n"
          "until curl -s http://127.0.0.1:8000/etc/ >/dev/null; do sleep 0.2; done\n"
          "kill $!\nwait\n", "python3 curl"),
    shell("nginx", "nginx -c /tmp/web/conf &\n"
          "until curl -s http://127.0.0.1:8080/ http://127.0.0.1:8080/none; do sleep 0.2; done\n"
          "kill -QUIT $!\nwait\n", "nginx-light curl", NGINX),
    shell("redis", "redis-server --port 6380 --save '' --dir /tmp >/dev/null &\n"
          "until redis-cli -p 6380 set a b; do sleep 0.2; done\n"
          "redis-cli -p 6380 get a\nredis-cli -p 6380 shutdown nosave\n"
          "wait\n", "redis-server redis-tools"),
    shell("socat", "socat UNIX-LISTEN:/tmp/s,fork EXEC:cat &\n"
          "until echo hello | socat -t 1 - UNIX-CONNECT:/tmp/s; do sleep 0.2; done\n"
          "kill $!\nwait\n", "socat"),
    Program("getent", "getent hosts nowhere.invalid", status="2"),
    # data
    Program("sqlite3", "sqlite3 /tmp/data.db 'PRAGMA journal_mode=wal; CREATE TABLE a (b); "
            "INSERT INTO a VALUES (1), (2); SELECT sum(b) FROM a'", "sqlite3", core=True),
    shell("postgres", POSTGRES + "pg_ctl -D /tmp/pg -l /tmp/pg.log -o '-k /tmp -h \"\"' -w start\n"
          "psql -h /tmp -c 'SELECT count(*) FROM pg_class' postgres\n"
          "pg_ctl -D /tmp/pg -m fast -w stop\n", "postgresql", as_nobody=True,
          setup=POSTGRES + "setpriv --reuid nobody --clear-groups initdb -A trust -D /tmp/pg"),
    shell("initdb", POSTGRES + "initdb --no-sync -A trust -D /tmp/pg\n", "postgresql",
          as_nobody=True),
    # compilers, keys, repositories
    Program("gcc", "gcc -O2 -o /tmp/little /tmp/little.c", "gcc libc6-dev", setup=LITTLE_C,
            core=True),
    Program("ld", "ld -r -o /tmp/r.o /tmp/little.o", "binutils",
            setup=LITTLE_C + "gcc -c -o /tmp/little.o /tmp/little.c"),
    Program("openssl", "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=a -keyout /tmp/k "
            "-out /tmp/c", "openssl"),
    Program("ssh-keygen", "ssh-keygen -q -t ed25519 -N '' -f /tmp/key", "openssh-client"),
    Program("gpg", "gpg --batch --list-keys", "gpg"),
    shell("git", "cd /tmp/repo\necho x >> apt/new\ngit add -A\ngit -c user.name=a "
          "-c user.email=a@b commit -qm second\ngit log --oneline --stat\n"
          "git gc -q\n", "git", REPOSITORY),
    # static and other languages' runtimes
    Program("go-runc", "runc --version", "runc", core=True),
    Program("crun", "crun --version", "crun"),
    Program("rust-rg", "rg -n root /etc", "ripgrep"),
    Program("rust-fd", "fdfind passwd /etc", "fd-find"),
    # rare calls
    *(stress(name, stressors) for name, stressors in STRESSORS.items()),
    *MORE,
    *OTHERS,
]

if __name__ == "__main__":
    print("\n".join(sorted({package for program in PROGRAMS for package in program.packages})))
