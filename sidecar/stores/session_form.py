"""The one narrow door by which a session comes back from the state file.

What is verified becomes a value that only the verifier makes; this is the one other place that makes a
`VerifiedChain`, and only out of octets that this sidecar's own key sealed for the very row that they lie in
(`stores.seal`): whoever can make those has the key of the user that the sidecar runs as. What the verifier proved
comes back as it was. What the world may have changed meanwhile is asked again at the session's first crossing: its
time, whether the issuers' keys are trusted still, and, as its revocation epoch is none, everything that is revoked.

Of the handle's secret only the digest is kept, and of the tokens nothing: a stolen file opens no session and holds no
credential. The price: what was opened before a restart cannot be delegated on, and Delegate says so. The alternative,
tokens that are sealed as the rest, would buy nothing: the key that a sidecar delegates with is of one start, too.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from sidecar.errors import ScopeError
from sidecar.model.account import Account, Purse
from sidecar.model.chain import Assurance, Confirmation, Hop, Principal, Proof, VerifiedChain, Workload
from sidecar.model.scope import Scope, parse
from sidecar.model.scope_form import as_json
from sidecar.model.session import Peer, Session
from sidecar.model.strict_json import Json, compact

VERSION: Final = 1
NEVER: Final = -1  # the revocation epoch of a session that was held against nothing yet

_CHAIN: Final = ("profile", "not_before", "expires_at", "digest", "transaction", "mission", "trust_generation")
_SESSION: Final = ("id", "opened_at", "expires_at", "task", "task_type", "residency", "parent_id", "whole_id", "tree")


def written(session: Session, secret_digest: bytes) -> bytes:
    """Return `session` as octets, to be sealed. Its tokens are left out."""
    body: dict[str, Json] = {
        "version": VERSION,
        "secret": secret_digest.hex(),
        "chain": _chain_json(session.chain),
        "scope": as_json(session.scope),
        "peer": asdict(session.peer) if session.peer else None,
        "purses": [_purse_json(purse) for purse in session.purses],
        **{name: getattr(session, name) for name in _SESSION},
    }
    return compact(body).encode("utf-8", "surrogatepass")


def restored(octets: bytes) -> tuple[Session, bytes]:
    """Return the session that `written` wrote, and the digest of its handle's secret.

    `octets` must have been opened by the seal. Raises `ValueError` for what is not a session of this version.
    """
    try:
        body = json.loads(octets.decode("utf-8", "surrogatepass"))
        if body["version"] != VERSION:
            raise ValueError("of another version")
        session = Session(
            chain=_chain(body["chain"]),
            scope=_scope(body["scope"]),
            peer=Peer(**body["peer"]) if body["peer"] else None,
            purses=tuple(_purse(one) for one in body["purses"]),
            revocation_epoch=NEVER,
            restored=True,
            **{name: body[name] for name in _SESSION},
        )
        return session, bytes.fromhex(body["secret"])
    except (KeyError, TypeError, ScopeError):
        raise ValueError("not a session") from None


def _chain_json(chain: VerifiedChain) -> dict[str, Json]:
    holder = chain.holder
    return {
        **{name: getattr(chain, name) for name in _CHAIN},
        "principal": asdict(chain.principal),
        "hops": [asdict(hop) for hop in chain.hops],
        "scope": as_json(chain.scope),
        "audience": sorted(chain.audience),
        "holder": [holder.thumbprint, holder.certificate] if holder else None,
        "proof": asdict(chain.proof) if chain.proof else None,
        "workload": asdict(chain.workload) if chain.workload else None,
    }


def _chain(body: Mapping[str, Any]) -> VerifiedChain:
    who = body["principal"]
    return VerifiedChain(
        principal=Principal(subject=who["subject"], issuer=who["issuer"], actors=tuple(who["actors"])),
        hops=tuple(replace(Hop(**hop), assurance=Assurance(hop["assurance"])) for hop in body["hops"]),
        scope=_scope(body["scope"]),
        audience=frozenset(body["audience"]),
        holder=Confirmation(thumbprint=body["holder"][0], certificate=body["holder"][1]) if body["holder"] else None,
        proof=_proof(body["proof"]),
        workload=_workload(body["workload"]),
        **{name: body[name] for name in _CHAIN},
    )


def _proof(body: Mapping[str, Any] | None) -> Proof | None:
    return Proof(**body) if body else None


def _workload(body: Mapping[str, Any] | None) -> Workload | None:
    return replace(Workload(**body), proof=_proof(body["proof"])) if body else None


def _scope(body: Json) -> Scope:
    return parse(body)


def _purse_json(purse: Purse) -> dict[str, Json]:
    account = purse.account
    return {
        "account": [account.kind, account.name, account.window],
        "ceilings": dict(purse.ceilings),
        "until": purse.until,
    }


def _purse(body: Mapping[str, Any]) -> Purse:
    return Purse(account=Account(*body["account"]), ceilings=body["ceilings"], until=body["until"])
