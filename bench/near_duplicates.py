#!/usr/bin/env python3
"""How many near-duplicates are found: real photos, 45 transforms of each, and every pair of unrelated pictures beside them.

    python bench/near_duplicates.py --name near-duplicates        vetset's three tiers and its peers
    python bench/near_duplicates.py --originals 40 --tiers basic,views --peers ''                   a quick look

Photos: scikit-image's and scikit-learn's own, and a sample of `sign-digits`, `clothing`, `dedup-ukbench` and `bccd` below VETSET_DATA. Each transform
(near_duplicate_transforms.py) makes a folder of the originals and one copy of each under names that say nothing; vetset searches that folder as a user
would. A peer finds a copy where its hash of the copy is as near to that of the original as its documentation advises. A pair of an original and another
one's copy, or of two originals, is unrelated: what is found of those is false.

It needs Pillow, scikit-image, scikit-learn and the peers, which it installs into .cache/bench/near-duplicates by itself
(NEEDS; imagededup brings PyTorch), and vetset's module for the same Python.
"""
import argparse
import json
import math
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from peers import CACHE, ROOT, Peer, install

NEEDS = Peer("near-duplicates", ("pillow==10.3.0", "numpy==1.26.4", "scipy==1.17.1", "scikit-image==0.26.0", "scikit-learn==1.5.0", "pyarrow==19.0.1",
                                 "ImageHash==4.3.2", "imagededup==0.3.3.post2", "pdqhash==0.2.8", "--no-binary=pdqhash"), ())
DATA = Path(os.environ.get("VETSET_DATA") or ROOT.parent / "shared/data")
PACKAGED = ("astronaut", "brick", "camera", "cell", "chelsea", "coffee", "coins", "grass", "gravel", "hubble_deep_field", "ihc", "moon",
            "motorcycle_left", "page", "retina", "rocket")  # scikit-image's photos of different things
SETS = ("clothing", "bccd", "sign-digits", "dedup-ukbench")
LONGEST = 640  # pixels of a side; larger photos are reduced
TIERS = ("basic", "views", "full")


def originals(wanted: int) -> list[tuple[str, "Image.Image"]]:
    """Photos of different things by name: all packaged ones, then as many of each set as it takes."""
    import random

    import skimage
    import sklearn
    from PIL import Image

    paths = [p for p in sorted((Path(skimage.__path__[0]) / "data").iterdir()) if p.stem in PACKAGED and p.suffix in {".png", ".jpg"}]
    paths += sorted((Path(sklearn.__path__[0]) / "datasets/images").glob("*.jpg"))
    pools = []
    for name in SETS:
        found = sorted(p for p in (DATA / name).rglob("*") if p.suffix.lower() in {".jpg", ".jpeg"} and p.is_file())
        random.Random(name).shuffle(found)
        if name == "dedup-ukbench":  # four photos of a thing have numbers in a row, and the set holds copies
            found = list({int(p.stem[7:12]) // 4: p for p in found if p.stem[7:12].isdigit() and "corrupt" not in p.stem}.values())
        pools.append(found)
    while len(paths) < wanted and any(pools):
        paths += [pool.pop() for pool in pools if pool]
    chosen = []
    for path in paths[:wanted]:
        image = Image.open(path).convert("RGB")
        image.thumbnail((LONGEST, LONGEST))
        chosen.append((path.stem, image))
    return chosen


# Each peer: what it is told to be a copy by, and what it makes of a picture; distances are of bits.
def peer_hashes(names: list[str]) -> dict[str, tuple[str, int, "Callable"]]:
    import imagehash
    import numpy as np
    import pdqhash
    from imagededup.methods import PHash

    encoder = PHash(verbose=False)
    from_hex = lambda text: np.unpackbits(np.frombuffer(bytes.fromhex(text), np.uint8))
    known = {
        "cleanvision": ("its near-duplicates: imagehash.phash, equal", 0, lambda image: imagehash.phash(image).hash.ravel()),
        "imagededup": ("PHash, at most 10 of 64 bits", 10, lambda image: from_hex(encoder.encode_image(image_array=np.asarray(image)))),
        "pdqhash": ("PDQ, at most 31 of 256 bits", 31, lambda image: pdqhash.compute(np.ascontiguousarray(np.asarray(image)))[0]),
    }
    return {name: known[name] for name in names}


class Tally:
    """What one tool found: copies by transform, and unrelated pairs."""

    def __init__(self, what: str):
        self.what, self.found, self.false, self.unrelated, self.seconds, self.failed = what, {}, [], 0, 0.0, None

    def recall(self, kinds, count: int) -> float:
        return sum(self.found.get(k.name, 0) for k in kinds) / (len(kinds) * count)

    def document(self, count: int) -> dict:
        return {"what": self.what, "recall": {name: n / count for name, n in self.found.items()}, "false": self.false[:20], "false_pairs": len(self.false),
                "unrelated_pairs": self.unrelated, "cpu_seconds": round(self.seconds, 2), "failed": self.failed}


def search_folder(folder: Path, tier: str, cache: Path) -> tuple[set[tuple[str, str]], float]:
    """Pairs of file names that vetset calls copies, and the CPU seconds of the search (the scan is remembered)."""
    import pyarrow

    import vetset

    dataset = vetset.open(folder)
    dataset.scan(cache=cache)
    began = time.process_time()
    pairs = pyarrow.table(dataset.near_duplicates(near=tier, cache=cache))
    seconds = time.process_time() - began
    return {tuple(sorted((Path(a).stem, Path(b).stem))) for a, b in zip(*(pairs.column(name).to_pylist() for name in ("first", "second")))}, seconds


def measure_vetset(tallies: dict[str, Tally], kind, photos, copies, scratch: Path, seen: set) -> None:
    """Originals and copies in one folder, under names that are hashes."""
    from hashlib import sha256

    folder = scratch / "pictures"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "all").mkdir(parents=True)
    owner = {}
    for which, images in (("original", [image for _, image in photos]), ("copy", copies)):
        for i, image in enumerate(images):
            name = sha256(f"{which} {i}".encode()).hexdigest()[:16]
            owner[name] = (which, i)
            image.save(folder / "all" / f"{name}.jpg", quality=95, subsampling=0)
    count = len(photos)
    for tier, tally in tallies.items():
        try:
            pairs, seconds = search_folder(folder, tier, scratch / "facts.sqlite")
        except Exception as error:  # the table says what stopped it
            tally.failed = f"{type(error).__name__}: {error}"
            continue
        tally.seconds += seconds
        tally.found[kind.name] = sum(owner[a][1] == owner[b][1] for a, b in pairs)
        for a, b in pairs:
            (kind_a, i), (kind_b, j) = sorted((owner[a], owner[b]), reverse=True)
            if i == j or (kind_a == kind_b == "original" and (tier, i, j) in seen):
                continue
            seen.add((tier, i, j))
            tally.false.append(f"{photos[i][0]} and {kind_b} of {photos[j][0]}, {kind.name}")
        # Pairs of two originals are the same in each folder, and count once.
        tally.unrelated += count * (count - 1) + count * (count - 1) // 2
        tally.unrelated += count * (count - 1) // 2 if len(tally.found) == 1 else 0


def measure_peer(tally: Tally, limit: int, hash_of, kind, photos, copies, hashes) -> None:
    import numpy as np

    began = time.process_time()
    mine = np.stack([hash_of(image) for image in copies]).astype(np.int32)
    tally.seconds += time.process_time() - began
    near = (hashes[:, None] != mine[None]).sum(-1) <= limit
    tally.found[kind.name] = int(near.diagonal().sum())
    count = len(photos)
    tally.unrelated += count * (count - 1)
    for i, j in zip(*np.nonzero(near & ~np.eye(count, dtype=bool))):
        tally.false.append(f"{photos[i][0]} and copy of {photos[j][0]}, {kind.name}")


def table(document: dict, kinds) -> str:
    tools = document["tools"]
    lines = [f"# {document['name']}", "", f"`{document['command']}`", "", f"{document['originals']} photos, {len(kinds)} transforms of each. {document['machine']}.", "",
             "| transform | " + " | ".join(tools) + " |", "|---|" + "---|" * len(tools)]
    for kind in kinds:
        lines.append(f"| {kind.name} | " + " | ".join(f"{t['recall'][kind.name]:.3f}" if kind.name in t["recall"] else "–" for t in tools.values()) + " |")
    for name in document["means"]:
        lines.append(f"| **{name}** | " + " | ".join(f"**{document['means'][name][tool]:.3f}**" for tool in tools) + " |")
    lines += ["| false pairs of unrelated ones | " + " | ".join(f"{t['false_pairs']} of {t['unrelated_pairs']:,}" for t in tools.values()) + " |",
              "| 95 % bound on their share | " + " | ".join(f"{t['false_bound']:.1e}" for t in tools.values()) + " |",
              "| CPU s | " + " | ".join(f"{t['cpu_seconds']:.1f}" for t in tools.values()) + " |", ""]
    lines += [f"- {name}: {t['what']}" + (f"; stopped: {t['failed']}" if t["failed"] else "") for name, t in tools.items()]
    lines += ["", "CPU is that of the search for vetset, whose scan is remembered, and of the hashes for peers. The bound on false pairs is the 95 % one:",
              "three by the number of pairs where there was none, else by the normal law."]
    lines += [""] + [f"- false, {name}: {pair}" for name, t in tools.items() for pair in t["false"]] if any(t["false"] for t in tools.values()) else []
    return "\n".join(lines) + "\n"


def bound(false: int, pairs: int) -> float:
    return 0.0 if pairs == 0 else 3 / pairs if false == 0 else (false + 1.645 * math.sqrt(false) + 1.35) / pairs


def measure(options: argparse.Namespace) -> int:
    import numpy as np
    from near_duplicate_transforms import TRANSFORMS

    kinds = [k for k in TRANSFORMS if not options.only or options.only in k.name]
    photos = originals(options.originals)
    tiers = {tier: Tally(f"vetset, tier {tier}") for tier in options.tiers.split(",") if tier}
    peers = peer_hashes([name for name in options.peers.split(",") if name])
    peer_tallies = {name: Tally(what) for name, (what, _, _) in peers.items()}
    hashes = {name: np.stack([hash_of(image) for _, image in photos]).astype(np.int32) for name, (_, _, hash_of) in peers.items()}
    seen: set = set()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        for j, kind in enumerate(TRANSFORMS):
            if kind not in kinds:
                continue
            copies = [kind.make(image, np.random.default_rng([i, j])).convert("RGB") for i, (_, image) in enumerate(photos)]
            measure_vetset(tiers, kind, photos, copies, Path(scratch), seen)
            for name, (_, limit, hash_of) in peers.items():
                measure_peer(peer_tallies[name], limit, hash_of, kind, photos, copies, hashes[name])
            print(f"{kind.name:32} " + "  ".join(f"{tool} {t.found.get(kind.name, 0) / len(photos):.3f}" for tool, t in (tiers | peer_tallies).items()), flush=True)

    tallies = {f"vetset {tier}": t for tier, t in tiers.items()} | peer_tallies
    kept = [k for k in kinds if not k.crops]
    means = {"mean, frame kept": kept, "… without turns of 5° and 25°": [k for k in kept if k.name not in ("rotate 5", "rotate 25")],
             "mean, crops": [k for k in kinds if k.crops], "mean of all": kinds}
    document = {
        "name": options.name, "command": shlex.join(["python", "bench/near_duplicates.py", *options.shown]), "originals": len(photos),
        "machine": f"{os.cpu_count()} cores, Python {sys.version.split()[0]}",
        "means": {name: {tool: t.recall(group, len(photos)) for tool, t in tallies.items()} for name, group in means.items() if group},
        "tools": {tool: t.document(len(photos)) | {"false_bound": bound(len(t.false), t.unrelated)} for tool, t in tallies.items()},
    }
    home = ROOT / "bench/runs" / options.name
    home.mkdir(parents=True, exist_ok=True)
    (home / "result.json").write_text(json.dumps(document, indent=1) + "\n")
    (home / "table.md").write_text(table(document, kinds))
    print(f"written: bench/runs/{options.name}")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="near-duplicates", help="the run's folder below bench/runs")
    parser.add_argument("--originals", type=int, default=200, help="photos at most")
    parser.add_argument("--tiers", default=",".join(TIERS), help="of vetset, with commas between")
    parser.add_argument("--peers", default="cleanvision,imagededup,pdqhash", help="names with commas between; empty for none")
    parser.add_argument("--only", default="", help="only transforms with this in their name")
    parser.add_argument("--vetset-python", type=Path, default=ROOT / "build/release/python", help="the folder that holds vetset's module")
    parser.add_argument("--scratch", type=Path, default=None, help="where pictures are written; the system's folder for such")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)  # the environment of NEEDS runs already
    options = parser.parse_args()
    options.shown = [f"--{name}={value}" for name in ("name", "originals", "tiers", "peers", "only") if (value := getattr(options, name)) != parser.get_default(name)]
    if options.inside:
        sys.path.insert(0, str(options.vetset_python))
        return measure(options)
    if problem := install(NEEDS):
        print(f"set-up of {CACHE / NEEDS.name}: {problem}", file=sys.stderr)
        return 2
    return subprocess.run([NEEDS.python, __file__, *sys.argv[1:], "--inside"]).returncode


if __name__ == "__main__":
    sys.exit(main())
