# SPDX-License-Identifier: Apache-2.0
"""More programs of the conformance run: those that make calls which few others make."""

from program import Program, shell

HAPROXY = """\
cat > /tmp/haproxy <<'CONF'
defaults
    mode http
    timeout client 1s
    timeout server 1s
    timeout connect 1s
frontend f
    bind 127.0.0.1:8282
    http-request return status 200 content-type text/plain string hi
CONF
"""
LIGHTTPD = """\
mkdir -p /tmp/web && echo hi > /tmp/web/index.html
printf 'server.document-root="/tmp/web"\\nserver.port=8181\\nserver.bind="127.0.0.1"\\n' > /tmp/conf
"""
IMAGE = "dd if=/dev/zero of=/tmp/image bs=1M count=8 2>/dev/null\n"

MORE = [
    # the kernel's own interfaces
    shell("bpftool", "bpftool feature probe kernel macros | tail -1\n:\n", "bpftool"),
    Program("perf", "perf stat -e task-clock true", "linux-perf"),
    shell("firewall", "nft add table inet t\n"
          "nft 'add chain inet t c { type filter hook input priority 0; }'\n"
          "nft add rule inet t c tcp dport 22 accept\nnft list ruleset\n"
          "iptables -A INPUT -p tcp --dport 80 -j ACCEPT\niptables-save\n"
          "iptables -L -n\n", "nftables iptables"),
    shell("ip-route", "ip link add v0 type veth peer name v1\nip address add 10.1.2.3/24 dev v0\n"
          "ip link set v0 up\nip route\nip -6 route\nip rule\nip neighbour\nip route get 10.1.2.4\n"
          "ip link delete v0\n", "iproute2"),
    shell("tc", "ip link add br0 type bridge\nbridge link\nbridge fdb\n"
          "tc qdisc add dev br0 root tbf rate 1mbit burst 32k latency 10ms\ntc qdisc show\n"
          "ip maddress\n", "iproute2"),
    Program("ss-all", "ss -anpe", "iproute2"),
    shell("ethtool", "ethtool lo\nethtool -k lo\nethtool -i lo\n:\n", "ethtool"),
    shell("fio", "cd /tmp\nfor engine in libaio io_uring pvsync2; do\n"
          "    fio --name=a --rw=randrw --size=32k --bs=4k --ioengine=$engine --iodepth=4\ndone\n",
          "fio"),
    # containers and namespaces
    Program("bwrap", "bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --unshare-pid "
            "--unshare-net true", "bubblewrap"),
    shell("namespaces", "unshare -mpfn --mount-proc sh -c 'mount; ps; ip address'\n"
          "nsenter -t $$ -m true\nlsns\n", "util-linux iproute2"),
    shell("mounts", "mkdir /tmp/m /tmp/u /tmp/w\nmount -t tmpfs -o size=1m,mode=700 x /tmp/m\n"
          "mount -o remount,ro /tmp/m\nmount --bind /etc /tmp/m\nmount --make-rshared /tmp/m\n"
          "umount /tmp/m\numount -l /tmp/m\nmount -t proc proc /tmp/m\nfindmnt\n", "mount"),
    shell("ext4", IMAGE + "mkfs.ext4 -q /tmp/image\ne2fsck -fn /tmp/image\n"
          "debugfs -R ls /tmp/image\nmkswap /tmp/image\nblkid /tmp/image\n", "e2fsprogs"),
    # limits, rights, users
    shell("limits", "chrt -f 1 true\nchrt -p $$\nionice -c 3 true\nionice -p $$\n"
          "taskset -c 0 taskset -p $$\nprlimit --nofile=100 true\nrenice 3 $$\nchoom -n 5 true\n"
          "setpriv --no-new-privs --inh-caps=-all true\nflock /tmp/l true\n"
          "fallocate -l 8192 /tmp/f\nfallocate -p -o 0 -l 4096 /tmp/f\n", "util-linux"),
    shell("ipc", "ipcmk -M 4096 -S 3 -Q\nipcs\nipcs -m -i 0\nipcs -s -i 0\nipcs -q -i 0\n"
          "ipcrm -a\nlsipc\n", "util-linux"),
    shell("acl", "touch /tmp/a\nsetfacl -m u:nobody:r /tmp/a\ngetfacl /tmp/a\nchattr +a /tmp/a\n"
          "lsattr /tmp/a\nchattr -a /tmp/a\n", "acl e2fsprogs"),
    shell("capabilities", "capsh --print\ncp /bin/true /tmp/x\nsetcap cap_net_raw+ep /tmp/x\n"
          "getcap /tmp/x\ngetpcaps $$\n", "libcap2-bin"),
    shell("users", "useradd -m zz\npasswd -S zz\nusermod -aG games zz\nchage -l zz\n"
          "userdel -r zz\ngroupadd gg\ngroupdel gg\n", "passwd"),
    # the network
    shell("ping", "ping -c1 -W1 127.0.0.1\nping -6 -c1 ::1\n", "iputils-ping"),
    Program("dig", "dig +time=1 +tries=1 @127.0.0.1 example.com", "bind9-dnsutils", status="9"),
    Program("tcpdump", "timeout 0.5 tcpdump -c1 -i lo -n", "tcpdump", status="124"),
    shell("nc", "nc -l 127.0.0.1 5555 >/dev/null &\n"
          "until echo hi | nc -N 127.0.0.1 5555; do sleep 0.2; done\nwait\n"
          "nc -lU /tmp/u &\nuntil echo x | nc -NU /tmp/u; do sleep 0.2; done\nwait\n", "netcat-openbsd"),
    shell("iperf3", "iperf3 -s -1 >/dev/null &\n"
          "until iperf3 -c 127.0.0.1 -n 64K -l 16K; do sleep 0.2; done\nwait\n", "iperf3"),
    shell("lighttpd", "lighttpd -D -f /tmp/conf & p=$!\n"
          "until curl -s http://127.0.0.1:8181/index.html; do sleep 0.2; done\n"
          "kill $p\nwait\n", "lighttpd curl", LIGHTTPD),
    shell("haproxy", "haproxy -f /tmp/haproxy & p=$!\n"
          "until curl -s http://127.0.0.1:8282/; do sleep 0.2; done\n"
          "kill $p\nwait $p\n:\n", "haproxy curl", HAPROXY),
    shell("dnsmasq", "dnsmasq -d -p 5353 --listen-address=127.0.0.1 --bind-interfaces --no-resolv "
          "--address=/a.b/1.2.3.4 -u root & p=$!\n"
          "until dig +time=1 -p 5353 @127.0.0.1 a.b; do sleep 0.2; done\n"
          "kill $p\nwait\n", "dnsmasq-base bind9-dnsutils"),
    shell("dbus", "dbus-run-session -- dbus-send --session --print-reply "
          "--dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames\n", "dbus"),
    Program("ssh", "ssh -o BatchMode=yes -o ConnectTimeout=1 -p 9 127.0.0.1", "openssh-client",
            status="255"),
    # languages and their tools
    Program("ruby", "ruby -rsocket -e 'puts `ls`; Thread.new { sleep 0.1 }.join; "
            "s = TCPServer.new(\"127.0.0.1\", 0); c = TCPSocket.new(\"127.0.0.1\", s.addr[1]); "
            "a = s.accept; c.puts 1; a.gets'", "ruby"),
    Program("php", "php -r 'echo exec(\"ls\"); $s = stream_socket_server(\"tcp://127.0.0.1:0\"); "
            "$c = stream_socket_client(\"tcp://\" . stream_socket_get_name($s, false)); "
            "fwrite($c, 1);'", "php-cli"),
    Program("expect", "expect -c 'spawn echo hi; expect eof'", "expect"),
    shell("archives", "cd /tmp\ncp /etc/passwd .\nzip -q a.zip passwd\nunzip -qo a.zip\n"
          "bzip2 -k passwd\nlz4 -q passwd\nls | cpio -o > c.cpio\nar r x.a passwd\n"
          "xxd passwd >/dev/null\n", "zip unzip bzip2 lz4 cpio binutils xxd"),
    Program("python-rare", "python3 /run/igrec/program", "python3", script="""\
import ctypes, fcntl, mmap, os, pty, select, signal, socket, struct, tempfile, termios, time, tty
read, write = os.pipe2(os.O_NONBLOCK)
os.eventfd(3)
os.memfd_create("a")
os.sched_setaffinity(0, {0})
os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
f = tempfile.NamedTemporaryFile()
os.posix_fallocate(f.fileno(), 0, 100)
os.pwritev(f.fileno(), [b"a", b"b"] * 3, 0)
os.preadv(f.fileno(), [bytearray(1) for _ in range(6)], 0)
os.copy_file_range(f.fileno(), f.fileno(), 1, 0, 50)
os.sendfile(write, f.fileno(), 0, 1)
os.splice(read, os.open("/dev/null", os.O_WRONLY), 1)
signal.pthread_sigmask(signal.SIG_BLOCK, {10})
signal.sigtimedwait({10}, 0.01)
signal.setitimer(signal.ITIMER_VIRTUAL, 1, 1)
epoll = select.epoll()
epoll.register(read, select.EPOLLIN | select.EPOLLET)
epoll.poll(0.01)
select.select([read], [write], [], 0.01)
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
b.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
credentials = struct.pack("iii", os.getpid(), 0, 0)
a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, credentials)])
print(b.recvmsg(10, 100))
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 1, 0))
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.setsockopt(socket.IPPROTO_IP, 8, 1)  # IP_PKTINFO
u.bind(("127.0.0.1", 0))
u.sendto(b"x", u.getsockname())
print(u.recvmsg(10, 100))
six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
six.bind(("::1", 0))
six.sendto(b"x", six.getsockname())
print(six.recvmsg(10, 100))
packet = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
packet.bind(("lo", 0))
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15).bind((0, 1))
vsock = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
vsock.bind((socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY))
master, slave = pty.openpty()
tty.setraw(master)
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 1, 2, 3, 4))
termios.tcflush(master, 0)
os.ttyname(slave)
fcntl.lockf(f, fcntl.LOCK_EX)
fcntl.flock(f, fcntl.LOCK_SH)
os.getrandom(10)
os.setgroups([1, 2])
os.setresuid(-1, -1, -1)
child = os.posix_spawn("/bin/true", ["true"], {})
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
os.wait4(child, 0)
signal.pidfd_send_signal(os.pidfd_open(os.getpid()), 0)
time.clock_getres(time.CLOCK_MONOTONIC)
os.mkfifo("/tmp/fifo")
os.link("/etc/hostname", "/tmp/link") if os.stat("/etc").st_dev == os.stat("/tmp").st_dev else None
os.utime("/tmp/fifo", ns=(1, 2))
os.readv(os.open("/etc/passwd", 0), [bytearray(8) for _ in range(6)])
os.writev(1, [b"abc"] * 6)
os.open("/tmp", os.O_TMPFILE | os.O_RDWR)
c = ctypes.CDLL(None)
c.prctl(15, b"abc")
c.personality(0xffffffff)
c.syscall(165, None, b"/tmp", None, 1 << 14, None)  # mount(MS_REC)
"""),
]
