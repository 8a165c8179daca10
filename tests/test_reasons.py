"""Reasons are snake_case tokens, unique across the project, and API: callers and dashboards compare them.

A new one is added to the list below and to a test or a case; one that goes away is starred in the changelog.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from sidecar.policy import rules

ROOT = Path(__file__).parent.parent
REASONS = [
    "act_actor_denied",
    "act_cnf_mismatch",
    "act_cycle",
    "act_depth",
    "act_forbidden_claim",
    "act_malformed",
    "act_missing",
    "act_namespace",
    "act_not_permitted",
    "act_peer_mismatch",
    "act_proof_invalid",
    "act_proof_missing",
    "act_self",
    "actor_refused",
    "alg_invalid",
    "alg_key_mismatch",
    "alg_not_allowed",
    "approval_expired",
    "approval_mismatch",
    "approval_over",
    "approval_pending",
    "approval_rejected",
    "approval_unknown",
    "approval_used",
    "approvals_full",
    "approved",
    "approver_excluded",
    "approver_unknown",
    "argument_denied",
    "argument_invalid",
    "aud_invalid",
    "aud_mismatch",
    "aud_too_broad",
    "autonomy_approval_required",
    "autonomy_lowered",
    "autonomy_raised",
    "bad_request",
    "breakers_full",
    "bundle_empty",
    "bundle_rollback",
    "call_approval_required",
    "call_autonomy_exceeded",
    "call_budget_exhausted",
    "call_cost_unknown",
    "call_data_class_denied",
    "call_header_body_mismatch",
    "call_id_reused",
    "call_rate_exceeded",
    "call_repeated",
    "call_token_passthrough",
    "calls_in_flight",
    "card_invalid",
    "card_mismatch",
    "card_unsigned",
    "chain_ancestor_revoked",
    "chain_context_changed",
    "chain_cycle",
    "chain_depth",
    "chain_duplicate_jti",
    "chain_empty",
    "chain_issuer_not_parent_holder",
    "chain_lifetime_widened",
    "chain_mixed_profile",
    "chain_parent_hash_mismatch",
    "chain_principal_changed",
    "chain_removed",
    "chain_root_invalid",
    "chain_self_delegation",
    "check_failed",
    "check_silent",
    "circuit_open",
    "claim_missing",
    "claim_type",
    "classifier_skipped",
    "classifier_unavailable",
    "clock_ahead",
    "clock_rollback",
    "clock_untrusted",
    "cnf_invalid",
    "cnf_mismatch",
    "cnf_missing",
    "config_invalid",
    "cost_anomaly",
    "credential_expired",
    "credential_invalid",
    "credential_revoked",
    "credential_too_large",
    "deadline",
    "delegated_unnarrowed",
    "detector_skipped",
    "detector_unavailable",
    "direction_missing",
    "discovery_issuer_mismatch",
    "egress_denied",
    "event_unsupported",
    "evidence_invalid",
    "exchange_act_forged",
    "exchange_act_truncated",
    "exchange_aud_changed",
    "exchange_cnf_changed",
    "exchange_failed",
    "exchange_lifetime_widened",
    "exchange_scope_widened",
    "exchange_subject_changed",
    "header_forbidden_param",
    "header_invalid",
    "hidden_characters",
    "hidden_markup",
    "identity_unavailable",
    "instructions_missing",
    "instructions_unapproved",
    "internal_error",
    "introspection_inactive",
    "introspection_mismatch",
    "iss_key_mismatch",
    "iss_untrusted",
    "json_depth",
    "json_duplicate_member",
    "json_malformed",
    "json_not_object",
    "json_number",
    "json_surrogate",
    "jwks_fetch_refused",
    "jwks_malformed",
    "jwks_stale",
    "jwks_too_large",
    "jwks_unavailable",
    "key_ambiguous",
    "key_invalid",
    "key_private_or_symmetric",
    "key_revoked",
    "key_unknown_kid",
    "key_unsupported",
    "key_use_mismatch",
    "key_weak",
    "ledger_full",
    "limit_chain_hops",
    "limit_chain_size",
    "limit_constraint_depth",
    "limit_header_size",
    "limit_json_depth",
    "limit_json_members",
    "limit_rate",
    "limit_scope_size",
    "limit_string",
    "limit_token_size",
    "loop_detected",
    "loops_full",
    "message_invalid",
    "mint_depth_exhausted",
    "mint_root_forbidden",
    "mint_unverified_parent",
    "mint_wider_than_verified",
    "model_addressed",
    "not_yet_supported",
    "output_invalid",
    "overload",
    "payload_encoded",
    "payload_too_large",
    "peer_key_unbound",
    "peer_unauthenticated",
    "personal_data_denied",
    "personal_data_redacted",
    "pop_args_mismatch",
    "pop_invalid",
    "pop_missing",
    "pop_nonce",
    "pop_stale",
    "pop_target_mismatch",
    "pop_token_mismatch",
    "pop_tool_mismatch",
    "profile_disabled",
    "proof_invalid",
    "rates_full",
    "replay_detected",
    "replay_store_full",
    "residency_denied",
    "result_invalid",
    "revocations_full",
    "rule_alerted",
    "rule_allowed",
    "rule_denied",
    "rule_failed",
    "rule_requires_approval",
    "schema_unknown",
    "scope_args_widened",
    "scope_autonomy_raised",
    "scope_budget_widened",
    "scope_data_class_widened",
    "scope_egress_widened",
    "scope_empty",
    "scope_entry_count",
    "scope_entry_missing",
    "scope_insufficient",
    "scope_malformed",
    "scope_obligation_dropped",
    "scope_string_widened",
    "scope_tool_added",
    "scope_unknown_member",
    "scope_unknown_type",
    "sender_mismatch",
    "sender_unverified",
    "server_uri_invalid",
    "session_expired",
    "session_principal_changed",
    "session_unknown",
    "session_widen_refused",
    "sessions_exhausted",
    "sig_invalid",
    "status_invalid",
    "status_suspended",
    "status_unknown",
    "stream_diverged",
    "stream_idle",
    "stream_mixed",
    "subject_revoked",
    "task_type_unknown",
    "time_expired",
    "time_iat_in_future",
    "time_lifetime_exceeded",
    "time_not_yet_valid",
    "token_ambiguous",
    "token_encoding",
    "token_foreign",
    "token_json_duplicate_member",
    "token_json_invalid",
    "token_json_number",
    "token_jwe_not_accepted",
    "token_malformed",
    "token_missing",
    "token_revoked",
    "token_use_mismatch",
    "tokens_exchanged",
    "too_many_messages",
    "too_many_texts",
    "tool_not_granted",
    "trust_not_loaded",
    "turn_forged",
    "typ_unexpected",
    "unavailable",
    "unknown_schema",
    "unknown_tool",
    "url_with_data",
    "value_revealed",
    "vault_full",
]


@cache
def modules() -> tuple[ast.Module, ...]:
    paths = (path for path in sorted((ROOT / "sidecar").rglob("*.py")) if path.parent != ROOT / "sidecar" / "v1")
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in paths)


def places(*among: ast.Module) -> Mapping[str, int]:
    """Return where calls of a function or class of `among` take a reason, where they take one by position."""
    found = {}
    for node in (node for module in among for node in ast.walk(module)):
        names: list[str] = []
        if isinstance(node, ast.FunctionDef):
            names = [one.arg for one in node.args.args]
        elif isinstance(node, ast.ClassDef):
            targets = [one.target for one in node.body if isinstance(one, ast.AnnAssign)]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and "reason" in names:
            found[node.name] = names.index("reason")
    return found


def constants(module: ast.Module) -> Mapping[str, str]:
    """Return the strings that a module gives names to."""
    found = {}
    for node in module.body:
        match node:
            case ast.Assign([ast.Name(name)], ast.Constant(str(text))) | ast.AnnAssign(
                ast.Name(name), _, ast.Constant(str(text))
            ):
                found[name] = text
    return found


def literals(node: ast.expr | None, known: Mapping[str, str]) -> Iterator[str]:
    """Yield the strings that an expression can be."""
    match node:
        case ast.Constant(str(text)) if text:
            yield text
        case ast.Name(name) if name in known:
            yield known[name]
        case ast.IfExp(body=one, orelse=other):
            yield from (*literals(one, known), *literals(other, known))
        case ast.Dict(values=values):
            for value in values:
                yield from literals(value, known)


def named(target: ast.expr) -> bool:
    """Whether what is assigned to is, by its name, a reason or several."""
    match target:
        case ast.Name(name) | ast.Attribute(attr=name):
            return "reason" in name.lower()
        case ast.Subscript(ast.Name("refused")):  # keys that are not usable, and why
            return True
    return False


@cache
def told() -> frozenset[str]:
    """Return every reason that stands in the source."""
    public = {name: at for name, at in places(*modules()).items() if not name.startswith("_")}
    found = {reason for _, reason, _ in rules._EFFECTS.values()}
    for module in modules():
        known, where = constants(module), {**public, **places(module)}
        for node in ast.walk(module):
            match node:
                case ast.Call(ast.Name(name) | ast.Attribute(attr=name), arguments, keywords):
                    given = [one.value for one in keywords if one.arg == "reason"]
                    given += arguments[where[name] : where[name] + 1] if name in where else []
                case ast.Assign([target], value) | ast.AnnAssign(target, _, value) if value and named(target):
                    given = [value]
                case _:
                    continue
            found.update(text for one in given for text in literals(one, known))
    return frozenset(found)


def test_every_reason_is_listed_here() -> None:
    assert sorted(told()) == REASONS


def test_reasons_are_tokens_each_listed_once_and_in_order() -> None:
    assert sorted(set(REASONS)) == REASONS
    assert [reason for reason in REASONS if not re.fullmatch(r"[a-z]+(_[a-z]+)*", reason)] == []


@cache
def words_of_tests() -> str:
    files = [
        *(ROOT / "tests").rglob("*.py"),
        *(ROOT / "tests").rglob("*.yaml"),
        *(ROOT / "rules").rglob("tests/*.yaml"),
    ]
    return "\n".join(path.read_text(encoding="utf-8") for path in files if path != Path(__file__))


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_is_looked_for_by_a_test_or_a_case(reason: str) -> None:
    assert re.search(rf"\b{reason}\b", words_of_tests())
