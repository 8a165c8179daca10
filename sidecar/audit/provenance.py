"""What is recorded of a delegation (identity-spec 2.18): its hops and its scope.

The scope stands by its hash with every event, and itself once, where it came to be.
Numbers that limit and the names of constraints stand in clear. What a scope lets through by value may be an account or
a mail address, so that values are keyed digests here, and words only stand in clear that the policy knows.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Final

import rfc8785

from sidecar.model.chain import Hop, VerifiedChain
from sidecar.model.scope import Scope
from sidecar.model.scope_form import as_json
from sidecar.model.strict_json import Json, compact

MAX_SCOPE: Final = 32 * 1024  # characters; a larger one stands in its hash alone

# The words of the form itself; everything else is a name or a value that somebody chose.
_FORM: Final = frozenset(
    {
        *(
            "tools",
            "args",
            "max_calls",
            "data",
            "read",
            "write",
            "egress",
            "budgets",
            "autonomy",
            "approval",
            "mission",
        ),
        *("constraint_type", "constraints", "optional", "min", "max", "min_inclusive", "max_inclusive", "*"),
        *("values", "excluded", "required", "allowed", "dir", "patterns"),
        *("all", "any", "range", "one_of", "not_one_of", "contains", "subset", "wildcard"),
        *("path_under", "host_in", "max_len"),
    }
)
_VALUES: Final = frozenset({"value", "values", "excluded", "required", "allowed"})  # their members are payload


def hop_record(hop: Hop, actor: str, digest: Callable[[str, str], str]) -> dict[str, Json]:
    """Return one hop as it was proven. `actor` is its name in the log; `digest` masks a word for a use."""
    told: dict[str, Json] = {
        "actor": actor,
        "alg": hop.algorithm,
        "assurance": hop.assurance.value,
        "digest": hop.digest,
        "exp": hop.expires_at,
        "iat": hop.issued_at,
        "iss": hop.issuer,
        "jkt": hop.thumbprint,
        "jti": digest("jti", hop.token_id) if hop.token_id else "",
        "kid": hop.key_id,
    }
    return {name: value for name, value in told.items() if value != ""}


def context_record(chain: VerifiedChain, digest: Callable[[str, str], str]) -> dict[str, Json]:
    """Return for whom the chain is, and what it belongs to; a transaction and a mission by digests only."""
    told: dict[str, Json] = {"aud": sorted(chain.audience)} if chain.audience else {}
    for name, word in (("mission", chain.mission), ("txn", chain.transaction)):
        if word:
            told[name] = digest(name, word)
    return told


def scope_hash(scope: Scope) -> str:
    """Return `sha256:` and the SHA-256 of the scope's canonical JSON (RFC 8785)."""
    return "sha256:" + hashlib.sha256(rfc8785.dumps(as_json(scope))).hexdigest()


def scope_record(scope: Scope, known: Callable[[str], str]) -> Json:
    """Return the scope as it may be read; None where it is too large. `known` masks words that the policy lacks."""
    masked = _masked(as_json(scope), known)
    return masked if len(compact(masked)) <= MAX_SCOPE else None


def _masked(value: Json, known: Callable[[str], str]) -> Json:
    if isinstance(value, str):
        return _word(value, known)
    if isinstance(value, Mapping):
        return {
            _word(name, known): _hidden(member, known) if name in _VALUES else _masked(member, known)
            for name, member in value.items()
        }
    return [_masked(item, known) for item in value] if isinstance(value, list | tuple) else value


def _hidden(values: Json, known: Callable[[str], str]) -> Json:
    """Return values as digests, each: the record may say that one is the same, not which it is."""
    if isinstance(values, list | tuple):
        return [known(compact(value)) if not isinstance(value, str) else known(value) for value in values]
    return _masked(values, known)  # a tool or an argument may be called `values`


def _word(word: str, known: Callable[[str], str]) -> str:
    return word if word in _FORM else known(word)
