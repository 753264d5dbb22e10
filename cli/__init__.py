"""The command `tally`: parse, call the ledger, render. No rule, no hash and no SQL here."""
