import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from presidio_analyzer import PatternRecognizer
from pydantic import ValidationError

from sidecar.model.crossing import Boundary
from sidecar.model.operator import Operator
from sidecar.policy.document import parse
from sidecar.policy.privacy import Out, Privacy, PrivacyFile, ResidencyPart, combine
from tests.policy.packing import problems, written

EMPLOYEE: Mapping[str, object] = {
    "name": "employee-id",
    "supported_entity": "EMPLOYEE_ID",
    "patterns": [{"name": "e", "regex": r"E-\d{6}", "score": 0.8}],
    "context": ["employee"],
}
AT_HOME: Mapping[str, object] = {"subjects_in": "EU", "regions": ["EU", "CH"], "applies_to": ["pii"]}


def file(**parts: object) -> PrivacyFile:
    return PrivacyFile.model_validate_json(json.dumps(parts), strict=True)


def entities(**rows: Mapping[str, object]) -> PrivacyFile:
    return file(entities={name: {"at": at} for name, at in rows.items()})


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        pytest.param(
            {"entities": {"URL": {"at": {"*": "deny"}, "reveal_to": ["charge"]}}},
            "`reveal_to` gives back what `token` took",
            id="reveal_to without a token",
        ),
        pytest.param({"entities": {"URL": {"at": {"*": "token"}, "reveal_to": "charge"}}}, "array", id="one tool"),
        pytest.param(
            {"residency": [{**AT_HOME, "subjects_in": "Europe"}]}, "alpha-2 code", id="a place of no such name"
        ),
        pytest.param({"residency": [{**AT_HOME, "regions": []}]}, "at least 1 item", id="residency nowhere"),
        pytest.param({"residency": [{**AT_HOME, "applies_to": []}]}, "at least 1 item", id="residency of nothing"),
        pytest.param({"residency": [{**AT_HOME, "unless": "asked"}]}, "Extra inputs", id="residency with an exception"),
        pytest.param({"degraded": None}, "valid mapping|valid dict|object", id="degraded that says nothing"),
        pytest.param({"degraded": {"eyes": {"llm_output": "deny"}}}, "'ner' or 'classifier'", id="no such detector"),
        pytest.param({"degraded": {"ner": {"mail": "skip"}}}, "'user_input'", id="degraded at no boundary"),
        pytest.param({"degraded": {"ner": {"llm_output": "allow"}}}, "'deny' or 'skip'", id="degraded otherwise"),
        pytest.param({"entities": {"URL": {"at": {"*": "hide"}}}}, "no such operator", id="an unknown operator"),
        pytest.param({"entities": {"URL": {"at": {"*": 3}}}}, "no such operator", id="an operator that is a number"),
        pytest.param({"entities": {"URL": {"at": {"mail": "deny"}}}}, "`mail` is no boundary", id="unknown boundary"),
        pytest.param({"entities": {"URL": {"at": {}}}}, "at least 1 item", id="a kind that says nothing"),
        pytest.param({"entities": {"URL": {"at": "deny"}}}, "valid mapping|valid dict|object", id="at is no mapping"),
        pytest.param({"entities": {"url": {"at": {"*": "deny"}}}}, "match pattern", id="a kind in small letters"),
        pytest.param(
            {"entities": {"SHOE_SIZE": {"at": {"*": "deny"}}}}, "no recognizer finds `SHOE_SIZE`", id="unknown"
        ),
        pytest.param(
            {"entities": {"URL": {"at": {"*": "deny"}, "threshold": 1.5}}}, "less than or equal to 1", id="threshold"
        ),
        pytest.param({"entities": {"URL": {"at": {"*": "deny"}, "extra": 1}}}, "Extra inputs", id="an unknown key"),
        pytest.param({"recognizers": [{**EMPLOYEE, "patterns": []}]}, "needs `patterns` or a", id="finds nothing"),
        pytest.param(
            {"recognizers": [{**EMPLOYEE, "patterns": [{"name": "e", "regex": "(", "score": 1}]}]},
            "no regular expression",
            id="a pattern that does not compile",
        ),
        pytest.param({"recognizers": [{**EMPLOYEE, "supported_language": "German"}]}, "match pattern", id="German"),
        pytest.param(
            {"recognizers": [{**EMPLOYEE, "supported_language": "de", "supported_languages": ["en"]}]},
            "leave one of them out",
            id="a language and languages",
        ),
        pytest.param(
            {"recognizers": [{**EMPLOYEE, "supported_entities": ["EMPLOYEE_ID"]}]},
            "needs `supported_entity`",
            id="a kind twice",
        ),
        pytest.param(
            {"recognizers": [{k: v for k, v in EMPLOYEE.items() if k != "supported_entity"}]},
            "needs `supported_entity`",
            id="no kind",
        ),
        pytest.param(
            {"recognizers": [{**EMPLOYEE, "enabled": False}], "entities": {"EMPLOYEE_ID": {"at": {"*": "deny"}}}},
            "no recognizer finds `EMPLOYEE_ID`",
            id="a recognizer that is switched off",
        ),
        pytest.param({"recognizers": [{**EMPLOYEE, "type": "predefined"}]}, "only `custom`", id="predefined"),
        pytest.param({"recognizers": [{**EMPLOYEE, "deny_list": [""]}]}, "at least 1 character", id="an empty word"),
    ],
)
def test_a_file_that_promises_what_is_not_kept_is_refused(parts: Mapping[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        file(**parts)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param({"supported_language": "de", "country_code": "de"}, {"employee"}, id="another language"),
        pytest.param({"supported_languages": ["en", "pt-BR"]}, {"employee"}, id="languages"),
        pytest.param(
            {
                "context": [],
                "supported_languages": [{"language": "de", "context": ["Ausweis"]}, {"language": "es"}],
                "enabled": True,
                "type": "custom",
            },
            {"Ausweis"},
            id="languages with their words",
        ),
    ],
)
def test_a_recognizer_of_a_file_of_presidios_is_read_as_it_is(said: Mapping[str, object], words: set[str]) -> None:
    entity = {"EMPLOYEE_ID": {"at": {"*": "deny"}}}
    [made] = combine([file(recognizers=[{**EMPLOYEE, **said}], entities=entity)]).recognizers

    read = PatternRecognizer.from_dict(json.loads(made))

    assert (read.supported_entities, set(read.context)) == (["EMPLOYEE_ID"], words)


def test_a_recognizer_may_name_its_kind_in_a_list_and_one_that_is_off_finds_nothing() -> None:
    listed = {key: value for key, value in EMPLOYEE.items() if key != "supported_entity"}
    entity = {"EMPLOYEE_ID": {"at": {"*": "deny"}}}
    off = {**EMPLOYEE, "name": "old", "enabled": False}

    both = file(recognizers=[{**listed, "supported_entities": ["EMPLOYEE_ID"]}, off], entities=entity)

    [made] = combine([both]).recognizers
    assert json.loads(made)["name"] == "employee-id"
    assert json.loads(made)["supported_entity"] == "EMPLOYEE_ID"


def test_a_wrong_recognizer_is_told_without_blaming_the_kind_it_would_find() -> None:
    with pytest.raises(ValidationError) as refused:
        file(recognizers=[{**EMPLOYEE, "patterns": []}], entities={"EMPLOYEE_ID": {"at": {"*": "deny"}}})

    assert [error["loc"] for error in refused.value.errors()] == [("recognizers", 0)]


def test_an_unknown_kind_is_told_with_its_line() -> None:
    problems: list[str] = []

    parse(b"recognizers: []\nentities:\n  SHOE_SIZE: {at: {'*': deny}}\n", "privacy.yaml", PrivacyFile, problems)

    assert problems[0].startswith("privacy.yaml:2: entities: no recognizer finds `SHOE_SIZE`")


def test_a_pattern_of_doubtful_style_compiles_without_a_warning() -> None:
    part = file(recognizers=[{**EMPLOYEE, "patterns": [{"name": "e", "regex": "[[a]--b]", "score": 1}]}])

    assert part.recognizers[0].patterns[0].regex == "[[a]--b]"


@pytest.mark.parametrize(
    ("at", "boundary", "operator"),
    [
        pytest.param({"*": "mask"}, Boundary.TOOL_CALL, Operator.MASK, id="everywhere"),
        pytest.param({"*": "deny", "tool_call": "allow"}, Boundary.TOOL_CALL, None, id="a name goes before the star"),
        pytest.param({"*": "deny", "tool_call": "allow"}, Boundary.USER_INPUT, Operator.DENY, id="elsewhere the star"),
        pytest.param({"tool_call": "hash"}, Boundary.USER_INPUT, None, id="silence lets it cross"),
    ],
)
def test_the_operator_of_a_boundary(at: Mapping[str, object], boundary: Boundary, operator: Operator | None) -> None:
    assert combine([entities(URL=at)]).at(boundary).get("URL") is operator


def test_what_may_cross_is_looked_for_where_it_is_named_and_nowhere_else() -> None:
    files = [entities(URL={"user_input": "allow"}, PERSON={"tool_call": "mask"}), entities(URL={"llm_output": "deny"})]

    privacy = combine(files)

    assert privacy.thresholds.keys() == privacy.labels.keys() == {"URL", "PERSON"}
    assert privacy.at(Boundary.USER_INPUT) == {}
    assert {boundary: set(privacy.looked_for(boundary)) for boundary in Boundary if privacy.looked_for(boundary)} == {
        Boundary.USER_INPUT: {"URL"},
        Boundary.TOOL_CALL: {"PERSON"},
        Boundary.LLM_OUTPUT: {"URL"},
    }


def test_what_one_pack_lets_cross_and_another_does_not_is_looked_for_once() -> None:
    privacy = combine([entities(URL={"*": "allow"}, PERSON={"*": "allow"}), entities(URL={"tool_call": "deny"})])

    assert privacy.at(Boundary.TOOL_CALL) == {"URL": Operator.DENY}
    assert privacy.telling[Boundary.TOOL_CALL] == {"PERSON"}
    assert set(privacy.looked_for(Boundary.TOOL_CALL)) == {"URL", "PERSON"}


def test_no_pack_asks_for_nothing() -> None:
    assert combine([]) == Privacy()


def test_packs_only_add_strictness() -> None:
    mild = file(entities={"URL": {"at": {"*": "mask"}, "threshold": 0.9, "label": "web"}})
    strict = file(entities={"URL": {"at": {"tool_call": "deny", "user_input": "allow"}, "threshold": 0.2}})

    privacy = combine([mild, strict])

    assert privacy.at(Boundary.TOOL_CALL) == {"URL": Operator.DENY}
    assert privacy.at(Boundary.USER_INPUT) == {"URL": Operator.MASK}
    assert privacy.thresholds == {"URL": 0.2}
    assert privacy.labels == {"URL": {"pii", "web"}}


FILES = st.dictionaries(
    st.sampled_from(["URL", "PERSON", "US_SSN"]),
    st.dictionaries(
        st.sampled_from(["*", *Boundary]), st.sampled_from([o.name.lower() for o in Operator]), min_size=1, max_size=3
    ),
    max_size=3,
).map(lambda rows: entities(**rows))


@given(st.lists(FILES, max_size=3), FILES)
def test_one_more_pack_never_makes_any_place_milder(packs: list[PrivacyFile], more: PrivacyFile) -> None:
    before, after = combine(packs), combine([*packs, more])

    for boundary in Boundary:
        row = after.at(boundary)
        assert all(row[name] >= operator for name, operator in before.at(boundary).items())
    assert all(after.thresholds[name] <= least for name, least in before.thresholds.items())


def test_a_recognizer_is_what_presidio_reads_and_comes_along_only_where_its_kind_is_asked_for() -> None:
    explicit = {**EMPLOYEE, "type": "custom", "supported_language": "en"}
    with_kind = file(recognizers=[explicit], entities={"EMPLOYEE_ID": {"at": {"*": "redact"}}})

    (text,) = combine([with_kind, file(recognizers=[EMPLOYEE])]).recognizers
    found = PatternRecognizer.from_dict(json.loads(text)).analyze("badge E-123456", ["EMPLOYEE_ID"])

    assert [(r.start, r.end, r.score) for r in found] == [(6, 14, 0.8)]
    assert combine([file(recognizers=[EMPLOYEE])]).recognizers == ()


def test_an_installed_recognizer_makes_its_kind_known_and_is_no_pattern() -> None:
    badge = {"name": "badge", "type": "installed", "supported_entity": "BADGE"}

    read = combine([file(recognizers=[badge], entities={"BADGE": {"at": {"*": "redact"}}})])

    assert (set(read.thresholds), read.recognizers) == ({"BADGE"}, ())


def test_an_installed_recognizer_has_no_patterns_here() -> None:
    with pytest.raises(ValidationError, match="nothing more here"):
        file(recognizers=[{**EMPLOYEE, "type": "installed"}])


def test_the_example_of_the_design_is_read_but_for_what_comes_later(tmp_path: Path) -> None:
    path = tmp_path / "privacy.yaml"
    path.write_text(
        "recognizers:\n"
        "  - {name: employee-id, supported_entity: EMPLOYEE_ID, patterns: [{name: e, regex: 'E-\\d{6}', score: 0.8}],\n"
        "     context: [employee]}\n"
        "entities:\n"
        "  EMPLOYEE_ID: {at: {'*': mask}}\n"
        "  US_SSN: {label: pii, at: {llm_output: redact, a2a_message: deny}}\n"
        "  PERSON: {label: pii, at: {a2a_message: hash}, threshold: 0.6}\n"
    )
    problems: list[str] = []

    read = parse(path.read_bytes(), path.name, PrivacyFile, problems)

    assert problems == []
    assert read is not None
    assert set(read.entities) == {"EMPLOYEE_ID", "US_SSN", "PERSON"}


@pytest.mark.parametrize(
    ("said", "revealed"),
    [
        pytest.param([None], set(), id="nobody speaks"),
        pytest.param([["a", "b"], None], {"a", "b"}, id="one speaks"),
        pytest.param([["a", "b"], ["b", "c"]], {"b"}, id="who speaks must agree"),
        pytest.param([["a"], []], set(), id="nobody may"),
    ],
)
def test_values_are_revealed_to_those_that_all_packs_agree_on(said: list[list[str] | None], revealed: set[str]) -> None:
    rows: list[dict[str, object]] = [
        {"at": {"*": "token"}, **({} if tools is None else {"reveal_to": tools})} for tools in said
    ]

    privacy = combine([file(entities={"URL": row}) for row in rows])

    assert privacy.reveal_to == {"URL": frozenset(revealed)}


def test_a_kind_that_another_pack_redacts_is_no_token() -> None:
    privacy = combine([entities(URL={"*": "token"}), entities(URL={"*": "redact"})])

    assert privacy.reveal_to == {}
    assert privacy.at(Boundary.TOOL_CALL) == {"URL": Operator.REDACT}


def test_what_must_stay_somewhere_is_looked_for_also_where_it_may_cross() -> None:
    privacy = combine(
        [
            file(entities={"URL": {"at": {"*": "allow"}, "label": "web"}}),
            file(residency=[{**AT_HOME, "applies_to": ["web"]}]),
        ]
    )

    assert set(privacy.thresholds) == {"URL"}
    assert privacy.resident == {"web"}


def test_every_packs_rule_of_residency_holds() -> None:
    other: Mapping[str, object] = {**AT_HOME, "regions": ["DE"]}

    rules = combine([file(residency=[AT_HOME]), file(residency=[other, AT_HOME])]).residency

    assert rules == tuple(ResidencyPart.model_validate_json(json.dumps(rule)) for rule in (AT_HOME, other))


@pytest.mark.parametrize(
    ("said", "skips"),
    [
        pytest.param([{}], False, id="nobody says so"),
        pytest.param([{"ner": {"user_input": "skip"}}, {}], True, id="one does"),
        pytest.param([{"ner": {"user_input": "skip"}}, {"ner": {"user_input": "deny"}}], False, id="another denies"),
        pytest.param([{"ner": {"llm_output": "skip"}}], False, id="of another boundary"),
        pytest.param([{"classifier": {"user_input": "skip"}}], False, id="of another detector"),
    ],
)
def test_a_detector_is_done_without_only_where_no_pack_denies_it(said: list[object], skips: bool) -> None:  # noqa: FBT001 - a row of the table
    privacy = combine([file(degraded=each) for each in said])

    assert privacy.may_skip(Out.NER, Boundary.USER_INPUT) is skips


@pytest.mark.parametrize(
    ("tools", "told"),
    [
        pytest.param("tools: {lock: {effects: [read]}}", True, id="nothing gives the label"),
        pytest.param("tools: {lock: {effects: [read], reads: [secret]}}", False, id="a tool gives it"),
    ],
)
def test_residency_of_what_nothing_gives_is_a_promise_that_nobody_keeps(tmp_path: Path, tools: str, told: bool) -> None:  # noqa: FBT001 - a row of the table
    privacy = "entities: {}\nresidency:\n- {subjects_in: EU, regions: [EU], applies_to: [secret]}\n"

    found = problems(written(tmp_path, {"tools.yaml": tools, "privacy.yaml": privacy}))

    message = "try/privacy.yaml:3: residency[0].applies_to: no entity and no tool has the label `secret`"
    assert found == ([message] if told else [])
