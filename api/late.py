"""Answers that come after the request: statements taken with 202, until somebody asks what became of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from typing import Final

from ledger.errors import TallyError
from ledger.log.writer import Outcome
from ledger.units import StatementId

_KEPT: Final = 8_192  # as many as may wait for the writer


class LateAnswers:
    """By statement id: what is still running, and what was refused. A registered statement is in the log itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards _answers
        self._answers: OrderedDict[StatementId, Future[list[Outcome]]] = OrderedDict()

    def await_(self, statement: StatementId, answer: Future[list[Outcome]]) -> None:
        """Remember a statement that was taken; the oldest is forgotten when there are too many."""
        with self._lock:
            self._answers[statement] = answer
            self._answers.move_to_end(statement)
            if len(self._answers) > _KEPT:
                self._answers.popitem(last=False)

    def is_running(self, statement: StatementId) -> bool:
        """Whether a statement still waits. Raises what refused it."""
        with self._lock:
            answer = self._answers.get(statement)
        if answer is None:
            return False
        if not answer.done():
            return True
        [outcome] = answer.result()
        if isinstance(outcome, TallyError):
            raise outcome
        return False
