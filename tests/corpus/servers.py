# SPDX-License-Identifier: Apache-2.0
"""Failures of servers: web, databases, proxies."""

from failure import Failure, behind

NGINX = """\
daemon off; pid /tmp/nginx.pid; error_log stderr; worker_processes 1;
events { worker_connections 64; }
http { access_log off; %s
  client_body_temp_path /tmp/b; proxy_temp_path /tmp/p; fastcgi_temp_path /tmp/f;
  uwsgi_temp_path /tmp/u; scgi_temp_path /tmp/s;
  server { listen %s; root /srv; %s } }
"""


def nginx(inner="", listen="8080", server=""):
    return {"nginx.conf": NGINX % (inner, listen, server)}


RUN_NGINX = "nginx -c /srv/nginx.conf"
LISTENER = behind("python3 -u -m http.server -b 0.0.0.0 8080") + "exec "
POSTGRES = "/usr/lib/postgresql/15/bin/"
INITDB = POSTGRES + "initdb -D /srv/data -A trust --no-sync >/dev/null"
AS_POSTGRES = {"uid": 101, "packages": "postgresql-15"}
MARIADB = "mariadb-install-db --no-defaults --datadir=/srv/data --user=mysql >/dev/null 2>&1"
RUN_MARIADB = ("mariadbd --no-defaults --datadir=/srv/data --socket=/tmp/s --pid-file=/tmp/pid "
               "--port=3306 ")
HAPROXY = """\
global
  maxconn 100
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend f
  bind %s
  default_backend b
backend b
  server s 127.0.0.1:9999
%s
"""
APACHE = """\
ServerRoot /srv
ServerName x
PidFile /tmp/apache.pid
ErrorLog %s
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
Listen %s
DocumentRoot /srv
%s
"""
RUN_APACHE = "apache2 -f /srv/apache.conf -D FOREGROUND"

ALL = [
    # nginx
    Failure("nginx-address-in-use", LISTENER + RUN_NGINX, "address-in-use", ":8080", shell=True,
            files=nginx(), packages="nginx python3", fast=True, never=("/etc/", "/usr")),
    Failure("nginx-missing-config", "nginx -c /srv/none.conf", "missing-file", "/srv/none.conf",
            packages="nginx", fast=True),
    Failure("nginx-missing-certificate", RUN_NGINX, "missing-file", "/srv/tls/cert.pem",
            files=nginx(listen="8443 ssl", server="ssl_certificate /srv/tls/cert.pem; "
                        "ssl_certificate_key /srv/tls/key.pem;"), packages="nginx"),
    Failure("nginx-unknown-directive", RUN_NGINX, "config", "/srv/nginx.conf",
            files=nginx(inner="wrong_directive on;"), packages="nginx", fast=True),
    Failure("nginx-low-port", RUN_NGINX, "capability|permission", ":80",
            files=nginx(listen="80"), uid=33, packages="nginx", fast=True),
    Failure("nginx-read-only-pid", RUN_NGINX, "read-only", "/var/nginx.pid",
            files={"nginx.conf": nginx()["nginx.conf"].replace("/tmp/nginx.pid",
                                                               "/var/nginx.pid")},
            packages="nginx"),
    Failure("nginx-log-denied", RUN_NGINX, "permission", "/srv/locked/error.log", uid=33,
            files={"nginx.conf": nginx()["nginx.conf"].replace("stderr", "/srv/locked/error.log"),
                   "locked/keep": ""}, packages="nginx"),
    Failure("nginx-unresolved-upstream", RUN_NGINX, "dns", "backend.example",
            files={**nginx(server="location / { proxy_pass http://backend.example; }"),
                   "resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"},
            over=["/etc/resolv.conf"], packages="nginx"),
    # redis
    Failure("redis-address-in-use", LISTENER + "redis-server --port 8080", "address-in-use",
            ":8080", shell=True, packages="redis-server python3", fast=True),
    Failure("redis-missing-config", "redis-server /srv/redis.conf", "missing-file",
            "/srv/redis.conf", packages="redis-server", fast=True),
    Failure("redis-bad-option", "redis-server /srv/redis.conf", "config|message", "",
            files={"redis.conf": "port 6379\nmaxmemory lots\n"}, packages="redis-server"),
    Failure("redis-missing-directory", "redis-server --dir /srv/none", "wrong-directory|missing-file",
            "/srv/none", packages="redis-server"),
    Failure("redis-oom", "redis-server --save '' --port 6379 >/dev/null & sleep 1; redis-cli eval "
            "'for i=1,100000 do redis.call(\"set\",i,string.rep(\"x\",10000)) end' 0; wait $!",
            "out-of-memory", "redis-server", shell=True, memory=64 << 20, packages="redis-server"),
    Failure("redis-stopped", "redis-server --save '' --port 6379", "killed", "runc",
            kill=[("KILL", 2)], packages="redis-server", fast=True),
    # PostgreSQL
    Failure("postgres-no-data", POSTGRES + "postgres -D /srv/none", "missing-file", "/srv/none",
            **AS_POSTGRES),
    Failure("postgres-address-in-use", LISTENER + POSTGRES + "postgres -D /srv/data -p 8080 "
            "-k /tmp", "address-in-use", ":8080", shell=True, setup=INITDB, **AS_POSTGRES),
    Failure("postgres-mode-of-data", POSTGRES + "postgres -D /srv/data -k /tmp",
            "permission|message|config", "/srv/data", setup=INITDB + " && chmod 777 /srv/data", **AS_POSTGRES),
    Failure("postgres-as-root", POSTGRES + "postgres -D /srv/data", "message", "",
            packages="postgresql-15"),
    Failure("postgres-bad-setting", POSTGRES + "postgres -D /srv/data -k /tmp", "config|message",
            "", setup=INITDB + " && echo 'shared_buffers = lots' >> /srv/data/postgresql.conf",
            **AS_POSTGRES),
    Failure("postgres-socket-directory", POSTGRES + "postgres -D /srv/data -k /var/none",
            "missing-file|read-only", "/var/none", setup=INITDB, **AS_POSTGRES),
    Failure("psql-refused", "psql -h 127.0.0.1 -p 5433 -U postgres -c 'select 1'", "refused",
            "127.0.0.1:5433", packages="postgresql-client-15", fast=True),
    Failure("psql-no-socket", "psql -h /tmp -U postgres -c 'select 1'", "missing-file|refused",
            "/tmp/.s.PGSQL.5432", packages="postgresql-client-15", fast=True),
    # MariaDB
    Failure("mariadb-address-in-use", LISTENER + RUN_MARIADB.replace("3306", "8080") +
            "--user=mysql", "address-in-use", ":8080", shell=True, setup=MARIADB,
            packages="mariadb-server"),
    Failure("mariadb-no-data", "mariadbd --no-defaults --datadir=/srv/none --user=mysql",
            "missing-file|wrong-directory", "/srv/none", packages="mariadb-server"),
    Failure("mariadb-denied", RUN_MARIADB, "permission", "/srv/data", uid=33, setup_uid=0,
            setup=MARIADB + " && chmod -R go-rwx /srv/data", packages="mariadb-server"),
    Failure("mariadb-unknown-option", RUN_MARIADB + "--wrong-option=1 --user=mysql", "message|config",
            "", setup=MARIADB, packages="mariadb-server"),
    # haproxy, memcached, apache, caddy, sshd and others
    Failure("haproxy-address-in-use", LISTENER + "haproxy -f /srv/haproxy.cfg", "address-in-use",
            ":8080", shell=True, files={"haproxy.cfg": HAPROXY % ("*:8080", "")},
            packages="haproxy"),
    Failure("haproxy-bad-config", "haproxy -f /srv/haproxy.cfg", "config", "/srv/haproxy.cfg",
            files={"haproxy.cfg": HAPROXY % ("*:8080", "  nonsense here")}, packages="haproxy",
            fast=True),
    Failure("haproxy-unresolved", "haproxy -f /srv/haproxy.cfg", "dns", "db.internal.example",
            files={"haproxy.cfg": HAPROXY % ("*:8080", "  server t db.internal.example:80"),
                   "resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"},
            over=["/etc/resolv.conf"], packages="haproxy"),
    Failure("memcached-address-in-use", LISTENER + "memcached -u nobody -l 0.0.0.0 -p 8080",
            "address-in-use", ":8080", shell=True, packages="memcached", fast=True),
    Failure("memcached-unknown-user", "memcached -u nosuchuser", "message", "nosuchuser",
            packages="memcached"),
    Failure("memcached-limit-of-files", "memcached -u nobody -c 100000", "capability|permission",
            "", limits={"NOFILE": 256}, packages="memcached"),
    Failure("apache-address-in-use", LISTENER + RUN_APACHE, "address-in-use", ":8080", shell=True,
            files={"apache.conf": APACHE % ("/dev/stderr", "8080", "")}, packages="apache2",
            fast=True),
    Failure("apache-missing-module", RUN_APACHE, "library|missing-file", "mod_none.so",
            files={"apache.conf": APACHE % ("/dev/stderr", "8080",
                                            "LoadModule none_module /srv/mod_none.so")},
            packages="apache2"),
    Failure("apache-bad-directive", RUN_APACHE, "config", "/srv/apache.conf",
            files={"apache.conf": APACHE % ("/dev/stderr", "8080", "WrongDirective on")},
            packages="apache2"),
    Failure("apache-log-directory", RUN_APACHE, "missing-file", "/srv/logs",
            files={"apache.conf": APACHE % ("/srv/logs/error.log", "8080", "")},
            packages="apache2"),
    Failure("caddy-missing-config", "caddy run --config /srv/Caddyfile", "missing-file",
            "/srv/Caddyfile", packages="caddy", fast=True),
    Failure("caddy-address-in-use", LISTENER + "caddy run --config /srv/Caddyfile",
            "address-in-use", ":8080", shell=True,
            files={"Caddyfile": "{\n admin off\n auto_https off\n}\nhttp://:8080 {\n respond hi\n}"
                   "\n"}, packages="caddy"),
    Failure("caddy-bad-config", "caddy run --config /srv/Caddyfile", "config|message|exception", "",
            files={"Caddyfile": "http://:8080 {\n nonsense_directive\n}\n"}, packages="caddy"),
    Failure("sshd-no-host-keys", "/usr/sbin/sshd -D -e -f /srv/sshd_config", "missing-file",
            "/srv/host_key", files={"sshd_config": "Port 2222\nHostKey /srv/host_key\n"},
            setup="mkdir -p /srv/x", in_memory={"/run/sshd": "1m"}, packages="openssh-server"),
    Failure("lighttpd-address-in-use", LISTENER + "lighttpd -D -f /srv/l.conf", "address-in-use",
            ":8080", shell=True, files={"l.conf": 'server.document-root = "/srv"\n'
                                        'server.port = 8080\n'}, packages="lighttpd"),
    Failure("dnsmasq-address-in-use", "python3 -c 'import socket,time; "
            "s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((\"0.0.0.0\", 53)); "
            "time.sleep(30)' & sleep 1; exec dnsmasq -k -p 53 --conf-file=/dev/null --user=root",
            "address-in-use", "53", shell=True, packages="dnsmasq"),
    Failure("gunicorn-missing-module", "gunicorn --worker-tmp-dir /tmp -b 127.0.0.1:8000 "
            "application:app", "missing-module|exception|message|missing-file", "application",
            cwd="/srv", packages="gunicorn"),
]
