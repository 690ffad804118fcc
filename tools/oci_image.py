# SPDX-License-Identifier: Apache-2.0
"""Container images without an engine: an archive that is an OCI image layout and what `docker save`
writes, both at once, so that `ctr images import`, `podman load`, `docker load` and skopeo take it.
The same files make the same bytes: owners and times are left out.
"""

import hashlib
import io
import json
import tarfile

OCI = "application/vnd.oci.image"


def digest(data):
    return hashlib.sha256(data).hexdigest()


def pack(rootfs):
    """The tar of an image's only layer, in the order of names."""
    def plain(info):
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        info.mtime = 0
        return info
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        tar.add(rootfs, arcname=".", filter=plain)  # add() sorts what is in a directory
    return buffer.getvalue()


def descriptor(kind, data, **more):
    return {"mediaType": f"{OCI}.{kind}", "digest": f"sha256:{digest(data)}",
            "size": len(data), **more}


def write_image(name, rootfs, path, entrypoint=(), architecture="amd64", settings=None):
    """settings: what else the image's config says, as "Env" or "Labels"."""
    layer = pack(rootfs)
    config = json.dumps({
        "architecture": architecture, "os": "linux",
        "config": {"Env": ["PATH=/bin"], "WorkingDir": "/", "Entrypoint": list(entrypoint),
                   **(settings or {})},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest(layer)}"]},
        "history": [{"created_by": "igrec"}]}).encode()
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": f"{OCI}.manifest.v1+json",
        "config": descriptor("config.v1+json", config),
        "layers": [descriptor("layer.v1.tar", layer)]}).encode()
    index = {"schemaVersion": 2, "manifests": [descriptor(
        "manifest.v1+json", manifest, annotations={
            "io.containerd.image.name": name,
            "org.opencontainers.image.ref.name": name.rsplit(":", 1)[1]})]}
    docker = [{"Config": f"blobs/sha256/{digest(config)}", "RepoTags": [name],
               "Layers": [f"blobs/sha256/{digest(layer)}"]}]
    files = {f"blobs/sha256/{digest(blob)}": blob for blob in (layer, config, manifest)}
    files["index.json"] = json.dumps(index).encode()
    files["manifest.json"] = json.dumps(docker).encode()
    files["oci-layout"] = b'{"imageLayoutVersion":"1.0.0"}'
    with tarfile.open(path, "w") as tar:
        for member, data in files.items():
            info = tarfile.TarInfo(member)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
