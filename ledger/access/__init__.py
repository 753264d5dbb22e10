"""Who asks a log over HTTP, proved by a key (specs/http.md): signed requests, and tokens.

`fields` reads the header fields of a signed request, `request` signs and verifies one (RFC 9421), `token` does the same
for the text that a browser or a script shows instead (CWT). Pure: no file, no clock, no network. Whose a key is, at
this moment in this log, whoever calls says by a `KeyResolver`.
"""
