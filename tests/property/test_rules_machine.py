"""Anybody may say anything, in any order and under any contract: the fold and the naive model agree on all of it.

Two contracts and more, eleven parties with several keys, strangers among them. Every statement is judged twice: by
`tests.support.naive`, which goes through all that was admitted so far again, and by the fold. They must agree whether
it is admitted; if not, the rule that refuses must be one of those that the model finds broken. What holds at every
level is checked after each step, and at the end the log is folded again from nothing.
"""

from collections import Counter
from fractions import Fraction
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from ledger.events.catalogue import EVENTS
from ledger.rules.catalogue import Rule
from tests.support.adds_up import all_adds_up
from tests.support.judged import Judged, shortest
from tests.support.machine.after import ClaimantsSpeak
from tests.support.machine.contracts import BuyersSpeak, contract_body
from tests.support.machine.goods import CarriersSpeak
from tests.support.machine.parties import ITEM, PartiesSpeak
from tests.support.machine.speaking import DAY, NOBODY_YET, PARTIES, Odds, actions, odds
from tests.support.machine.tricks import TrickstersSpeak
from tests.support.naive import Said
from tests.support.naive.said import written
from tests.support.world import party

met = Counter[str]()

terms = st.fixed_dictionaries(
    {
        "tolerance": st.sampled_from(["0", "2.5", "10"]),
        "ceiling": st.sampled_from([None, 40, 1000]),
        "first_sample": st.sampled_from([False, False, True]),
        "named": st.booleans(),
        "price": st.sampled_from([None, "clear", "kept"]),
    }
)


class Parts(PartiesSpeak, BuyersSpeak, TrickstersSpeak, CarriersSpeak, ClaimantsSpeak):
    """All that can be said."""


ACTIONS = actions(Parts)


class Contracts(Parts):
    """Says things, has them judged twice, and looks whether everything still adds up."""

    @initialize(agreed=st.tuples(terms, terms), accept=st.sampled_from([True] * 9 + [False]), made_to=st.booleans())
    def opens_two_contracts(self, agreed: tuple[dict[str, Any], ...], accept: bool, made_to: bool) -> None:
        self.judged, self.said, self.contracts = Judged(), [], []
        sure = Odds(0, "all", None, None, DAY)
        recovery = {"Asha": ("Hub", "Bo", "Store"), "Hub": ("Prime", "Bo")}
        for name in PARTIES:
            if name not in NOBODY_YET:
                named = [party(one) for one in recovery.get(name, ())]
                self.enrol(sure, name, {"parties": named, "needed": len(named) - 1} if named else None)
        design = self.publish(sure, "Agency", f"{ITEM}1", "A").id
        for unit, told in zip(("H87", "KGM"), agreed, strict=True):
            self.open(sure, contract_body(unit, **told), accept=accept, made_to=design if made_to else None)
            if accept:
                lines = [{"line": name, "quantity": written(Fraction(30), unit)} for name in "12"]
                order = self.call_off(sure, self.contracts[-1], lines)
                self.accept(sure, order)
                self.accept(sure, self.allot(sure._replace(size="half"), order, "Hub"))

    @rule(what=st.sampled_from(ACTIONS), by=odds)
    def says(self, what: str, by: Odds) -> None:
        getattr(self, what)(by)

    def submit(self, one: Said) -> str:
        try:
            return super().submit(one)
        except AssertionError:
            tried, why = shortest(self.judged.tried)
            told = "\n".join(map(str, tried))
        raise AssertionError(f"{why}\nafter\n{told}")

    def teardown(self) -> None:
        if hasattr(self, "judged"):
            all_adds_up(self.judged.naive, self.judged.world.state)
            self.judged.folds_again()
            met.update(self.judged.met)


SETTINGS = settings(stateful_step_count=50, phases=[Phase.generate])


def test_fold_and_model_agree_on_whatever_is_said():
    run_state_machine_as_test(Contracts, settings=SETTINGS)
    print(sorted(met.items()))
    assert not EVENTS.keys() - met.keys() - {"log.policy"}
