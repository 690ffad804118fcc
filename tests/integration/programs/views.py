# SPDX-License-Identifier: Apache-2.0
"""What view_test.py has recorded: one of each thing that views tell of."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time

SERVER = ("127.0.0.1", 7007)  # the test's; it sends 5000 bytes when it has got 3000
REFUSED = ("127.0.0.1", 7008)
OURS = ("127.0.0.1", 7009)  # the test connects here, sends 10 bytes and gets 20


def files():
    os.mkdir("/tmp/d")
    with open("/tmp/d/data", "wb") as f:
        f.write(b"x" * 10000)
        f.flush()
        os.fsync(f.fileno())
    os.chdir("/tmp/d")
    fd = os.open("data", os.O_RDWR | os.O_APPEND)
    os.pread(fd, 4000, 0)
    os.pread(fd, 4000, 4000)
    os.close(fd)
    for path, flags in (("/tmp/none", os.O_RDONLY), ("/tmp/d", os.O_WRONLY),
                        ("/tmp/made", os.O_CREAT | os.O_EXCL | os.O_WRONLY)):
        try:
            os.close(os.open(path, flags, 0o640))
        except OSError:
            pass
    os.chdir("/")


def programs():
    subprocess.run(["/bin/true", "one", "two words", ""], check=False, cwd="/tmp")
    subprocess.run(["/bin/sh", "-c", "exit 7"], check=False)
    try:
        subprocess.run(["/no/such/program", "x"], check=False)
    except OSError:
        pass


def connections():
    with socket.socket() as s:
        s.connect(SERVER)
        s.sendall(b"q" * 3000)
        got = 0
        while got < 5000:
            got += len(s.recv(4096))
        s.getsockname()
        print("connected", *s.getsockname(), flush=True)
        sys.stdin.read(1)  # the test looks at ss
    with socket.socket() as s:
        s.connect_ex(REFUSED)
    with socket.socket() as s:
        s.setblocking(False)
        assert s.connect_ex(REFUSED) in (errno.EINPROGRESS, errno.ECONNREFUSED)
        time.sleep(0.05)
        s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(OURS)
        with socket.socket() as other:
            try:
                other.bind(OURS)
            except OSError:
                pass
        s.listen()
        print("listening", flush=True)
        peer, _ = s.accept()
        got = 0
        while got < 10:
            got += len(peer.recv(100))
        peer.sendall(b"a" * 20)
        peer.close()


def names():
    for name in ("found.test", "missing.test", "silent.test"):
        try:
            socket.getaddrinfo(name, 80, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            print("resolver", name, error, flush=True)


def signals():
    signal.signal(signal.SIGUSR1, lambda *_: None)
    os.kill(os.getpid(), signal.SIGUSR1)
    child = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    os.write(child.stdin.fileno(), b"ready?")
    os.read(child.stdout.fileno(), 6)
    child.terminate()
    child.wait()


def mounts():
    for command in (["/bin/mount", "-t", "tmpfs", "-o", "nosuid", "none", "/tmp/d"],
                    ["/bin/umount", "/tmp/d"]):
        subprocess.run(command, check=False, stderr=subprocess.DEVNULL)


for each in (files, programs, connections, names, signals, mounts):
    each()
# Where a second run parts from the first.
with open("/run/igrec/mode", encoding="ascii") as f:
    MODE = f.read()
if MODE == "bad":
    try:
        os.open("/etc/views.conf", os.O_RDONLY)
    except OSError:
        sys.exit("no configuration")
