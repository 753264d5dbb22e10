"""The machine that says things: one module a theme, put together by `tests.property.test_rules_machine`."""
