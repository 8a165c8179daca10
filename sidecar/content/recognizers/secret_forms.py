"""Keys and tokens that their issuers marked: by a prefix, a length, an alphabet.

The marks are facts of the issuers' own documentation. detect-secrets is not used: it knows fewer of them, works on
lines of source files instead of on text with offsets, and brings a dependency for what is a table.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import holds

SURE: Final = 0.95

# Everything that a mark can stand in; what is shorter is no key.
_LONG = re.compile(r"[A-Za-z0-9_+/=.:~-]{12,}")
MAX_LONG: Final = 4096  # characters of a run that are looked through; marks stand at its beginning or behind a sign

_API_KEYS = (
    r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA)[A-Z0-9]{16}",  # AWS
    r"AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|1//0[\w-]{30,}",  # Google
    r"LTAI[A-Za-z0-9]{12,30}|AKID[A-Za-z0-9]{13,40}",  # Alibaba, Tencent
    r"gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{22,255}",  # GitHub
    r"gl(?:pat|dt|rt|rtr|ft|ptt|soat|cbt|imt|agent|oas|ffct|wt)-[\w-]{16,}(?:\.[\w.-]{2,40})?",
    r"GR1348941[\w-]{16,}",  # GitLab
    r"ATATT3[\w=-]{20,}|ATBB[A-Za-z0-9]{24,}|ATCTT3[\w=-]{20,}|BBDC-[\w-]{20,}",  # Atlassian
    r"xox[abeoprs]-[\w-]{10,}|xapp-\d-[\w-]{10,}|xoxe\.[\w.-]{10,}",  # Slack
    r"[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,38}",  # Discord
    r"(?:bot)?\d{8,10}:A[A-Za-z0-9_-]{34}",  # Telegram
    r"[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,}",  # Stripe
    r"sq0(?:atp|csp|idp)-[\w-]{20,}|EAAA[A-Za-z0-9+/=_-]{50,}",  # Square
    r"shp(?:at|ca|pa|ss|tka)_[a-fA-F0-9]{32}",  # Shopify
    r"access_token\$(?:production|sandbox)\$[a-z0-9]{10,}\$[a-f0-9]{20,}|rzp_(?:live",
    r"test)_[A-Za-z0-9]{10,}",  # PayPal, Razorpay
    r"sk-(?:proj-|svcacct-|admin-|ant-|or-v1-|lf-)?[A-Za-z0-9_-]{18,}",  # OpenAI and who followed
    r"hf_[A-Za-z0-9]{20,}|r8_[A-Za-z0-9]{20,}|gsk_[A-Za-z0-9]{20,}|xai-[A-Za-z0-9]{20,}|pplx-[A-Za-z0-9]{20,}",
    r"lsv2_[a-z]{2}_[a-f0-9]{20,}[\w]*|tgp_v1_[\w-]{20,}|nvapi-[\w-]{20,}|fw_[A-Za-z0-9]{20,}|co-[A-Za-z0-9]{36,}",
    r"SG\.[\w-]{16,32}\.[\w-]{32,64}|key-[a-f0-9]{32}|[a-f0-9]{32}-us\d{1,2}|re_[A-Za-z0-9_]{20,}",  # mail
    r"(?:SK|AC)[a-z0-9]{32}",  # Twilio
    r"npm_[A-Za-z0-9]{30,}|pypi-A[\w-]{50,}|rubygems_[a-f0-9]{40,}|oy2[a-z0-9]{43}|dckr_(?:pat|oat)_[\w-]{20,}",
    r"CLOJARS_[a-z0-9]{40,}",
    r"AKC[A-Za-z0-9]{10,}|(?<![+/])AP[\dABCDEF][A-Za-z0-9]{8,}(?![+/=])|cmVmd[A-Za-z0-9]{50,}",  # Artifactory
    r"do[opr]_v1_[a-f0-9]{40,}|dapi[a-f0-9]{32}(?:-\d)?|HRKU-[\w-]{30,}|pscale_(?:tkn|pw|oauth)_[\w.=-]{30,}",
    r"hv[sbr]\.[\w-]{20,}|dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{20,}|[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{50,}",
    r"pul-[a-f0-9]{40}",
    r"PMAK-[a-f0-9]{20,}-[a-f0-9]{30,}|lin_(?:api|oauth)_[A-Za-z0-9]{30,}|ntn_[A-Za-z0-9]{30,}",
    r"secret_[A-Za-z0-9]{40,}|figd_[\w-]{30,}",
    r"glsa_[A-Za-z0-9]{20,}_[a-f0-9]{8}|glc_[A-Za-z0-9+/=]{30,}|NRAK-[A-Z0-9]{20,}|NRJS-[a-f0-9]{19}",
    r"dt0c01\.[A-Z0-9]{20,}\.[A-Z0-9]{50,}",
    r"sntry[su]_[\w=+/-]{30,}|phc_[A-Za-z0-9]{30,}|tskey-[a-z]+-[\w-]{20,}|sbp_[a-f0-9]{30,}",
    r"AGE-SECRET-KEY-1[A-Z0-9]{50,}",
    r"EAACEdEose0cBA[A-Za-z0-9]{10,}|AAAAAAAA[A-Za-z0-9%]{60,}|ops_eyJ[\w-]{100,}|AAAA[\w-]{7}:APA91b[\w-]{100,}|pat[A-Za-z0-9]{14}\.[a-f0-9]{50,}",
    r"fo1_[\w-]{30,}|fm[12]_[A-Za-z0-9+/=]{50,}|v1\.0-[a-f0-9]{20,}-[a-f0-9]{50,}|eyJrIjoi[\w=+/-]{30,}",
    r"figo?_[\w-]{36,}|shippo_(?:live",
    r"test)_[a-f0-9]{40}|EZ[AT]K[A-Za-z0-9]{50,}|duffel_(?:live",
    r"test)_[\w-]{40,}|CFPAT-[\w-]{40,}|tfp_[\w-]{40,}",
    r"x(?:key|smtp)sib-[a-f0-9]{60,}-[A-Za-z0-9]{16}|FLWSECK(?:_TEST)?-[A-Za-z0-9]{12,}(?:-X)?|rdme_[a-z0-9]{60,}",
    r"access-(?:sandbox|development|production)-[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}",  # Plaid
    r"[\w~.]{3}\dQ~[\w~.-]{31,34}",  # Entra
    r"(?:\d/)?\d{13,17}(?:/\d{13,17})?:[a-f0-9]{32}",  # Asana
    r"sl\.(?:u\.)?[\w-]{100,}|EAA[A-Za-z0-9]{80,}",  # Dropbox, Facebook
    r"nfp_[A-Za-z0-9]{36,}|sgp_[\w]{40,}|CCIPAT_[\w]{40,}|bk[up]a_[a-f0-9]{40}|ATTA[a-f0-9]{60,}|waka_[a-f0-9-]{36}",
    r"rnd_[A-Za-z0-9]{28,}|pnu_[A-Za-z0-9]{36}|frm_[\w]{40,}|shrtc_[A-Za-z0-9]{30,}|PRIVATE-[A-Za-z0-9-]{30,}",
    r"(?:pk|sk)\.eyJ[\w-]{40,}\.[\w-]{20,}|AQVN[\w-]{35,38}|p8e-[a-z0-9-]{32}|nrpt_[\w-]{30,}|zpka_[a-f0-9_]{30,}",
)
_KEY = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(_API_KEYS)})(?![A-Za-z0-9])")
# Those whose marks and lengths nothing else has: found also where another key, or a letter, stands right before.
_GLUED: Final = (
    "AKIA",
    "ASIA",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "_live_",
    "xox",
    "AIza",
    "npm_",
    "SG.",
    "glpat-",
    "hf_",
)
_INSIDE = re.compile(
    r"(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"
    r"|[sr]k_live_[A-Za-z0-9]{24}|xox[abp]-[0-9]{9,14}-[\w-]{20,64}|AIza[\w-]{35}|npm_[A-Za-z0-9]{36}"
    r"|SG\.[\w-]{22}\.[\w-]{43}|glpat-[\w-]{20}|hf_[A-Za-z0-9]{34}"
)
# What stands right behind the name of an account, and is worth nothing without it: AWS, Twilio.
_PARTNER = re.compile(
    r"A(?<![A-Za-z0-9]A)(?:(?:KIA|SIA)[A-Z0-9]{16}[\s,;:/|\"']{1,6}(?P<aws>[A-Za-z0-9+/]{40})(?![A-Za-z0-9+/=])"
    r"|C[a-f0-9]{32}[\"']?[\s,;:/|]{1,3}[\"']?(?P<twilio>[a-f0-9]{32})(?![a-f0-9]))"
)
_JWT = re.compile(r"(?<![\w.-])(?P<header>eyJ[\w-]{8,1024})\.eyJ[\w-]{4,4096}(?:\.[\w-]{0,1024}){0,3}")
_STORAGE = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==(?![A-Za-z0-9+/=])")
_DIGEST = re.compile(r"sha\d{3}-\Z")  # of subresource integrity
_HOOK = re.compile(
    r"https://(?:hooks\.slack\.com/(?:services|workflows)/|discord(?:app)?\.com/api/webhooks/"
    r"|[\w.-]{1,64}\.webhook\.office\.com/)[\w/@-]{10,512}"
    r"|https://[a-f0-9]{32}(?::[a-f0-9]{32})?@(?:[\w.-]{1,64}\.)?sentry\.[\w.-]{2,40}/\d{1,12}"
)
# A signature of Azure's storage, with what it allows.
_SIGNED = re.compile(
    r"(?<![\w&])(?:[a-z]{2,3}=[^\s\"'<>&]{1,64}&){0,12}sig=[A-Za-z0-9%+/=_-]{40,90}(?:&[a-z]{2,3}=[^\s\"'<>&]{1,64}){0,12}"
)
_BEGIN = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----|---- BEGIN SSH2[A-Z ]{0,40} PRIVATE KEY ----"
)
_END = re.compile(
    r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----|---- END SSH2[A-Z ]{0,40} PRIVATE KEY ----"
)
_PUTTY = re.compile(r"(?<=Private-Lines: )\d{1,3}(?:\\[rn]|\s){1,4}(?:[A-Za-z0-9+/=]++(?:\\[rn]|\s){0,4}+){1,400}")
MAX_PEM: Final = 16_384  # characters of a private key: RSA with 16384 bits has 13,000
_URL = re.compile(r"://[^\s:/@\"'<>`]{0,128}:(?P<password>[^\s/@\"'<>`]{1,2048})@[^\s\"'<>`,;)\]}]{1,512}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}\Z")
_PLACEHOLDER = re.compile(
    r"(?:(?-i:TOKEN|PASS(?:WORD)?|SECRET|PWD|KEY)|\$\{?\w+\}?|%[a-z(]|<.*|\{.*\}|\*+|x{3,}|\.{3})$", re.IGNORECASE
)
MAX_URL: Final = 3072  # characters of an address
LONGEST_SCHEME: Final = 31  # characters


def find(text: str) -> Iterator[Span]:
    """Yield what is marked as a key, a token, a private key or an address with a password in it."""
    for run in _LONG.finditer(text):
        for key in _KEY.finditer(text, run.start(), min(run.end(), run.start() + MAX_LONG)):
            yield Span(*key.span(), "API_KEY", SURE)
    if holds(text, _GLUED):
        yield from (Span(*key.span(), "API_KEY", SURE) for key in _INSIDE.finditer(text))
    yield from (Span(*key.span(key.lastgroup or 0), "API_KEY", SURE) for key in _PARTNER.finditer(text))
    if "eyJ" in text:
        yield from (Span(*jwt.span(), "JWT", SURE) for jwt in _JWT.finditer(text) if _is_header(jwt["header"]))
    if "sig=" in text:
        yield from (Span(*signed.span(), "API_KEY", SURE) for signed in _SIGNED.finditer(text))
    if "==" in text:
        yield from (Span(*key.span(), "API_KEY", SURE) for key in _STORAGE.finditer(text) if not _is_digest(text, key))
    if "PRIVATE KEY" in text:
        yield from _private_keys(text)
    if "Private-Lines" in text:
        yield from (Span(*key.span(), "PRIVATE_KEY", SURE) for key in _PUTTY.finditer(text))
    if "://" in text:
        yield from (Span(*hook.span(), "API_KEY", SURE) for hook in _HOOK.finditer(text))
        yield from _connections(text)


def _connections(text: str) -> Iterator[Span]:
    at = text.find("://")
    while at != -1:
        scheme = _SCHEME.search(text, max(0, at - LONGEST_SCHEME), at)
        url = _URL.match(text, at, min(len(text), at + MAX_URL)) if scheme else None
        if scheme and url and not _PLACEHOLDER.match(url["password"]):
            yield Span(scheme.start(), url.end(), "CONNECTION_STRING", SURE)
        at = text.find("://", at + 3)


def _is_digest(text: str, key: re.Match[str]) -> bool:
    return _DIGEST.search(text, max(0, key.start() - len("sha512-")), key.start()) is not None


def _private_keys(text: str) -> Iterator[Span]:
    """Yield private keys in PEM: to the end that is said, or as far as there could be one."""
    at = 0
    while begin := _BEGIN.search(text, at):
        end = _END.search(text, begin.end(), begin.end() + MAX_PEM)
        at = end.end() if end else min(len(text), begin.end() + MAX_PEM)
        yield Span(begin.start(), at, "PRIVATE_KEY", SURE)


def _is_header(encoded: str) -> bool:
    """Whether `encoded` is a JOSE header: an object with an algorithm, or at least a type (RFC 7515, section 4)."""
    try:
        header = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return False
    return isinstance(header, dict) and not header.keys().isdisjoint({"alg", "typ", "kid", "enc"})
