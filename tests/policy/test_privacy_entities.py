from sidecar.content.presidio.recognition import NAMED as NAMED_BY_MODEL
from sidecar.content.presidio.recognition import bundled
from sidecar.content.recognizers import OWN as OWN_RECOGNIZERS
from sidecar.policy.entities import NAMED, OWN, PATTERNED


def test_the_known_kinds_are_those_that_presidio_and_the_model_find() -> None:
    found = bundled().keys()

    assert found - NAMED == PATTERNED
    assert NAMED_BY_MODEL == NAMED
    assert found & NAMED == {"DATE_TIME"}


def test_kinds_of_our_own_are_those_that_nobody_else_finds() -> None:
    found = frozenset[str]().union(*(recognizer.ENTITIES for recognizer in OWN_RECOGNIZERS))

    assert found - NAMED - PATTERNED == OWN
