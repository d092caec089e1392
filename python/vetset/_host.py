"""The program `vetset` asks this for rules of a team's own: a request on stdin, an answer on stdout, both JSON.

What rules print goes to stderr, so that the program's output stays its own.
"""

from __future__ import annotations

import json
import os
import sys
import typing

from . import _check, _core, _rules, version
from ._dataset import open as open_dataset
from ._error import Error
from ._opened import Opened


def _plan(asked: dict[str, typing.Any]) -> _core.CheckPlan:
    return _check.plan(
        asked["path"],
        {
            "select": asked["select"] or None,
            "ignore": asked["ignore"],
            "images": asked["images"],
            "pixels": asked["pixels"],
            "cache": asked["cache"],
            "severity": dict(asked["severity"]),
            "config": "none",
            "threads": asked["threads"],
        },
    )


def _look(asked: dict[str, typing.Any]) -> dict[str, typing.Any]:
    rules = _rules.rules_of(asked["files"])
    if asked["describe"]:
        return {"rules": [{"code": r.code, "name": r.name, "title": r.summary, "severity": r.severity,
                           "evidence": r.evidence, "page": r.page, "origin": r.origin} for r in rules]}
    plan = _plan(asked)

    def asks_for(rule: _rules.OwnRule) -> bool:
        return plan.asks_for(rule.code, rule.name, rule.severity)

    path = asked["path"]
    dataset = open_dataset(path, asked["format"] or None, asked["images_dir"] or None, asked["threads"])
    model = asked["model"]
    tables = _rules.RuleTables(
        dataset,
        plan=plan,
        bound=lambda: _check.bind(dataset, **{k: v for k, v in model.items() if v}),
        arrays={"probabilities": model["probabilities"] or None, "embeddings": model["embeddings"] or None},
        threads=asked["threads"],
    )
    said = {"now": _rules.look(rules, tables, dataset, asks_for)}
    if asked["diff_from"]:
        earlier = Opened(_core.open_before(dataset._source, path, asked["diff_from"], plan, None).source, path)
        tables = _rules.RuleTables(earlier, facts="needs pixels, which were looked at in the later side alone")
        said["then"] = _rules.look(rules, tables, earlier, asks_for)
    return said


def main() -> int:
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    print(f"vetset {version}", file=answer, flush=True)
    try:
        said = _look(json.load(sys.stdin))
    except Error as error:
        said = {"error": {"code": error.code, "message": error.message, "file": error.file, "line": error.line}}
    except KeyboardInterrupt:
        return 130
    json.dump(said, answer, ensure_ascii=True)
    answer.close()
    return 0
