"""Datasets under test: `pytest --vetset data/street` adds a test a rule of `vetset check`.

A rule that finds something from the gate's severity on (`--vetset-fail-on`) fails and shows its first findings; one that
could not look is skipped and says why. The check runs once a dataset, when the first of its tests does; vetset.toml and a
baseline hold as they do for the program.
"""

from __future__ import annotations

import collections.abc
import typing

import pytest

import vetset
from vetset import _check, _core, _rules

SHOWN = 10
RANK = {"note": 0, "warning": 1, "error": 2}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("vetset", "datasets under test (vetset)")
    group.addoption("--vetset", action="append", default=[], metavar="DATASET",
                    help="check this dataset, a test a rule; may be said several times")
    group.addoption("--vetset-fail-on", choices=["error", "warning", "note", "never"], default=None,
                    help="severity from which on a rule's findings fail its test; error, or as vetset.toml says")
    group.addoption("--vetset-select", default="", metavar="CODES", help="only these rules: codes, beginnings, names")
    group.addoption("--vetset-ignore", default="", metavar="CODES", help="not these rules")
    group.addoption("--vetset-baseline", default=None, metavar="FILE", help="findings that are known do not count")
    group.addoption("--vetset-no-images", action="store_true", help="do not look at the image files")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    for path in config.getoption("--vetset"):
        items.extend(DatasetTests.from_parent(session, name=path, nodeid=path).collect())


def _words(option: str) -> list[str]:
    return [word for word in option.split(",") if word]


class DatasetTests(pytest.Collector):
    """The tests of one dataset, and what they share: the dataset and its check."""

    dataset: vetset.Dataset | None = None
    _report: vetset.CheckReport | None = None

    def collect(self) -> collections.abc.Iterable[pytest.Item]:
        select, ignore = (_words(self.config.getoption(f"--vetset-{name}")) for name in ("select", "ignore"))
        try:
            chosen = set(_core.rules_named(select)) if select else {rule.code for rule in vetset.rules()}
            chosen -= set(_core.rules_named(ignore))
        except vetset.Error as error:
            raise pytest.UsageError(f"--vetset-select, --vetset-ignore: {error}") from error
        own = self.own_rules(select, ignore)
        yield OpenTest.from_parent(self, name="open")
        for rule in [*vetset.rules(), *own]:
            if rule.code in chosen or rule in own:
                yield RuleTest.from_parent(self, name=f"{rule.code}-{rule.name}", code=rule.code)

    def own_rules(self, select: list[str], ignore: list[str]) -> list[_rules.OwnRule]:
        """Those of a team's own that vetset.toml names, as far as they are asked for."""
        try:
            plan = _check.plan(self.name, {"select": select or None, "ignore": ignore or None})
            made = _rules.rules_of(plan.rule_files) if plan.may_run_rules else []
        except vetset.Error as error:
            raise pytest.UsageError(f"rules of your own: {error}") from error
        return [rule for rule in made if plan.asks_for(rule.code, rule.name, rule.severity)]

    def open(self) -> vetset.Dataset:
        if self.dataset is None:
            self.dataset = vetset.open(self.name)
        return self.dataset

    def report(self) -> vetset.CheckReport:
        if self._report is None:
            option = self.config.getoption
            self._report = self.open().check(
                select=_words(option("--vetset-select")) or None,
                ignore=_words(option("--vetset-ignore")) or None,
                baseline=option("--vetset-baseline"),
                fail_on=option("--vetset-fail-on"),
                images=not option("--vetset-no-images"),
            )
        return self._report


class Found(Exception):
    """What a rule found, as its test shows it."""


class _Test(pytest.Item):
    @property
    def of(self) -> DatasetTests:
        return typing.cast(DatasetTests, self.parent)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: typing.Any = None) -> typing.Any:
        if isinstance(excinfo.value, (Found, vetset.Error)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[str, int | None, str]:
        return self.of.name, None, f"{self.of.name}::{self.name}"


class OpenTest(_Test):
    """Whether the dataset can be read at all."""

    def runtest(self) -> None:
        self.of.open()


class RuleTest(_Test):
    """Whether one rule finds nothing that counts."""

    def __init__(self, *, code: str, **kwargs: typing.Any) -> None:
        super().__init__(**kwargs)
        self.code = code

    def runtest(self) -> None:
        try:
            self.of.open()
        except vetset.Error:
            pytest.skip("the dataset cannot be read")
        report = self.of.report()
        (result,) = (r for r in report.results if r.code == self.code)
        level = report.fail_on
        if result.broken and level != "never":
            raise Found(f"{result.code} {result.name} {result.not_run}")
        if result.not_run is not None:
            pytest.skip(result.not_run)
        if level == "never":
            return
        found = [f for f in report if f.code == self.code and RANK[f.severity] >= RANK[level]]
        unkept = result.count - sum(f.code == self.code for f in report)
        if not found and not (unkept and RANK[result.severity] >= RANK[level]):
            return
        lines = [f"{result.code} {result.name}: {result.title}", *(repr(finding) for finding in found[:SHOWN])]
        if len(found) + unkept > SHOWN:
            lines.append(f"and {len(found) + unkept - SHOWN:,} more")
        fix = next((finding.fix for finding in found if finding.fix), None)
        lines += [f"to mend it: {fix}"] if fix else []
        raise Found("\n".join(lines))
