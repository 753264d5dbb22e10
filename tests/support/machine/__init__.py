"""Anybody says anything, in any order and under any contract: one module a theme, put together here."""

from fractions import Fraction

from tests.support.adds_up import all_adds_up
from tests.support.judged import shortest
from tests.support.machine.after import ClaimantsSpeak
from tests.support.machine.contracts import BuyersSpeak, contract_body
from tests.support.machine.goods import CarriersSpeak
from tests.support.machine.parties import ITEM, PartiesSpeak
from tests.support.machine.speaking import NOBODY_YET, PARTIES, Odds, actions
from tests.support.machine.tricks import TrickstersSpeak
from tests.support.naive import Said
from tests.support.naive.said import written
from tests.support.shown import path_is_shown, shown_as_said
from tests.support.world import party

RECOVERY = {"Asha": ("Hub", "Bo", "Store"), "Hub": ("Prime", "Bo")}


class Machine(PartiesSpeak, BuyersSpeak, TrickstersSpeak, CarriersSpeak, ClaimantsSpeak):
    """Two contracts and more, eleven parties with several keys, strangers among them."""

    def begins(self) -> None:
        """Most have enrolled; two contracts in different units are open, half of what is ordered is the hub's."""
        chance, sure = self.chance, Odds("all")
        for name in PARTIES:
            if name not in NOBODY_YET:
                named = [party(one) for one in RECOVERY.get(name, ())]
                self.enrol(sure, name, {"parties": named, "needed": len(named) - 1} if named else None)
        design = self.publish(sure, "Agency", f"{ITEM}1", "A").id
        for unit in ("H87", "KGM"):
            body = contract_body(
                unit,
                tolerance=chance.choice(["0", "2.5", "10"]),
                ceiling=chance.choice([None, 40, 1000]),
                first_sample=chance.random() < 0.3,
                named=chance.random() < 0.5,
                price=chance.choice([None, "clear", "kept"]),
            )
            accept = chance.random() < 0.9
            self.open(sure, body, accept=accept, made_to=chance.choice([design, None]))
            if accept:
                lines = [{"line": name, "quantity": written(Fraction(30), unit)} for name in "12"]
                order = self.call_off(sure, self.contracts[-1], lines)
                self.accept(sure, order)
                self.accept(sure, self.allot(Odds("half"), order, "Hub"))
                self.delegate(sure, self.contracts[-1], "Hub", "Dee")

    def goes_on(self) -> None:
        getattr(self, self.chance.choice(_ACTIONS))(self.odds())

    def is_looked_at(self) -> None:
        """As it stands now: all sums, what is shown of it, and the way up from something that was said."""
        state = self.judged.world.state
        all_adds_up(self.naive, state)
        shown_as_said(self.naive, state)
        path_is_shown(state, self.chance.choice([one for one in self.naive.log if self.naive.under(one)]))

    def ends(self) -> None:
        self.is_looked_at()
        self.judged.folds_again()

    def submit(self, one: Said) -> str:
        try:
            return super().submit(one)
        except AssertionError:
            tried, why = shortest(self.judged.tried)
            told = "\n".join(map(str, tried))
        raise AssertionError(f"{why}\nafter\n{told}")


_ACTIONS = actions(Machine)
