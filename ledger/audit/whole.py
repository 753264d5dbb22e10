"""Auditing a log: every hash, every signature, every rule, every checkpoint, and what is odd in the facts.

The auditor folds the rules from nothing over the statements themselves and compares the outcome, byte for byte,
with the state the log keeps. It trusts no column the log wrote beside a statement, only compares it. A beginning of
the log is audited as it was then; what the log keeps of today (its state, its high-water mark, the database as a whole)
can be compared with the whole of it only.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ledger.bulk import uncollected
from ledger.errors import LogInconsistent, TallyError
from ledger.events.opened import Opened, open_kept
from ledger.log.erased import ErasedEntry, open_erased
from ledger.log.fsck import Checked, EntryCheck
from ledger.log.ordered import waiting
from ledger.log.past import Moment, moment_at, take_in
from ledger.log.reader import LogReader
from ledger.log.recover import RUN_FSCK
from ledger.log.signatures import WORTH_PROCESSES, SignaturePool, opened_windows
from ledger.log.store.protocol import Reader, Row
from ledger.rules.findings import Finding, findings_in, log_findings
from ledger.rules.findings.signatures import Link
from ledger.rules.gathering import situation
from ledger.rules.situation import Situation
from ledger.rules.state import MemoryState, digest, memory_digest
from ledger.statement.envelope import KeyResolver
from ledger.statement.keybook import KeyBook
from ledger.units import StatementId, TreeSize


@dataclass(frozen=True, slots=True)
class ContractAudit:
    """One contract as the auditor's own fold has it."""

    situation: Situation
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit that ran to its end found. A log that does not hold together raises instead."""

    moment: Moment
    """The size of the log that was audited."""
    checked: Checked
    whole: bool
    """Whether that was all of it, so that what the log keeps was compared too."""
    types: dict[str, int]
    keys: int
    contracts: tuple[ContractAudit, ...]
    log_findings: tuple[Finding, ...]
    """On keys, their chains and claimed times, over the whole log; and what was erased of parties."""
    waiting: tuple[ErasedEntry, ...]
    """Entries whose contents are ordered erased, and are still there. Those that are gone: `checked.erased`."""
    state: str
    """Digest of the fold (see `ledger.rules.state.digest`)."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        every = [finding for contract in self.contracts for finding in contract.findings]
        return tuple(sorted((*every, *self.log_findings), key=lambda finding: finding.order))


@uncollected()
def audit_log(
    reader: LogReader,
    mark: Path | None,
    *,
    size: TreeSize | None = None,
    as_of: datetime | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Audit:
    """Audit a log from its first entry to its last, or its first `size` entries as they were then.

    Findings that depend on a day are judged at `as_of`. Raises `NotFound` for a size it has not had, `LogInconsistent`
    naming the first entry whose hash, signature, rule or record is not as it must be.
    """
    moment = moment_at(reader, reader.size if size is None else size)
    check = EntryCheck(reader.store, moment.size)
    state = MemoryState()
    links: list[Link] = []
    types: Counter[str] = Counter()
    remnants = _Remnants(reader.store)
    ahead: deque[list[Row]] = deque()  # read, and still to be verified and folded
    keys = KeyBook()  # of the entries so far: what a statement is signed with was added before it

    def windows() -> Iterator[list[bytes]]:
        for rows in check.batches():
            ahead.append(rows)
            remnants.expect(rows)
            yield [row.statement for row in rows]

    with SignaturePool(keys) as workers:
        pool = workers if moment.size >= WORTH_PROCESSES else None
        for window in opened_windows(windows(), remnants.open, keys, pool):
            for row, opened in zip(ahead.popleft(), window, strict=True):
                one = _sound(row, opened)
                _admit(state, row, one)
                types[one.event.type] += 1
                links.append(Link.of(one, row.index, row.registered_at))
            progress(len(window))
    whole = moment.size == reader.size
    checked = check.finish(mark) if whole else _of_beginning(check, moment)
    return Audit(
        moment=moment,
        checked=checked,
        whole=whole,
        types=dict(types),
        keys=len({link.kid for link in links}),
        contracts=tuple(_contracts(state, as_of)),
        log_findings=tuple(log_findings(state, links)),
        waiting=tuple(waiting(reader, state, state.contracts())),
        state=_compare(state, reader) if whole else memory_digest(state),
    )


class _Remnants:
    """Opens what a log keeps: statements, by their signatures; of erased ones what is left, by the log's word."""

    def __init__(self, store: Reader) -> None:
        self._store = store
        self._expected: defaultdict[bytes, deque[Row]] = defaultdict(deque)  # two may have left the same

    def expect(self, rows: Iterable[Row]) -> None:
        """Take note of the erased among entries that are opened next."""
        for row in rows:
            if row.erased_by is not None:
                self._expected[row.statement].append(row)

    def open(self, data: bytes, resolve: KeyResolver) -> Opened:
        if self._expected and self._expected.get(data):
            return open_erased(self._store, self._expected[data].popleft())
        return open_kept(data, resolve)


def _sound(row: Row, opened: Opened | TallyError) -> Opened:
    if isinstance(opened, TallyError):
        raise LogInconsistent(
            f"entry {row.index} does not open: {opened}", expected="a well-formed, signed statement"
        ) from opened
    return opened


def _admit(state: MemoryState, row: Row, opened: Opened) -> None:
    take_in(state, row, opened)
    known = state.known(opened.id)
    assert known is not None, "taken in just now"
    opens = state.known(StatementId(known.contract))
    contract = opens.index if opens else None
    if (row.type, row.contract) != (known.type, contract):
        raise LogInconsistent(
            f"entry {row.index} is kept as a {row.type} under {row.contract}",
            expected=f"a {known.type} under {contract}, as it says itself",
        )


def _of_beginning(check: EntryCheck, moment: Moment) -> Checked:
    checked = check.entries()
    if checked.root != moment.root:
        raise LogInconsistent(
            f"up to entry {moment.size - 1} the log has root {checked.root.hex()}",
            expected=f"{moment.root.hex()}, by its proof a beginning of the newest checkpoint",
            hint=RUN_FSCK,
        )
    return checked


def _compare(state: MemoryState, reader: LogReader) -> str:
    folded, kept = memory_digest(state), digest(reader.store.state())
    if folded != kept:
        raise LogInconsistent(
            f"the state the log keeps has digest {kept[:16]}",
            expected=f"{folded[:16]}, folded from its entries",
            hint="the entries are sound; what the log answers about contracts is not",
        )
    return folded


def _contracts(state: MemoryState, as_of: datetime | None) -> list[ContractAudit]:
    gathered = (situation(state, contract, as_of) for contract in state.contracts())
    return [ContractAudit(at, tuple(findings_in(at))) for at in gathered]
