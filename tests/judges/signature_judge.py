#!/usr/bin/env python3
"""Signatures of packages, judged by tools that know nothing of vetset, and theirs judged by vetset: model_signing,
cosign where it is on PATH, openssl.

    VETSET=build/release/vetset .venv-signing/bin/python tests/judges/signature_judge.py
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

import check_inclusion
import model_signing

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = str(pathlib.Path(shutil.which(os.environ.get("VETSET", "vetset")) or sys.exit("expected the program in $VETSET or on PATH")).resolve())
DATA = pathlib.Path(os.environ.get("VETSET_DATA", ROOT.parent / "shared/data"))
PACKAGE = "urn:vetset:attestation:package:v1"


def run(*command, folder, expect=0):
    environment = dict(os.environ, COSIGN_PASSWORD="")
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, env=environment)
    if done.returncode != expect:
        sys.exit(f"FAIL  {' '.join(map(str, command))}: exit {done.returncode}, expected {expect}\n{done.stdout}{done.stderr}")
    return done.stdout


def vetset(*arguments, folder, expect=0):
    return run(PROGRAM, *arguments, folder=folder, expect=expect)


def model_signing_accepts(root, signature, key, unsigned_too=False):
    """What model_signing says: None, or why not."""
    try:
        config = model_signing.verifying.Config().use_elliptic_key_verifier(public_key=key)
        config.set_ignore_unsigned_files(unsigned_too).verify(root, signature)
        return None
    except Exception as problem:  # it raises several kinds
        return f"{type(problem).__name__}: {problem}"


def attestations(package):
    return package / (".vetset/attest" if (package / ".vetset").is_dir() else "attest")


def manifest_of(package):
    return package / (".vetset/vetset.json" if (package / ".vetset").is_dir() else "vetset.json")


def damages(package):
    """Ways to change a package that model_signing looks at; each is undone."""
    listed = [f["path"] for f in json.loads(manifest_of(package).read_bytes())["files"]]
    target = package / listed[len(listed) // 2]
    whole, manifest = target.read_bytes(), manifest_of(package).read_bytes()
    target.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    yield "a changed byte"
    target.write_bytes(whole)
    target.rename(target.with_name("renamed"))
    yield "a renamed file"
    target.with_name("renamed").rename(target)
    (package / "extra.txt").write_text("x")
    yield "one file more"
    (package / "extra.txt").unlink()
    manifest_of(package).write_bytes(manifest.replace(b'"version":"', b'"version":"1', 1))
    yield "an edited manifest"
    manifest_of(package).write_bytes(manifest)


def judge_ours(package, key):
    """model_signing verifies what vetset signed, and refuses what was changed since."""
    signature = attestations(package) / "package.oms.sig"
    problem = model_signing_accepts(package, signature, key)
    assert problem is None, f"{package.name}: {problem}"
    caught = 0
    for what in damages(package):
        assert model_signing_accepts(package, signature, key) is not None, f"{package.name}: model_signing passed {what}"
        assert json.loads(vetset("verify", package, "--key", key, "--json", folder=package.parent, expect=code_of(what)))["verdict"] != "VERIFIED"
        caught += 1
    assert model_signing_accepts(package, signature, key) is None, "the damage was undone"
    (attestations(package) / "more.json").write_text("{}")
    assert model_signing_accepts(package, signature, key) is None, "attestations can be added"
    (attestations(package) / "more.json").unlink()
    print(f"ok    model_signing verifies {package.name} ({signature.stat().st_size:,} B), and {caught} changes are caught by both")


def code_of(what):
    return 4 if what == "an edited manifest" else 1


def judge_theirs(package, scratch):
    """vetset verifies what model_signing signed, on two curves, and sees what was changed since."""
    folder = attestations(package)
    kept = {p.name: p.read_bytes() for p in folder.iterdir()}
    for curve in ("prime256v1", "secp384r1"):
        run("openssl", "ecparam", "-name", curve, "-genkey", "-noout", "-out", f"{curve}.pem", folder=scratch)
        os.chmod(scratch / f"{curve}.pem", 0o600)
        run("openssl", "ec", "-in", f"{curve}.pem", "-pubout", "-out", f"{curve}.pub", folder=scratch)
        for p in folder.iterdir():
            p.unlink()
        hashing = model_signing.hashing.Config().set_ignored_paths(paths=[folder.relative_to(package)])
        model_signing.signing.Config().use_elliptic_key_signer(private_key=scratch / f"{curve}.pem").set_hashing_config(hashing).sign(
            package, folder / "theirs.sig")
        seen = json.loads(vetset("verify", package, "--key", scratch / f"{curve}.pub", "--json", folder=scratch))
        assert seen["verdict"] == "VERIFIED", seen
        raw = manifest_of(package).read_bytes()
        manifest_of(package).write_bytes(raw.replace(b'"version":"', b'"version":"1', 1))
        seen = json.loads(vetset("verify", package, "--key", scratch / f"{curve}.pub", "--json", folder=scratch, expect=4))
        assert any(line["code"] == "E_SIG_SUBJECT" for line in seen["lines"]), seen
        manifest_of(package).write_bytes(raw)
    for p in folder.iterdir():
        p.unlink()
    for name, raw in kept.items():
        (folder / name).write_bytes(raw)
    print(f"ok    vetset verifies {package.name} as model_signing signed it: P-256, P-384")


def judge_cosign(package, key, scratch):
    if shutil.which("cosign") is None:
        print("skipped 1: cosign is not on PATH")
        return
    manifest, folder = manifest_of(package), attestations(package)
    check = ["cosign", "verify-blob-attestation", "--insecure-ignore-tlog=true", "--key", key, "--type", PACKAGE, "--bundle"]
    run(*check, folder / "package.sigstore.json", manifest, folder=scratch)
    run(*check, folder / "package.sigstore.json", package / json.loads(manifest.read_bytes())["files"][0]["path"], folder=scratch, expect=1)
    files = ["cosign", "verify-blob-attestation", "--insecure-ignore-tlog=true", "--key", key, "--check-claims=false",
             "--type", "https://model_signing/signature/v1.0", "--bundle"]
    run(*files, folder / "package.oms.sig", manifest, folder=scratch)
    # And the other way: a statement that cosign made and signed, with a key that openssl made.
    run("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", "prime256v1.pem", "-out", "cosign.p8", folder=scratch)
    run("cosign", "import-key-pair", "-y", "--key", "cosign.p8", "--output-key-prefix", "cosigned", folder=scratch)
    (scratch / "predicate.json").write_text('{"by": "cosign"}')
    theirs = scratch / "theirs"
    shutil.rmtree(theirs, ignore_errors=True)
    shutil.copytree(package, theirs)
    for p in attestations(theirs).iterdir():
        p.unlink()
    run("cosign", "attest-blob", "-y", "--key", "cosigned.key", "--use-signing-config=false", "--tlog-upload=false", "--predicate", "predicate.json",
        "--type", PACKAGE, "--bundle", attestations(theirs) / "cosign.sigstore.json", manifest_of(theirs), folder=scratch)
    seen = json.loads(vetset("verify", theirs, "--key", "cosigned.pub", "--json", folder=scratch))
    assert seen["verdict"] == "VERIFIED", seen
    vetset("verify", theirs, "--key", key, folder=scratch, expect=4)
    print(f"ok    cosign verifies {package.name}, vetset verifies what cosign signed")


def judge_policy(package, key, scratch):
    """openssl verifies the signature of a policy by what docs/guide/trust.md says of its form."""
    vetset("key", "new", "root.key", folder=scratch)
    vetset("trust", "init", "policy.json", "--name", "judge", "--add", f"release={key}", folder=scratch)
    vetset("trust", "sign", "policy.json", "--key", "root.key", "-o", "trust.json", folder=scratch)
    envelope = json.loads((scratch / "trust.json").read_bytes())["dsseEnvelope"]
    payload = base64.b64decode(envelope["payload"], validate=True)
    kind = envelope["payloadType"].encode()
    (scratch / "signed").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
    (scratch / "signature").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"], validate=True))
    run("openssl", "dgst", "-sha256", "-verify", "root.key.pub", "-signature", "signature", "signed", folder=scratch)
    policy = json.loads(payload)
    assert policy["keys"][0]["hint"] == hashlib.sha256(policy["keys"][0]["pem"].encode()).hexdigest()
    held = ["verify", package, "--policy", "trust.json", "--policy-key"]
    assert json.loads(vetset(*held, "root.key.pub", "--json", folder=scratch))["verdict"] == "VERIFIED"
    vetset(*held, key, folder=scratch, expect=4)
    print("ok    openssl verifies a policy, vetset holds a package to it")


def judge_inclusion(package, scratch):
    """Fifty lines of Python check proofs of every sample against the manifest, and refuse them against another."""
    raw = manifest_of(package).read_bytes()
    samples = sorted(p.relative_to(ROOT / "samples/street").as_posix() for p in (ROOT / "samples/street/images").rglob("*.jpg"))[:10]
    for sample in samples:
        proof = json.loads(vetset("prove", package, "--sample", sample, folder=scratch))
        check_inclusion.check(proof, raw)
        proof["rows"][0]["row"] = proof["rows"][0]["row"].replace(sample, sample + "x")
        try:
            check_inclusion.check(proof, raw)
        except AssertionError:
            continue
        sys.exit(f"FAIL  a changed row of {sample} passed")
    print(f"ok    {len(samples)} samples are proved to be in {package.name}, at most {max(len(r['path']) for r in proof['rows'])} digests a row")


def judge_ssh(package, scratch):
    """ssh-keygen signs with every kind of key; it and vetset agree about each signature, before and after a change."""
    if shutil.which("ssh-keygen") is None:
        return print("skipped 1: ssh-keygen is not on PATH")
    manifest, whole = manifest_of(package), manifest_of(package).read_bytes()
    kinds = {"ed25519": ["-t", "ed25519"], "p256": ["-t", "ecdsa", "-b", "256"], "p384": ["-t", "ecdsa", "-b", "384"],
             "p521": ["-t", "ecdsa", "-b", "521"], "rsa": ["-t", "rsa", "-b", "2048"]}
    lines = []
    for name, kind in kinds.items():
        run("ssh-keygen", "-q", *kind, "-N", "", "-C", "", "-f", f"ssh-{name}", folder=scratch)
        lines.append(f"{name}@acme {(scratch / f'ssh-{name}.pub').read_text()}")
        for form in ("sha512", "sha256"):
            (scratch / "copy").write_bytes(whole)
            run("ssh-keygen", "-q", "-Y", "sign", "-O", f"hashalg={form}", "-n", "vetset.package@v1", "-f", f"ssh-{name}", "copy", folder=scratch)
            (scratch / "copy.sig").rename(scratch / f"{name}-{form}.sig")
    (scratch / "allowed").write_text("".join(lines))

    def ssh_keygen_accepts(name, signature):
        done = subprocess.run(["ssh-keygen", "-Y", "verify", "-n", "vetset.package@v1", "-f", "allowed", "-I", f"{name}@acme", "-s", signature],
                              cwd=scratch, input=manifest.read_bytes(), capture_output=True)
        return done.returncode == 0

    for name in kinds:
        for form in ("sha512", "sha256"):
            vetset("attest", package, "--ssh-signature", f"{name}-{form}.sig", folder=scratch)
            (placed,) = attestations(package).glob("*.sshsig")
            (scratch / "one").write_text(next(line for line in lines if line.startswith(name + "@")))
            assert ssh_keygen_accepts(name, placed), (name, form)
            vetset("verify", package, "--allowed-signers", "one", folder=scratch)
            manifest.write_bytes(whole.replace(b'"version":"', b'"version":"1', 1))
            assert not ssh_keygen_accepts(name, placed)
            vetset("verify", package, "--allowed-signers", "one", folder=scratch, expect=4)
            manifest.write_bytes(whole)
            run("ssh-keygen", "-q", "-k", "-f", "krl", f"ssh-{name}.pub", folder=scratch)
            vetset("verify", package, "--allowed-signers", "one", "--revoked-keys", "krl", folder=scratch, expect=4)
            placed.unlink()
    print(f"ok    {2 * len(kinds)} signatures by ssh-keygen, {len(kinds)} kinds of keys: both agree, also after a change and a revocation")


def packages(scratch):
    """The forms that a package has, of the sample and of real data, signed by one key."""
    vetset("key", "new", "team.key", folder=scratch)
    sources = {"street": ROOT / "samples/street"}
    real = DATA / "bccd"
    if real.is_dir():
        sources["bccd"] = real
    else:
        print("skipped 1: VETSET_DATA")
    for name, source in sources.items():
        for layout in ("files", "shards"):
            made = scratch / f"{name}-{layout}"
            vetset("pack", source, "-o", made, "--layout", layout, "--key", "team.key", folder=scratch)
            yield made
    shutil.copytree(ROOT / "samples/street", scratch / "street")
    (scratch / "street/.gitignore").write_text("runs\n")
    (scratch / "street/wandb").mkdir()
    (scratch / "street/wandb/log").write_text("what a trainer leaves behind")
    vetset("seal", "street", "--key", "team.key", folder=scratch)
    yield scratch / "street"


def main():
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        made = list(packages(scratch))
        key = scratch / "team.key.pub"
        for package in made:
            judge_ours(package, key)
        for package in (made[0], made[-1]):
            judge_theirs(package, scratch)
        judge_cosign(made[-1], key, scratch)
        judge_policy(made[-1], key, scratch)
        judge_ssh(made[-1], scratch)
        for package in made:
            if package.name.startswith("street"):
                judge_inclusion(package, scratch)
        # After training, litter that nobody could foresee: model_signing passes it over when it is told to.
        sealed = made[-1]
        (sealed / "labels.cache").write_text("x")
        signature = attestations(sealed) / "package.oms.sig"
        assert model_signing_accepts(sealed, signature, key) is not None
        assert model_signing_accepts(sealed, signature, key, unsigned_too=True) is None
        vetset("verify", sealed, "--key", key, folder=scratch)
        print("ok    a folder after training, with --ignore_unsigned_files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
