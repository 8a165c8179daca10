"""Who wants to part with something says so in many words: does what he names of it tell which one he means?"""

import asyncio

import pytest

from sidecar.content.origin.deeds import repertoire
from sidecar.content.origin.fields import Pointer
from sidecar.content.origin.trails import Source, Trails

TOOLS = {
    "unpublish_offer": frozenset({"delete"}),
    "delete_letter": frozenset({"delete"}),
    "remove_row": frozenset({"delete"}),
    "give_up_berth": frozenset({"delete"}),
    "shut_out_rower": frozenset({"delete", "account"}),
    "send_letter": frozenset({"message"}),
}
CLUB = repertoire(TOOLS.items())
SESSION = "s"
IDS: tuple[Pointer, ...] = (("*", "id"), ("*", "by"))
LISTED = [
    {"id": "f-4", "by": "ines", "title": "Old skiff for sale", "text": "It floats."},
    {"id": "b-9", "by": "desk@tidepool.example", "title": "Autumn news", "text": "Nets, floats, ropes."},
    {"id": "r-2", "by": "club", "title": "Sculling for beginners", "text": "At the small pier."},
    {"id": "r-3", "by": "club", "title": "Harbour swim", "text": "At the big pier."},
    {"id": "n-1", "by": "club", "title": "Milo Verne", "text": "Berth 12"},
]


async def is_parted_with(said: str, tool: str, given: str, *, is_urged: bool = False) -> bool:
    trails, done = Trails(), CLUB.deed(tool, TOOLS[tool])
    await trails.user(SESSION, said)
    await trails.responded(SESSION, "", [dict(each) for each in LISTED], Source(vouches=IDS))
    return await trails.parted_with(SESSION, done, {"id": given}, is_urged=is_urged)


@pytest.mark.parametrize(
    ("said", "tool", "given"),
    [
        pytest.param(
            "The skiff is sold, its offer may come off.", "unpublish_offer", "f-4", id="what may become of it"
        ),
        pytest.param("Lose the offer of the skiff.", "unpublish_offer", "f-4", id="a word that nobody knows"),
        pytest.param("Away with what Tidepool wrote.", "delete_letter", "b-9", id="no verb, by its sender"),
        pytest.param("Dispose of Tidepool's news.", "delete_letter", "b-9", id="by sender and title"),
        pytest.param("Sculling is not on. Delete those rows.", "remove_row", "r-2", id="told in the sentence before"),
        pytest.param("Delete the swim from the plan.", "remove_row", "r-3", id="by another tool's verb"),
        pytest.param("Let Milo's berth lapse.", "give_up_berth", "n-1", id="whose it is"),
        pytest.param("Milo Verne should no longer row.", "shut_out_rower", "n-1", id="who it is"),
    ],
)
def test_what_the_user_names_of_a_record_tells_that_he_parts_with_it(said: str, tool: str, given: str) -> None:
    assert asyncio.run(is_parted_with(said, tool, given))


@pytest.mark.parametrize(
    ("said", "tool", "given"),
    [
        pytest.param("Lose the offer of the skiff.", "unpublish_offer", "r-3", id="another record"),
        pytest.param("Lose the offer of the skiff.", "unpublish_offer", "f-99", id="one that no tool lists"),
        pytest.param("What does Tidepool write?", "delete_letter", "b-9", id="a question"),
        pytest.param("Read me the news from Tidepool.", "delete_letter", "b-9", id="a look"),
        pytest.param("Tidepool has sent its news.", "delete_letter", "b-9", id="what is told"),
        pytest.param("Answer Tidepool that I'm coming.", "delete_letter", "b-9", id="a word for another act"),
        pytest.param("The offer of the skiff should stay.", "unpublish_offer", "f-4", id="what should stay"),
        pytest.param("Which berth can Milo have?", "give_up_berth", "n-1", id="a question about what may be"),
        pytest.param("Milo must be told of the swim.", "shut_out_rower", "n-1", id="what is done to somebody else"),
        pytest.param("Delete the letter.", "delete_letter", "b-9", id="nothing is named of it"),
    ],
)
def test_who_says_something_else_or_names_another_one_parts_with_nothing(said: str, tool: str, given: str) -> None:
    assert not asyncio.run(is_parted_with(said, tool, given))


@pytest.mark.parametrize(
    ("said", "tool", "given", "expected"),
    [
        pytest.param("Lose the offer of the skiff.", "unpublish_offer", "f-4", False, id="a word that nobody knows"),
        pytest.param("Delete the swim from the plan.", "remove_row", "r-3", True, id="a word for it"),
    ],
)
def test_where_strangers_speak_of_it_the_word_must_be_a_known_one(
    said: str, tool: str, given: str, *, expected: bool
) -> None:
    assert asyncio.run(is_parted_with(said, tool, given, is_urged=True)) is expected
