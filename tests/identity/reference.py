"""A second verifier of chains of linked tokens, written from identity-spec 2.4 and 2.6 alone.

joserfc checks the signatures and computes the thumbprints; nothing is imported from the product. It is slow and
straightforward, so that where both differ one can read which of them is wrong. It does not read RSA keys in `cnf`.
"""

import hashlib
import json
import re
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from joserfc import jwk, jws
from joserfc.errors import JoseError

from tests.identity.reference_scope import Object, RefusedError, Value, entries, need, obj, within_aat, within_session

Key = jwk.ECKey | jwk.OKPKey

URI = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"
ALGORITHMS = ("ES256", "ES384", "PS256", "RS256", "Ed25519", "EdDSA")
FORBIDDEN = ("crit", "b64", "zip", "enc", "p2c", "p2s", "epk", "apu", "apv")
PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
CURVES = {("OKP", "Ed25519"): "Ed25519", ("EC", "P-256"): "ES256", ("EC", "P-384"): "ES384"}
WEAK = (
    0,
    1,
    2**255 - 20,
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
)
KIB = 1024


@dataclass(frozen=True, kw_only=True)
class Trusted:
    """One issuer: its name, its keys by id, and what it may sign with."""

    name: str
    keys: Mapping[str, Key]
    algorithms: frozenset[str] = frozenset({"Ed25519", "ES256"})


@dataclass(frozen=True, kw_only=True)
class Proven:
    """What a chain proves."""

    principal: str
    ids: tuple[str, ...]
    expires_at: int
    not_before: int
    audience: frozenset[str]
    holder: str  # thumbprint of the last holder's key
    tools: frozenset[str]


@dataclass(kw_only=True)
class Token:
    """One token, as far as it has been read."""

    text: str
    header: Object
    payload: bytes
    claims: Object = field(default_factory=dict)
    key: Key | None = None  # of its holder
    tools: Object = field(default_factory=dict)
    entry: Object | None = None

    @property
    def digest(self) -> str:
        return b64(hashlib.sha256(self.text.rpartition(".")[0].encode()).digest())


def verify(tokens: Sequence[str], issuer: Trusted, audiences: frozenset[str], at: float) -> Proven:
    """Return what `tokens` prove at `at`. Raises `RefusedError` with the word of the first step that fails."""
    need(tokens, "token_missing")
    need(len(tokens) <= 4, "limit_chain_hops")
    need(sum(map(len, tokens)) <= 64 * KIB, "limit_chain_size")
    read = [opened(text) for text in tokens]
    need(len({typ_of(token) for token in read}) == 1, "chain_mixed_profile")
    need(typ_of(read[0]) == "aat+jwt", "profile_disabled")  # the only kind that is read here
    for index, token in enumerate(read):
        signed_by(token, read[index - 1] if index else None, issuer)
        registered(token, index, at, audiences)
        linked(token, read[:index])
        scoped(token, read[index - 1] if index else None)
    need(any(token.claims.get("aud") is not None for token in read), "claim_missing")
    return proven(read)


def proven(read: Sequence[Token]) -> Proven:
    last = read[-1]
    assert last.key is not None
    audiences = [audience_of(token) for token in read if token.claims.get("aud") is not None]
    return Proven(
        principal=str(read[0].claims["sub"]),
        ids=tuple(str(token.claims["jti"]) for token in read),
        expires_at=min(whole(token.claims["exp"]) for token in read),
        not_before=max(whole(token.claims.get(name) or 0) for token in read for name in ("iat", "nbf")),
        audience=frozenset.intersection(*map(frozenset, audiences)),
        holder=last.key.thumbprint(),
        tools=frozenset(last.tools) & frozenset(obj(last.entry["tools"]) if last.entry else last.tools),
    )


# ---- steps 2 to 10 ---------------------------------------------------------------------------------------


def opened(text: str) -> Token:
    need(len(text) <= 16 * KIB, "limit_token_size")
    need(text.count(".") != 4, "token_jwe_not_accepted")
    need(re.fullmatch(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", text, re.ASCII), "token_malformed")
    head, payload, _ = (unb64(part) for part in text.split("."))
    need(len(head) <= 2 * KIB, "limit_header_size")
    header = strict(head, depth=4, members=32)
    need(not header.keys() & set(FORBIDDEN) and str(header.get("cty")).upper() != "JWT", "header_forbidden_param")
    need(isinstance(header.get("alg"), str), "alg_invalid")
    need(header["alg"] in ALGORITHMS, "alg_not_allowed")
    need(isinstance(header.get("typ", ""), str), "typ_unexpected")
    need("kid" not in header or is_name(header["kid"], 256), "header_invalid")
    return Token(text=text, header=header, payload=payload)


def typ_of(token: Token) -> str:
    typ = str(token.header.get("typ", "")).lower().removeprefix("application/")
    need(typ in {"at+jwt", "aat+jwt", "adc+jwt", "txntoken+jwt"}, "typ_unexpected")
    return typ


def strict(octets: bytes, depth: int = 16, members: int = 512) -> Object:
    """Return one object of strict JSON (the paragraph below step 10)."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError("token_json_invalid") from None
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text, flags=re.DOTALL)
    levels = [0]
    for mark in re.findall(r"[\[\]{}]", outside):
        levels.append(levels[-1] + (1 if mark in "[{" else -1))
    need(max(levels) <= depth, "limit_json_depth")
    try:
        value = json.loads(
            text, object_pairs_hook=unique, parse_int=integer, parse_float=fraction, parse_constant=constant
        )
    except ValueError:
        raise RefusedError("token_json_invalid") from None
    need(octets[:1] == b"{" and isinstance(value, dict), "token_json_invalid")
    bounded(value, members)
    return obj(value)


def unique(pairs: list[tuple[str, Value]]) -> Object:
    need(len(dict(pairs)) == len(pairs), "token_json_duplicate_member")
    return dict(pairs)


def integer(text: str) -> int:
    need(len(text) < 20 and abs(int(text)) < 2**53, "token_json_number")
    return int(text)


def fraction(text: str) -> float:
    need(abs(float(text)) != float("inf") and Decimal(text) == Decimal(repr(float(text))), "token_json_number")
    return float(text)


def constant(_text: str) -> None:
    raise RefusedError("token_json_number")


def bounded(value: Value, members: int) -> None:
    if isinstance(value, str):
        need(not any(0xD800 <= ord(character) < 0xE000 for character in value), "token_json_invalid")
        need(len(value.encode()) <= 4 * KIB, "limit_string")
    elif isinstance(value, dict):
        need(len(value) <= members, "limit_json_members")
        for name, member in value.items():
            bounded(name, members)
            bounded(member, members)
    elif isinstance(value, list):
        for item in value:
            bounded(item, members)


# ---- steps 11 to 19 --------------------------------------------------------------------------------------


def signed_by(token: Token, parent: Token | None, issuer: Trusted) -> None:
    """Do steps 11 to 15: the root under its issuer's key, each other under the key that its parent names."""
    if parent is not None:
        need(token.header["alg"] != "EdDSA", "alg_not_allowed")
        assert parent.key is not None
        check(token, parent.key)
        token.claims = strict(token.payload)
        return
    token.claims = strict(token.payload)
    need(token.claims.get("iss") is not None, "claim_missing")
    need(is_name(token.claims["iss"], 512), "claim_type")
    need(token.claims["iss"] == issuer.name, "iss_untrusted")
    need(token.header["alg"] in issuer.algorithms, "alg_not_allowed")
    if "kid" not in token.header:
        need(len(issuer.keys) == 1, "key_ambiguous")
        check(token, *issuer.keys.values())
        return
    need(token.header["kid"] in issuer.keys, "key_unknown_kid")
    check(token, issuer.keys[str(token.header["kid"])])


def check(token: Token, key: Key) -> None:
    """Do steps 13 and 14."""
    algorithm = CURVES[key.key_type, str(key.as_dict()["crv"])]
    need(token.header["alg"] == algorithm, "alg_key_mismatch")
    try:
        jws.deserialize_compact(token.text, key, algorithms=[algorithm], registry=LENIENT)
    except (JoseError, ValueError, TypeError):
        raise RefusedError("sig_invalid") from None


# What a header may say was judged above; here only the signature is asked about.
LENIENT = jws.JWSRegistry(algorithms=["Ed25519", "ES256", "ES384"], strict_check_header=False)
LENIENT.max_header_length = 2 * KIB


def registered(token: Token, index: int, at: float, ours: frozenset[str]) -> None:
    """Do steps 16, 18 and 19."""
    claims = token.claims
    required = ("iss", "exp", "iat", "jti") if index else ("iss", "exp", "iat", "sub", "jti")
    need(all(claims.get(name) is not None for name in required), "claim_missing")
    for name in ("iss", "sub", "client_id", "jti", "txn"):
        need(claims.get(name) is None or is_name(claims[name], 128 if name == "jti" else 512), "claim_type")
    for name in ("exp", "iat", "nbf"):
        need(claims.get(name) is None or is_date(claims[name]), "claim_type")
    named = None if claims.get("aud") is None else audience_of(token)
    expires, issued = whole(claims["exp"]), whole(claims["iat"])
    need(at < expires, "time_expired")
    need(claims.get("nbf") is None or whole(claims["nbf"]) <= at + 30, "time_not_yet_valid")
    need(issued <= at + 30, "time_iat_in_future")
    need(0 < expires - issued <= (900 if index else 3600), "time_lifetime_exceeded")
    if named is not None:
        need(named & ours, "aud_mismatch")
        need(len(named) <= 8, "aud_too_broad")


def audience_of(token: Token) -> frozenset[str]:
    value = token.claims["aud"]
    listed = value if isinstance(value, list) else [value]
    need(listed and all(is_name(one, 4 * KIB) for one in listed), "aud_invalid")
    return frozenset(listed)


# ---- steps 25 to 31 --------------------------------------------------------------------------------------


def linked(token: Token, earlier: Sequence[Token]) -> None:
    """Do steps 25 to 30."""
    claims = token.claims
    if not earlier:
        need("par_hash" not in claims and is_depth(claims.get("del_depth"), 0, 0), "chain_root_invalid")
        need(is_depth(claims.get("del_max_depth"), 0, 8), "chain_depth")
        token.key = holder_of(claims)
        return
    root, parent = earlier[0].claims, earlier[-1]
    assert parent.key is not None
    need(claims["iss"] == URI + parent.key.thumbprint(), "chain_issuer_not_parent_holder")
    need(claims.get("par_hash") == parent.digest, "chain_parent_hash_mismatch")
    depth, most = len(earlier), whole(parent.claims["del_max_depth"])
    need(is_depth(claims.get("del_depth"), depth, depth), "chain_depth")
    need(is_depth(claims.get("del_max_depth"), depth, most), "chain_depth")
    need(all(claims["jti"] != one.claims["jti"] for one in earlier), "chain_duplicate_jti")
    need(claims.get("sub") in {None, root["sub"]}, "chain_principal_changed")
    need(parent.claims.get("txn") in {None, claims.get("txn")}, "chain_context_changed")
    before, after = parent.claims.get("nbf"), claims.get("nbf")
    need(before is None or (after is not None and whole(after) >= whole(before)), "chain_lifetime_widened")
    need(whole(claims["exp"]) <= whole(parent.claims["exp"]), "chain_lifetime_widened")
    need(whole(claims["iat"]) >= whole(parent.claims["iat"]), "chain_lifetime_widened")
    token.key = holder_of(claims)
    marks = [one.key.thumbprint() for one in earlier if one.key]
    need(token.key.thumbprint() != marks[-1], "chain_self_delegation")
    need(token.key.thumbprint() not in marks, "chain_cycle")


def scoped(token: Token, parent: Token | None) -> None:
    """Do step 31."""
    token.tools, token.entry = entries(token.claims.get("authorization_details"))
    if parent is not None:
        within_aat(token.tools, parent.tools)
        if parent.entry is not None:
            need(token.entry is not None, "scope_entry_missing")
            within_session(obj(token.entry), parent.entry)
    need(isinstance(token.claims.get("scope") or "", str), "scope_malformed")
    if parent is not None:
        need(words(token) <= words(parent), "scope_string_widened")


def words(token: Token) -> set[str]:
    text = str(token.claims.get("scope") or "")
    return set(text.split(" ")) if text else set()


def holder_of(claims: Object) -> Key:
    """Return the key that `cnf` names, admitted by section 2.9."""
    need(claims.get("cnf") is not None, "cnf_missing")
    confirmation = obj(claims["cnf"], "cnf_invalid")
    need(confirmation.keys() == {"jwk"}, "cnf_invalid")
    body = obj(confirmation["jwk"], "key_invalid")
    need(not body.keys() & set(PRIVATE) and body.get("kty") != "oct", "key_private_or_symmetric")
    kind = (str(body.get("kty")), str(body.get("crv")))
    need(kind in CURVES, "key_unsupported" if isinstance(body.get("kty"), str) else "key_invalid")
    size = 48 if kind[1] == "P-384" else 32
    numbers = [unb64(str(body.get(name, "")), "key_invalid") for name in ("x", "y")[: 1 if kind[0] == "OKP" else 2]]
    need(all(len(number) == size for number in numbers), "key_invalid")
    if kind[0] == "OKP":
        y = int.from_bytes(numbers[0], "little") % 2**255
        need(y < 2**255 - 19 and y not in WEAK, "key_weak")
    need(body.get("alg") in {None, CURVES[kind]} or (kind[0] == "OKP" and body["alg"] == "EdDSA"), "alg_key_mismatch")
    need(body.get("use") in {None, "sig"} and body.get("key_ops") in (None, ["verify"]), "key_use_mismatch")
    try:
        public: dict[str, str | list[str]] = {
            name: str(body[name]) for name in ("kty", "crv", "x", "y") if name in body
        }
        return jwk.OKPKey.import_key(public) if kind[0] == "OKP" else jwk.ECKey.import_key(public)
    except (JoseError, ValueError):
        raise RefusedError("key_invalid") from None


# ---- small words -----------------------------------------------------------------------------------------


def is_name(value: Value, longest: int) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= longest
        and not any(unicodedata.category(character) == "Cc" for character in value)
    )


def is_date(value: Value) -> bool:
    return type(value) is int and 0 <= value <= 253402300799


def is_depth(value: Value, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def whole(value: Value) -> int:
    assert isinstance(value, int)
    return value


def b64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64(text: str, reason: str = "token_encoding") -> bytes:
    try:
        octets = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise RefusedError(reason) from None
    need(b64(octets) == text, reason)
    return octets
