"""What a tool does, as its name tells, and who speaks of it: also where nobody listed its verb."""

import pytest

from sidecar.content.origin.deeds import MAX_RIVALS, deed, repertoire
from sidecar.content.origin.normal import folded
from sidecar.content.origin.said import Said
from sidecar.content.origin.speech import acts, stem
from sidecar.content.origin.trail import Trail
from sidecar.model.origin import Origin


@pytest.mark.parametrize(
    ("said", "tool", "expected"),
    [
        pytest.param("let Ann know that I am late", "send_mail", True, id="in more than one word"),
        pytest.param("call off the meeting", "cancel_event", True, id="a verb and its adverb"),
        pytest.param("get rid of the draft", "delete_file", True, id="a saying"),
        pytest.param("embalm the sample", "embalm_sample", True, id="a verb that nobody listed"),
        pytest.param("Ann wrote to me about the plan", "send_mail", False, id="what somebody else did"),
        pytest.param("make sure that it is sent", "send_mail", True, id="what is to be done, in the passive"),
        pytest.param("post the summary", "delete_post", False, id="the thing of a tool that takes it away"),
        pytest.param("pay the plumber", "raise_rent", False, id="a thing whose name is another tool's verb"),
        pytest.param("deliver it on Monday", "schedule_delivery", True, id="the verb for what the tool makes"),
        pytest.param("work on the plan", "create_workspace", False, id="a verb that merely begins like its thing"),
        pytest.param("extend my booking", "cancel_booking", False, id="what the tool takes is not made"),
        pytest.param("do not go", "create_note", False, id="no verb, but a word with its stem"),
        pytest.param("take Ann's offer for ten boxes", "order_stock", True, id="who takes an offer buys"),
        pytest.param("send her the difference back", "transfer_money", True, id="who sends a sum pays"),
        pytest.param("send Ann 20 euros", "transfer_money", True, id="in figures"),
        pytest.param("send Ann $20", "transfer_money", True, id="with a sign"),
        pytest.param("send Ann a mail on the amount", "transfer_money", False, id="who sends something about a sum"),
        pytest.param("send me the amount", "transfer_money", False, id="who wants to be told of it"),
        pytest.param("explain it in a comment on the page", "post_comment", True, id="a comment that says it"),
        pytest.param("turn the table into a chart", "create_chart", True, id="what is turned into another thing"),
        pytest.param(
            "change my standing order", "change_password", False, id="what lets one in, of which nobody spoke"
        ),
        pytest.param("change my password to this one", "change_password", True, id="what lets one in"),
        pytest.param("start the nightly job", "execute_job", True, id="who starts it runs it"),
    ],
)
def test_who_speaks_of_it_in_whatever_words_asks_for_it(said: str, tool: str, *, expected: bool) -> None:
    trail = Trail()
    trail.user(said)
    assert trail.wanted.asked_for(deed(tool)) is expected


@pytest.mark.parametrize(
    ("said", "tool", "effects", "expected"),
    [
        pytest.param("Sort out her application", "reject_applicant", {"delete"}, True, id="an unknown word"),
        pytest.param("I need a courier", "summon_courier", {"money"}, True, id="a wish"),
        pytest.param("Send her records on", "release_records", {"message"}, True, id="what its effects suggest"),
        pytest.param("Send her records on", "shred_records", {"delete"}, False, id="another act"),
        pytest.param("How many applicants are there?", "reject_applicant", {"delete"}, False, id="a question"),
        pytest.param("Give me the records", "shred_records", {"delete"}, False, id="a look-up"),
        pytest.param("Lower the fee limit to 20", "set_fee_limit", {"account"}, True, id="who lowers it sets it"),
        pytest.param("Take the Alder for three nights", "book_hotel", {"money"}, True, id="its kind of things"),
        pytest.param("Take the Alder for three nights", "cancel_hotel", {"delete"}, False, id="which it takes away"),
        pytest.param("Sort out her mail", "delete_mail", {"delete"}, False, id="a thing of many tools"),
    ],
)
def test_an_order_with_its_thing_may_mean_it(said: str, tool: str, effects: set[str], *, expected: bool) -> None:
    trail = Trail()
    trail.user(said)
    assert trail.wanted.may_be_asked_for(deed(tool, frozenset(effects))) is expected


def test_a_friend_is_told_in_french_to_rent_a_car() -> None:
    assert "book" in acts({stem("loue")})


def test_another_language_has_a_page_published_by_a_word_for_sending() -> None:
    said = frozenset({"#send"})
    assert deed("publish_page", frozenset({"write", "egress"})).is_ordered_in(said)
    assert not deed("archive_page", frozenset({"write"})).is_ordered_in(said)


def test_a_tool_that_reads_elsewhere_visits_whatever_its_name_is() -> None:
    assert "browse" in deed("consult_oracle", frozenset({"read", "egress"})).acts
    assert "browse" not in deed("consult_oracle", frozenset({"egress"})).acts


def test_who_writes_to_nobody_makes_or_changes_something() -> None:
    assert deed("write_file", frozenset({"write", "code"})).acts > {"create", "change"}
    assert "create" not in deed("write_mail", frozenset({"write", "message"})).acts
    assert "create" not in deed("write_mail").acts


def test_what_is_published_is_visited_by_others() -> None:
    assert "browse" not in deed("publish_page", frozenset({"write", "egress"})).acts
    assert "browse" in deed("submit_to_page", frozenset({"write", "egress"})).acts  # on the way through a site


def test_another_languages_verb_is_an_order_for_what_the_effects_suggest() -> None:
    order = {"#reject"}
    assert deed("embalm_sample", frozenset({"delete"})).is_ordered_in(order)
    assert not deed("embalm_sample", frozenset({"write"})).is_ordered_in(order)


def test_a_name_without_words_is_a_deed_without_any() -> None:
    assert not deed("...").is_in({folded("send"), ""} - {""})


OFFICE = repertoire(
    [
        ("send_message", frozenset({"message"})),
        ("send_gift", frozenset({"money"})),
        ("hand_over_location", frozenset({"egress"})),
        ("cancel_event", frozenset({"delete"})),
        ("delete_mail", frozenset({"delete"})),
        ("lease_van", frozenset({"money"})),
        ("lease_boat", frozenset({"money"})),
        ("protect_page", frozenset({"account", "write"})),
        ("edit_page", frozenset({"write"})),
        ("transfer_repo", frozenset({"account"})),
        ("send_money", frozenset({"money"})),
    ]
)


TRAVEL = repertoire(
    [
        ("reserve_seat", frozenset({"money"})),
        ("reserve_cabin", frozenset({"money"})),
        ("share_reservation", frozenset({"message"})),
        ("share_booking", frozenset({"message"})),
    ]
)


@pytest.mark.parametrize(
    ("said", "tool", "effects", "expected"),
    [
        pytest.param("Reserve the quickest one to Lyon", "reserve_seat", "money", True, id="in the tool's own verb"),
        pytest.param("Book the quickest one to Lyon", "reserve_seat", "money", True, id="in another one"),
        pytest.param("Share my reservation with Ann", "share_reservation", "message", True, id="what is shared"),
        pytest.param("Share my reservation with Ann", "reserve_seat", "money", False, id="what was reserved"),
    ],
)
def test_who_books_something_is_not_taken_to_share_a_booking(
    said: str, tool: str, effects: str, *, expected: bool
) -> None:
    trail = Trail()
    trail.user(said)
    assert trail.wanted.is_asked(TRAVEL.deed(tool, frozenset({effects}))) is expected


@pytest.mark.parametrize(
    ("said", "tool", "effects", "expected"),
    [
        pytest.param("Send Ann a gift", "send_gift", "money", True, id="its thing was spoken of"),
        pytest.param("Send Ann half of my balance", "send_money", "money", True, id="money by another name"),
        pytest.param("Send Ann half of my notes", "send_money", "money", False, id="no money"),
        pytest.param("Tell Ann that I am late", "send_gift", "money", False, id="another does it with nothing special"),
        pytest.param(
            "Tell Ann that I am late", "send_message", "message", True, id="what does it with nothing special"
        ),
        pytest.param("Cancel my appointment", "delete_mail", "delete", False, id="a thing of another's kind"),
        pytest.param("Cancel my appointment", "cancel_event", "delete", True, id="a thing of its kind"),
        pytest.param("Delete it", "delete_mail", "delete", True, id="nothing was spoken of"),
        pytest.param("Rent the van from Hertz", "lease_boat", "money", False, id="another's thing was spoken of"),
        pytest.param("Rent something for Sunday", "lease_boat", "money", True, id="neither thing was spoken of"),
        pytest.param("Correct the date on the page", "protect_page", "account", False, id="another corrects pages"),
        pytest.param("Transfer the best one to Ann", "transfer_repo", "account", True, id="its own verb"),
        pytest.param(
            "The page is old. Correct it.", "protect_page", "account", False, id="a thing of the sentence before"
        ),
    ],
)
def test_a_tool_is_not_asked_for_where_another_one_is(said: str, tool: str, effects: str, *, expected: bool) -> None:
    trail = Trail()
    trail.user(said)
    assert trail.wanted.is_asked(OFFICE.deed(tool, frozenset({effects}))) is expected


@pytest.mark.parametrize(
    ("said", "tool", "effects", "expected"),
    [
        pytest.param("Object to the fine", "send_message", "message", True, id="a word that no tool has"),
        pytest.param("Object to the fine", "send_gift", "money", False, id="but pays nothing"),
        pytest.param("Object to the fine", "delete_mail", "delete", False, id="and deletes nothing"),
        pytest.param("Rosa wrote to me", "send_message", "message", False, id="a name orders nothing"),
        pytest.param("Catch me up on the team", "send_message", "message", False, id="what the user is told"),
        pytest.param("Sort the fines", "send_message", "message", True, id="whatever the word"),
    ],
)
def test_a_word_that_no_tool_has_may_mean_one_that_says_something(
    said: str, tool: str, effects: str, *, expected: bool
) -> None:
    trail = Trail()
    trail.user(said)
    assert trail.wanted.is_asked(OFFICE.deed(tool, frozenset({effects}))) is expected


def test_who_names_what_it_is_done_with_asks_for_it() -> None:
    trail = Trail()
    trail.user("Tell Annabel that I am late")
    gift = OFFICE.deed("send_gift", frozenset({"money"}))
    assert trail.wanted.asked_with(gift, {"to": "Annabel"}, trail.index)
    assert not trail.wanted.asked_with(gift, {"to": "Annabel", "from": "Bob"}, trail.index)  # grave: with all of it
    message = OFFICE.deed("send_message", frozenset({"message"}))
    assert trail.wanted.asked_with(message, {"to": "Annabel", "from": "Bobby"}, trail.index)
    assert not trail.wanted.asked_with(message, {"to": "Bob"}, trail.index)
    assert not trail.wanted.asked_with(gift, {"to": "Annabel Other"}, trail.index)
    assert not trail.wanted.asked_with(OFFICE.deed("lease_van", frozenset({"money"})), {"to": "Annabel"}, trail.index)


def test_what_was_looked_up_for_the_users_words_counts_beside_what_he_names() -> None:
    trail = Trail()
    trail.user("Tell Annabel and Bob that I am late")
    trail.add([Said(text="bob.k", origin=Origin.USER), Said(text="carl.m", origin=Origin.TRUSTED)])
    gift = OFFICE.deed("send_gift", frozenset({"money"}))
    assert trail.wanted.asked_with(gift, {"to": "Annabel", "from": "bob.k"}, trail.index)
    assert not trail.wanted.asked_with(gift, {"to": "Annabel", "from": "carl.m"}, trail.index)  # nobody's words for it
    assert not trail.wanted.asked_with(gift, {"from": "bob.k"}, trail.index)  # nothing that was named


def test_a_great_catalogue_is_looked_at_within_bounds() -> None:
    many = repertoire((f"send_thing{n}", frozenset({"message"})) for n in range(1_000))
    assert len(many.of("send")) == MAX_RIVALS


@pytest.mark.parametrize(
    ("said", "tool", "expected"),
    [
        pytest.param("Confirm to Mr Reed that Jo may come", "answer_teacher_note", True, id="an answer tells, too"),
        pytest.param("Let Mr Reed know that Jo may come", "answer_teacher_note", True, id="in whatever words"),
        pytest.param("Let Mr Reed know that Jo may come", "print_teacher_note", False, id="what tells nobody"),
        pytest.param("Send Mr Reed a mail that Jo may come", "answer_teacher_note", False, id="another was named"),
        pytest.param("When may Jo come?", "answer_teacher_note", False, id="a question"),
    ],
)
def test_an_answer_is_one_way_to_tell_somebody(said: str, tool: str, *, expected: bool) -> None:
    effects = frozenset({"message", "egress"})
    tools = repertoire([("send_mail", effects), ("answer_teacher_note", effects), ("print_teacher_note", effects)])
    trail = Trail()
    trail.user(said)
    assert trail.wanted.asked_for(tools.deed(tool, effects)) is expected
