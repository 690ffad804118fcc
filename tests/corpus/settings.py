# SPDX-License-Identifier: Apache-2.0
"""Failures of settings, secrets, certificates, versions and words: what a program finds out without
a call that fails, or tells in other words than the call's."""

from failure import Failure
from languages import NAMESERVER, RESOLV, js, py, with_nameserver
from servers import AS_POSTGRES, INITDB, NGINX, POSTGRES

PYTHON, NODE = "python3 /srv/app.py", "node /srv/app.js"
CERTIFICATE = ("cd /srv && openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem "
               "-days 1 -subj /CN=other.example 2>/dev/null; openssl genrsa -out other.pem 2048 "
               "2>/dev/null")
TLS_SERVER = ("openssl s_server -quiet -accept 8443 -cert /srv/cert.pem -key /srv/key.pem -www "
              ">/dev/null 2>&1 & sleep 1; exec ")
WEB_SERVER = "python3 -m http.server -b 127.0.0.1 8000 >/dev/null 2>&1 & sleep 1; exec "
UNBOUND = "server:\n  num-threads: many\n  listen-on: 1\n"
VCL = "vcl 4.1;\nbackend default { .host = \"127.0.0.1\"; .prt = \"80\"; }\n"
HAPROXY = """\
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend f
  bind :8443 ssl crt /srv/site.pem
"""
FPM = """\
[global]
error_log = /dev/stderr
[www]
user = www-data
group = www-data
listen = /srv/none/php.sock
pm = static
pm.max_children = 2
"""
HANDLED = """\
const fs = require('fs'), net = require('net');
try { fs.readFileSync('/srv/optional.json'); } catch (e) { console.error('error: ' + e.message); }
function work() { let n = 0; const t = setInterval(() => {
  fs.readFileSync('/etc/passwd');
  if (++n == 30) { clearInterval(t); undefined.tenant; } }, 20); }
net.connect(6379, '127.0.0.1').on('error', e => {
  console.error('cache unavailable: ' + e.message + ', going on without'); work(); });
"""
SOCKET = ("python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); "
          "s.bind(\"/srv/docker.sock\")'")
SYMBOL = ("cd /srv && gcc -shared -fPIC -o libg.so g.c && gcc -Wl,-z,now -o tool t.c -L. -lg "
          "-Wl,-rpath,/srv && gcc -shared -fPIC -o libg.so h.c")

ALL = [
    # Servers
    Failure("unbound-bad-setting", "unbound -d -c /srv/unbound.conf", "config", "number expected",
            files={"unbound.conf": UNBOUND}, packages="unbound"),
    Failure("varnish-bad-vcl", "varnishd -F -n /tmp/v -a :6081 -f /srv/d.vcl", "config|message",
            "prt", files={"d.vcl": VCL}, packages="varnish"),
    Failure("haproxy-missing-certificate", "haproxy -f /srv/h.cfg", "missing-file", "/srv/site.pem",
            files={"h.cfg": HAPROXY}, packages="haproxy"),
    Failure("php-fpm-socket-directory", "php-fpm8.2 -F -y /srv/fpm.conf", "missing-file",
            "/srv/none/php.sock", files={"fpm.conf": FPM}, packages="php8.2-fpm"),
    Failure("nginx-key-mismatch", "nginx -c /srv/nginx.conf", "message|config|tls", "other.pem",
            files={"nginx.conf": NGINX % ("", "8443 ssl", "ssl_certificate /srv/cert.pem; "
                                          "ssl_certificate_key /srv/other.pem;")},
            setup=CERTIFICATE, packages="nginx openssl"),
    Failure("postgres-version-mismatch", POSTGRES + "postgres -D /srv/data -k /tmp",
            "message|config", "incompatible", setup=INITDB + "; echo 14 > /srv/data/PG_VERSION",
            **AS_POSTGRES),
    Failure("psql-wrong-password", "sh -c '" + POSTGRES + "postgres -D /srv/data -k /tmp -h "
            "127.0.0.1 >/dev/null 2>&1 & sleep 2; PGPASSWORD=wrong exec psql -h 127.0.0.1 -U "
            "postgres -c \"select 1\"'", "message", "password authentication failed",
            setup="echo right > /tmp/pw; " + POSTGRES + "initdb -U postgres -D /srv/data -A "
            "scram-sha-256 --pwfile=/tmp/pw --no-sync >/dev/null", **AS_POSTGRES),
    # Networks
    Failure("curl-wrong-certificate", TLS_SERVER + "curl -sS --cacert /srv/cert.pem "
            "https://127.0.0.1:8443/", "tls|message", "subject name", shell=True,
            setup=CERTIFICATE, packages="curl openssl"),
    Failure("curl-silent-404", WEB_SERVER + "curl -fs http://127.0.0.1:8000/none", "silent-exit",
            "127.0.0.1:8000", shell=True, packages="curl python3"),
    Failure("docker-stale-socket", "docker -H unix:///srv/docker.sock ps", "refused",
            "/srv/docker.sock", setup=SOCKET, packages="docker.io python3"),
    Failure("docker-unresolved", with_nameserver(3) + "docker -H tcp://builder.ci:2375 ps", "dns",
            "builder.ci", shell=True, files={"ns.py": NAMESERVER, "resolv.conf": RESOLV},
            over=["/etc/resolv.conf"], packages="docker.io python3"),
    Failure("getent-silent", with_nameserver(3) + "getent hosts ledger.svc", "dns", "ledger.svc",
            shell=True, files={"ns.py": NAMESERVER, "resolv.conf": RESOLV},
            over=["/etc/resolv.conf"], packages="python3"),
    Failure("node-fetch-refused", NODE, "refused", "127.0.0.1:3999", packages="nodejs",
            files=js("fetch('http://127.0.0.1:3999/').then(r => r.text());\n")),
    # Languages and loaders
    Failure("node-errors-handled-before", NODE, "exception", "/srv/app.js", files=js(HANDLED),
            never=("/srv/optional", "127.0.0.1:6379"), packages="nodejs"),
    Failure("perl-too-new", "perl /srv/a.pl", "message|exception|config", "required",
            files={"a.pl": "use v5.99;\nprint 1;\n"}, packages="perl"),
    Failure("missing-symbol", "/srv/tool", "library|message", "gone", setup=SYMBOL, files={
            "g.c": "int gone(void) { return 0; }", "h.c": "int other(void) { return 0; }",
            "t.c": "int gone(void); int main(void) { return gone(); }"}, packages="gcc libc6-dev"),
    # Files
    Failure("unzip-not-a-zip", "unzip /srv/a.zip -d /tmp", "config|message", "",
            files={"a.zip": "<html>404 not found</html>" * 20}, packages="unzip"),
    Failure("cp-over-running-program", "cp /bin/sleep /tmp/svc; /tmp/svc 20 & sleep 0.3; exec cp "
            "/bin/true /tmp/svc", "failed-call", "/tmp/svc", shell=True, packages="coreutils"),
    Failure("python-read-only-other-words", PYTHON, "read-only", "/opt/cache", packages="python3",
            files=py("import os, sys\ntry:\n    os.makedirs('/opt/cache/v1')\nexcept OSError:\n"
                     "    sys.exit('application is not configured correctly')\n")),
    Failure("inodes-used-up", "sh -ec 'for i in $(seq 40); do echo x > /mnt/$i; done'", "no-space",
            "/mnt/", in_memory={"/mnt": "4m,nr_inodes=20"}, packages="dash"),
    Failure("rmdir-mount-point", "rmdir /run/sshd", "failed-call", "/run/sshd",
            in_memory={"/run/sshd": "1m"}, packages="coreutils"),
]
