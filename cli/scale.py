"""`tally demo --scale`: the contract over thousands of home makers, what it comes to, and how long each thing takes."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from cli.output import print_json, progress, say, table
from cli.render.contract import contract_as_json, show_contract
from cli.stories import fresh, say_what_next, tell
from ledger.audit.gather import make_bundle
from ledger.audit.verify import verify_bundle
from ledger.audit.whole import audit_log
from ledger.log.folder import LogFolder
from ledger.log.past import state_at
from ledger.log.reader import LogReader
from ledger.rules.findings import Finding
from ledger.rules.gathering import situation, situation_of
from ledger.rules.situation import Situation
from ledger.scenario.demo_b import demo_b, expected
from ledger.scenario.homes import Scale
from ledger.scenario.story import Ending, Story
from ledger.trace.down import trace_down
from ledger.trace.up import trace_up
from ledger.units import StatementId

_WORTH_PROCESSES: Final = 1_000
"""From so many makers on, signing in a process for each core pays."""


class _Step(NamedTuple):
    what: str
    came_to: str
    seconds: float


class _Watch:
    """Takes the time of one step after another."""

    def __init__(self) -> None:
        self.steps: list[_Step] = []
        self.started = self._last = time.perf_counter()

    def __call__(self, what: str, came_to: str) -> None:
        """`what` took from the last call until now."""
        now = time.perf_counter()
        self.steps.append(_Step(what, came_to, now - self._last))
        self._last = now

    @property
    def seconds(self) -> float:
        """Since it was made."""
        return self._last - self.started


@dataclass(frozen=True, slots=True)
class _Examined:
    """What the log says of the story."""

    situation: Situation
    findings: tuple[Finding, ...]
    lot: StatementId
    receipt: StatementId
    """Of a van: the evidence that was gathered."""


def show_scale(folder: Path, makers: int, *, as_json: bool) -> None:
    """Tell Demo B to a log in a fresh folder, audit and trace it, and print a summary with the times."""
    ending, watch = expected(Scale(makers)), _Watch()
    fresh(folder)
    story = _signed(makers, ending, watch)
    with progress("registering", ending.entries - 1) as tick:
        log = tell(story, folder, lambda *_: None, tick)
    watch("register it", f"verified, ruled, durable: {ending.entries:,} entries")
    examined = _examined(log, story, ending, watch)
    by_label = Counter(finding.odd.label for finding in examined.findings)
    assert by_label == ending.findings, by_label
    if as_json:
        _print(folder, ending, watch, examined)
        return
    say(story.title)
    show_contract(examined.situation, makers=False)
    say(f"\nAs of {ending.as_of:%d %B %Y}:")
    for label, found in sorted(by_label.items()):
        say(f"  {found:4} x {label}")
    rows = [[step.what, step.came_to, f"{step.seconds:.2f}"] for step in watch.steps]
    table("What took how long", ["to", "came to", "seconds"], rows, numbers=[2])
    commands = (
        f"tally trace {examined.lot[:12]}",
        f"tally bundle {examined.receipt[:12]} -o {folder}/van.bundle",
        f"tally audit --as-of {ending.as_of.isoformat()}",
        "tally fsck",
    )
    say_what_next(folder, watch.seconds, commands)


def _signed(makers: int, ending: Ending, watch: _Watch) -> Story:
    processes = (os.cpu_count() or 1) if makers >= _WORTH_PROCESSES else 1
    with progress("signing", ending.entries - 1) as tick:
        story = demo_b(Scale(makers), processes=processes, progress=tick)
    watch("sign everything", f"{ending.entries - 1:,} statements in {processes} processes")
    return story


def _examined(log: Path, story: Story, ending: Ending, watch: _Watch) -> _Examined:
    with LogReader.open(log) as reader:
        with progress("auditing", reader.size) as tick:
            found = audit_log(reader, LogFolder(log).mark, as_of=ending.as_of, progress=tick)
        watch("audit the log", f"every hash, signature and rule; {len(found.findings)} findings")
        state = state_at(reader, reader.size)
        watch("fold its statements from nothing", f"{sum(1 for _ in state.items()):,} records")
        at = situation(reader.store, story.contract, ending.as_of)
        traced = trace_down(at)
        watch("trace the contract down", f"{len(traced.hubs)} hubs, {len(traced.makers):,} makers")
        lot = max(at.lots)
        part = situation_of(reader.store, story.contract, [lot], ending.as_of)
        steps = trace_up(part, lot)
        watch("trace one lot", f"{len(steps)} steps up, {len(part.dispatches)} waybills")
        receipt = max(one.id for one in at.receipts.values() if len(one.goods) > 1)
        bundle = make_bundle(reader, receipt)
        watch("gather the evidence for one van", f"{len(bundle):,} bytes")
        verified = verify_bundle(bundle, reader.vkey)
        watch("verify it offline", f"{len(verified.statements):,} statements")
    [audited] = found.contracts  # as the auditor's own fold has it: it outlives the reader
    return _Examined(audited.situation, found.findings, lot, receipt)


def _print(folder: Path, ending: Ending, watch: _Watch, examined: _Examined) -> None:
    print_json(
        {
            "folder": str(folder),
            "size": ending.entries,
            "seconds": {step.what: round(step.seconds, 3) for step in watch.steps},
            "lines": contract_as_json(examined.situation)["lines"],
            "findings": Counter(finding.odd.label for finding in examined.findings),
        }
    )
