# SPDX-License-Identifier: Apache-2.0
"""Failures of programs in interpreted and compiled languages."""

from failure import Failure, behind

PYTHON = "python3 /srv/app.py"
NODE = "node /srv/app.js"


def py(text):
    return {"app.py": text}


def js(text):
    return {"app.js": text}


# A server whose queue of connections is full: a further connect gets no answer.
BLACKHOLE = """\
import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 9000)); s.listen(0)
held = []
for i in range(4):
    c = socket.socket(); c.setblocking(False); c.connect_ex(("127.0.0.1", 9000)); held.append(c)
print("up", flush=True)
time.sleep(60)
"""
# A name server that answers every question with one rcode, or not at all.
NAMESERVER = """\
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 53))
print("up", flush=True)
while True:
    q, a = s.recvfrom(512)
    if sys.argv[1] != "none":
        s.sendto(q[:2] + bytes([0x81, 0x80 | int(sys.argv[1])]) + q[4:6] + bytes(6) + q[12:], a)
"""
RESOLV = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"


def with_nameserver(rcode):
    return behind(f"python3 /srv/ns.py {rcode}") + "exec "


LEAKS = """\
import os
held = []
while True:
    held.append(open("/etc/passwd"))
"""
DEADLOCK = """\
import threading, time
a, b = threading.Lock(), threading.Lock()
def one():
    with a:
        time.sleep(0.2)
        with b: pass
def two():
    with b:
        time.sleep(0.2)
        with a: pass
t = [threading.Thread(target=f) for f in (one, two)]
for x in t: x.start()
for x in t: x.join()
"""
RETRIES = """\
import socket, sys, time
for i in range(5):
    try:
        socket.create_connection(("127.0.0.1", 5432), 1)
    except OSError as e:
        print("database not ready:", e, file=sys.stderr)
        time.sleep(0.3)
sys.exit("giving up on the database")
"""
OPTIONAL = """\
import os, sys
for name in ("/srv/optional.ini", "/etc/app/local.ini"):
    try:
        open(name)
    except OSError:
        print("warning: no " + name + ", using defaults", file=sys.stderr)
for i in range(60):
    open("/etc/passwd").read()
%s
"""

ALL = [
    # Python
    Failure("python-missing-file", PYTHON, "missing-file", "/srv/config.yaml",
            files=py("open('/srv/config.yaml')\n"), packages="python3", fast=True),
    Failure("python-relative-file", PYTHON, "missing-file", "/opt/settings.json", cwd="/opt",
            files=py("import json\njson.load(open('settings.json'))\n"), packages="python3"),
    Failure("python-refused", PYTHON, "refused", "127.0.0.1:6379", fast=True,
            files=py("import socket\nsocket.create_connection(('127.0.0.1', 6379))\n"),
            packages="python3"),
    Failure("python-retries", PYTHON, "refused", "127.0.0.1:5432", files=py(RETRIES),
            packages="python3"),
    Failure("python-unreachable", PYTHON, "unreachable", "10.1.2.3:80",
            files=py("import socket\nsocket.create_connection(('10.1.2.3', 80), 5)\n"),
            packages="python3"),
    Failure("python-timeout", behind("python3 /srv/hole.py") + "exec " + PYTHON, "timeout",
            "127.0.0.1:9000", shell=True, packages="python3",
            files={**py("import socket\nsocket.create_connection(('127.0.0.1', 9000), 2)\n"),
                   "hole.py": BLACKHOLE}),
    Failure("python-nxdomain", with_nameserver(3) + PYTHON, "dns", "db.shop.svc", shell=True,
            files={**py("import socket\nsocket.create_connection(('db.shop.svc', 80))\n"),
                   "ns.py": NAMESERVER, "resolv.conf": RESOLV}, over=["/etc/resolv.conf"],
            packages="python3", fast=True),
    Failure("python-servfail", with_nameserver(2) + PYTHON, "dns", "api.example.com", shell=True,
            files={**py("import urllib.request\nurllib.request.urlopen('http://api.example.com/')\n"),
                   "ns.py": NAMESERVER, "resolv.conf": RESOLV}, over=["/etc/resolv.conf"],
            packages="python3"),
    Failure("python-no-dns-answer", with_nameserver("none") + PYTHON, "dns", "cache.internal",
            shell=True,
            files={**py("import socket\nsocket.create_connection(('cache.internal', 80))\n"),
                   "ns.py": NAMESERVER, "resolv.conf": RESOLV}, over=["/etc/resolv.conf"],
            packages="python3"),
    Failure("python-wrong-nameserver", PYTHON, "dns", "queue.internal",
            files={**py("import socket\nsocket.create_connection(('queue.internal', 80))\n"),
                   "resolv.conf": RESOLV}, over=["/etc/resolv.conf"], packages="python3"),
    Failure("python-fd-leak", PYTHON, "fd-limit", "/etc/passwd", files=py(LEAKS),
            limits={"NOFILE": 128}, packages="python3", fast=True),
    Failure("python-disk-full", PYTHON, "no-space", "/mnt/out", in_memory={"/mnt": "1m"},
            files=py("f = open('/mnt/out', 'wb')\nwhile True: f.write(bytes(65536))\n"),
            packages="python3"),
    Failure("python-read-only", PYTHON, "read-only", "/opt/state.db",
            files=py("open('/opt/state.db', 'w')\n"), packages="python3", fast=True),
    Failure("python-threads", PYTHON, "process-limit", "", pids=12, packages="python3",
            files=py("import threading, time\nfor i in range(50):\n"
                     "    threading.Thread(target=time.sleep, args=(3,), daemon=True).start()\n")),
    Failure("python-memory-limit", PYTHON, "no-memory", "", limits={"AS": 300 << 20},
            files=py("x = bytearray(1 << 30)\n"), packages="python3"),
    Failure("python-oom", PYTHON, "out-of-memory", "python3", memory=64 << 20, packages="python3",
            files=py("x = []\nwhile True: x.append(bytearray(1 << 20))\n"), fast=True),
    Failure("python-segfault", PYTHON, "crash", "SIGSEGV", packages="python3", fast=True,
            files=py("import ctypes\nctypes.string_at(16)\n")),
    Failure("python-abort", PYTHON, "abort", "", packages="python3",
            files=py("import os, sys\nprint('invariant violated: queue empty', file=sys.stderr)\n"
                     "os.abort()\n")),
    Failure("python-deadlock", PYTHON, "hang", "", files=py(DEADLOCK), kill=[("KILL", 5)],
            packages="python3"),
    Failure("python-busy-loop", PYTHON, "busy-loop", "", files=py("while True: pass\n"),
            kill=[("KILL", 4)], packages="python3"),
    Failure("python-lock-hang", "flock /tmp/lock sleep 60 & sleep 0.5; exec " + PYTHON, "hang",
            "/tmp/lock", shell=True, kill=[("KILL", 4)], packages="python3 util-linux",
            files=py("import fcntl\nfcntl.flock(open('/tmp/lock', 'w'), fcntl.LOCK_EX)\n")),
    Failure("python-exception", PYTHON, "exception|message", "KeyError", packages="python3",
            files=py(OPTIONAL % "{}['DATABASE_URL']"), fast=True,
            never=("optional.ini", "local.ini")),
    Failure("python-optional-then-refused", PYTHON, "refused", "127.0.0.1:1234",
            files=py(OPTIONAL % "import socket; socket.create_connection(('127.0.0.1', 1234))"),
            never=("optional.ini", "local.ini"), packages="python3"),
    Failure("python-missing-module", PYTHON, "missing-module|exception|message", "flask_cors_x",
            files=py("import flask_cors_x\n"), packages="python3", never=("pyvenv",)),
    Failure("python-supervisor-kills", PYTHON, "killed", "python3", packages="python3",
            files=py("import subprocess, sys, time\np = subprocess.Popen(['sleep', '30'])\n"
                     "time.sleep(0.5)\np.kill()\nsys.exit(128 - p.wait())\n")),
    Failure("python-bus-error", PYTHON, "crash", "SIGBUS", packages="python3",
            files=py("import mmap, os\nf = os.open('/tmp/m', os.O_RDWR | os.O_CREAT)\n"
                     "os.ftruncate(f, 8192)\nm = mmap.mmap(f, 8192)\nos.ftruncate(f, 0)\n"
                     "print(m[0])\n")),
    Failure("python-raw-socket", PYTHON, "capability", "", drop=("CAP_NET_RAW",),
            files=py("import socket\nsocket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\n"),
            packages="python3"),
    # Node
    Failure("node-missing-file", NODE, "missing-file", "/srv/secret.pem", fast=True,
            files=js("require('fs').readFileSync('/srv/secret.pem')\n"), packages="nodejs"),
    Failure("node-address-in-use", behind("python3 -u -m http.server -b 0.0.0.0 3000") + "exec "
            + NODE, "address-in-use", "3000", shell=True,
            files=js("require('http').createServer().listen(3000, '0.0.0.0')\n"),
            packages="nodejs python3"),
    Failure("node-refused", NODE, "refused", "127.0.0.1:27017",
            files=js("require('net').connect(27017, '127.0.0.1')\n"), packages="nodejs"),
    Failure("node-missing-module", NODE, "missing-module|missing-file|exception|message", "express_x",
            files=js("require('express_x')\n"), packages="nodejs"),
    Failure("node-denied", NODE, "permission", "/srv/key.pem", uid=33,
            files={**js("require('fs').readFileSync('/srv/key.pem')\n"), "key.pem": "x"},
            modes={"key.pem": 0o600}, packages="nodejs"),
    Failure("node-type-error", NODE, "exception|message", "", packages="nodejs",
            files=js("const c = {}; console.log(c.db.url)\n")),
    # Perl, Ruby, PHP, Lua
    Failure("perl-missing-file", "perl /srv/app.pl", "missing-file", "/srv/data.csv", fast=True,
            files={"app.pl": "open(my $f, '<', '/srv/data.csv') or die \"cannot open data: $!\\n\";"
                   "\n"}, packages="perl"),
    Failure("perl-missing-module", "perl /srv/app.pl", "missing-module|missing-file|message",
            "Nonexistent", files={"app.pl": "use Nonexistent::Thing;\n"}, packages="perl"),
    Failure("ruby-missing-file", "ruby /srv/app.rb", "missing-file", "/srv/config.yml",
            files={"app.rb": "File.read('/srv/config.yml')\n"}, packages="ruby"),
    Failure("ruby-refused", "ruby /srv/app.rb", "refused", "127.0.0.1:5672",
            files={"app.rb": "require 'socket'\nTCPSocket.new('127.0.0.1', 5672)\n"},
            packages="ruby"),
    Failure("php-missing-include", "php /srv/app.php", "missing-file", "/srv/vendor/autoload.php",
            files={"app.php": "<?php require '/srv/vendor/autoload.php';\n"}, packages="php-cli"),
    Failure("php-refused", "php /srv/app.php", "refused", "127.0.0.1:3306",
            files={"app.php": "<?php $s = fsockopen('127.0.0.1', 3306); if (!$s) exit(1);\n"},
            packages="php-cli"),
    Failure("lua-missing-file", "lua5.4 /srv/none.lua", "missing-file", "/srv/none.lua",
            packages="lua5.4"),
    # Java
    Failure("java-missing-jar", "java -jar /srv/app.jar", "missing-file", "/srv/app.jar",
            packages="openjdk-17-jre-headless", fast=True),
    Failure("java-missing-class", "java -cp /srv Main", "missing-file|missing-module|exception|message", "Main",
            packages="openjdk-17-jre-headless"),
    Failure("java-heap-too-large", "java -Xms4g -Xmx4g -XX:+AlwaysPreTouch -version",
            "no-memory", "", limits={"AS": 3 << 30}, packages="openjdk-17-jre-headless"),
]
