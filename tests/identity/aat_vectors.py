"""The public vectors of draft-niyikiza-oauth-attenuating-agent-tokens-02 in our own claims: links, keys, times, proofs.

The ids, what each changes and where the draft refuses it are facts of the published set (Apache-2.0); names, values
and words are ours, and every token is signed anew with keys that are made here. `EARLY` are those of the 67 that
identity-spec T9 names, `LATER` those that came since; `aat_scope_vectors` has the ones on tools and arguments.
"""

import json
from collections.abc import Mapping

from sidecar.identity.keys import decoded, encoded
from sidecar.model.strict_json import Json
from tests.identity.aat_building import (
    AGENTS,
    ANY,
    ELSEWHERE,
    HELD,
    LEAF,
    MIDDLE,
    NONCE,
    READ,
    ROOT,
    SEARCH,
    SECRET,
    SPRING,
    SUMMER,
    WHOLE,
    Tools,
    as_step,
    c,
    grown,
    headed,
    proof,
    shown,
    vector,
)
from tests.identity.crafting import EVIL, HOLDERS, RES, STS, Change, Claims, Step, T, chain_b, drop, put

SIMPLE: Tools = {"read": {"file": ANY}}
OWN_KEY: Claims = {"alg": "Ed25519", "typ": "aat+jwt", "jwk": EVIL.key.public_jwk()}
UNSIGNED = f"{encoded(json.dumps({'alg': 'none'}).encode())}.{WHOLE[0].split('.')[1]}."


def root(change: Change) -> list[str]:
    """Return a root alone, with one change of its claims."""
    return grown(SIMPLE, change=change)


def second(change: Change) -> list[str]:
    """Return a root and a link below it, with one change of the link's claims."""
    return grown(ROOT, MIDDLE, change=change)


def below(tools: Tools) -> list[str]:
    """Return the same root and a link that grants `tools`."""
    return grown(ROOT, tools)


def _flipped(token: str) -> str:
    text, _, signature = token.rpartition(".")
    octets = bytearray(decoded(signature) or b"")
    octets[0] ^= 1
    return f"{text}.{encoded(bytes(octets))}"


def _typed(header: Mapping[str, Json]) -> list[str]:
    return [headed(WHOLE[0], header, STS.key)]


def _answered(change: Change | None = None, **how: Json) -> str:
    return shown(proof(WHOLE, READ, change, **how), HELD)


NO_TYP: Claims = {"alg": "Ed25519"}
EARLY = [
    vector("J.1", "a root by itself, for any file", root(put()), READ),
    vector("J.2", "a link has its parent's id", second(put(jti="jti-0")), READ, "chain_duplicate_jti", "2c"),
    vector("J.3", "three links, each narrower, the last terminal", WHOLE, READ),
    vector(
        "J.4",
        "whoever does not hold the parent signs a link, in its own name",
        grown(ROOT, MIDDLE, change=put(iss=EVIL.key.public.thumbprint_uri), step=Step(signer=EVIL.key)),
        READ,
        "sig_invalid",
        "4b",
    ),
    vector("J.4.b", "and in the holder's", grown(ROOT, MIDDLE, step=Step(signer=EVIL.key)), READ, "sig_invalid", "4b"),
    vector(
        "J.4.c",
        "the holder signs, in another's name",
        second(put(iss=EVIL.key.public.thumbprint_uri)),
        READ,
        "chain_issuer_not_parent_holder",
        "4c",
    ),
    vector("J.5", "a root that ended", root(put(exp=T - 100)), READ, "time_expired", "3e"),
    vector(
        "J.6.1",
        "a proof that says nobody whom it is for",
        WHOLE,
        READ,
        "pop_target_mismatch",
        "7d",
        sent=_answered(drop("aat_aud")),
    ),
    vector(
        "J.6.2", "a proof for elsewhere", WHOLE, READ, "pop_target_mismatch", "7d", sent=_answered(aat_aud=ELSEWHERE)
    ),
    vector(
        "J.7.1",
        "a proof of no type",
        WHOLE,
        READ,
        "pop_invalid",
        "7a",
        sent=shown(proof(WHOLE, READ), HELD, NO_TYP),
    ),
    vector(
        "J.7.2",
        "a proof that calls itself a link",
        WHOLE,
        READ,
        "pop_invalid",
        "7a",
        sent=shown(proof(WHOLE, READ), HELD, {**NO_TYP, "typ": "aat+jwt"}),
    ),
    vector(
        "J.7.3",
        "a root that calls itself a proof",
        _typed({**NO_TYP, "typ": "aat-pop+jwt"}),
        READ,
        "typ_unexpected",
        "3a",
    ),
    vector("J.7.4", "a root of no type", _typed(NO_TYP), READ, "typ_unexpected", "3a"),
    vector("J.10", "a depth is left out", second(put(del_depth=2)), READ, "chain_depth", "4d"),
    vector("J.10.b", "deeper than the parent lets", second(put(del_max_depth=4)), READ, "chain_depth", "4g"),
    vector("J.10.c", "a link below a terminal one", grown(ROOT, MIDDLE, LEAF, LEAF), READ, "chain_depth", "4e"),
    vector(
        "J.11",
        "one file more",
        below({**MIDDLE, "read": {"file": c("one_of", values=[SPRING, SUMMER, SECRET])}}),
        READ,
        "scope_args_widened",
        "4p4",
    ),
    vector("J.11.b", "one tool more", below({**MIDDLE, "delete": {}}), READ, "scope_tool_added", "4p1"),
    vector(
        "J.11.c",
        "a required argument is left out",
        below({**MIDDLE, "search": {"words": c("exact", value="annual accounts")}}),
        READ,
        "scope_args_widened",
        "4p2",
    ),
    vector(
        "J.11.d",
        "anything in place of a list",
        below({**MIDDLE, "read": {"file": ANY}}),
        READ,
        "scope_args_widened",
        "4p4",
    ),
    vector(
        "J.12",
        "a link of another root of the same holder",
        grown(ROOT, MIDDLE, step=Step(parent=root(put(jti="other"))[0])),
        READ,
        "chain_parent_hash_mismatch",
        "4q",
    ),
    vector(
        "J.12.b",
        "the parent's claims are hashed without its header",
        grown(ROOT, MIDDLE, step=Step(parent=WHOLE[0].split(".")[1] + ".")),
        READ,
        "chain_parent_hash_mismatch",
        "4q",
    ),
    vector(
        "J.13",
        "a link outlives its parent",
        grown(ROOT, MIDDLE, LEAF, change=put(exp=T + 661)),
        READ,
        "chain_lifetime_widened",
        "4h",
    ),
    vector(
        "J.13.b",
        "a link is older than its parent",
        second(put(iat=T - 301, exp=T + 500)),
        READ,
        "chain_lifetime_widened",
        "4j",
    ),
    vector("J.14", "one bit of the root's signature", [_flipped(WHOLE[0])], READ, "sig_invalid", "3b"),
    vector("J.14.b", "no signature, and says so", [UNSIGNED], READ, "token_malformed", "3a"),
    vector(
        "J.20.1",
        "a stranger signs the proof",
        WHOLE,
        READ,
        "pop_invalid",
        "7b",
        sent=shown(proof(WHOLE, READ), EVIL.key),
    ),
    vector(
        "J.20.2", "a proof for another link", WHOLE, READ, "pop_token_mismatch", "7c", sent=_answered(aat_id="jti-1")
    ),
    vector(
        "J.20.3",
        "another file than the proof names, and than the last link lets",
        WHOLE,
        ("read", {"file": SUMMER}),
        "pop_args_mismatch",  # the proof is judged before the call: 2.6, steps 34 and 41
        "6b",
        sent=_answered(),
        at_call="argument_denied",
    ),
    vector("J.20.4", "a proof of 31 s ago", WHOLE, READ, "pop_stale", "7g", sent=_answered(iat=T - 31)),
    vector(
        "J.20.5",
        "another file than the proof names, which the root lets",
        WHOLE[:1],
        READ,
        "pop_args_mismatch",
        "7f",
        sent=shown(proof(WHOLE[:1], READ, hta={"file": SUMMER}), HOLDERS[0]),
    ),
    vector(
        "J.20.6",
        "another tool than the proof names, with its arguments",
        WHOLE[:2],
        SEARCH,
        "pop_tool_mismatch",
        "7e",
        sent=shown(proof(WHOLE[:2], SEARCH, aat_tool="read"), HOLDERS[1]),
    ),
    vector("J.21.1", "a root with a parent", root(put(par_hash="A" * 43)), READ, "chain_root_invalid", "3d"),
    vector("J.21.2", "a root at depth 1", root(put(del_depth=1)), READ, "chain_root_invalid", "3c"),
    vector(
        "J.21.3",
        "the holder's private key is given away",
        root(put(cnf={"jwk": HOLDERS[0].private_jwk()})),
        READ,
        "key_private_or_symmetric",
        "3l",
    ),
    vector(
        "J.21.4",
        "a root from 31 s ahead",
        root(put(iat=T + 31)),
        READ,
        "time_iat_in_future",
        "3f",
    ),
    vector(
        "J.21.5",
        "a root that lives one second too long",  # too long is an hour here, 90 days there (2.10)
        root(put(exp=T + 3301)),
        READ,
        "time_lifetime_exceeded",
        "3h",
    ),
]

AIMED = grown(ROOT, MIDDLE, change=drop("aud"))
MISAIMED = chain_b(as_step(0, ROOT, put(aud=ELSEWHERE)), as_step(1, MIDDLE, drop("aud")), agents=AGENTS[:2])
AIMLESS = chain_b(*(as_step(i, tools, drop("aud")) for i, tools in enumerate((ROOT, MIDDLE, LEAF))), agents=AGENTS[:3])
SIBLING = grown(ROOT, MIDDLE, LEAF, change=put(exp=T + 660))
NOTED = frozenset({NONCE})
LATER = [
    vector(
        "J.6.3",
        "a proof that says nobody whom it is for, where the draft lets each decide",
        WHOLE,
        READ,
        "pop_target_mismatch",
        sent=_answered(drop("aat_aud")),
        stricter="2.4: we require `aat_aud` when the call leaves the pod, and a proof cannot show that it did not",
    ),
    vector(
        "J.6.4", "a proof for elsewhere", WHOLE, READ, "pop_target_mismatch", "7d", sent=_answered(aat_aud=RES[:-1])
    ),
    vector("J.6.5", "a nonce is asked for, none is sent", WHOLE, READ, "pop_nonce", "7h", nonces=NOTED),
    vector("J.6.6", "the nonce that was asked for", WHOLE, READ, sent=_answered(nonce=NONCE), nonces=NOTED),
    vector(
        "J.6.7", "another nonce", WHOLE, READ, "pop_nonce", "7h", sent=_answered(nonce="of-yesterday"), nonces=NOTED
    ),
    vector("J.6.8", "the root alone says whom it is for", AIMED, READ),
    vector("J.6.9", "the root is for elsewhere", MISAIMED, READ, "aud_mismatch", "6c"),
    vector("J.6.10", "no link says whom it is for", AIMLESS, READ, "claim_missing", "6c"),
    vector(
        "J.7.5",
        "`alg` names two curves at once",
        _typed({"alg": "EdDSA", "typ": "aat+jwt"}),
        READ,
        "alg_not_allowed",
        "3a",
    ),
    vector(
        "J.7.6",
        "a critical parameter that nobody knows",
        _typed({**NO_TYP, "typ": "aat+jwt", "crit": ["urn:example:new"], "urn:example:new": True}),
        READ,
        "header_forbidden_param",
        "3a",
    ),
    vector("J.14.c", "a root brings its own key", [headed(WHOLE[0], OWN_KEY, EVIL.key)], READ, "sig_invalid", "3b"),
    vector(
        "J.20.7",
        "the proof of a link with a sibling of it, of the same id",
        SIBLING,
        READ,
        "pop_token_mismatch",
        "7c",
        sent=_answered(),
    ),
    vector("J.20.8", "a proof without arguments", WHOLE, READ, "pop_invalid", "7c", sent=_answered(drop("hta"))),
    vector(
        "J.21.6", "another issuer's name under this issuer's key", root(put(iss=ELSEWHERE)), READ, "iss_untrusted", "3k"
    ),
    vector(
        "J.21.8",
        "an entry without tools",
        root(put(authorization_details=[{"type": "attenuating_agent_token"}])),
        READ,
        "scope_malformed",
        "3m",
    ),
    vector("J.21.9", "a depth of false is no depth of 0", root(put(del_depth=False)), READ, "chain_root_invalid", "3c"),
    vector(
        "J.21.10", "a list where a tool's arguments belong", grown({"read": ["file"]}), READ, "scope_malformed", "3m"
    ),
]
