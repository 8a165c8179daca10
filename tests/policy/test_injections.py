import pytest

from sidecar.model.crossing import Boundary
from sidecar.model.injection import Action, Kind
from sidecar.policy.document import parse
from sidecar.policy.injections import InjectionsFile, action, combine, labels


def read(text: str) -> InjectionsFile | list[str]:
    problems: list[str] = []
    return parse(text.encode(), "injections.yaml", InjectionsFile, problems) or problems


def file(text: str) -> InjectionsFile:
    found = read(text)
    assert isinstance(found, InjectionsFile)
    return found


def test_steps_of_one_kind_grow_stricter_with_the_score() -> None:
    steps = combine(
        [
            file(
                "findings:\n"
                "  - {kind: instructions, at: {tool_response: spotlight}}\n"
                "  - {kind: instructions, threshold: 0.95, at: {'*': deny, user_input: label}, label: attack}\n"
            )
        ]
    ).at(Boundary.TOOL_RESPONSE)
    told = [action(steps, Kind.INSTRUCTIONS, score) for score in (0.4, 0.5, 0.94, 0.95)]
    assert told == [Action.ALLOW, Action.SPOTLIGHT, Action.SPOTLIGHT, Action.DENY]
    assert labels(steps, Kind.INSTRUCTIONS, 0.5) == {"injection"}
    assert labels(steps, Kind.INSTRUCTIONS, 0.96) == {"injection", "attack"}
    assert action(steps, Kind.TURNS, 1.0) is Action.ALLOW


def test_of_two_packs_the_stricter_wins_and_neither_makes_the_other_milder() -> None:
    mild, strict = file("findings: [{kind: url, at: {'*': label}}]"), file("findings: [{kind: url, at: {'*': deny}}]")
    for files in ([mild, strict], [strict, mild]):
        assert action(combine(files).at(Boundary.LLM_OUTPUT), Kind.URL, 0.9) is Action.DENY


def test_a_hidden_character_needs_no_score_and_what_labels_does() -> None:
    steps = combine([file("findings: [{kind: hidden_characters, at: {'*': strip}}]")]).at(Boundary.USER_INPUT)
    assert action(steps, Kind.HIDDEN_CHARACTERS, 0.0) is Action.STRIP
    assert labels(steps, Kind.HIDDEN_CHARACTERS, 0.3) == frozenset()


def test_nothing_is_looked_for_where_nobody_else_writes() -> None:
    found = combine([file("findings: [{kind: turns, at: {'*': deny}}]")])
    assert found.at(Boundary.TOOL_CALL) == found.at(Boundary.LLM_REQUEST) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("findings: [{kind: smell, at: {'*': deny}}]", "findings[0].kind", id="no such kind"),
        pytest.param(
            "findings: [{kind: url, at: {'*': burn}}]", "no such action: use allow, label", id="no such action"
        ),
        pytest.param("findings: [{kind: url, at: {tool_call: deny}}]", "`tool_call` is no boundary", id="no boundary"),
        pytest.param("findings: [{kind: url, at: {}}]", "at least 1", id="nowhere"),
        pytest.param("findings: [{kind: url, at: here}]", "at: ", id="not a mapping"),
        pytest.param(
            "findings: [{kind: url, threshold: 2, at: {'*': deny}}]", "less than or equal to 1", id="no score"
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, told: str) -> None:
    found = read(text)
    assert isinstance(found, list)
    assert told in found[0]
