# SPDX-License-Identifier: Apache-2.0
"""Real programs as loads. Each is a context manager that sets up and yields a function; calling
that does a slice of work in the given cgroup and returns how many operations it did."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time

import lab
from rows import CannotRun

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp", "LC_ALL": "C.UTF-8"}
SOURCES = os.path.dirname(os.path.abspath(__file__))
SERVER_CPU, CLIENT_CPU = 1, 0

NGINX = """\
daemon off; worker_processes 1; pid {dir}/pid; error_log {dir}/errors; user root;
events {{ worker_connections 256; }}
http {{ access_log {dir}/access; keepalive_requests 1000000000;
  server {{ listen 127.0.0.1:{port}; root {dir}/html; }} }}
"""
INSERTS = 1500
TRANSACTIONS = 400  # of each of two clients


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    def connects():
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
    lab.wait_for(f"port {port}", 20, connects)


def need(*programs):
    path = ENVIRONMENT["PATH"]
    missing = [program for program in programs if not shutil.which(program, path=path)]
    if missing:
        raise CannotRun(f"no {', '.join(missing)}: tools/setup.sh bench")


def output_of(command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, env=ENVIRONMENT,
                          preexec_fn=lab.die_with_parent, timeout=120, **options).stdout


def client(*command):
    return output_of(["taskset", "-c", str(CLIENT_CPU), *command])


@contextlib.contextmanager
def redis(bench, cgroup, pipeline, requests, under=()):
    """under: the command line of a tracer."""
    need("redis-server", "redis-benchmark", "taskset")
    port = free_port()
    with bench.directory() as where, bench.running(
            [*under, "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", "--dir", where], cgroup, SERVER_CPU, env=ENVIRONMENT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        wait_for_port(port)

        def work():
            out = client("redis-benchmark", "-p", str(port), "-t", "get", "-n", str(requests),
                         "-P", str(pipeline), "--csv")
            if '"GET"' not in out:
                raise RuntimeError(f"redis-benchmark said {out}")
            return requests
        yield work


def redis_single(bench, cgroup):
    return redis(bench, cgroup, 1, 20_000)


def redis_pipelined(bench, cgroup):
    return redis(bench, cgroup, 16, 200_000)


@contextlib.contextmanager
def nginx(bench, cgroup):
    need("nginx", "wrk", "taskset")
    port = free_port()
    with bench.directory() as where:
        os.mkdir(os.path.join(where, "html"))
        with open(os.path.join(where, "html", "index.html"), "w") as f:
            f.write("x" * 612)
        conf = os.path.join(where, "conf")
        with open(conf, "w") as f:
            f.write(NGINX.format(dir=where, port=port))
        with bench.running(["nginx", "-c", conf, "-e", os.path.join(where, "errors")], cgroup,
                           SERVER_CPU, env=ENVIRONMENT):
            wait_for_port(port)

            def work():
                out = client("wrk", "-t1", "-c16", "-d1s", f"http://127.0.0.1:{port}/index.html")
                return int(re.search(r"(\d+) requests in", out).group(1))
            yield work


def program(cgroup, command, **options):
    """Runs a program in the cgroup to its end."""
    def prepare():
        lab.die_with_parent()
        os.sched_setaffinity(0, {SERVER_CPU})
        cgroup.join()
    subprocess.run(command, check=True, env=ENVIRONMENT, preexec_fn=prepare, timeout=120,
                   stdout=subprocess.DEVNULL, **options)


@contextlib.contextmanager
def sqlite(bench, cgroup):
    need("sqlite3")
    with bench.directory() as where:
        script, base = os.path.join(where, "script"), os.path.join(where, "base")
        with open(script, "w") as f:
            f.write("CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT);\n")
            f.writelines(f"INSERT INTO a (b) VALUES ('row number {i}');\n" for i in range(INSERTS))

        def work():
            with open(script) as f:
                program(cgroup, ["sqlite3", base], stdin=f)
            os.unlink(base)
            return INSERTS
        yield work


@contextlib.contextmanager
def find(bench, cgroup):
    need("find")

    def work():
        program(cgroup, ["find", "/usr"])
        return 1
    yield work


@contextlib.contextmanager
def gcc(bench, cgroup):
    need("gcc")
    with bench.directory() as where:
        def work():
            program(cgroup, ["gcc", "-O2", "-D_GNU_SOURCE", "-I", os.path.join(SOURCES, "../.."),
                             "-c", os.path.join(SOURCES, "calls.c"),
                             "-o", os.path.join(where, "calls.o")])
            return 1
        yield work


def postgres_programs():
    base = "/usr/lib/postgresql"
    versions = sorted(os.listdir(base), key=float) if os.path.isdir(base) else []
    if not versions:
        raise CannotRun("no postgresql: tools/setup.sh bench")
    return os.path.join(base, versions[-1], "bin")


@contextlib.contextmanager
def pgbench(bench, cgroup):
    need("setpriv", "taskset")
    programs = postgres_programs()
    as_nobody = ["setpriv", "--reuid", "nobody", "--clear-groups"]
    port = free_port()
    with bench.directory() as where:
        shutil.chown(where, "nobody")
        data = os.path.join(where, "data")
        output_of([*as_nobody, os.path.join(programs, "initdb"), "--no-sync", "-A", "trust", "-D",
                   data], cwd="/")
        with bench.running([*as_nobody, os.path.join(programs, "postgres"), "-D", data, "-k", where,
                            "-h", "", "-p", str(port), "-c", "autovacuum=off"], cgroup, SERVER_CPU,
                           env=ENVIRONMENT, stderr=subprocess.DEVNULL, cwd="/"):
            tell = ["-h", where, "-p", str(port), "-U", "nobody", "postgres"]
            pgbench = os.path.join(programs, "pgbench")
            lab.wait_for("postgres", 20, lambda: os.path.exists(f"{where}/.s.PGSQL.{port}"))
            time.sleep(0.5)
            output_of([pgbench, "-q", "-i", *tell])

            def work():
                client(pgbench, "-n", "-c", "2", "-t", str(TRANSACTIONS), *tell)
                return 2 * TRANSACTIONS
            yield work
