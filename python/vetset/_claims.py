"""What is said about packages: claims that are attested, proofs of single samples, trust policies."""

from __future__ import annotations

import collections.abc
import dataclasses
import json
import typing

from . import _core
from ._arguments import _tier, _words, paths

if typing.TYPE_CHECKING:
    from ._arguments import Near, Path, Progress, Words


class About(typing.TypedDict, total=False):
    """How claims are found out, in the words of `check`, `split` and `diff`."""

    #: of the audit: only these rules, or not these (codes, prefixes, names)
    select: Words
    ignore: Words
    #: of the audit: decode the images, too
    pixels: bool
    #: of the audit: from which severity on it has FAILED; "error" if not said
    fail_on: typing.Literal["error", "warning", "note", "never"]
    #: of the split: the split.lock that it was made with
    lock: Path
    #: of the split: keys whose images belong together
    group_by: Words
    #: of the split: how near-duplicates are searched, and how many bits of 256 may differ
    near: Near
    radius: int
    #: of the lineage: documents of what was done (fix, split, transform …)
    steps: Path | collections.abc.Iterable[Path]
    #: measurements of images are kept for the next time
    cache: bool


class Derived(About, total=False):
    """The same of a package in the making, which `attest` has a word of its own for."""

    #: of the lineage: the dataset or package that this one came from
    earlier: Path


def claim_options(
    *,
    select: Words = (),
    ignore: Words = (),
    pixels: bool = False,
    fail_on: str = "",
    lock: Path | None = None,
    group_by: Words = (),
    near: str | None = None,
    radius: int | None = None,
    earlier: Path | None = None,
    steps: Path | collections.abc.Iterable[Path] = (),
    cache: bool = True,
) -> _core.ClaimOptions:
    return _core.claim_options(
        _words(select),
        _words(ignore),
        pixels,
        fail_on,
        lock or "",
        _words(group_by),
        _tier(near),
        radius,
        earlier or "",
        paths(steps),
        cache,
    )


def attest(
    package: Path,
    *,
    key: Path | None = None,
    passphrase: str = "",
    ssh_signature: Path | None = None,
    audit: bool = False,
    split: bool = False,
    conversion: Path | None = None,
    lineage: Path | None = None,
    evaluation: Path | None = None,
    model: Path | None = None,
    threads: int = 0,
    progress: Progress | None = None,
    **about: typing.Unpack[About],
) -> _core.Attested:
    """Adds signed statements to a package or a sealed folder, each with its evidence inside. No file that its manifest
    lists is touched.

    What is said is found out here and now: `audit`, which checks ran and what they found; `split`, whether its splits
    leak; `lineage`, what changed since the dataset or package at this path. `conversion` is the proof of the
    conversion that made it, and `evaluation` the record of what a model scored on it (a file with
    `Evaluation.to_json()`), with the `model` for its digest. `key` is a P-256 private key in a PEM file.
    `ssh_signature` adds a signature of the manifest that `ssh-keygen -Y sign -n vetset.package@v1` made.

    How it is found out: `select`, `ignore`, `pixels` and `fail_on` are of the audit, `lock`, `group_by`, `near` and
    `radius` of the split, `steps` (documents of what was done) of the lineage. `verify(..., recheck=...)` finds claims
    out again."""
    kinds = [
        kind
        for kind, asked in (
            ("audit", audit),
            ("split", split),
            ("conversion", conversion is not None),
            ("lineage", lineage is not None),
            ("evaluation", evaluation is not None),
        )
        if asked
    ]
    return _core.attest(
        package,
        kinds,
        claim_options(earlier=lineage, **about),
        conversion or "",
        evaluation or "",
        model or "",
        key or "",
        passphrase,
        ssh_signature or "",
        threads,
        progress,
    )


def prove(package: Path, sample: str, *, threads: int = 0, progress: Progress | None = None) -> _core.InclusionProof:
    """That one sample, as the labels name it, is in a package with these annotations and this image: for who has its
    manifest alone. `save` of what comes back writes it to a file, and `check_proof` holds that to a manifest."""
    return _core.prove(package, sample, threads, progress)


def check_proof(proof: Path, manifest: Path) -> _core.InclusionProof:
    """Holds a proof's file to a manifest's (vetset.json); whether that is signed is another question.

    Raises `vetset.Error`: "untrusted" where it does not hold."""
    return _core.check_proof(proof, manifest)


@dataclasses.dataclass(frozen=True)
class TrustPolicy:
    """Whose word counts, for how long, and what must have been said about a package."""

    #: as docs/schema/trust-v1.json has it
    document: dict[str, typing.Any]
    #: the key that signed it, by its hint, as checked or as the file says; None: nobody signed it
    signed_by: str | None
    #: that key was given, and the signature is its
    checked: bool


def _policy(told: tuple[str, str | None, bool]) -> TrustPolicy:
    document, signed_by, checked = told
    return TrustPolicy(json.loads(document), signed_by, checked)


def trust_init(
    path: Path,
    keys: collections.abc.Mapping[str, Path | collections.abc.Iterable[Path]],
    *,
    name: str = "policy",
) -> TrustPolicy:
    """Writes a first trust policy to a new JSON file, to be edited and signed: public keys by their roles,
    {"release": "team.key.pub"}. It asks for one signature by a key of the first role."""
    return _policy(_core.trust_init(path, name, [(role, key) for role, given in keys.items() for key in paths(given)]))


def trust_sign(path: Path, target: Path, key: Path, *, passphrase: str = "", overwrite: bool = False) -> TrustPolicy:
    """Signs the policy in a JSON file, into another file, which `verify` takes as `policy`."""
    return _policy(_core.trust_sign(path, target, key, passphrase, overwrite))


def trust_show(path: Path, key: Path | collections.abc.Iterable[Path] = ()) -> TrustPolicy:
    """What a policy's file says. With public keys, one of which must have signed it; without, nobody's signature is
    checked."""
    return _policy(_core.trust_show(path, paths(key)))
