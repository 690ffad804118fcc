# SPDX-License-Identifier: Apache-2.0
"""Programs that the conformance run was tried with when its other programs agreed: each makes calls
that were shown otherwise at first."""

from program import Program, shell

OTHERS = [
    # what looks after systems
    shell("systemd-tools", "systemd-analyze calendar daily\nsystemd-path\nsystemd-cgls --no-pager /\n"
          "journalctl --no-pager -n 1\nbusctl list\nhostnamectl\nsystemd-detect-virt\n:\n",
          "systemd"),
    shell("bpf-objects", "bpftool map create /tmp/m type hash key 4 value 4 entries 5 name x\n"
          "bpftool btf list\nbpftool net\nbpftool cgroup tree\n:\n", "bpftool"),
    shell("key-rings", "k=$(keyctl add user a b @s)\nkeyctl show\nkeyctl print $k\n"
          "keyctl update $k c\nkeyctl rdescribe $k\nkeyctl timeout $k 10\nkeyctl newring r @s\n"
          "keyctl link $k @u\nkeyctl list @s\nkeyctl request user zz\nkeyctl session - true\n"
          "keyctl move $k @u @s\nkeyctl invalidate $k\nkeyctl clear @s\n:\n", "keyutils"),
    Program("mount-calls", "python3 /run/igrec/program", "python3", script="""\
import ctypes, os
call = ctypes.CDLL(None).syscall
os.mkdir("/tmp/m")
fs = call(430, b"tmpfs", 1)  # fsopen
call(431, fs, 1, b"size", b"1m", 0)  # fsconfig
call(431, fs, 0, b"noswap", None, 0)
call(431, fs, 3, b"p", b"/tmp", -100)
call(431, fs, 6, None, None, 0)
m = call(432, fs, 1, 2)  # fsmount
call(429, m, b"", -100, b"/tmp/m", 4)  # move_mount
call(433, -100, b"/tmp/m", 1)  # fspick
call(428, -100, b"/tmp/m", 0x80001)  # open_tree
call(442, -100, b"/tmp/m", 0x8000, (ctypes.c_ulonglong * 4)(1, 0, 1 << 18, 0), 32)
call(166, b"/tmp/m", 2)
call(165, b"x", b"/tmp/m", b"tmpfs", 1, b"size=4k,mode=700")
call(165, b"none", b"/tmp/m", None, 1 << 5 | 1, b"size=8k")
call(436, 50, 4294967295, 4)  # close_range
call(440, 5, (ctypes.c_ulonglong * 2)(4096, 4096), 1, 4, 0)  # process_madvise
room = ctypes.create_string_buffer(64)
vector = (ctypes.c_ulonglong * 2)(ctypes.addressof(room), 10)
ring = call(425, 4, ctypes.create_string_buffer(120))  # io_uring_setup
call(427, ring, 0, vector, 1)
call(427, ring, 2, (ctypes.c_int * 2)(0, 1), 2)
call(279, 0, 1, (ctypes.c_ulonglong * 1)(ctypes.addressof(room)), None, (ctypes.c_int * 1)(), 0)
call(274, 0, ctypes.byref(ctypes.c_ulong()), ctypes.byref(ctypes.c_ulong()))
call(176, b"m", 0x800)
call(238, 4, None, 0)
os._exit(-1)
""", status="255"),
    # the network
    shell("ip-devices", "ip netns add q\nip link add d0 type dummy\nip link add b0 type bond\n"
          "ip address add fd00::1/64 dev d0\nip route add blackhole 10.8.0.0/16\n"
          "ip rule add fwmark 1 table 100\nip nexthop add id 5 dev lo\nip nexthop\nip netconf\n"
          "ip ntable show\nip mptcp endpoint\nip tcp_metrics\n:\n", "iproute2"),
    shell("iptables-legacy", "iptables-legacy -A INPUT -p tcp --dport 80 -j ACCEPT\n"
          "iptables-legacy -L -n -v\nip6tables-legacy -L -n\n:\n", "iptables"),
    shell("socat-options", "socat TCP4-LISTEN:7001,bind=127.0.0.1,reuseaddr,fork PIPE & a=$!\n"
          "socat UDP4-RECVFROM:7002,ip-pktinfo,so-timestamp - & b=$!\n"
          "socat PTY,link=/tmp/p,raw,echo=0 EXEC:cat,pty & c=$!\nsleep 0.3\n"
          "echo x | socat -t 0.3 - TCP4:127.0.0.1:7001,keepalive,nodelay,linger=1\n"
          "echo x | socat - UDP4-SENDTO:127.0.0.1:7002\nkill $a $b $c\nwait\n:\n", "socat"),
    # pipes and signals
    shell("pipes", "yes | head -n 1\nsleep 9 & sleep 0.1\nkill $!\nwait\n:\n", "coreutils"),
    # languages
    Program("node-workers", "node /run/igrec/program", "nodejs", script="""\
const { Worker, isMainThread, parentPort } = require("worker_threads");
if (isMainThread) {
    new Worker(__filename).on("message", m => console.log(m));
    const fs = require("fs"), net = require("net");
    const watcher = fs.watch("/tmp");
    setTimeout(() => watcher.close(), 200);
    fs.cpSync("/etc/apt", "/tmp/apt", {recursive: true});
    const u = require("dgram").createSocket("udp4");
    u.bind(0, "127.0.0.1", () => u.send("x", u.address().port, "127.0.0.1", () => u.close()));
    const s = net.createServer(c => c.end("hi")).listen("/tmp/n", () =>
        net.connect("/tmp/n").on("data", () => s.close()));
} else {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0, 20);
    parentPort.postMessage(1);
}
"""),
    Program("python-options", "python3 /run/igrec/program", "python3", script="""\
import asyncio, ctypes, multiprocessing, os, signal, socket
async def echo(reader, writer):
    writer.write(await reader.read(10))
    writer.close()
async def main():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    r, w = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    w.write(b"x")
    print(await r.read())
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, lambda: print("usr1"))
    os.kill(os.getpid(), signal.SIGUSR1)
    await asyncio.sleep(0.01)
asyncio.run(main())
queue = multiprocessing.Queue()
child = multiprocessing.Process(target=queue.put, args=(5,))
child.start()
print(queue.get())
child.join()
s = socket.socket()
for option in (1, 3, 4, 5, 6, 7, 9, 12, 18, 23, 25):  # of TCP
    s.setsockopt(socket.IPPROTO_TCP, option, 1)
    s.getsockopt(socket.IPPROTO_TCP, option)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"cubic")
s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for option in (8, 11, 12, 13, 33, 34):  # of IP: what comes with a message
    u.setsockopt(socket.IPPROTO_IP, option, 1)
u.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
u.setsockopt(socket.SOL_SOCKET, 37, 0x7f)  # SO_TIMESTAMPING
u.bind(("127.0.0.1", 0))
u.sendto(b"z", u.getsockname())
print(u.recvmsg(10, 1000))
u.connect(("127.0.0.1", 9))
u.send(b"a")
try:
    u.send(b"b")
except OSError:
    print(u.recvmsg(10, 1000, socket.MSG_ERRQUEUE))
six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
for option in (49, 51, 56, 58, 60, 62, 66, 70, 72):  # of IPv6
    six.setsockopt(socket.IPPROTO_IPV6, option, 1)
    six.getsockopt(socket.IPPROTO_IPV6, option)
packet = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0x300)
instruction = ctypes.create_string_buffer(b"\\6" + bytes(7), 8)
program = (ctypes.c_ulonglong * 2)(1, ctypes.addressof(instruction))
packet.setsockopt(socket.SOL_SOCKET, 26, bytes(program))  # SO_ATTACH_FILTER
packet.setsockopt(263, 5, bytes((ctypes.c_uint * 4)(4096, 1, 4096, 1)))  # PACKET_RX_RING
"""),
]
