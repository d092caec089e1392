#!/usr/bin/env python3
"""A seal, checked by tools that know nothing of vetset: openssl for the signature, sha256sum for the files, hashlib for
the ids that follow from the manifest, cosign where it is on PATH.

    VETSET=build/release/vetset tests/judges/package_judge.py
"""
import base64
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = str(pathlib.Path(shutil.which(os.environ.get("VETSET", "vetset")) or sys.exit("expected the program in $VETSET or on PATH")).resolve())
PREDICATE = "urn:vetset:attestation:package:v1"


def run(*command, folder, expect=0):
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True)
    if done.returncode != expect:
        sys.exit(f"FAIL  {' '.join(map(str, command))}: exit {done.returncode}, expected {expect}\n{done.stdout}{done.stderr}")
    return done.stdout


def check_files(folder, manifest):
    listing = "".join(f"{f['sha256']}  {f['path']}\n" for f in manifest["files"])
    (folder.parent / "SHA256SUMS").write_text(listing, encoding="utf-8")
    run("sha256sum", "--strict", "--quiet", "-c", folder.parent / "SHA256SUMS", folder=folder)
    own = (".vetset/vetset.json", ".vetset/attest/")
    on_disk = sorted(path for p in folder.rglob("*") if p.is_file() and not (path := str(p.relative_to(folder))).startswith(own))
    assert on_disk == sorted(f["path"] for f in manifest["files"]), "the manifest lists every file"
    assert all((folder / f["path"]).stat().st_size == f["size"] for f in manifest["files"])
    print(f"ok    sha256sum: {len(manifest['files'])} files")


def canonical(value):
    """RFC 8785 for what a manifest holds: ASCII keys, text and whole numbers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def check_ids(raw, manifest, sealed):
    assert canonical(manifest) == raw, "the manifest is its own canonical form"
    labels = {key: value for key, value in manifest["dataset"].items() if key != "media"}
    ids = {"package_id": hashlib.sha256(raw), "dataset_id": hashlib.sha256(b"vetset/dataset/1\n" + canonical(manifest["dataset"])),
           "labels_id": hashlib.sha256(b"vetset/labels/1\n" + canonical(labels))}
    for name, digest in ids.items():
        assert sealed[name] == "sha256:" + digest.hexdigest(), name
    print("ok    hashlib:", ", ".join(ids))


def check_signature(folder, raw, key):
    bundle = json.loads((folder / ".vetset/attest/package.sigstore.json").read_bytes())
    envelope = bundle["dsseEnvelope"]
    payload = base64.b64decode(envelope["payload"], validate=True)
    statement = json.loads(payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1" and statement["predicateType"] == PREDICATE
    assert statement["subject"] == [{"name": "vetset.json", "digest": {"sha256": hashlib.sha256(raw).hexdigest()}}]
    kind = envelope["payloadType"].encode()
    (folder.parent / "signed").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
    (folder.parent / "signature").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"], validate=True))
    verify = ["openssl", "dgst", "-sha256", "-verify", key, "-signature", folder.parent / "signature", folder.parent / "signed"]
    run(*verify, folder=folder.parent)
    (folder.parent / "signed").write_bytes((folder.parent / "signed").read_bytes() + b" ")
    run(*verify, folder=folder.parent, expect=1)
    print("ok    openssl: the signature, and not of one byte more")
    if shutil.which("cosign") is None:
        print("skipped 1: cosign is not on PATH")
        return
    run("cosign", "verify-blob-attestation", "--bundle", ".vetset/attest/package.sigstore.json", "--key", key, "--type", PREDICATE,
        "--insecure-ignore-tlog=true", ".vetset/vetset.json", folder=folder)
    print("ok    cosign: verify-blob-attestation")


def main():
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        folder = scratch / "street"
        shutil.copytree(ROOT / "samples/street", folder)
        run(PROGRAM, "key", "new", "a.key", folder=scratch)
        sealed = json.loads(run(PROGRAM, "seal", "street", "--key", "a.key", "--json", folder=scratch))
        raw = (folder / ".vetset/vetset.json").read_bytes()
        manifest = json.loads(raw)
        check_files(folder, manifest)
        check_ids(raw, manifest, sealed)
        check_signature(folder, raw, scratch / "a.key.pub")
        # A key that openssl made is as good as ours.
        run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "b.pem", folder=scratch)
        os.chmod(scratch / "b.pem", 0o600)
        run("openssl", "ec", "-in", "b.pem", "-pubout", "-out", "b.pub", folder=scratch)
        run(PROGRAM, "seal", "street", "--key", "b.pem", folder=scratch)
        run(PROGRAM, "verify", "street", "--key", "b.pub", folder=scratch)
        run(PROGRAM, "verify", "street", "--key", "a.key.pub", folder=scratch, expect=4)
        check_signature(folder, (folder / ".vetset/vetset.json").read_bytes(), scratch / "b.pub")
    return 0


if __name__ == "__main__":
    sys.exit(main())
