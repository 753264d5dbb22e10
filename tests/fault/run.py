"""One seeded run: processes that write to a log until they are struck, one after another, then one that is not.

The model is a list. A group that was acknowledged stands in it for ever; the group that was being written when the
strike came is there as a whole or not at all, and for most strikes it is known which. After every life the log is read
as it lies and held against the model and what the log promises:

* what was acknowledged is there, at the index it was told, and nothing else is but the struck group;
* the newest checkpoint extends every one that was ever seen or answered, and the mark lies between;
* sent again, everything has one entry, the index it had and the same receipt, byte for byte;
* what was signed is what is kept: `fsck` re-hashes it, and the root is made again from the list;
* the fold in the store is that of the entries, byte for byte;
* a fault that a process survives halts it, with a reason, and reads go on.
"""

from __future__ import annotations

import gc
import os
import random
import shutil
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

from ledger.errors import LogError, LogHalted
from ledger.events.opened import Opened, open_kept
from ledger.log import group
from ledger.log.folder import LogFolder
from ledger.log.log import Log
from ledger.log.reader import LogReader
from ledger.log.writer import Outcome, Registered
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.merkle import root_at
from ledger.rules.admit import fold
from ledger.rules.state import MemoryState, digest, memory_digest
from ledger.units import LeafIndex
from tests.fault.striking import DEADLY, STRIKES, Fault, Site, Strike, Striker
from tests.support.log_world import (
    enrolments,
    fsck_at,
    grown_log,
    id_of,
    kept_statements,
    open_log,
    register,
    tree_of,
)
from tests.support.spine import VKEY

SMALL, NEARLY_FULL = 2, 253
"""How many parties are enrolled before: with the second the first tile becomes full on the way."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one process is to write, and what strikes it."""

    groups: list[list[bytes]]
    strike: Strike


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run does, by its seed alone."""

    enrolled: int
    turns: list[Turn]

    @classmethod
    def of(cls, seed: int) -> Plan:
        """Seeds one after another go through `STRIKES`; whatever else there is to choose is chosen by chance."""
        chance = random.Random(seed)
        kinds = [STRIKES[seed % len(STRIKES)]]
        while chance.random() < 0.25 and len(kinds) < 4:
            kinds.append(chance.choice(STRIKES))
        fresh = iter(enrolments(9 * len(kinds), 1_000))
        turns: list[Turn] = []
        sent: list[bytes] = []
        for site, fault in kinds:
            groups = []
            for _ in range(3):
                group = [next(fresh) for _ in range(chance.randint(1, 3))]
                groups.append(group + chance.sample(sent, min(len(sent), chance.randint(0, 2))))
                sent += group
            turns.append(Turn(groups, Strike(site, fault, chance.randint(1, 3), chance.randrange(2**32))))
        return cls(NEARLY_FULL if chance.random() < 0.2 else SMALL, turns)

    def __str__(self) -> str:
        return f"{self.enrolled + 1} entries; " + "; ".join(str(turn.strike) for turn in self.turns)


@dataclass(slots=True)
class Life:
    """What a process told before its end."""

    acknowledged: list[list[tuple[int, str]]] = field(default_factory=list)
    receipts: list[tuple[int, str]] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    opened: bool = False
    halted: str = ""
    refused: str = ""
    whole: bool = False
    """Whether it came to its end by itself."""


def run(seed: int, bases: Bases, folder: Path) -> str:
    """Do one run in a folder that is not there yet; answers what became of it. Raises `AssertionError`."""
    plan = Plan.of(seed)
    path = bases.copy(plan.enrolled, folder)
    model = Model(kept_statements(path))
    story = []
    for turn in plan.turns:
        life = _live(path, turn)
        _check_end(life, turn.strike)
        model.take(life, turn)
        model.check_lying(path)
        story.append(life.halted or life.refused or ("ended" if life.whole else "killed"))
    model.check_retry(path, [group for turn in plan.turns for group in turn.groups])
    return " / ".join(story)


class Bases:
    """The logs that runs begin with, made once and copied."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for enrolled in (SMALL, NEARLY_FULL):
            grown_log(folder / str(enrolled), [enrolments(enrolled)])

    def copy(self, enrolled: int, to: Path) -> Path:
        shutil.copytree(self._folder / str(enrolled), to)
        return to


# The process that is struck


def _live(path: Path, turn: Turn) -> Life:
    """Fork a process that writes until it is struck; what it told."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        gc.disable()
        try:
            os.close(reading)
            with os.fdopen(writing, "w", buffering=1) as out:
                status = _write_until_struck(path, turn, lambda *told: print(*told, file=out))
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        lines = pipe.read().splitlines()
    _, status = os.waitpid(child, 0)
    return _told(lines, status)


def _write_until_struck(path: Path, turn: Turn, tell: Callable[..., None]) -> int:
    group.GROUP_WAIT_MS = 0  # type: ignore[misc]  # nobody else submits
    striker = Striker(LogFolder(path), turn.strike)
    striker.install()
    try:
        try:
            log = open_log(path)
        except LogError as refusal:
            tell("refused", refusal.found)
            tell("whole")
            return 0
        tell("opened")
        with log:
            for number, statements in enumerate(turn.groups, 1):
                striker.before_group(number)
                if not _append(log, path, statements, tell, first=number == 1):
                    break
    except BaseException:
        tell("broken", *traceback.format_exc().splitlines())
        raise
    tell("whole")
    return 0


def _append(log: Log, path: Path, statements: list[bytes], tell: Callable[..., None], *, first: bool) -> bool:
    outcomes = _halted_or_not(log, statements)
    if isinstance(outcomes, LogHalted):
        tell("halted", outcomes.found)
        _check_halted(log, path, statements, outcomes)
        return False
    assert all(isinstance(one, Registered) for one in outcomes), outcomes
    places = [one for one in outcomes if isinstance(one, Registered)]
    tell("group", *(f"{one.index}:{one.id}" for one in places))
    if first:
        last = places[-1].index
        tell("receipt", last, sha256(log.receipt(last)).hexdigest())
    tell("seen", LogFolder(path).mark.read_bytes().hex())
    return True


def _halted_or_not(log: Log, statements: Sequence[bytes]) -> list[Outcome] | LogHalted:
    try:
        return log.append(statements)
    except LogHalted as halted:
        return halted


def _check_halted(log: Log, path: Path, statements: Sequence[bytes], told: LogHalted) -> None:
    """It says why, to everybody who comes; and it can be read."""
    assert told.found.removeprefix("the log has stopped writing: ").strip(), "no reason is given"
    for again in (statements, statements[:1]):
        still = _halted_or_not(log, again)
        assert isinstance(still, LogHalted), "a halted log took a statement"
        assert still.found == told.found
    with LogReader.open(path) as reader:
        reader.inclusion(LeafIndex(1), reader.size)


def _told(lines: Sequence[str], status: int) -> Life:
    life = Life()
    for line in lines:
        word, _, rest = line.partition(" ")
        match word:
            case "group":
                pairs = [one.split(":") for one in rest.split()]
                life.acknowledged.append([(int(index), id) for index, id in pairs])
            case "receipt":
                index, hashed = rest.split()
                life.receipts.append((int(index), hashed))
            case "seen":
                life.checkpoints.append(open_checkpoint(bytes.fromhex(rest), VKEY))
            case "opened":
                life.opened = True
            case "halted":
                life.halted = rest
            case "refused":
                life.refused = rest
            case "whole":
                life.whole = True
            case _:
                raise AssertionError("\n".join(lines))
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert killed or status == 0, f"the process ended with status {status}"
    assert killed != life.whole
    return life


def _check_end(life: Life, strike: Strike) -> None:
    """A process ends as its strike has it."""
    if strike.fault in DEADLY:
        assert not life.whole, "it should have been killed"
    elif strike.fault is Fault.SLOW:
        assert life.whole
        assert not life.halted, life.halted
        assert not life.refused, life.refused
    elif isinstance(strike.fault, Fault):
        assert life.halted or life.refused, "a fault that was met by nobody"


# The model


class Model:
    """What the log must hold: a list, and what was said about it."""

    def __init__(self, statements: list[bytes]) -> None:
        self.statements = statements
        self._places = {id_of(one): index for index, one in enumerate(statements)}
        self._receipts: dict[int, str] = {}
        self._seen: list[Checkpoint] = []
        self._acknowledged = len(statements)
        self._maybe: list[bytes] = []
        self._known: bool | None = None

    def take(self, life: Life, turn: Turn) -> None:
        """Take in what a process said. Raises `AssertionError` where it said what it must not."""
        for said, statements in zip(life.acknowledged, turn.groups, strict=False):
            self._extend(statements)
            assert said == [(self._places[id_of(one)], id_of(one)) for one in statements]
            self._acknowledged = len(self.statements)
        for index, hashed in life.receipts:
            assert self._receipts.setdefault(index, hashed) == hashed, f"another receipt for {index}"
        self._seen += life.checkpoints
        begun = len(life.acknowledged)
        in_work = turn.groups[begun] if begun < len(turn.groups) and life.opened else []
        self._maybe = [one for one in dict.fromkeys(in_work) if id_of(one) not in self._places]
        self._known = _is_committed(turn.strike)

    def _extend(self, statements: Sequence[bytes]) -> None:
        for one in statements:
            if self._places.setdefault(id_of(one), len(self.statements)) == len(self.statements):
                self.statements.append(one)

    def check_lying(self, path: Path) -> None:
        """The log as it lies, before any start: readers need no recovery."""
        kept = kept_statements(path)
        assert kept[: len(self.statements)] == self.statements, "what was acknowledged is not what is kept"
        more = kept[len(self.statements) :]
        assert more in ([], self._maybe), "a group is there by half, or another one"
        if self._known is not None and self._maybe:
            assert bool(more) == self._known, "the struck group is there, or not, against what the strike did"
        self._extend(more)
        mark = open_checkpoint(LogFolder(path).mark.read_bytes(), VKEY)
        assert self._acknowledged <= mark.size <= len(self.statements), "the mark is not where it may be"
        self._seen.append(mark)
        self._check_signed(path)

    def check_retry(self, path: Path, groups: Sequence[list[bytes]]) -> None:
        """Start, send everything again, and ask for every receipt that was ever given out."""
        everything = [one for group in groups for one in group]
        self._extend(everything)
        with open_log(path) as log:
            assert register(log, everything) == [self._places[id_of(one)] for one in everything]
            for index, hashed in self._receipts.items():
                assert sha256(log.receipt(LeafIndex(index))).hexdigest() == hashed, f"receipt {index}"
        assert kept_statements(path) == self.statements
        assert len(set(self.statements)) == len(self.statements)
        assert open_checkpoint(LogFolder(path).mark.read_bytes(), VKEY).size == len(self.statements)
        self._check_signed(path)
        assert fsck_at(path).size == len(self.statements)

    def _check_signed(self, path: Path) -> None:
        tree = tree_of(self.statements)
        with LogReader.open(path) as reader:
            self._seen.append(reader.checkpoint)
            assert digest(reader.store.state()) == _folded(self.statements)
        for one in self._seen:
            assert root_at(one.size, tree) == one.root, (
                f"the checkpoint of size {one.size} is of another history"
            )


def _is_committed(strike: Strike) -> bool | None:
    """Whether the group that was being written is durable; None where only the system knows."""
    if strike.site is None or strike.fault is Fault.SLOW:
        return None
    if strike.site is Site.COMMIT:
        if strike.fault in (Fault.POWER_LOST, Fault.EIO_SYNC):
            return None
        return strike.fault in (Fault.PERSISTED, Fault.KILLED_AFTER)
    return strike.site > Site.COMMIT


@cache
def _opened(statement: bytes) -> Opened:
    return open_kept(statement)


def _folded(statements: Sequence[bytes]) -> str:
    """The digest of the state that these statements make, in this order."""
    state = MemoryState()
    for index, statement in enumerate(statements):
        fold(state, _opened(statement).at(LeafIndex(index)))
    return memory_digest(state)


def seeds(words: Sequence[str]) -> Iterator[int]:
    """Seeds and ranges of them: `7`, `0-999`."""
    for word in words:
        first, _, last = word.partition("-")
        yield from range(int(first), int(last or first) + 1)
