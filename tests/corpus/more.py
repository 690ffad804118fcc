# SPDX-License-Identifier: Apache-2.0
"""Failures of many kinds that were added after the rules, to see how these do on others."""

from failure import Failure, behind
from languages import BLACKHOLE, NAMESERVER, RESOLV, js, py, with_nameserver
from servers import AS_POSTGRES, INITDB, NGINX, POSTGRES

PYTHON, NODE = "python3 /srv/app.py", "node /srv/app.js"
# Takes a connection, reads a request, and never answers.
DEAF = """\
import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 7000)); s.listen(5)
print("up", flush=True)
c, _ = s.accept(); time.sleep(60)
"""
# Closes every connection at once.
RUDE = """\
import socket
s = socket.socket(); s.bind(("127.0.0.1", 7001)); s.listen(5)
print("up", flush=True)
while True: s.accept()[0].close()
"""

ALL = [
    # A second look at files
    Failure("python-subprocess-missing", PYTHON, "missing-program|missing-file", "ffmpeg-x",
            files=py("import subprocess\nsubprocess.run(['ffmpeg-x', '-i', 'a'])\n"),
            packages="python3"),
    Failure("python-directory-as-file", PYTHON, "is-a-directory", "/etc/ssl",
            files=py("open('/etc/ssl').read()\n"), packages="python3"),
    Failure("python-link-loop", PYTHON, "failed-call|link-loop", "/srv/loop",
            files=py("open('/srv/loop')\n"), setup="ln -s loop /srv/loop", packages="python3"),
    Failure("python-name-too-long", PYTHON, "failed-call|name-too-long", "", packages="python3",
            files=py("open('/tmp/' + 'x' * 300, 'w')\n")),
    Failure("python-bad-json", PYTHON, "exception|config|message", "", packages="python3",
            files={**py("import json\njson.load(open('/srv/c.json'))\n"), "c.json": "{nope"}),
    Failure("python-small-shm", PYTHON, "crash", "SIGBUS", packages="python3",
            in_memory={"/dev/shm": "64k"}, files=py(
                "import mmap, os\nf = os.open('/dev/shm/x', os.O_RDWR | os.O_CREAT)\n"
                "os.ftruncate(f, 1 << 20)\nm = mmap.mmap(f, 1 << 20)\n"
                "for i in range(0, 1 << 20, 4096): m[i] = 1\n")),
    Failure("python-secret-denied", PYTHON, "permission", "/srv/secret/token", uid=1000,
            files={**py("import sys\ntry:\n    t = open('/srv/secret/token').read()\n"
                        "except OSError as e:\n    sys.exit(f'startup failed: {e}')\n"),
                   "secret/token": "x"}, setup="chmod 700 /srv/secret", setup_uid=0,
            packages="python3"),
    Failure("python-silent-refusal", PYTHON, "refused", "127.0.0.1:4000", packages="python3",
            files=py("import socket, os\ns = socket.socket()\n"
                     "if s.connect_ex(('127.0.0.1', 4000)): os._exit(3)\n")),
    Failure("python-file-size", "sh -c 'ulimit -f 8; exec python3 /srv/app.py'", "file-size", "",
            files=py("f = open('/tmp/big', 'wb', 0)\nwhile True: f.write(bytes(65536))\n"),
            packages="python3"),
    Failure("python-cpu-limit", PYTHON, "cpu-limit|killed|busy-loop", "", limits={"CPU": 1},
            files=py("while True: pass\n"), packages="python3"),
    Failure("python-read-timeout", behind("python3 /srv/deaf.py") + "exec " + PYTHON, "timeout",
            "127.0.0.1:7000", shell=True, packages="python3", files={"deaf.py": DEAF, **py(
                "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:7000/', "
                "timeout=2)\n")}),
    Failure("python-peer-closes", behind("python3 /srv/rude.py") + "exec " + PYTHON,
            "peer-closed|reset", "127.0.0.1:7001", shell=True, packages="python3",
            files={"rude.py": RUDE, **py("import urllib.request\n"
                                         "urllib.request.urlopen('http://127.0.0.1:7001/')\n")}),
    Failure("python-stop-handled", PYTHON, "killed", "runc", kill=[("TERM", 2)], packages="python3",
            files=py("import signal, sys, time\nsignal.signal(signal.SIGTERM, "
                     "lambda *a: sys.exit(1))\nprint('error: cache is cold', flush=True)\n"
                     "time.sleep(30)\n")),
    Failure("python-ipv6", PYTHON, "address-not-available|unreachable", "",
            files=py("import socket\ns = socket.socket(socket.AF_INET6)\n"
                     "s.connect(('2001:db8::1', 80))\n"), packages="python3"),
    Failure("python-setuid", PYTHON, "capability", "", drop=("CAP_SETUID",), packages="python3",
            files=py("import os\nos.setuid(1000)\n")),
    Failure("python-chroot", PYTHON, "capability", "", drop=("CAP_SYS_CHROOT",),
            files=py("import os\nos.chroot('/srv')\n"), packages="python3"),
    Failure("python-pipe-hang", PYTHON, "hang", "", kill=[("KILL", 4)], packages="python3",
            files=py("import socket\na = socket.socket()\na.bind(('127.0.0.1', 7002)); a.listen()\n"
                     "c = socket.create_connection(('127.0.0.1', 7002))\nc.recv(10)\n")),
    # Node, Java, Ruby, Perl, PHP
    Failure("node-syntax-error", NODE, "exception|config|message", "", packages="nodejs",
            files=js("const x = {;\n")),
    Failure("node-rejection-refused", NODE, "refused", "127.0.0.1:9042", packages="nodejs",
            files=js("async function main() { await new Promise((ok, no) => { require('net')"
                     ".connect(9042, '127.0.0.1').on('error', no); }); }\nmain();\n")),
    Failure("node-unresolved", with_nameserver(3) + NODE, "dns", "mongo.shop.svc", shell=True,
            files={**js("require('net').connect(27017, 'mongo.shop.svc')\n"), "ns.py": NAMESERVER,
                   "resolv.conf": RESOLV}, over=["/etc/resolv.conf"], packages="nodejs python3"),
    Failure("node-heap", "node --max-old-space-size=32 /srv/app.js", "abort|crash", "",
            files=js("const x = []; while (true) x.push(new Array(1000).fill('y' + x.length));\n"),
            packages="nodejs"),
    Failure("java-refused", "java /srv/Main.java", "refused", "127.0.0.1:9092",
            files={"Main.java": "public class Main { public static void main(String[] a) throws "
                   "Exception { new java.net.Socket(\"127.0.0.1\", 9092); } }"},
            packages="openjdk-17-jdk-headless"),
    Failure("java-missing-file", "java /srv/Main.java", "missing-file", "/srv/app.properties",
            files={"Main.java": "public class Main { public static void main(String[] a) throws "
                   "Exception { new java.io.FileInputStream(\"/srv/app.properties\"); } }"},
            packages="openjdk-17-jdk-headless"),
    Failure("java-null", "java /srv/Main.java", "exception|message", "",
            files={"Main.java": "public class Main { public static void main(String[] a) { "
                   "String s = null; System.out.println(s.length()); } }"},
            packages="openjdk-17-jdk-headless"),
    Failure("ruby-exception", "ruby /srv/app.rb", "exception|message", "",
            files={"app.rb": "h = {}\nputs h.fetch(:port)\n"}, packages="ruby"),
    Failure("perl-locale-then-missing", "perl /srv/app.pl", "missing-file", "/srv/in.txt",
            env=["LC_ALL=xx_YY.UTF-8"], files={"app.pl": "open(F, '</srv/in.txt') || die \"no "
            "input: $!\\n\";\n"}, packages="perl"),
    Failure("php-exception", "php /srv/app.php", "exception|message|config", "", packages="php-cli",
            files={"app.php": "<?php throw new RuntimeException('no tenant configured');\n"}),
    # Servers
    Failure("nginx-address-not-available", "nginx -c /srv/nginx.conf", "address-not-available",
            "10.9.9.9:8080", files={"nginx.conf": NGINX % ("", "10.9.9.9:8080", "")},
            packages="nginx"),
    Failure("nginx-missing-include", "nginx -c /srv/nginx.conf", "missing-file", "/srv/mime.types",
            files={"nginx.conf": NGINX % ("include /srv/mime.types;", "8080", "")},
            packages="nginx"),
    Failure("nginx-unknown-user", "nginx -c /srv/nginx.conf", "message|config", "www-none",
            files={"nginx.conf": "user www-none;\n" + NGINX % ("", "8080", "")}, packages="nginx"),
    Failure("postgres-disk-full", INITDB.replace("/srv/data", "/tmp/d"), "no-space", "",
            shell=True, in_memory={"/tmp": "8m"}, **AS_POSTGRES),
    Failure("postgres-lock-file", "sh -c '" + POSTGRES + "postgres -D /srv/data -k /tmp -p 5555 & "
            "sleep 2; exec " + POSTGRES + "postgres -D /srv/data -k /tmp -p 5556'",
            "exists|lock|message|config", "", setup=INITDB, **AS_POSTGRES),
    Failure("redis-bad-bind", "redis-server --bind 10.8.8.8", "address-not-available",
            "10.8.8.8:6379", packages="redis-server"),
    Failure("redis-corrupt-data", "redis-server --dir /srv --dbfilename d.rdb", "message|config",
            "", files={"d.rdb": "REDIS9999garbage"}, packages="redis-server"),
    # Tools
    Failure("curl-no-answer", behind("python3 /srv/deaf.py") + "exec curl -sS -m 2 "
            "http://127.0.0.1:7000/", "timeout", "127.0.0.1:7000", shell=True,
            files={"deaf.py": DEAF}, packages="curl python3"),
    Failure("curl-blackhole", behind("python3 /srv/hole.py") + "exec curl -sS "
            "--connect-timeout 2 http://127.0.0.1:9000/", "timeout", "127.0.0.1:9000", shell=True,
            files={"hole.py": BLACKHOLE}, packages="curl python3"),
    Failure("curl-empty-reply", behind("python3 /srv/rude.py") + "exec curl -sS "
            "http://127.0.0.1:7001/", "peer-closed|reset", "127.0.0.1:7001", shell=True,
            files={"rude.py": RUDE}, packages="curl python3"),
    Failure("curl-tls-to-plain", "python3 -m http.server -b 127.0.0.1 8443 2>/dev/null & sleep 1; "
            "exec curl -sS https://127.0.0.1:8443/", "message|tls|peer-closed", "", shell=True,
            packages="curl python3"),
    Failure("tar-truncated", "tar xzf /srv/a.tgz -C /tmp", "message|config", "",
            files={"a.tgz": b"\x1f\x8b\x08\x00broken"}, packages="tar gzip"),
    Failure("grep-missing", "grep needle /srv/haystack", "missing-file", "/srv/haystack",
            packages="grep"),
    Failure("date-set", "date -s 2020-01-01", "capability|permission", "", packages="coreutils"),
    Failure("hostname-set", "hostname x", "capability|permission", "", packages="hostname"),
    Failure("mknod-denied", "mknod /tmp/d b 8 0", "capability|permission", "", packages="coreutils",
            drop=("CAP_MKNOD",)),
    Failure("bash-tcp-refused", "bash -c 'set -e; exec 3<>/dev/tcp/127.0.0.1/6000; echo up'",
            "refused", "127.0.0.1:6000", packages="bash"),
    Failure("bash-wait-for-database", "bash /srv/wait.sh", "refused", "127.0.0.1:3307",
            files={"wait.sh": "for i in 1 2 3 4; do\n  (echo > /dev/tcp/127.0.0.1/3307) 2>/dev/null "
                   "&& exec true\n  sleep 0.3\ndone\necho 'database did not come up' >&2\nexit 1\n"},
            packages="bash"),
    Failure("bash-child-crashes", "bash -c 'python3 /srv/app.py; exit $?'", "crash", "SIGSEGV",
            files=py("import ctypes\nctypes.string_at(8)\n"), packages="bash python3"),
    Failure("bash-exec-format", "bash -c 'exec /srv/app'", "exec-format", "/srv/app",
            files={"app": b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xb7\x00" + bytes(100)},
            modes={"app": 0o755}, packages="bash"),
    Failure("text-busy", "cp /bin/true /tmp/t; exec 3>>/tmp/t; exec /tmp/t", "busy-program",
            "/tmp/t", shell=True, packages="coreutils"),
    Failure("openssl-missing-key", "openssl rsa -in /srv/key.pem -noout", "missing-file",
            "/srv/key.pem", packages="openssl"),
    Failure("make-missing-target", "make -C /srv all", "message|missing-file|config", "",
            packages="make"),
    Failure("gcc-missing-header", "gcc -c /srv/a.c -o /tmp/a.o", "missing-file|message|config",
            "missing_header.h", files={"a.c": '#include "missing_header.h"\n'}, packages="gcc"),
    Failure("sqlite-not-a-database", "sqlite3 /srv/x.db 'select * from t'", "message|config", "",
            files={"x.db": "this is no database at all, but a text\n" * 40}, packages="sqlite3"),
    Failure("openssl-connect-refused", "openssl s_client -connect 127.0.0.1:4433", "refused",
            "127.0.0.1:4433", packages="openssl"),
    Failure("lsof-of-limit", "sh -c 'ulimit -n 5; exec bash -c \"cat < /etc/passwd | cat | cat\"'",
            "fd-limit", "", packages="bash"),
    Failure("rg-bad-pattern", "rg '(' /srv", "message", "", packages="ripgrep"),
]
