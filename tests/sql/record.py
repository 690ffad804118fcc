#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records shop.igrec anew: the dump that docs/sql.md asks.  A shop's server looks for its settings,
prepares its data, cannot find its database and gives up.
usage: unshare --uts sh -c 'hostname node-1; tests/sql/record.py'   as root, python3 in /usr/bin"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "../corpus"))
import languages  # noqa: E402
import studio  # noqa: E402
from failure import Failure  # noqa: E402

SERVER = """\
import os, socket, subprocess, sys, time
settings = open("/srv/shop.ini").read()
for name in ("/srv/shop.local.ini", "/etc/shop/override.ini"):
    if os.path.exists(name):
        settings += open(name).read()
log = open("/tmp/shop.log", "w")
for item in range(40):
    log.write(f"item {item}: " + "x" * 500 + "\\n")
    log.flush()
    os.fsync(log.fileno())
subprocess.run(["/usr/bin/cksum", "/tmp/shop.log"])
for attempt in range(4):
    for host in ("db.shop.svc", "127.0.0.1"):
        try:
            socket.create_connection((host, 5432), 1)
        except OSError as error:
            print("database:", error, file=sys.stderr)
    time.sleep(0.05 * 2 ** attempt)
sys.exit("shop: no database after 4 attempts")
"""

SHOP = Failure("server", languages.with_nameserver(3) + "python3 /srv/shop.py", "refused", shell=True,
               files={"shop.py": SERVER, "shop.ini": "[database]\nhost = db.shop.svc\n",
                      "ns.py": languages.NAMESERVER, "resolv.conf": languages.RESOLV},
               over=["/etc/resolv.conf"])


def main():
    studio.lab.enter_private_mounts()
    stage = studio.Studio()
    stage.lab.name = "shop"  # of the container: shop-server
    try:
        print(stage.record(SHOP, os.path.join(HERE, "shop.igrec")))
    finally:
        stage.close()


if __name__ == "__main__":
    main()
