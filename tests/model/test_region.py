import pytest

from sidecar.model.region import concerns, is_home, within


@pytest.mark.parametrize(
    ("place", "regions", "lies"),
    [
        pytest.param("EU", ["EU"], True, id="the same"),
        pytest.param("DE", ["EU"], True, id="a member"),
        pytest.param("no", ["EEA"], True, id="in small letters"),
        pytest.param("NO", ["EU"], False, id="of the wider union only"),
        pytest.param("EU", ["EEA"], True, id="one union in the other"),
        pytest.param("EEA", ["EU", "IS", "LI", "NO"], True, id="a union in parts"),
        pytest.param("EEA", ["EU"], False, id="a part of it outside"),
        pytest.param("EU", ["DE", "FR"], False, id="a member of it is not all of it"),
        pytest.param("CH", ["EU", "EEA", "CH"], True, id="a country that is named"),
        pytest.param("US", ["EU", "EEA", "CH"], False, id="elsewhere"),
        pytest.param("eu-west-1", ["eu-west-1"], True, id="a place of its own"),
        pytest.param("eu-west-1", ["EU"], False, id="a place whose country nobody knows"),
        pytest.param("", ["EU"], False, id="unknown"),
        pytest.param("", [""], False, id="unknown everywhere"),
    ],
)
def test_a_place_lies_in_regions_only_as_a_whole(place: str, regions: list[str], lies: bool) -> None:  # noqa: FBT001 - a row of the table
    assert within(place, regions) is lies


@pytest.mark.parametrize(
    ("residency", "subjects_in", "may"),
    [
        pytest.param("DE", "EU", True, id="a member"),
        pytest.param("EL", "EU", True, id="Greece as the Union writes it"),
        pytest.param("US", "EU", False, id="elsewhere"),
        pytest.param("EU", "DE", True, id="maybe there"),
        pytest.param("CH", "EEA", False, id="a neighbour"),
        pytest.param("", "EU", True, id="nobody said"),
        pytest.param("Europe", "EU", True, id="nobody knows what that is"),
        pytest.param("\u00c4\u00d6", "EU", True, id="no letters of a code"),
    ],
)
def test_who_may_live_there_is_concerned(residency: str, subjects_in: str, may: bool) -> None:  # noqa: FBT001 - a row of the table
    assert concerns(residency, subjects_in) is may


@pytest.mark.parametrize(("word", "known"), [("DE", True), ("eea", True), ("U1", False), ("USA", False), ("", False)])
def test_a_home_is_a_country_or_a_union(word: str, known: bool) -> None:  # noqa: FBT001 - a row of the table
    assert is_home(word) is known
