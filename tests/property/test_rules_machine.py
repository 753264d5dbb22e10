"""Anybody may say anything, in any order and under any contract: the fold and the naive model agree on all of it.

Every statement is judged twice: by `tests.support.naive`, which goes through all that was admitted so far again, and
by the fold. They must agree whether it is admitted; if not, the rule that refuses must be one of those that the model
finds broken. What holds at every level is checked at every place in the log, and at the end the log is folded again
from nothing.

Hypothesis gives each run its chance and no more: a failure is made shorter by leaving out statements
(`tests.support.judged.shortest`), which takes seconds.
"""

from collections import Counter
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ledger.events.catalogue import EVENTS
from tests.support.machine import Machine

STEPS = 80


def test_fold_and_model_agree_on_whatever_is_said():
    met = Counter[str]()

    @settings(phases=[Phase.generate])
    @given(chance=st.randoms(use_true_random=True))
    def things_are_said(chance: Random) -> None:
        machine = Machine(chance)
        machine.begins()
        for _ in range(STEPS):
            machine.goes_on()
        machine.ends()
        met.update(machine.judged.met)

    things_are_said()
    print(sorted(met.items()))
    assert not EVENTS.keys() - met.keys() - {"log.policy"}
