import pytest

from sidecar.cli.replay_needs import Told
from sidecar.model.strict_json import Json


@pytest.mark.parametrize(
    ("arguments", "lacking"),
    [
        pytest.param({"to": "Ada Bell"}, 1, id="a value that was taken"),
        pytest.param({"to": "Leeds"}, 0, id="one that is still there"),
        pytest.param({"to": "Eva"}, 0, id="one that nobody was told"),
        pytest.param({"a": [{"b": "Ada Bell"}, 48213, "Ada Bell"]}, 3, id="deep inside, and a number"),
        pytest.param({"n": 12, "t": False}, 0, id="what is too short to be told apart"),
    ],
)
def test_a_value_is_lacking_where_it_stands_only_in_what_was_rewritten(arguments: Json, lacking: int) -> None:
    told = Told()
    told.add("Ada Bell, Leeds, 48213, 12", "<PERSON>, Leeds, <ID>, 12")

    assert told.lacking(arguments) == lacking


def test_a_value_that_the_user_said_too_is_not_lacking() -> None:
    told = Told()
    told.add("write to Ada Bell", "write to Ada Bell")
    told.add("Ada Bell, Leeds", "<PERSON>, Leeds")

    assert told.lacking({"to": "Ada Bell"}) == 0
