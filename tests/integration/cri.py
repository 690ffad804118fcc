# SPDX-License-Identifier: Apache-2.0
"""A client of the Kubernetes Container Runtime Interface, as small as the tests need it: Debian has
no crictl.  Messages are dicts by field number as in k8s.io/cri-api's runtime/v1/api.proto, encoded
as docs.protobuf.dev/programming-guides/encoding says; grpc carries them.
"""

import grpc

from lab import PATIENCE

NAMESPACES = {"POD": 0, "CONTAINER": 1, "NODE": 2}
EXITED = 2


# ---- protobuf -----------------------------------------------------------------------------------


def varint(number):
    out = b""
    while number > 0x7f:
        out += bytes([number & 0x7f | 0x80])
        number >>= 7
    return out + bytes([number])


def encode(message):
    """A dict from field numbers to ints, texts, bytes, dicts, or lists of them."""
    out = b""
    for number, value in message.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, int):
                out += varint(number << 3) + varint(int(one))
                continue
            data = one.encode() if isinstance(one, str) else one
            data = encode(data) if isinstance(data, dict) else data
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def read_varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7f) << shift
        shift += 7
        if not byte & 0x80:
            return number, at


def decode(data):
    """A dict from field numbers to lists of ints and bytes."""
    message, at = {}, 0
    while at < len(data):
        key, at = read_varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = read_varint(data, at)
        elif wire == 2:
            size, at = read_varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            raise ValueError(f"wire type {wire}")
        message.setdefault(number, []).append(value)
    return message


def text(message, number):
    return message.get(number, [b""])[-1].decode()


def pairs(texts):
    """A map<string, string>."""
    return [{1: key, 2: value} for key, value in texts.items()]


# ---- the interface ------------------------------------------------------------------------------


class Cri:
    """Pods without a network of their own, containers in them."""

    def __init__(self, socket):
        # A unix socket's path is no name of a host.
        self.channel = grpc.insecure_channel(f"unix://{socket}",
                                             [("grpc.default_authority", "localhost")])

    def call(self, method, message, service="RuntimeService"):
        rpc = self.channel.unary_unary(f"/runtime.v1.{service}/{method}",
                                       request_serializer=encode, response_deserializer=decode)
        return rpc(message, timeout=PATIENCE)

    def is_ready(self):
        try:
            self.call("Version", {})
        except grpc.RpcError:
            return False
        return True

    def run_pod(self, pod):
        return text(self.call("RunPodSandbox", {1: pod.config()}), 1)

    def create(self, pod, container):
        made = self.call("CreateContainer",
                         {1: pod.sandbox, 2: container.config(), 3: pod.config()})
        return text(made, 1)

    def start(self, container_id):
        self.call("StartContainer", {1: container_id})

    def exec(self, container_id, *command):
        """Returns its exit status."""
        return self.exec_output(container_id, *command)[0]

    def exec_output(self, container_id, *command):
        """Returns its exit status, what it wrote to stdout and to stderr."""
        done = self.call("ExecSync", {1: container_id, 2: list(command), 3: PATIENCE})
        return done.get(3, [0])[0], text(done, 1), text(done, 2)

    def stop(self, container_id, seconds):
        self.call("StopContainer", {1: container_id, 2: seconds})

    def remove(self, container_id):
        self.call("RemoveContainer", {1: container_id})

    def remove_pod(self, sandbox):
        self.call("StopPodSandbox", {1: sandbox})
        self.call("RemovePodSandbox", {1: sandbox})

    def status(self, container_id):
        """state, exit_code, reason and attempt as the engine reports them."""
        status = decode(self.call("ContainerStatus", {1: container_id})[1][0])
        metadata = decode(status[2][0])
        return {"state": status.get(3, [0])[0], "exit_code": status.get(7, [0])[0],
                "reason": text(status, 10), "message": text(status, 11),
                "attempt": metadata.get(2, [0])[0]}

    def close(self):
        self.channel.close()


class Pod:
    """A PodSandboxConfig, as the kubelet would make it."""

    def __init__(self, namespace, name, uid, cgroup_parent, logs, pids="CONTAINER"):
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self.cgroup_parent = cgroup_parent
        self.pids = NAMESPACES[pids]
        self.logs = f"{logs}/{namespace}_{name}_{uid}"
        self.sandbox = None  # its id, once it runs

    def labels(self):
        return {"io.kubernetes.pod.name": self.name, "io.kubernetes.pod.namespace": self.namespace,
                "io.kubernetes.pod.uid": self.uid}

    def config(self):
        context = {1: {1: NAMESPACES["NODE"], 2: self.pids}}
        return {1: {1: self.name, 2: self.uid, 3: self.namespace}, 3: self.logs,
                6: pairs(self.labels()), 8: {1: self.cgroup_parent, 2: context}}


class Container:
    """A ContainerConfig, as the kubelet would make it."""

    def __init__(self, pod, name, attempt, image, command, memory=None):
        self.pod = pod
        self.name = name
        self.attempt = attempt
        self.image = image
        self.command = command
        self.memory = memory

    def config(self):
        labels = {**self.pod.labels(), "io.kubernetes.container.name": self.name}
        annotations = {"io.kubernetes.container.restartCount": str(self.attempt)}
        context = {3: {1: NAMESPACES["NODE"], 2: self.pod.pids}}
        resources = {1: {4: self.memory}} if self.memory else {}
        return {1: {1: self.name, 2: self.attempt}, 2: {1: self.image}, 3: list(self.command),
                9: pairs(labels), 10: pairs(annotations),
                11: f"{self.name}/{self.attempt}.log", 15: {**resources, 2: context}}
