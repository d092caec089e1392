"""The peers of the bench: reads peers.toml, and installs each peer into a virtual environment of its own."""
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "bench"


@dataclass(frozen=True)
class Peer:
    name: str
    packages: tuple[str, ...]
    extra: tuple[str, ...]
    cargo: bool = False                 # a program from crates.io, not a wheel

    @property
    def home(self) -> Path:
        return CACHE / self.name

    @property
    def python(self) -> Path:
        return self.home / "bin" / "python"

    @property
    def stamp(self) -> Path:
        return self.home / "installed.txt"

    def wanted(self) -> str:
        return "\n".join((*self.packages, *self.extra)) + "\n"

    def installed(self) -> bool:
        return self.stamp.is_file() and self.stamp.read_text() == self.wanted()


def load_peers() -> dict[str, Peer]:
    """All peers by name, in the order of the file."""
    table = tomllib.loads((Path(__file__).parent / "peers.toml").read_text())
    return {name: Peer(name, tuple(entry["packages"]), tuple(entry.get("extra", ())), entry.get("cargo", False)) for name, entry in table.items()}


def install(peer: Peer) -> str | None:
    """Installs what is missing; returns None, or the last line of pip's complaint."""
    if peer.installed():
        return None
    if peer.cargo:
        return install_crates(peer)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(peer.home)], capture_output=True, text=True)
    if made.returncode:
        return last_line(made.stderr or made.stdout)
    pip = [str(peer.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
    done = subprocess.run([*pip, *peer.packages, *peer.extra], capture_output=True, text=True, env={**os.environ, "PIP_NO_INPUT": "1"})
    if done.returncode:
        return last_line(done.stderr)
    peer.stamp.write_text(peer.wanted())
    return None


def install_crates(peer: Peer) -> str | None:
    crates = [package.replace("==", "@") for package in peer.packages]
    try:
        done = subprocess.run(["cargo", "install", "--quiet", "--locked", "--root", str(peer.home), *crates], capture_output=True, text=True)
    except OSError:
        return "there is no cargo"
    if done.returncode:
        return last_line(done.stderr)
    peer.stamp.write_text(peer.wanted())
    return None


def last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def main() -> int:
    failed = 0
    for name, peer in load_peers().items():
        problem = install(peer)
        failed += problem is not None
        print(f"{name}: {problem or 'installed'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
