"""A sidecar of one's own, for as long as a command runs: temporary sockets, a trial issuer, an audit log."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sidecar.app import serving
from sidecar.audit.key import load_key
from sidecar.audit.query import Verification, verify
from sidecar.config import (
    AuditSettings,
    IdentitySettings,
    IssuerSettings,
    LimitSettings,
    RulesSettings,
    ServerSettings,
    Settings,
)
from sidecar.identity.trial import TrialIssuer


@dataclass(frozen=True, slots=True)
class OwnSidecar:
    """A running sidecar: the address of its data socket, an issuer that it trusts, and its audit log."""

    address: str
    issuer: TrialIssuer
    audit: Path

    def verified(self) -> Verification:
        """Return what is found when the whole audit log is verified."""
        return verify(self.audit, load_key(self.audit.with_name("audit.key")))


@asynccontextmanager
async def own_sidecar(packs: Sequence[str]) -> AsyncIterator[OwnSidecar]:
    """Run a sidecar with `packs`, bundled names or directories, until the block ends; then nothing is left of it.

    Raises `ConfigError` when a pack cannot be loaded.
    """
    with TemporaryDirectory(prefix="sidecar-") as name:
        folder = Path(name)
        issuer = TrialIssuer.generate()
        keys = folder / "issuer.jwks.json"
        keys.write_text(json.dumps(issuer.jwks()), encoding="utf-8")
        settings = Settings(
            server=ServerSettings(socket=folder / "guard.sock", control_socket=folder / "control.sock"),
            limits=LimitSettings(deadline_seconds=60.0),
            identity=IdentitySettings(
                explain_failures=True, issuers=(IssuerSettings(name="trial", issuer=issuer.url, keys=keys),)
            ),
            rules=RulesSettings(packs=tuple(packs), watch=False),
            audit=AuditSettings(path=folder / "audit.db"),
        )
        async with serving(settings):
            yield OwnSidecar(f"unix:{settings.server.socket}", issuer, settings.audit.path)
