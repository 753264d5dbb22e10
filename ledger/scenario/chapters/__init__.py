"""The chapters of Demo A by theme; `ledger.scenario.demo_a` tells them in the order of time."""
