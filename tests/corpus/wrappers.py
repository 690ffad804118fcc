# SPDX-License-Identifier: Apache-2.0
"""Failures behind something else: entrypoint scripts, supervisors, retries, locks, parents that
only tell that a child has ended."""

from failure import Failure
from languages import BLACKHOLE, js, py

PYTHON, NODE = "python3 /srv/app.py", "node /srv/app.js"
HOLDER = "flock /tmp/lock sleep 20 & sleep 0.5; exec "
RETRIES = """\
const net = require('net'); let n = 0;
function attempt() {
  const s = net.connect(5433, '127.0.0.1');
  s.on('error', () => {
    if (++n == 5) {
      console.error('startup aborted: migrations could not be applied'); process.exit(1);
    }
    setTimeout(attempt, 500);
  });
}
attempt();
"""
WAITS = """\
const net = require('net');
function attempt() { net.connect(5672, '127.0.0.1').on('error', () => setTimeout(attempt, 300)); }
console.log('waiting for the broker'); attempt();
"""
PARENT = """\
const c = require('child_process').spawn('python3', ['/srv/w.py'], {stdio: 'ignore'});
c.on('exit', code => { console.error('worker exited with code ' + code); process.exit(1); });
"""
POOL = """\
from concurrent.futures import ProcessPoolExecutor
import ctypes
if __name__ == '__main__':
    with ProcessPoolExecutor(2) as p:
        print(list(p.map(ctypes.string_at, [16])))
"""
LOCK_RETRIES = """\
use Fcntl ':flock'; open(my $f, '>', '/tmp/lock');
for (1..8) { exit 0 if flock($f, LOCK_EX|LOCK_NB); select(undef, undef, undef, 0.3); }
print STDERR "another import is still active\\n"; exit 4;
"""

ALL = [
    # Supervisors and helpers
    Failure("tini-child-missing-file", "tini -- cat /srv/none.sql", "missing-file", "/srv/none.sql",
            packages="tini coreutils", fast=True),
    Failure("tini-passes-hup-on", "tini -g -- sleep 60", "killed", "runc", kill=[("HUP", 2)],
            packages="tini coreutils"),
    Failure("dumb-init-pipeline", "dumb-init -- bash -eo pipefail -c 'zcat /srv/dump.sql.gz | "
            "head -c 100000 | md5sum'", "missing-file", "/srv/dump.sql.gz",
            packages="dumb-init bash gzip"),
    Failure("xargs-one-fails", "printf 'a b c' | xargs -n1 -d' ' -I@ cp /srv/@ /tmp/@.copy",
            "missing-file", "/srv/b", shell=True, files={"a": "1", "c": "2"},
            packages="findutils coreutils"),
    Failure("make-recipe-missing-file", "make -s -C /srv", "missing-file", "/srv/data.csv", files={
            "Makefile": "all: prepare\n\t@python3 /srv/load.py\nprepare:\n\t@echo preparing\n",
            "load.py": "open('/srv/data.csv')\n"}, packages="make python3"),
    Failure("gosu-denied", "gosu www-data cat /srv/key", "permission", "/srv/key",
            files={"key": "k"}, modes={"key": 0o600}, packages="gosu coreutils"),
    Failure("setpriv-without-setuid", "setpriv --reuid=1000 --regid=1000 --clear-groups id",
            "capability", "", drop=("CAP_SETUID", "CAP_SETGID"), packages="util-linux"),
    Failure("env-wrong-path", "env PATH=/opt/app/bin:/opt/bin redis-server --port 1",
            "missing-program|missing-file", "redis-server", packages="coreutils"),
    Failure("tar-missing-compressor", "env PATH=/srv/bin /usr/bin/tar xzf /srv/a.tgz -C /tmp",
            "missing-program|missing-file", "gzip",
            setup="cd /srv && touch f && tar czf a.tgz f", packages="tar"),
    Failure("rsync-over-ssh-refused", "rsync -a -e 'ssh -o BatchMode=yes -p 2299' "
            "root@127.0.0.1:/x /tmp/", "refused", "127.0.0.1:2299",
            packages="rsync openssh-client"),
    # Parents that say less than their children
    Failure("parent-says-child-exited", NODE, "missing-file", "/srv/model.bin",
            files={**js(PARENT), "w.py": "open('/srv/model.bin')\n"}, packages="nodejs python3"),
    Failure("script-oom-child", "sh /srv/entry.sh", "out-of-memory", "python3", memory=64 << 20,
            files={"entry.sh": "python3 /srv/app.py || { echo 'index could not be built' >&2; "
                   "exit 1; }\n", **py("x = []\nwhile True: x.append(bytearray(1 << 20))\n")},
            packages="python3"),
    Failure("pool-worker-crashes", PYTHON, "crash", "SIGSEGV", files=py(POOL), packages="python3"),
    Failure("pipe-child-blocks", PYTHON, "hang", "pipe", kill=[("KILL", 4)], packages="python3",
            files=py("import subprocess\np = subprocess.Popen(['seq', '1000000'], "
                     "stdout=subprocess.PIPE)\np.wait()\n")),
    Failure("child-kills-itself", "perl -e 'kill 9, $$'; exit 1", "killed", "perl", shell=True,
            packages="perl"),
    Failure("earlier-step-failed", "sh /srv/entry.sh", "missing-file", "/srv/config.tmpl",
            files={"entry.sh": "cp /srv/config.tmpl /tmp/config.ini\nexec python3 /srv/app.py\n",
                   **py("import configparser\nc = configparser.ConfigParser()\n"
                        "c.read_file(open('/tmp/config.ini'))\n")}, packages="python3", fast=True),
    # Waiting, and who ends it
    Failure("script-waits-for-database", "sh /srv/entry.sh", "refused", "127.0.0.1:5432",
            files={"entry.sh": "timeout 4 sh -c 'until nc -z 127.0.0.1 5432; do sleep 0.5; done' "
                   "|| { echo 'timed out waiting for the database' >&2; exit 1; }\n"},
            packages="netcat-openbsd coreutils"),
    Failure("retries-then-other-words", NODE, "refused", "127.0.0.1:5433", files=js(RETRIES),
            packages="nodejs"),
    Failure("waits-until-killed", NODE, "refused", "127.0.0.1:5672", kill=[("KILL", 4)],
            files=js(WAITS), packages="nodejs"),
    Failure("timeout-ends-a-connect", "python3 /srv/hole.py & sleep 1; exec timeout 3 curl -s "
            "http://127.0.0.1:9000/", "timeout|hang", "127.0.0.1:9000", shell=True,
            files={"hole.py": BLACKHOLE}, packages="curl python3 coreutils"),
    Failure("flock-held", HOLDER + "flock -n /tmp/lock true", "lock", "/tmp/lock", shell=True,
            packages="util-linux"),
    Failure("flock-waits-in-vain", HOLDER + "flock -w 2 /tmp/lock true", "lock", "/tmp/lock",
            shell=True, packages="util-linux"),
    Failure("perl-lock-retries", HOLDER + "perl /srv/a.pl", "lock", "/tmp/lock", shell=True,
            files={"a.pl": LOCK_RETRIES}, packages="perl util-linux"),
]
