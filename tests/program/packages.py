"""Packages to tamper with: every form that there is, each with the same few ways to change it."""
import hashlib
import io
import json
import os
import shutil
import tarfile

FORMS = ["sealed", "files", "shards", "tar"]
FOLDERS = ["sealed", "files", "shards"]  # forms that lie on the disk as they are


class Package:
    """One package. `tar` is the single file, whose members are held in memory and written back after every change."""

    def __init__(self, form, path):
        self.form, self.path = form, path

    @property
    def own(self):
        return ".vetset/" if self.form == "sealed" else ""

    @property
    def manifest_name(self):
        return self.own + "vetset.json"

    @property
    def signature_name(self):
        return self.own + "attest/package.sigstore.json"

    # Files

    def members(self):
        with tarfile.open(self.path) as archive:
            return [(m.name, archive.extractfile(m).read()) for m in archive]

    def write_members(self, members):
        """`members`: (name, bytes) or (TarInfo, bytes)."""
        self.path.write_bytes(tar_of(members))

    def names(self):
        if self.form == "tar":
            return [name for name, _ in self.members()]
        return sorted(str(p.relative_to(self.path)) for p in self.path.rglob("*") if p.is_file())

    def read(self, name):
        return dict(self.members())[name] if self.form == "tar" else (self.path / name).read_bytes()

    def write(self, name, data):
        if self.form == "tar":
            members = self.members()
            at = [i for i, (known, _) in enumerate(members) if known == name]
            members[at[0] if at else len(members):at[0] + 1 if at else None] = [(name, data)]
            self.write_members(members)
        else:
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_bytes(data)

    def remove(self, name):
        if self.form == "tar":
            self.write_members([m for m in self.members() if m[0] != name])
        else:
            (self.path / name).unlink()

    def rename(self, name, other):
        data = self.read(name)
        self.remove(name)
        self.write(other, data)

    def media(self):
        """The listed files that hold pixels: images, or shards."""
        return [f["path"] for f in self.manifest()["files"] if f["role"] == "media"]

    def tables_or_labels(self):
        return [f["path"] for f in self.manifest()["files"] if f["role"] in ("table", "label")]

    # The manifest

    def manifest(self):
        return json.loads(self.read(self.manifest_name))

    def write_manifest(self, manifest):
        self.write(self.manifest_name, canonical(manifest))

    def edit(self, change):
        manifest = self.manifest()
        change(manifest)
        self.write_manifest(manifest)

    def list_again(self, name):
        """Corrects what the manifest says of a file, as who tampers with both would."""
        data = self.read(name)

        def change(manifest):
            for f in manifest["files"]:
                if f["path"] == name:
                    f["sha256"], f["size"] = hashlib.sha256(data).hexdigest(), len(data)
        self.edit(change)

    # Members of shards

    def shard(self):
        """A shard's path and its members."""
        name = self.media()[0]
        with tarfile.open(fileobj=io.BytesIO(self.read(name))) as archive:
            return name, [(m.name, archive.extractfile(m).read()) for m in archive]


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def member(name, kind=tarfile.REGTYPE, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def tar_of(members):
    """A plain archive that ends with two blocks of zeros, without those that tarfile fills its last record with."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for info, data in members:
            info = info if isinstance(info, tarfile.TarInfo) else member(info)
            info.size = len(data) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(data) if info.isreg() else None)
        end = archive.offset
    return out.getvalue()[:end] + bytes(1024)


def copy(base, target):
    if base.form == "tar":
        shutil.copy(base.path, target)
    else:
        shutil.copytree(base.path, target, copy_function=shutil.copy2)
        for folder, _, files in os.walk(target):
            for f in files:
                os.chmod(os.path.join(folder, f), 0o644)
    return Package(base.form, target)
