"""What a caller is told of a failure: its class, and no more (identity-spec 2.8).

An exact reason is an oracle: whoever forges tokens would be told step by step how far the forgery got. So rules, agents
and peers see one of a few public reasons, which say what to do, and the audit record keeps the exact one. What a
caller asked for itself (a session, a call, a delegation) is told exactly: there is nothing to learn about keys.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import Final

from sidecar.model.verdict import Finding


class Status(StrEnum):
    """How a class is told by the protocols: gRPC's code, HTTP's, and OAuth's where it has one."""

    UNAUTHENTICATED = "U"  # 401 invalid_token
    PERMISSION_DENIED = "P"  # 403 insufficient_scope
    INVALID_ARGUMENT = "I"  # 400 invalid_request
    RESOURCE_EXHAUSTED = "R"  # 429
    UNAVAILABLE = "V"  # 503
    INTERNAL = "X"  # 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """Failures that a caller can do the same about. `reason` is the public one; empty: each is told by its own."""

    name: str
    status: Status
    reason: str = ""
    message: str = ""


_INVALID: Final = "the credential does not verify: get a new one; the audit record of this answer says why"
_LATER: Final = "what this depends on cannot be asked now: retry later"

FORM: Final = Class(name="form", status=Status.UNAUTHENTICATED, reason="credential_invalid", message=_INVALID)
KEYS: Final = replace(FORM, name="keys")
CLAIMS: Final = replace(FORM, name="claims")
CHAIN: Final = replace(FORM, name="chain")
EXPIRED: Final = Class(
    name="claims",
    status=Status.UNAUTHENTICATED,
    reason="credential_expired",
    message="the credential, or what it was made from, has expired: get a new one",
)
ACT: Final = Class(
    name="act",
    status=Status.PERMISSION_DENIED,
    reason="actor_refused",
    message="the credential does not let this agent act: have its issuer name the agent as the one who acts",
)
SCOPE: Final = Class(
    name="scope",
    status=Status.PERMISSION_DENIED,
    reason="scope_insufficient",
    message="what the credential grants does not do, or more was asked for: ask for less, or get one that grants it",
)
HOLDER: Final = Class(
    name="holder",
    status=Status.UNAUTHENTICATED,
    reason="proof_invalid",
    message="nothing proves that the caller holds the credential: make a new proof with the key that it is bound to",
)
REVOKED: Final = Class(
    name="status",
    status=Status.UNAUTHENTICATED,
    reason="credential_revoked",
    message="the credential, or what it stands on, was taken back: have the user grant a new one",
)
UNKNOWN: Final = Class(name="status", status=Status.UNAVAILABLE, reason="identity_unavailable", message=_LATER)
TRUST: Final = replace(UNKNOWN, name="trust")
CLOCK: Final = replace(UNKNOWN, name="clock")
LIMITS: Final = Class(
    name="limits",
    status=Status.INVALID_ARGUMENT,
    reason="credential_too_large",
    message="the credential is larger than is read here: have it granted with less",
)
RATE: Final = Class(name="limits", status=Status.RESOURCE_EXHAUSTED)
CALL: Final = Class(name="call", status=Status.PERMISSION_DENIED)
MINT: Final = Class(name="mint", status=Status.PERMISSION_DENIED)
EXCHANGE: Final = Class(
    name="mint",
    status=Status.UNAVAILABLE,
    reason="exchange_failed",
    message="the token exchange did not give what was asked for: retry, or get a token from the issuer",
)
CHALLENGE: Final = Class(name="holder", status=Status.UNAUTHENTICATED)  # the caller must know, to answer it
INTERNAL: Final = Class(name="internal", status=Status.INTERNAL)


@dataclass(frozen=True, slots=True)
class Failure:
    """One exact reason: its class, and the step of identity-spec 2.6 (or the section) that gives it."""

    kind: Class
    step: str


def _rows(kind: Class, **steps: str) -> Mapping[str, Failure]:
    """Return a row for each word of each step; `section_2_9` is `section 2.9`."""
    return {
        word: Failure(kind, f"{place} {number.replace('_', '.')}")
        for step, words in steps.items()
        for place, _, number in [step.partition("_")]
        for word in words.split()
    }


FAILURES: Final[Mapping[str, Failure]] = dict(
    chain.from_iterable(
        rows.items()
        for rows in (
            _rows(
                FORM,
                step_1="token_missing token_ambiguous",
                step_2="chain_empty",
                step_3="token_malformed token_jwe_not_accepted",
                step_4="token_encoding",
                step_6="token_json_invalid token_json_duplicate_member token_json_number",
                step_7="header_forbidden_param",
                step_9="typ_unexpected profile_disabled",
                step_10="header_invalid",
                step_17="token_use_mismatch",
            ),
            _rows(
                KEYS,
                step_8="alg_invalid alg_not_allowed",
                step_12="key_unknown_kid key_ambiguous",
                step_13="alg_key_mismatch key_use_mismatch",
                step_14="sig_invalid",
                section_2_9="key_private_or_symmetric key_unsupported key_invalid key_weak",
            ),
            _rows(
                CLAIMS,
                step_11="iss_untrusted",
                step_16="claim_missing claim_type",
                step_17="iss_key_mismatch",
                step_18="time_not_yet_valid time_iat_in_future time_lifetime_exceeded",
                step_19="aud_invalid aud_mismatch aud_too_broad",
            ),
            _rows(EXPIRED, step_18="time_expired"),
            _rows(
                ACT,
                section_2_3="act_missing act_not_permitted",
                step_20="act_depth act_malformed act_forbidden_claim",
                step_21="act_cycle act_self",
                step_22="act_namespace",
                step_23="act_actor_denied",
                step_24="act_proof_missing act_proof_invalid",
                step_32="act_cnf_mismatch",
                step_37="act_peer_mismatch",
            ),
            _rows(
                CHAIN,
                step_9="chain_mixed_profile",
                step_25="chain_issuer_not_parent_holder",
                step_26="chain_parent_hash_mismatch chain_root_invalid",
                step_27="chain_depth",
                step_28="chain_duplicate_jti chain_principal_changed chain_context_changed",
                step_29="chain_lifetime_widened",
                step_30="chain_self_delegation chain_cycle",
            ),
            _rows(
                SCOPE,
                step_31="scope_malformed scope_unknown_type scope_unknown_member scope_entry_count scope_entry_missing"
                " scope_tool_added scope_args_widened scope_data_class_widened scope_egress_widened"
                " scope_budget_widened scope_autonomy_raised scope_obligation_dropped scope_string_widened",
                step_40="scope_empty",
            ),
            _rows(
                HOLDER,
                step_32="cnf_missing cnf_invalid cnf_mismatch",
                step_33="pop_missing pop_invalid",
                step_34="pop_token_mismatch pop_target_mismatch pop_tool_mismatch pop_args_mismatch pop_stale",
                step_35="replay_detected",
                step_36="peer_unauthenticated",
                step_37="peer_key_unbound",
            ),
            _rows(CHALLENGE, step_34="pop_nonce"),
            _rows(UNKNOWN, step_35="replay_store_full", step_39="status_unknown"),
            _rows(
                REVOKED,
                step_38="token_revoked key_revoked subject_revoked chain_ancestor_revoked",
                step_39="status_invalid status_suspended introspection_inactive introspection_mismatch",
            ),
            _rows(
                TRUST,
                section_2_13="jwks_unavailable jwks_stale jwks_malformed jwks_too_large jwks_fetch_refused"
                " discovery_issuer_mismatch bundle_empty bundle_rollback trust_not_loaded",
            ),
            _rows(
                LIMITS,
                step_2="limit_token_size limit_chain_size limit_chain_hops",
                step_6="limit_header_size limit_json_depth limit_json_members limit_string",
                step_31="limit_scope_size limit_constraint_depth",
            ),
            _rows(RATE, step_5="limit_rate"),
            _rows(
                CALL,
                step_41="call_data_class_denied call_autonomy_exceeded call_approval_required",
                step_42="call_budget_exhausted",
                section_2_16="session_unknown session_expired session_principal_changed session_widen_refused",
                section_2_17="call_header_body_mismatch call_token_passthrough",
            ),
            _rows(
                MINT,
                section_2_16="mint_wider_than_verified mint_depth_exhausted mint_unverified_parent mint_root_forbidden",
            ),
            _rows(
                EXCHANGE,
                section_2_3="exchange_subject_changed exchange_act_truncated exchange_act_forged"
                " exchange_scope_widened exchange_aud_changed exchange_cnf_changed exchange_lifetime_widened"
                " exchange_failed",
            ),
            _rows(CLOCK, step_18="clock_rollback", section_2_11="clock_untrusted"),
            _rows(INTERNAL, step_14="internal_error"),
        )
    )
)


def told(findings: Iterable[Finding], *, explain: bool = False) -> tuple[Finding, ...]:
    """Return `findings` as a caller may see them: without exact reasons, or with them, for trials (`explain`)."""
    seen = _explained if explain else _classed
    # A list: a verdict has a finding of each check, nearly all of them bare, and to resume a generator is a call.
    return tuple([seen(finding) if finding.reason or finding.detail else finding for finding in findings])


def _classed(finding: Finding) -> Finding:
    failure = FAILURES.get(finding.reason)
    if failure is None or not failure.kind.reason:
        return replace(finding, detail="") if finding.detail else finding
    kind = failure.kind
    return replace(finding, reason=kind.reason, message=kind.message, path="", detail="")


def _explained(finding: Finding) -> Finding:
    if not finding.detail:
        return finding
    return replace(finding, message=f"{finding.message} ({finding.detail})", detail="")
