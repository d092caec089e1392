"""PDQ hashes and qualities of real pictures, of odd sizes and of noise: vetset against pdqhash, which wraps the reference implementation.

Usage: pdq_judge.py PROGRAM, where PROGRAM hashes the samples on its standard input (tests/judges/pdq_print.cpp). Every bit must agree.
"""
import subprocess
import sys
import warnings

import numpy as np
import pdqhash
from PIL import Image

from judging import DATA, finish, say

SETS = ("dedup-ukbench", "clothing", "bccd", "raccoon", "rice-pest", "sign-digits")
PHOTOS = 40  # of each set


def theirs(samples):
    bits, quality = pdqhash.compute(np.ascontiguousarray(samples if samples.shape[2] == 3 else np.repeat(samples, 3, axis=2)))
    return f"{int(''.join(map(str, bits)), 2):064x}", int(quality)


def ours(program, pictures):
    sent = b"".join(b"%d %d %d\n" % (p.shape[1], p.shape[0], p.shape[2]) + p.tobytes() for p in pictures)
    lines = subprocess.run([program], input=sent, capture_output=True, check=True).stdout.decode().splitlines()
    return [(line.split()[0], int(line.split()[1])) for line in lines]


def photos():
    """Real ones by path, in colour and in grey."""
    for name in SETS:
        paths = sorted(p for p in (DATA / name).rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
        for path in paths[:: max(1, len(paths) // PHOTOS)][:PHOTOS]:
            try:
                with Image.open(path) as image:
                    image = image.convert("RGB")
            except OSError:
                continue
            image.thumbnail((1600, 1600))
            yield f"{path.relative_to(DATA)}", np.asarray(image)
            yield f"{path.relative_to(DATA)} in grey", np.asarray(image.convert("L"))[:, :, None]


def drawn():
    """Pictures of all odd sizes, smooth, noisy and flat."""
    rng = np.random.default_rng(1)
    sizes = [(64, 64), (5, 5), (5, 400), (63, 64), (64, 65), (127, 128), (128, 129), (129, 127), (1000, 20), (192, 256), (300, 4), (900, 700)]
    sizes += [tuple(int(side) for side in rng.integers(5, 700, 2)) for _ in range(60)]
    for height, width in sizes:
        lattice = Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8))
        yield f"smooth {width}x{height}", np.asarray(lattice.resize((width, height), Image.Resampling.BICUBIC))
        yield f"noise {width}x{height}", rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    yield "flat", np.full((90, 110, 3), 77, np.uint8)


def main():
    warnings.simplefilter("ignore")
    if not DATA.is_dir():
        print("skipped 1: VETSET_DATA")
    groups = {"drawn pictures": list(drawn()), "photos": list(photos())}
    for what, named in groups.items():
        if not named:
            continue
        answers = ours(sys.argv[1], [samples for _, samples in named])
        wrong = [f"{name}: {mine} for {theirs(samples)}" for (name, samples), mine in zip(named, answers) if mine != theirs(samples)]
        say(len(answers) == len(named) and not wrong, f"pdqhash agrees about every bit and every quality of {len(named)} {what}", "; ".join(wrong[:3]))
    return finish()


if __name__ == "__main__":
    sys.exit(main())
