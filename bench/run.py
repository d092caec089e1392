#!/usr/bin/env python3
"""Measures vetset beside its peers and beside the physical limit; writes bench/runs/<name>/result.json and table.md.

    python bench/run.py --name first                            all rows at full size (118,287 images): hours, most of them the peers'
    python bench/run.py --name quick --scale 0.1 --repeats 1    a tenth
    python bench/run.py --rows check,coco-coco --peers panlabel --vetset build/release/vetset
    python bench/run.py --name evaluation --rows 'eval-*' --once-above 5     evaluation beside its peers: 12 minutes
    python bench/run.py --list

Needs Python ≥ 3.11 and numpy, g++ and simdjson for the limit. README.md beside this file says what is compared and how.
"""
import argparse
import json
import os
import platform
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from evaluation import BOUNDARY_REFERENCE, EVALUATIONS, REFERENCE, EvaluationData, Stats, agreement, module_evaluation, stats_of, vetset_stats
from peers import CACHE, ROOT, install, last_line, load_peers
from rows import ANY_ANSWER, ROWS, Data, Row, limit_command, peer_command, vetset_command

LIMIT, MODULE = "limit", "vetset (Python)"
OURS = ("vetset", MODULE)


@dataclass(frozen=True)
class Limits:
    """What takes more is stopped, and the table says so."""
    cpu: float
    wall: float
    memory_gb: float


@dataclass
class Measured:
    cpu: float
    wall: float
    peak_mb: float
    status: int
    message: str
    stats: Stats | None = None


def measure(command: list[str], log: Path, limits: Limits) -> Measured:
    """CPU of the process and of all its children that it waited for; the largest peak among them."""
    with open(log, "wb") as sink:
        begin = time.perf_counter()
        pid = os.posix_spawn(command[0], command, {**os.environ, "NO_COLOR": "1"}, setsid=True, file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, sink.fileno(), 1), (os.POSIX_SPAWN_DUP2, sink.fileno(), 2)])

        ended, stopped = threading.Event(), []

        def watch() -> None:
            while not ended.wait(0.2):
                if resident_gb(pid) > limits.memory_gb:
                    stopped.append(f"stopped at {limits.memory_gb:g} GB")
                elif cpu_seconds(pid) > limits.cpu:
                    stopped.append(f"stopped after {limits.cpu:g} CPU s")
                elif time.perf_counter() - begin > limits.wall:
                    stopped.append(f"stopped after {limits.wall:g} s")
                else:
                    continue
                os.killpg(pid, signal.SIGKILL)
                return
        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            _, status, usage = os.wait4(pid, 0)
        except BaseException:
            os.killpg(pid, signal.SIGKILL)
            raise
        finally:
            ended.set()
            watcher.join()
        wall = time.perf_counter() - begin
    text = log.read_text(errors="replace")
    message = stopped[0] if stopped else complaint(text)
    return Measured(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024 / 1e6, os.waitstatus_to_exitcode(status), message, stats_of(text))


def complaint(text: str) -> str:
    """The last line that names an error, else the last line."""
    named = [line for line in text.splitlines() if re.match(r"\S*(Error|Exception)\b|error", line)]
    return (named or [last_line(text)])[-1][:200]


def cpu_seconds(pid: int) -> float:
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError):
        return 0.0


def resident_gb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e9
    except (OSError, IndexError):
        return 0.0


def prepare(data: Data | EvaluationData, program: str) -> None:
    if (data.folder / "done-2").is_file():
        return
    if isinstance(data, EvaluationData):
        if problem := install(load_peers()[REFERENCE]):
            sys.exit(f"no {REFERENCE} to draw run lengths with: {problem}")
        for command in data.commands():
            subprocess.run(command, check=True)
        (data.folder / "done-2").touch()
        return
    shutil.rmtree(data.folder, ignore_errors=True)
    for command in data.commands():
        subprocess.run(command, check=True)
    annotations = data.coco_tree / "annotations"
    annotations.mkdir(parents=True)
    os.link(data.coco, annotations / "instances_train.json")
    os.symlink(os.path.relpath(data.yolo / "images", data.coco_tree), data.coco_tree / "images")
    for command in data.made_by_vetset(program):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (data.folder / "done-2").touch()


def build_limit() -> str | None:
    source, program = ROOT / "bench" / "limits" / "limits.cpp", CACHE / "limits"
    if program.is_file() and program.stat().st_mtime >= source.stat().st_mtime:
        return str(program)
    try:
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "simdjson"], capture_output=True, text=True, check=True).stdout.split()
        subprocess.run(["g++", "-std=c++20", "-O2", "-o", str(program), str(source), *flags], check=True)
    except (OSError, subprocess.CalledProcessError) as problem:
        print(f"no limit: {problem}", file=sys.stderr)
        return None
    return str(program)


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def size_of(path: Path) -> dict[str, int]:
    files = [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else [path] if path.is_file() else []
    return {"files": len(files), "bytes": sum(p.stat().st_size for p in files)}


def anonymous(text: str, scratch: Path, program: str) -> str:
    """A command or a message without the paths of this machine."""
    text = text.replace(str(program), "vetset").replace(str(scratch), "out").replace(str(CACHE) + "/", "").replace(str(ROOT) + "/", "")
    return re.sub(r"(^| )/\S*/", r"\1", text)


def run_row(row: Row, commands: dict[str, list[str]], data: Data | EvaluationData, options) -> dict[str, dict]:
    """Every tool once, then every tool again: a slow minute of the machine meets all of them."""
    runs: dict[str, list[Measured]] = {name: [] for name in commands}
    output: dict[str, dict[str, int]] = {}
    for turn in range(options.repeats):
        for name, command in commands.items():
            if turn and (runs[name][-1].cpu > options.once_above or failed(name, row, runs[name][-1])):
                continue
            out = options.scratch / "out"
            remove(out)
            took = measure(command, options.scratch / "log.txt", options.limits)
            output[name] = size_of(out)
            remove(out)
            runs[name].append(took)
            print(f"  {row.name:22} {name:12} {took.cpu:9.3f} CPU s {took.wall:9.3f} s {took.peak_mb:8.1f} MB"
                  + (f"  exit {took.status}: {took.message}" if failed(name, row, took) else ""), flush=True)
    results = {}
    for name, taken in runs.items():
        bad = next((r for r in taken if failed(name, row, r)), None)
        results[name] = {
            "command": anonymous(shlex.join(commands[name]), options.scratch, options.vetset), "output": output[name], "runs": [asdict(r) for r in taken],
            **({"failed": f"exit {bad.status}: {anonymous(bad.message, options.scratch, options.vetset)}"} if bad else {
                "cpu": statistics.median(r.cpu for r in taken), "wall": statistics.median(r.wall for r in taken), "peak_mb": max(r.peak_mb for r in taken)})}
        for r in results[name]["runs"]:
            del r["message"], r["stats"]
    if isinstance(data, EvaluationData):
        stats = {name: taken[-1].stats for name, taken in runs.items()}
        if stats.get("vetset"):
            stats["vetset"] = vetset_stats(options.vetset, row.job, data)
        compare_numbers(row, stats, data, results)
    return results


def compare_numbers(row: Row, stats: dict[str, Stats | None], data: EvaluationData, results: dict[str, dict]) -> None:
    """With the reference's numbers: of this run, else of an earlier one."""
    kept = data.folder / f"{row.job}.stats"
    if reference := stats.get(BOUNDARY_REFERENCE if EVALUATIONS[row.job].kind == "boundary" else REFERENCE):
        kept.write_text(" ".join(("stats", *map(repr, reference.numbers))) + "\n")
    elif kept.is_file():
        reference = stats_of(kept.read_text())
    for name, numbers in stats.items():
        if numbers and "failed" not in results[name]:
            results[name] |= {"numbers": list(numbers.numbers), "agrees": agreement(numbers, reference)}


def failed(name: str, row: Row, run: Measured) -> bool:
    if row.job in EVALUATIONS and name != LIMIT and run.stats is None:
        return True
    return run.status not in (ANY_ANSWER if row.job in ("check", "diff") and name in ("vetset", "panlabel") else (0,))


def machine(scratch: Path) -> dict:
    cpu = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    kind = subprocess.run(["stat", "-f", "-c", "%T", str(scratch)], capture_output=True, text=True).stdout.strip()
    return {"cpu": cpu.group(1) if cpu else platform.machine(), "cores": os.cpu_count(), "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9),
            "system": f"{platform.system()} {platform.release().split('-')[0]}", "python": platform.python_version(), "output_on": kind}


def times(a: float | None, b: float | None) -> str:
    return f"{a / b:.2f}×" if a is not None and b else "–"


def summary(results: dict) -> list[str]:
    """For each row with peers: vetset against the best peer that did it, and against the limit."""
    lines = ["| row | vetset, CPU s | best peer | its CPU s | CPU ÷ peer | vetset, MB | least of the peers, MB | peak ÷ peer | CPU ÷ limit |", "|---|---|---|---|---|---|---|---|---|"]
    for row in ROWS:
        entry = results.get(row.name, {})
        ours = entry.get("vetset", {})
        peers = {n: e for n, e in entry.items() if n not in (*OURS, LIMIT) and "cpu" in e}
        if "cpu" not in ours or not peers:
            continue
        best = min(peers, key=lambda n: peers[n]["cpu"])
        least = min(e["peak_mb"] for e in peers.values())
        lines.append(f"| {row.title} | {ours['cpu']:.2f} | {best} | {peers[best]['cpu']:.2f} | {times(ours['cpu'], peers[best]['cpu'])} "
                     f"| {ours['peak_mb']:.0f} | {least:.0f} | {times(ours['peak_mb'], least)} | {times(ours['cpu'], entry.get(LIMIT, {}).get('cpu'))} |")
    return lines if len(lines) > 2 else []


def table(document: dict) -> str:
    results, m = document["rows"], document["machine"]
    lines = [f"# {document['name']}", "", f"`{document['command']}`", "",
             f"{m['cpu']}, {m['cores']} cores, {m['memory_gb']} GB, {m['system']}; output on {m['output_on']}. "
             f"{'; '.join(document['data'])}. Median of {document['repeats']}.", "",
             "Versions: " + ", ".join(f"{n} {v}" for n, v in document["versions"].items()) + ".", ""]
    short = summary(results)
    lines += [*short, ""] if short else []
    lines += ["| row | tool | CPU s | wall s | peak MB | CPU ÷ limit | CPU ÷ vetset | output |", "|---|---|---|---|---|---|---|---|"]
    for row in ROWS:
        entry = results.get(row.name, {})
        limit, ours = (entry.get(n, {}).get("cpu") for n in (LIMIT, "vetset"))
        for name, e in sorted(entry.items(), key=lambda item: item[1].get("cpu", float("inf"))):
            if "cpu" not in e:
                lines.append(f"| {row.title} | {name} | {e['failed'].replace('|', '/')} | | | | | |")
                continue
            digits = 3 if row.job == "start" or e["cpu"] < 0.1 else 2
            output = f"{e['output']['files']:,} files, {e['output']['bytes'] / 1e6:.1f} MB" if e["output"]["files"] else e.get("agrees", "")
            lines.append(f"| {row.title} | {name} | {e['cpu']:.{digits}f} | {e['wall']:.{digits}f} | {e['peak_mb']:.0f} | {times(e['cpu'], limit)} | {times(e['cpu'], ours)} | {output} |")
    return "\n".join(lines) + "\n"


def described(rows: list[Row], scale: float) -> list[str]:
    lines = []
    for data in dict.fromkeys(type(row.data(scale))(scale) for row in rows):
        if isinstance(data, EvaluationData):
            lines.append("evaluation: " + ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in data.sizes().items()))
        else:
            images, annotations = data.counts()
            size = f", {data.coco.stat().st_size / 1e6:.0f} MB of COCO" if data.coco.is_file() else ""
            lines.append(f"{images:,} images, {annotations:,} annotations{size}")
    return lines


def version_of(program: str) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split()
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    return f"{said[-1] if said else '?'} ({commit})"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="latest")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--once-above", type=float, default=60.0, metavar="SECONDS", help="what takes more CPU than this is run once")
    parser.add_argument("--rows", default="", help="names or beginnings of names, with commas between")
    parser.add_argument("--peers", default=None, help="names with commas between; empty for none")
    parser.add_argument("--vetset", default=str(ROOT / "build" / "release" / "vetset"))
    parser.add_argument("--vetset-python", default="", metavar="PYTHON", help="an interpreter that has vetset's module, for the rows of evaluation")
    parser.add_argument("--scratch", type=Path, default=CACHE / "scratch", help="where output is written, and removed; a tmpfs leaves the disk out of the figures")
    parser.add_argument("--memory", type=float, default=8.0, metavar="GB", help="a tool that takes more is stopped")
    parser.add_argument("--cpu", type=float, default=0, metavar="SECONDS", help="a tool that takes more is stopped (1200 at full size)")
    parser.add_argument("--list", action="store_true", help="print the rows and the peers")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    peers = load_peers()
    if options.list:
        print("\n".join(f"{r.name:22} {r.title}" for r in ROWS) + "\npeers: " + ", ".join(peers))
        return 0
    wanted = list(peers) if options.peers is None else [p for p in options.peers.split(",") if p]
    chosen = [r for r in ROWS if not options.rows or any(r.name == w or (w.endswith("*") and r.name.startswith(w[:-1])) for w in options.rows.split(","))]
    if unknown := [p for p in wanted if p not in peers]:
        sys.exit(f"unknown peer {unknown[0]}; there are: {', '.join(peers)}")
    if not chosen:
        sys.exit(f"no row is named {options.rows}; --list prints them")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    cpu = options.cpu or max(60.0, 1200 * options.scale)
    options.limits = Limits(cpu=cpu, wall=6 * cpu, memory_gb=options.memory)
    options.scratch.mkdir(parents=True, exist_ok=True)
    options.vetset = str(Path(options.vetset).resolve())
    absent = {name: problem for name in wanted if (problem := install(peers[name]))}
    for name, problem in absent.items():
        print(f"{name}: not installed: {problem}", file=sys.stderr)
    limit = build_limit()
    have_vetset = os.access(options.vetset, os.X_OK)
    versions = {"vetset": version_of(options.vetset)} if have_vetset else {}
    results = {}
    for row in chosen:
        data = row.data(options.scale)
        prepare(data, options.vetset)
        out = options.scratch / "out"
        commands = {LIMIT: limit_command(limit, row, data, out) if limit else None,
                    "vetset": vetset_command(options.vetset, row, data, out) if have_vetset else None}
        if options.vetset_python and row.peers and isinstance(data, EvaluationData):
            commands[MODULE] = module_evaluation(options.vetset_python, row.job, data)
        commands |= {name: peer_command(peers[name], row, data, out) for name in wanted if row.peers and name not in absent}
        results[row.name] = run_row(row, {n: c for n, c in commands.items() if c}, data, options)
    used = {name for entry in results.values() for name in entry}
    versions |= {name: peers[name].packages[0].partition("==")[2] for name in wanted if name in used}
    document = {"name": options.name, "command": anonymous(shlex.join(["python", "bench/run.py", *sys.argv[1:]]), options.scratch, options.vetset), "machine": machine(options.scratch),
                "data": described(chosen, options.scale), "repeats": options.repeats, "versions": versions,
                "not_installed": absent, "rows": results}
    folder = ROOT / "bench" / "runs" / options.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    (folder / "table.md").write_text(table(document))
    print(f"\n{table(document)}\nwritten: bench/runs/{options.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
