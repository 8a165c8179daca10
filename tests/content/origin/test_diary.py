"""A page is the JSON of what was said, written in short steps, and says again what was said."""

from hypothesis import given
from hypothesis import strategies as st

from sidecar.content.origin import diary
from sidecar.content.origin.said import Asked, Said
from sidecar.model.origin import Origin
from sidecar.model.steps import finished
from sidecar.model.strict_json import Json, compact

TEXT = st.one_of(st.text(max_size=20), st.builds("{}{}".format, st.just("a" * (diary.WRITTEN - 2)), st.text()))
SAID = st.builds(Said, text=TEXT, origin=st.sampled_from(Origin), record=st.integers(0, 9))
NAMES = st.frozensets(st.text(max_size=5), max_size=3)
ASKED = st.builds(
    Asked,
    is_referred=st.booleans(),
    hosts=NAMES,
    homes=NAMES,
    acts=NAMES,
    sown=NAMES,
    ends=NAMES,
    whom=NAMES,
    led=NAMES,
)


@given(st.lists(SAID, max_size=3), ASKED, st.text("0123456789abcdef", max_size=4))
def test_a_page_of_texts_is_their_json_and_tells_them_again(said: list[Said], asked: Asked, digest: str) -> None:
    page = finished(diary.said_page(said, asked, digest))

    texts: Json = [[one.text, one.origin, one.record] for one in said]
    sets = [
        sorted(each)
        for each in (asked.hosts, asked.acts, asked.homes, asked.sown, asked.ends, asked.whom, asked.led, asked.through)
    ]
    whole = compact(["s", texts, asked.is_referred, *sets[:2], digest, *sets[2:]])
    assert page == whole.encode("utf-8")
    assert diary.told(page) == (said, asked, digest)


@given(TEXT)
def test_a_page_of_a_user_is_its_json_and_tells_the_words_again(text: str) -> None:
    page = finished(diary.user_page(text))

    assert page == compact(["u", text]).encode("utf-8")
    assert diary.told(page) == text


def test_a_long_page_is_written_in_steps() -> None:
    text = "a" * (3 * diary.WRITTEN + 1)

    assert len(list(diary.user_page(text))) == 4


def test_a_page_of_an_older_version_tells_of_nobodys_home() -> None:
    page = b'["s",[],true,["a.example"],["pay"],""]'

    assert diary.told(page) == (
        [],
        Asked(is_referred=True, hosts=frozenset({"a.example"}), acts=frozenset({"pay"})),
        "",
    )
