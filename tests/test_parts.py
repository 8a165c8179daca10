"""What the parts of a session begin with: what the whole has touched, and nothing that it has not."""

from collections.abc import Collection
from dataclasses import replace

from sidecar.checks.origin import OriginCheck, Remembering
from sidecar.content.origin.trails import Trails
from sidecar.model.crossing import Boundary, Crossing
from sidecar.policy.catalogue import Catalogue, PackTools, Tool, Trust
from sidecar.stores.base import NoVault
from tests.housing import AT, House, house, token

PAYEE = "DE89370400440532013000"
CATALOGUE = Catalogue(
    [
        PackTools(
            [
                Tool(name="look", effects=("read",), reads=("confidential",)),
                Tool(name="note", effects=("read",), trust=Trust.TRUSTED, reads=("pii",)),
                Tool(name="pay", effects=("money",), sinks={"to": "iban"}),
            ]
        )
    ]
)


def remembering() -> tuple[House, Trails]:
    """Return a sidecar that remembers what sessions were told, by a catalogue of the same tools, and the memory."""
    it, trails = house(), Trails()
    return House(replace(it.path, memory=Remembering(trails, CATALOGUE)), it.log), trails


async def origin(it: House, trails: Trails, handle: str, user: str = "") -> str:
    """Return where a payee comes from whom nobody named, after the user said `user`."""
    if user:
        await it.path.decide(Crossing(boundary=Boundary.USER_INPUT, session_id=handle, at=AT, body=user))
    session = await it.path.stores.sessions.get(handle, AT)
    call = Crossing(
        boundary=Boundary.TOOL_CALL, session_id=handle, at=AT, body={"to": PAYEE}, tool="pay", session=session
    )
    found = (await OriginCheck(trails, CATALOGUE)(call)).onward
    assert found is not None
    return found.origins["to"]


async def test_a_part_begins_with_what_the_whole_has_touched() -> None:
    it, trails = remembering()
    tokens = token({})
    whole = await it.open_by(tokens)
    before = await it.open_by(tokens, parent_session_id=whole)
    await it.call(whole)
    await it.answer(whole, content="hello from somebody")
    part = await it.open_by(tokens, parent_session_id=whole)
    below = await it.open_by(tokens, parent_session_id=part)
    alone = await it.open_by(tokens)

    handles = (before, part, below, alone)
    labels = [await trails.labels(handle.partition(".")[0]) for handle in handles]
    payees = [await origin(it, trails, handle) for handle in handles]

    touched = {"confidential", "untrusted"}
    assert labels == [set(), touched, touched, set()]
    assert payees == ["model", "untrusted", "untrusted", "model"]
    assert await origin(it, trails, part, f"pay {PAYEE}") == "user"


async def test_what_no_stranger_wrote_makes_nothing_in_a_part_a_strangers() -> None:
    it, trails = remembering()
    whole = await it.open({})
    await it.call(whole, "note")
    await it.answer(whole, "note", content="done")
    part = await it.open({}, parent_session_id=whole)

    assert await trails.labels(part.partition(".")[0]) == {"pii"}
    assert await origin(it, trails, part) == "model"


async def test_with_the_whole_goes_what_its_parts_were_told() -> None:
    it, trails = remembering()
    forgotten: list[str] = []

    class Vault(NoVault):
        async def forget(self, session_ids: Collection[str], /) -> None:
            forgotten.extend(session_ids)

    it = House(replace(it.path, vault=Vault()), it.log)
    whole = await it.open({})
    part = await it.open({}, parent_session_id=whole)
    below = await it.open({}, parent_session_id=part)
    await it.call(below)
    await it.answer(below, content="hello")

    await it.path.close(whole, AT)

    public = [handle.partition(".")[0] for handle in (whole, part, below)]
    assert sorted(forgotten) == sorted(public)
    assert await trails.labels(public[2]) == frozenset()
