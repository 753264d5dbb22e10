"""Every bound in one place: what a decoder, a rule or a queue may be asked to hold.

A limit is checked before the work it bounds. Units stand last in the name.
"""

from __future__ import annotations

from typing import Final

# Statements (specs/statement.md)
STATEMENT_BYTES: Final = 16 * 1024
COSE_BYTES: Final = 64 * 1024  # any COSE_Sign1 as it arrives: a receipt, a statement with unprotected header
CBOR_DEPTH: Final = 16
JSON_DEPTH: Final = 16
TEXT_CHARS: Final = 2_000
SHORT_TEXT_CHARS: Final = 200
LINES_PER_STATEMENT: Final = 200
LOTS_PER_STATEMENT: Final = 100
REF_ROLES: Final = 16
REFS_PER_ROLE: Final = 100
PARTIES_PER_POLICY: Final = 100
PARTIES_PER_ROLE: Final = 100
RECOVERY_PARTIES: Final = 10
KEYS_PER_PARTY: Final = 100  # one a device, revoked ones counted
KEYS_BY_RECOVERY: Final = 10  # of these, kept for recovery parties: who stole a key cannot use them up
DIVISION_DEPTH: Final = 16  # allocations of allocations below a call-off: a sign-off is checked against each

# Confidential values (specs/disclosure.md)
CONFIDENTIAL_BYTES: Final = 8 * 1024  # the longest text has 4 bytes a character
COMMITMENTS_PER_STATEMENT: Final = 200  # more do not fit: each takes 82 bytes of the payload
OPENINGS_BYTES: Final = 2 * COMMITMENTS_PER_STATEMENT * CONFIDENTIAL_BYTES
POINTER_CHARS: Final = 200

# Quantities and money: every sum of 10^9 of them is exact in units.EXACT
INTEGER_DIGITS: Final = 15
FRACTION_DIGITS: Final = 6

# Merkle tree (RFC 9162 2.1): sizes fit a signed 64-bit integer, so a path has at most 63 hashes
TREE_SIZE_MAX: Final = 2**63 - 1
TILE_WIDTH: Final = 256
RECEIPT_BYTES: Final = 4 * 1024

# Signed notes (C2SP signed-note): accept at least 16 signatures of nearly 5 kB, cap the count
NOTE_BYTES: Final = 128 * 1024
NOTE_SIGNATURES: Final = 64

# Bundles and foreign files
BUNDLE_BYTES: Final = 256 * 1024 * 1024
BUNDLE_STATEMENTS: Final = 200_000
DISCLOSURE_BYTES: Final = 64 * 1024 * 1024
DISCLOSURE_STATEMENTS: Final = 10_000
DISCLOSURE_RECIPIENTS: Final = 100
SOURCE_BYTES: Final = 256 * 1024 * 1024
SOURCE_DEPTH: Final = 64
SOURCE_NUMBER_CHARS: Final = 64
KEY_FILE_BYTES: Final = 64 * 1024
KEY_FILE_SCRYPT_N: Final = 2**17  # with r = 8: 128 MiB
KEY_FILE_SCRYPT_R: Final = 8
KEY_FILE_SCRYPT_P: Final = 4
KEY_FILE_PBKDF2_ROUNDS: Final = 10_000_000
PASSPHRASE_BYTES: Final = 8  # at least

# Read models and lists (ledger/views)
CURSOR_CHARS: Final = 400
PAGE_ANSWERS: Final = 200  # of a list at once
PAGE_ANSWERS_UNASKED: Final = 50  # where nobody says how many
SEARCH_CHARS: Final = 200
SEARCH_WORDS: Final = 12
NEWS_STREAMS: Final = 256  # open at once
NEWS_AT_ONCE: Final = 50  # statements told between two looks
NEWS_PAUSE_S: Final = 0.5
NEWS_BEAT_S: Final = 15.0  # proxies close what is silent for half a minute
NEWS_STREAM_S: Final = 900.0
SCENES: Final = 256  # beginnings of the log, and parts of it that parties see, kept in memory at once
SCENE_STATEMENTS: Final = 200_000  # in all of them together
SCENE_WAIT_S: Final = 10.0  # for another's that is being made

# The single writer
GROUP_STATEMENTS: Final = 512
GROUP_WAIT_MS: Final = 2
QUEUE_STATEMENTS: Final = 8_192
CLOCK_BACK_MAX_S: Final = 300
CLOCK_END_S: Final = 253_370_764_800  # the year 9999: dates end with it, and sums of dates need room

# Who asks over HTTP (specs/http.md)
SIGNED_REQUEST_S: Final = 300  # a signed request is good so long; and a clock may be ahead by so much
SIGNATURE_FIELD_CHARS: Final = 1_024
TOKEN_DAYS: Final = 90
TOKEN_CHARS: Final = 1_024

# Requests over HTTP, whoever asks
HTTP_FIELDS: Final = 64
HTTP_HEAD_BYTES: Final = 16 * 1024  # path, query and fields together
HTTP_BODY_BYTES: Final = COSE_BYTES
HTTP_BODY_S: Final = 30  # until a body is there; and a second more for each ...
HTTP_BODY_BYTES_PER_S: Final = 4 * 1024  # ... that has come: a slow line is no attack
BUDGETS_KEPT: Final = 16_384  # addresses and parties whose requests are counted at a time
BULK_BYTES: Final = 64 * 1024 * 1024  # of one request, held in memory while its statements are put in order
BULK_STATEMENTS: Final = 20_000

# The client of a log over HTTP
ANSWER_BYTES: Final = 64 * 1024  # of an answer that is no file: a proof, a problem
ANSWER_LINE_BYTES: Final = 8 * 1024  # for each statement of a set: a receipt in base64, a problem
ANSWER_TEXT_CHARS: Final = 2_000  # of what a server says is wrong, as it is shown
TOKEN_FILE_BYTES: Final = 4 * 1024
OUTBOX_ENTRY_BYTES: Final = 64 * 1024
CLIENT_CONNECT_S: Final = 10
CLIENT_TOTAL_S: Final = 60  # of one request, with all that it takes to have it answered
CLIENT_BYTES_PER_S: Final = 16 * 1024  # a large body has a second more for each
CLIENT_RETRY_FIRST_S: Final = 0.1
CLIENT_RETRY_CAP_S: Final = 5.0
