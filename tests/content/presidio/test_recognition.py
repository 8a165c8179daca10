import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

import pytest

from sidecar.content.detection import Span, Wanted
from sidecar.content.presidio.domains import SUFFIXES
from sidecar.content.presidio.model_files import located
from sidecar.content.presidio.recognition import Recognition, bundled
from sidecar.errors import ConfigError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of spaCy's dependencies, in their own code

Made = Callable[..., Recognition]


@pytest.fixture(scope="module")
def made() -> Made:
    known: dict[str, Recognition] = {}

    def recognition(*, recognizers: tuple[str, ...] = (), **thresholds: float) -> Recognition:
        key = json.dumps([thresholds, recognizers])
        if key not in known:
            known[key] = Recognition(Wanted(thresholds=thresholds, recognizers=recognizers), {"en": located()})
        return known[key]

    return recognition


def found(recognition: Recognition, text: str) -> list[tuple[str, str]]:
    return sorted((span.entity, text[span.start : span.end]) for span in recognition.find([text])[0])


EMPLOYEE = json.dumps(
    {
        "name": "employee",
        "supported_entity": "EMPLOYEE_ID",
        "supported_language": "en",
        "patterns": [{"name": "e", "regex": r"E-\d{6}", "score": 0.3}],
        "deny_list": ["the boss"],
        "context": ["employee"],
    }
)


@pytest.mark.parametrize(
    ("thresholds", "text", "expected"),
    [
        pytest.param(
            {"EMAIL_ADDRESS": 0.4}, "write to ada@example.org", [("EMAIL_ADDRESS", "ada@example.org")], id="mail"
        ),
        pytest.param({"EMAIL_ADDRESS": 0.4}, "write to ada@example.nosuchsuffix", [], id="no such domain"),
        pytest.param({"CREDIT_CARD": 0.4}, "4111 1111 1111 1111", [("CREDIT_CARD", "4111 1111 1111 1111")], id="card"),
        pytest.param({"CREDIT_CARD": 0.4}, "4111 1111 1111 1112", [], id="a wrong checksum"),
        pytest.param(
            {"IBAN_CODE": 0.4},
            "my iban is gb82west12345698765432",
            [("IBAN_CODE", "gb82west12345698765432")],
            id="in small letters",
        ),
        pytest.param({"PHONE_NUMBER": 0.4}, "at 212-555-0123", [("PHONE_NUMBER", "212-555-0123")], id="telephone"),
        pytest.param({"PHONE_NUMBER": 0.8}, "at 212-555-0123", [], id="below its threshold"),
        pytest.param(
            {"PHONE_NUMBER": 0.8},
            "my phone is 212-555-0123",
            [("PHONE_NUMBER", "212-555-0123")],
            id="a context word lifts",
        ),
        pytest.param({"PL_PESEL": 0.4}, "at 1744051401359 ms, or 44051401359100", [], id="a part of a longer number"),
        pytest.param({"PL_PESEL": 0.4}, "pesel 44051401359", [("PL_PESEL", "44051401359")], id="another country's"),
        pytest.param(
            {"PERSON": 0.4, "LOCATION": 0.4},
            "My name is John Smith and I live in Paris.",
            [("LOCATION", "Paris"), ("PERSON", "John Smith")],
            id="names",
        ),
        pytest.param({"PERSON": 0.4}, "I live in Paris.", [], id="a name of a kind that is not asked for"),
        pytest.param(
            {"ORGANIZATION": 0.4}, "She works at Microsoft in Seattle.", [("ORGANIZATION", "Microsoft")], id="companies"
        ),
    ],
)
def test_what_is_asked_for_is_found(
    made: Made, thresholds: Mapping[str, float], text: str, expected: list[tuple[str, str]]
) -> None:
    assert found(made(**thresholds), text) == expected


@pytest.mark.parametrize(
    ("threshold", "text", "expected"),
    [
        pytest.param(0.4, "badge E-123456", [], id="a form alone is not enough"),
        pytest.param(0.4, "employee E-123456", [("EMPLOYEE_ID", "E-123456")], id="with a context word it is"),
        pytest.param(0.3, "badge E-123456", [("EMPLOYEE_ID", "E-123456")], id="with a lower threshold, too"),
        pytest.param(0.4, "ask The Boss.", [("EMPLOYEE_ID", "The Boss")], id="a deny list"),
    ],
)
def test_a_recognizer_of_a_pack_is_one_of_presidios(
    made: Made, threshold: float, text: str, expected: list[tuple[str, str]]
) -> None:
    assert found(made(recognizers=(EMPLOYEE,), EMPLOYEE_ID=threshold), text) == expected


def test_without_named_kinds_no_model_is_loaded() -> None:
    recognition = Recognition(Wanted(thresholds={"EMAIL_ADDRESS": 0.4}), {"en": Path("/no/model/here")})

    assert found(recognition, "ada@example.org") == [("EMAIL_ADDRESS", "ada@example.org")]


class Hats:
    ENTITIES = frozenset({"HAT", "CREDIT_CARD"})
    REPLACES = frozenset({"CREDIT_CARD"})

    def find(self, text: str) -> list[Span]:
        return [Span(0, 3, "HAT", 0.5), Span(0, 2, "CREDIT_CARD", 0.3), Span(0, 1, "SHOE", 1.0)]


def test_recognizers_of_our_own_run_beside_presidios_and_instead_of_those_that_they_replace() -> None:
    wanted = Wanted(thresholds={"HAT": 0.5, "CREDIT_CARD": 0.4, "IBAN_CODE": 0.4})
    recognition = Recognition(wanted, None, [Hats()])

    [spans] = recognition.find(["hat 4111 1111 1111 1111 GB82WEST12345698765432"])

    assert [(span.entity, span.start) for span in spans] == [("IBAN_CODE", 24), ("HAT", 0)]


def test_recognizers_of_one_country_stand_back_where_there_is_one_for_all() -> None:
    assert [kind.__name__ for kind in bundled()["PHONE_NUMBER"]] == ["PhoneRecognizer"]
    assert [kind.__name__ for kind in bundled()["US_SSN"]] == ["UsSsnRecognizer"]


def test_public_suffixes_come_without_a_network() -> None:
    assert SUFFIXES.suffix_list_urls == ()


def test_a_model_without_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.cfg").write_text('[nlp]\nlang = "en"\npipeline = ["tagger"]\n')

    with pytest.raises(ValueError, match="no part `ner`"):
        Recognition(Wanted(thresholds={"PERSON": 0.4}), {"en": tmp_path})


USERS = "tests.content.user_recognizers"


def installed(*names: str, **thresholds: float) -> Recognition:
    classes = tuple(f"{USERS}:{name}" for name in names)
    return Recognition(Wanted(thresholds=thresholds, installed=classes), {"en": located()}, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("B1234", [], id="a form alone is not enough"),
        pytest.param("my badge is B1234", [("BADGE", "B1234")], id="with a context word it is"),
    ],
)
def test_a_recognizer_of_a_users_package_is_taken_as_it_is(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(installed("BadgeRecognizer", BADGE=0.4), text) == expected


def test_a_users_recognizer_sees_tokens_and_names_and_raises_its_scores_itself() -> None:
    recognition = installed("ShoutRecognizer", "BadgeRecognizer", SHOUT=0.6, BADGE=0.3, PERSON=0.4)

    [spans] = recognition.find(["STOP said John Smith at gate B1234"])

    assert {(s.entity, round(s.score, 2)) for s in spans} >= {("SHOUT", 0.6), ("BADGE", 0.3), ("PERSON", 0.85)}


def test_only_what_is_asked_for_is_looked_for() -> None:
    recognition = installed("ShoutRecognizer", "BadgeRecognizer", SHOUT=0.0, BADGE=0.3)

    assert {span.entity for span in recognition.find(["STOP B1234"], ["BADGE"])[0]} == {"BADGE"}
    assert recognition.find(["STOP B1234"], ["NOT_WANTED"]) == [[]]


@pytest.mark.parametrize(
    ("classes", "told"),
    [
        pytest.param((), "no class named there finds `BADGE`", id="nobody finds it"),
        pytest.param((f"{USERS}:NoRecognizer",), "is no recognizer", id="no recognizer"),
        pytest.param((f"{USERS}:Absent",), "no class `tests.content.user_recognizers:Absent`", id="no such class"),
        pytest.param(("no_such_package:Class",), "no class `no_such_package:Class`", id="no such package"),
    ],
)
def test_what_is_missing_among_users_recognizers_is_told(classes: tuple[str, ...], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        Recognition(Wanted(thresholds={"BADGE": 0.4}, installed=classes), None, ())


def test_half_of_a_character_hides_nothing_beside_it(made: Made) -> None:
    recognition = made(EMAIL_ADDRESS=0.4, PERSON=0.4)

    assert ("EMAIL_ADDRESS", "ada@example.org") in found(recognition, "\ud83d write to ada@example.org\ude00 today")


def steps(work: Callable[[], object]) -> int:
    """Return how many functions `work` calls, of Python and of C."""
    count = 0

    def counted(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    ("text", "most"),
    [
        pytest.param("The parcel was scanned twice, but nobody could say where it is now.", 600, id="plain"),
        pytest.param("Ada Lovelace moved from London to Boston in March 2019, and answers.", 750, id="with names"),
        pytest.param("Release 4.2 of the gateway fixes a leak that showed after requests.", 550, id="with numbers"),
    ],
)
def test_a_short_text_takes_few_steps(made: Made, text: str, most: int) -> None:
    kinds = ("CREDIT_CARD", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "PHONE_NUMBER", "US_SSN")
    recognition = made(**dict.fromkeys((*kinds, "DATE_TIME", "LOCATION", "PERSON"), 0.4))
    recognition.find([text])

    assert steps(lambda: recognition.find([text])) <= most
