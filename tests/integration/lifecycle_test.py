# SPDX-License-Identifier: Apache-2.0
"""igrecd starts late, stops, is killed and comes back while containers run and fail."""

import os
import signal
import socket
import unittest

import lab
from tape import Tape


class Lifecycle(lab.LabTest):
    def tearDown(self):
        if self.lab.process is None:
            self.lab.start()

    def start_waiting(self, name):
        container = self.runtime.container(name, "/bin/ending", "read").start()
        container.wait_ready()
        container.wait_reading()
        return container

    def kill(self, container):
        os.kill(container.pid(), signal.SIGKILL)
        container.wait()

    def stop_and_unload(self):
        self.assertEqual(self.lab.stop(), 0)
        self.assertEqual(self.lab.unload().returncode, 0)
        self.assertEqual(self.lab.pinned(), [])

    def test_running_container_is_picked_up(self):
        self.stop_and_unload()
        container = self.start_waiting("before")
        self.lab.start()
        self.assertTrue(self.lab.ps(container.id))
        self.kill(container)
        row = self.lab.wait_dump(container.id)[0]
        self.assertEqual((row["kind"], row["signal"]), ("signal", signal.SIGKILL))
        last = [e for e in Tape(self.lab.replay(row)).calls if e["tid"] == 1][-1]
        self.assertEqual((last["syscall"], last["errno"]), ("read", "ERESTARTSYS"))

    def test_unload_leaves_nothing(self):
        self.assertNotEqual(self.lab.pinned(), [], "what is pinned is seen here")
        self.stop_and_unload()
        # Once more, with nothing there.
        self.assertEqual(self.lab.unload().returncode, 0)

    def test_stop_finishes_dumps(self):
        container = self.start_waiting("stopped")
        self.kill(container)
        self.assertEqual(self.lab.stop(), 0)
        self.assertEqual(len(self.lab.dumps(container.id)), 1)
        self.assertEqual([f for f in self.lab.files() if not f.endswith(".igrec")], [])

    def test_ready_is_notified(self):
        """systemd's protocol, sd_notify(3): a datagram to the socket named in the environment."""
        self.stop_and_unload()
        path = os.path.join(self.lab.dir, "notify.sock")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
            supervisor.bind(path)
            supervisor.settimeout(lab.PATIENCE)
            os.environ["NOTIFY_SOCKET"] = path
            try:
                self.lab.start()
            finally:
                del os.environ["NOTIFY_SOCKET"]
            self.assertEqual(supervisor.recv(64), b"READY=1")

    def test_ring_size_of_another_daemon(self):
        """A restart with another ring size: refused or done, never half done."""
        self.stop_and_unload()
        self.lab.start("--ring-size", "256KiB")
        container = self.runtime.container("smaller", "/bin/ending", "read").start()
        container.wait_ready()
        self.assertEqual(self.lab.ps(container.id)["ring_bytes"], 256 << 10)
        self.kill(container)
        self.lab.wait_dump(container.id)
        self.stop_and_unload()
        self.lab.start()


if __name__ == "__main__":
    lab.main()
