"""Where an issuer's keys come from. What a source is, as values; `loading` reads them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """A file with a JWK set or public keys in PEM."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlSource:
    """A JWK set at a URL. `ca` is a PEM file of the authorities to trust; None: the usual ones."""

    url: str
    ca: Path | None = None

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverySource:
    """A JWK set that the issuer's metadata names: `kind` is rfc8414 or oidc."""

    issuer: str
    kind: str
    ca: Path | None = None

    def __str__(self) -> str:
        return f"{self.kind} of {self.issuer}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleSource:
    """A SPIFFE bundle in a file."""

    path: Path

    def __str__(self) -> str:
        return f"bundle {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleUrlSource:
    """A SPIFFE bundle at a URL (SPIFFE Federation, section 5).

    `endpoint` is the SPIFFE ID that the server shows by an X.509-SVID (https_spiffe), of an authority in the bundle
    that was fetched last, at first in the file `bootstrap`. Without it the server is known as on the web; `ca` as in
    `UrlSource`.
    """

    url: str
    ca: Path | None = None
    endpoint: str = ""
    bootstrap: Path | None = None

    def __str__(self) -> str:
        return f"bundle {self.url}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadSource:
    """The bundle of one trust domain from a SPIFFE Workload API on a Unix socket."""

    socket: Path
    trust_domain: str  # spiffe://…

    def __str__(self) -> str:
        return f"{self.trust_domain} at {self.socket}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KubernetesSource:
    """The keys of a cluster's service-account tokens, asked for with the pod's own token."""

    server: str = "https://kubernetes.default.svc"
    ca: Path = SERVICE_ACCOUNT / "ca.crt"
    token: Path = SERVICE_ACCOUNT / "token"

    def __str__(self) -> str:
        return f"{self.server}/openid/v1/jwks"


Source = FileSource | UrlSource | DiscoverySource | BundleSource | BundleUrlSource | WorkloadSource | KubernetesSource
