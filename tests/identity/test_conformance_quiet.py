"""Side effects of identity-spec 3.1: what a token says makes nobody open a file, look up a name or connect.

N039, N043, N060, N061 and N122 name it; it holds of every refusal.
"""

import socket
from contextlib import suppress
from pathlib import Path

import pytest

from tests.identity.crafting import EVIL, Change, Step, chain_b, put, reason_of, token_a
from tests.identity.outside import watched

STATUS: Change = put(status={"status_list": {"idx": 0, "uri": "https://evil.example/list"}})
TOKENS = [
    pytest.param([token_a(header={"jku": "https://evil.example/jwks"})], "header_forbidden_param", id="N039 jku"),
    pytest.param([token_a(header={"x5u": "file:///etc/passwd"})], "header_forbidden_param", id="N039 x5u"),
    pytest.param([token_a(header={"kid": "../../etc/passwd"})], "key_unknown_kid", id="N043 a path"),
    pytest.param([token_a(header={"kid": "https://evil.example/key"})], "key_unknown_kid", id="N043 a URL"),
    pytest.param([token_a(put(iss="https://evil.example"), by=EVIL)], "iss_untrusted", id="N060 another issuer"),
    pytest.param([token_a(put(iss="https://sts.example/"))], "iss_untrusted", id="N061 another spelling"),
    pytest.param([token_a(STATUS)], "accepted", id="where its status stands is the enforcer's to ask for"),
    pytest.param(chain_b(Step(), Step(STATUS)), "accepted", id="N122 a link's own status list"),
    pytest.param(chain_b(Step(put(iss="https://evil.example"))), "iss_untrusted", id="N060 a root"),
    pytest.param(chain_b(Step(header={"jku": "https://evil.example/jwks"})), "accepted", id="N039 in a chain: ignored"),
    pytest.param(["rubbish"], "token_malformed", id="rubbish"),
]


@pytest.mark.parametrize(("tokens", "reason"), TOKENS)
def test_nothing_that_a_token_says_reaches_out(tokens: list[str], reason: str) -> None:
    reason_of(tokens)  # what is imported late is there now

    with watched() as seen:
        found = reason_of(tokens)

    assert (found, seen) == (reason, [])


def test_who_watches_sees_files_names_and_connections(tmp_path: Path) -> None:
    with watched() as seen:
        (tmp_path / "x").write_bytes(b"")
        with socket.socket() as made, suppress(OSError):
            made.connect(("127.0.0.1", 1))

    assert {"open", "socket.__new__", "socket.connect"} <= set(seen)
