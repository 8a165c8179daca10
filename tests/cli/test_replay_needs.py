import pytest

from sidecar.cli.replay_needs import Told, tokens
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


@pytest.mark.parametrize(
    ("recorded", "crossed", "found"),
    [
        pytest.param("pw: hunter2 now", "pw: <PASSWORD_1> now", [("hunter2", "<PASSWORD_1>")], id="one"),
        pytest.param("hunter2", "<PASSWORD_1>", [("hunter2", "<PASSWORD_1>")], id="all of it"),
        pytest.param(
            "a=Ada Bell, b=Eva, c",
            "a=<PERSON_1>, b=<PERSON_2>, c",
            [("Ada Bell", "<PERSON_1>"), ("Eva", "<PERSON_2>")],
            id="two",
        ),
        pytest.param("Ada Bell Eva.", "<PERSON_1> <PERSON_2>.", [], id="nobody knows where the first one ends"),
        pytest.param("a=Ada", "a=<PERSON>", [], id="no token"),
        pytest.param("a=Ada, to x@y.z end", "a=<PERSON_1>, to **** end", [], id="what is behind it is gone, too"),
        pytest.param(
            "Ada; b=Eva", "[data] <PERSON_1>; b=<PERSON_2>", [("Eva", "<PERSON_2>")], id="what is before it is new"
        ),
        pytest.param("", "<PERSON_1>", [], id="of nothing"),
    ],
)
def test_what_a_token_stands_for_is_told_by_what_stands_around_it(
    recorded: str, crossed: str, found: list[tuple[str, str]]
) -> None:
    assert list(tokens(recorded, crossed)) == found


def test_an_agent_writes_the_token_of_a_value_that_it_was_not_told() -> None:
    told = Told()
    told.add("Leeds: hunter22 and 48213377", "Leeds: <PASSWORD_1> and <ID_1>")
    arguments: Json = {"a": ["hunter22", "my hunter22!", "Leeds", True, 1.5], "n": 48213377}
    written: Json = {"a": ["<PASSWORD_1>", "my <PASSWORD_1>!", "Leeds", True, 1.5], "n": "<ID_1>"}

    assert told.written(arguments) == written
    assert told.lacking(arguments, arguments) == 0
    assert told.lacking(arguments, written) == 3
    assert told.lacking(arguments) == 3
    assert told.lacking(arguments, {"a": ["hunter22", "my <PASSWORD_1>!"], "n": 48213377}) == 1


def test_where_nothing_was_rewritten_an_agent_writes_what_it_wrote() -> None:
    told = Told()
    told.add("hunter22", "hunter22")

    assert told.written({"a": "hunter22"}) == {"a": "hunter22"}


def test_a_value_that_stands_elsewhere_is_written_as_it_is() -> None:
    told = Told()
    told.add("log in with hunter22", "log in with hunter22")
    told.add("pw: hunter22", "pw: <PASSWORD_1>")

    assert told.written({"a": "hunter22"}) == {"a": "hunter22"}
