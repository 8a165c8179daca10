from sidecar.content.presidio import NAMED as NAMED_BY_MODEL
from sidecar.content.presidio import bundled
from sidecar.policy.entities import NAMED, PATTERNED


def test_the_known_kinds_are_those_that_presidio_and_the_model_find() -> None:
    found = bundled().keys()

    assert found - NAMED == PATTERNED
    assert NAMED_BY_MODEL == NAMED
    assert found & NAMED == {"DATE_TIME"}
