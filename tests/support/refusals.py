"""Which rules may refuse a type of event, read off the code: every `Rule` its function names, and those it calls."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

from ledger.events.delegation import ALL_DELEGABLE
from ledger.rules import delegation, identity
from ledger.rules.admit import _RULES
from ledger.rules.catalogue import Rule


@cache
def refusals_of_all() -> set[Rule]:
    """Those that hold for every statement, whatever its type."""
    return _named(identity.may_sign)


@cache
def refusals(name: str) -> set[Rule]:
    """Those of one type, and of signing it for another where that may be."""
    found = _named(_RULES[name])
    if name in ALL_DELEGABLE:
        found |= _named(delegation.acts_for)
    return found - refusals_of_all()


def _named(function: Callable[..., Any]) -> set[Rule]:
    todo, seen, rules = [function], set(), set()
    while todo:
        one = todo.pop()
        if one in seen:
            continue
        seen.add(one)
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(one)))):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "Rule"
            ):
                rules.add(Rule[node.attr])
            elif isinstance(node, ast.Name):
                called = one.__globals__.get(node.id)
                if isinstance(called, FunctionType) and called.__module__.startswith("ledger.rules."):
                    todo.append(called)
    return rules
