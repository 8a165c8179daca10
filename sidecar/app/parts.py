"""What the sidecar is put together from: each part, made of the settings."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import grpc

from sidecar.app.agent_scope import agent_scope
from sidecar.app.feeding import state_path
from sidecar.audit.key import load_key
from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.audit.record import AuditLog, Recorder
from sidecar.boundaries import build_rows
from sidecar.checks.base import Ports, Sizes
from sidecar.checks.origin import Remembering
from sidecar.checks.session import alone
from sidecar.conduct import Earning, Spending, Watching
from sidecar.config import Settings, TlsSettings
from sidecar.enforcer import Enforcer
from sidecar.errors import ConfigError
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.holders.peers import PeerRule
from sidecar.identity.opening import Opener
from sidecar.identity.trust import FORM_A, FORM_B, TRANSACTION, TrustStore
from sidecar.identity.verifier import DEFAULT_LIMITS, Verifier
from sidecar.model.member_names import ORDINARY
from sidecar.model.scope import WORDS
from sidecar.model.verdict import Finding, Verdict
from sidecar.policy.policy import Policy
from sidecar.policy.schema_shape import member_names
from sidecar.protocols.a2a import reading
from sidecar.server.peer import SUPPORTED
from sidecar.server.tls import Tls, credentials
from sidecar.stores.base import Stores
from sidecar.stores.sealing import Sealer
from sidecar.stores.sqlite_vault import SqliteVault
from sidecar.telemetry.fault import fault

HASH_KEY_BYTES: Final = 32
NONCE_BYTES: Final = 16

# Of members that every policy knows: those of prompts, of scopes and of A2A, and what everybody calls them.
_NAMES: Final = ORDINARY | {"role", "content"} | WORDS | member_names(reading.SCHEMAS.values())


def opener(settings: Settings, store: TrustStore, since: float = 0.0) -> Opener:
    """Return what opens sessions by the issuers of `store`; proofs from before `since` are refused.

    Raises `ConfigError` with every problem.
    """
    problems: list[str] = []
    scope = agent_scope(settings.identity.agent_scope, problems)
    if settings.identity.peers and not SUPPORTED:
        problems.append("identity.peers: this platform does not say which process connects: leave it empty")
    if problems:
        raise ConfigError(problems)
    return Opener(
        verifier=_verifier(settings, store),
        agent_scope=scope,
        max_lifetime_s=settings.identity.max_session_seconds,
        sessions_per_token=settings.identity.sessions_per_token,
        proofs=settings.identity.proofs,
        since=since,
        nonces=frozenset({secrets.token_urlsafe(NONCE_BYTES)} if settings.identity.proof_nonce else ()),
        peers=tuple(PeerRule(**one.model_dump()) for one in settings.identity.peers),
        holder=SigningKey.generate(),
    )


def _verifier(settings: Settings, store: TrustStore) -> Verifier:
    domain = settings.identity.trust_domain
    return Verifier(
        trust=store,
        audiences=frozenset(settings.identity.audiences),
        profiles=frozenset({FORM_A, FORM_B, *([TRANSACTION] if domain else [])}),
        trust_domain=domain,
        limits=replace(DEFAULT_LIMITS, hops=settings.identity.max_links),
    )


def sizes(settings: Settings, policy: Policy) -> Sizes:
    """Return how much one crossing may hold: the least that the settings and the packs say."""
    limits, packs = settings.limits, policy.limits.sizes
    return Sizes(
        text=min(limits.text_characters, packs.text or limits.text_characters),
        arguments=min(limits.argument_characters, packs.arguments or limits.argument_characters),
        depth=min(limits.json_depth, packs.depth or limits.json_depth),
    )


def enforcer(settings: Settings, parts: Ports, opening: Opener, audit: AuditLog, pseudonyms: Pseudonyms) -> Enforcer:
    """Return the one path, under the policy of `parts`."""
    policy = parts.policy
    return Enforcer(
        rows=build_rows(parts),
        policy_version=policy.version,
        stores=parts.stores,
        proofs=parts.proofs,
        rolled_back=parts.rolled_back,
        vault=parts.vault,
        conduct=_watching(policy, parts.stores),
        autonomy=alone(parts.stores.standings, policy.autonomy),
        memory=Remembering(parts.trails, policy.catalogue, policy.facts, parts.inspector),
        sightings=parts.known.sightings,
        opener=replace(opening, tasks=policy.tasks),
        renewed=parts.renewed,
        audit=audit,
        recorder=Recorder(vocabulary=policy.vocabulary, pseudonyms=pseudonyms, policy_version=policy.version),
        deadline=settings.limits.deadline_seconds,
        fault=fault,
        explain=settings.identity.explain_failures,
        counts_at_once=policy.rules.reads_usage,
        names=policy.vocabulary | _NAMES,
    )


def _watching(policy: Policy, stores: Stores) -> Watching:
    watchers: list[Callable[[Verdict], tuple[Finding, ...]]] = []
    if policy.autonomy:
        watchers.append(Earning(stores.standings, policy.autonomy, policy.catalogue))
    if policy.limits.cost_deviations:
        watchers.append(Spending(stores.costs, policy.limits.cost_deviations))
    return Watching(tuple(watchers))


def tls(settings: TlsSettings) -> grpc.ServerCredentials | None:
    """Return what the TCP port is opened with; None for plain text. Raises `ConfigError`."""
    if settings.certificate is None or settings.key is None or settings.client_ca is None:
        return None
    return credentials(Tls(certificate=settings.certificate, key=settings.key, client_ca=settings.client_ca))


def clock_path(settings: Settings) -> Path:
    """Return where the highest time is kept that was seen."""
    return settings.audit.path.with_name(f"{settings.audit.path.stem}.clock")


def vault(settings: Settings, *, dry: bool = False) -> SqliteVault:
    """Return the vault, closed. Its key is that of the settings, or beside the state file and made at first start."""
    state = state_path(settings)
    key = settings.privacy.vault_key or state.with_name("vault.key")
    sealer = Sealer(load_key(key, create=True, dry=dry, setting="privacy.vault_key"))
    return SqliteVault(state.with_name("vault.db"), sealer)


def hash_key(settings: Settings) -> bytes:
    """Return the key of the operator `hash`: the file's, or one of this start, after which hashes differ."""
    path = settings.privacy.key
    return load_key(path, setting="privacy.key") if path else secrets.token_bytes(HASH_KEY_BYTES)
