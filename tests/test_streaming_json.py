"""JSON that a model writes as text stays JSON of the same shape, whole or as a stream, however it is cut."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.content.nested import BEGUN, Reading
from sidecar.model.crossing import Boundary
from sidecar.model.operator import Operator
from sidecar.model.strict_json import Json
from tests.test_streaming import pieces, streamed
from tests.vaulting import House, privacy

NUMBER = 4111111111111111
OPERATORS = privacy({"CREDIT_CARD": Operator.MASK, "PERSON": Operator.TOKEN, "EMAIL_ADDRESS": Operator.REDACT})
LEAVES = st.sampled_from(
    [
        NUMBER,
        12,
        True,
        None,
        "Ada",
        str(NUMBER),
        f'"{NUMBER}, [{NUMBER}',
        f"{NUMBER}\\",
        'a": ',
        "\u00e9\n",
        "ada@example.org",
    ]
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b c", 'x"', "y\\"]), inner, max_size=3)
    ),
)
DOCUMENTS = st.lists(VALUES, min_size=1, max_size=4) | st.dictionaries(st.sampled_from("abc"), VALUES, min_size=1)


def shape(value: Json) -> Json:
    """Return `value` without what its texts and numbers say."""
    if isinstance(value, Mapping):
        return {str(name): shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return "x" if isinstance(value, str) or value == NUMBER else value


@pytest.mark.slow
@settings(deadline=None, max_examples=30)
@given(DOCUMENTS, st.sampled_from([None, 2]), st.data())
async def test_json_stays_json_of_its_shape(
    document: Json,
    indent: int | None,
    data: st.DataObject,
) -> None:
    text = json.dumps(document, indent=indent)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text)), max_size=9)))
    house = House(OPERATORS)
    handle = await house.open()

    whole = await house.say(handle, Boundary.LLM_OUTPUT, text)
    out, verdict, _ = await streamed(house, handle, pieces(text, [cut for cut in cuts if cut < len(text)]))

    assert (out, verdict.payload) == (whole.payload, whole.payload)
    assert str(NUMBER) not in whole.payload
    assert shape(json.loads(whole.payload)) == shape(document)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        pytest.param(f"Here: {NUMBER}, or [{NUMBER}].", "Here: ************1111, or [************1111].", id="prose"),
        pytest.param(f'See {{"a": {NUMBER}}}', 'See {"a": "************1111"}', id="JSON behind prose"),
        pytest.param(f'```json\n{{"a": {NUMBER}}}\n```', '```json\n{"a": "************1111"}\n```', id="in a fence"),
        pytest.param(
            f'[1] says "{NUMBER}", {NUMBER}', '[1] says "************1111", "************1111"', id="a list of notes"
        ),
        pytest.param(f"  [{NUMBER}]", '  ["************1111"]', id="behind space"),
        pytest.param(f'{{"a":{" " * 40}{NUMBER}}}', f'{{"a":{" " * 40}************1111}}', id="further than is looked"),
        pytest.param("[4111111111111111", '["************1111', id="not ended, as far as it goes"),
    ],
)
async def test_a_number_becomes_a_string_where_it_is_one_of_json(text: str, after: str) -> None:
    house = House(OPERATORS)

    verdict = await house.say(await house.open(), Boundary.LLM_OUTPUT, text)

    assert verdict.payload.removesuffix('"') == after.removesuffix('"')


@given(st.text(alphabet='{["\\a 1', max_size=40), st.integers(0, 40))
def test_where_a_text_stands_is_the_same_however_it_came(text: str, cut: int) -> None:
    assert BEGUN.after(text[:cut]).after(text[cut:]) == BEGUN.after(text)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        pytest.param(" \n", BEGUN, id="nothing"),
        pytest.param(" {", Reading(is_json=True), id="an object"),
        pytest.param('["a', Reading(is_json=True, is_within=True), id="within a string"),
        pytest.param('["a\\"', Reading(is_json=True, is_within=True), id="behind an escape"),
        pytest.param('["a\\', Reading(is_json=True, is_within=True, is_escaped=True), id="within an escape"),
        pytest.param('["a"', Reading(is_json=True), id="behind a string"),
        pytest.param('Dear "a', Reading(is_json=False), id="prose"),
    ],
)
def test_where_a_text_stands(text: str, reading: Reading) -> None:
    assert BEGUN.after(text) == reading
