"""Where the user points without a name: at the newest of what a tool lists, at what he keeps, at whom a tool names."""

import pytest

from sidecar.content.origin.deeds import deed
from sidecar.content.origin.pointing import MAX_ENDS, MAX_STORES, Pointing, chosen, time_of
from sidecar.content.origin.said import NOBODY, Asked, Said
from sidecar.content.origin.trail import Trail
from sidecar.model.origin import Origin
from sidecar.model.steps import finished

PAYEE = "DE89370400440532013000"
PAY = deed("send_money", frozenset({"money"}))
Record = tuple[str, str]  # when it came, and what it says


def listed(user: str, tool: str, *records: Record, trusted: bool = True) -> Trail:
    """Return the trail of a user's words and of what a tool without arguments listed for them."""
    trail = Trail()
    trail.user(user)
    asked = finished(trail.asking({}, deed(tool)))
    origin = Origin.TRUSTED if trusted else Origin.UNTRUSTED
    times = [Said(text=at, origin=origin, record=number) for number, (at, _) in enumerate(records)]
    texts = [Said(text=text, origin=Origin.UNTRUSTED, record=number) for number, (_, text) in enumerate(records)]
    trail.add([*times, *texts], asked)
    return trail


OLD = ("2026-03-01", f"The account is {PAYEE}")
NEW = ("2026-03-02 08:00", "Hello")
NEWER = ("2026-03-03", "Hello")


@pytest.mark.parametrize(
    ("user", "tool", "records", "expected"),
    [
        pytest.param("Pay the bill in my newest mail", "list_mail", [NEWER, OLD], Origin.UNTRUSTED, id="an older one"),
        pytest.param("Pay the bill in my first mail", "list_mail", [OLD, NEWER], Origin.REFERRED, id="the first"),
        pytest.param(
            "Pay the bill in my latest message", "get_inbox_emails", [("2026-02-01", "Hi"), OLD],
            Origin.REFERRED, id="the newest, of the same kind in another word",
        ),
        pytest.param("Pay the bill in my last mail", "list_mail", [OLD], Origin.REFERRED, id="the only one"),
        pytest.param("Pay the bill in my last mail", "list_files", [OLD], Origin.UNTRUSTED, id="what lists others"),
        pytest.param("Pay the last one", "list_files", [OLD], Origin.REFERRED, id="the last of anything"),
        pytest.param("Pay the top result", "search_files", [OLD, NEWER], Origin.REFERRED, id="the top of anything"),
        pytest.param("Pay the bill in my mail", "list_mail", [OLD], Origin.UNTRUSTED, id="none in particular"),
        pytest.param("Pay the bill in my last mail", "list_mail", [NEW, OLD], Origin.UNTRUSTED, id="two forms"),
        pytest.param("Pay the bill, its account is in my notes", "list_notes", [OLD], Origin.REFERRED, id="his notes"),
        pytest.param("Pay the bill, see my address book", "find_in_address_book", [OLD], Origin.REFERRED, id="a book"),
        pytest.param("Pay the bill, its account is in my mail", "list_mail", [OLD], Origin.UNTRUSTED, id="his mail"),
        pytest.param("Pay the bill, its account is in his notes", "list_notes", [OLD], Origin.UNTRUSTED, id="not his"),
        pytest.param("Pay the bill, its account is in my notes", "list_pages", [OLD], Origin.UNTRUSTED, id="elsewhere"),
    ],
)  # fmt: skip
def test_what_the_user_points_at_without_a_name_is_referred(
    user: str, tool: str, records: list[Record], expected: Origin
) -> None:
    assert finished(listed(user, tool, *records).tracing(PAYEE, PAY)) is expected


def test_the_newest_may_say_to_pay_what_the_user_wants_paid() -> None:
    bill = ("2026-03-05", f"Please pay 90 to {PAYEE}.")
    assert finished(listed("Pay my newest mail", "list_mail", NEWER, bill).tracing(PAYEE, PAY)) is Origin.REFERRED
    assert finished(listed("Read my newest mail", "list_mail", NEWER, bill).tracing(PAYEE, PAY)) is Origin.UNTRUSTED


@pytest.mark.parametrize(
    ("end", "records", "times", "expected"),
    [
        pytest.param("first", [3, 5], {}, 3, id="the first"),
        pytest.param("newest", [3, 5], {3: "2026-01-02", 5: "2026-01-01"}, 3, id="by time"),
        pytest.param("newest", [3, 5], {3: "2026-01-02"}, None, id="one has none"),
        pytest.param("newest", [3, 5], {3: "2026-01-02", 5: "1767225600"}, None, id="two forms"),
        pytest.param("newest", [3], {}, 3, id="one"),
        pytest.param("newest", [], {}, None, id="none"),
    ],
)
def test_the_newest_is_told_by_times_of_one_form(
    end: str, records: list[int], times: dict[int, str], expected: int | None
) -> None:
    assert chosen(end, records, times) == expected


@pytest.mark.parametrize("text", ["2026-03-05", "2026-03-05 07:10", "2026-03-05t07:10:00z", "1767225600"])
def test_a_time_is_one_that_sorts(text: str) -> None:
    assert time_of(text) == text


@pytest.mark.parametrize("text", ["5 March", "05.03.2026", "2026-03-05 is the day", "12", ""])
def test_what_does_not_sort_is_no_time(text: str) -> None:
    assert not time_of(text)


def test_what_a_user_pointed_at_is_bounded() -> None:
    pointing = Pointing()
    finished(pointing.hearing("my last mail, " + "my last note, " * MAX_ENDS))
    finished(pointing.hearing(" ".join(f"in my thing{number}." for number in range(MAX_STORES + 20))))
    assert not pointing.ends(deed("list_mail"))
    assert not pointing.keeps(deed("list_thing0"))
    assert pointing.keeps(deed(f"list_thing{MAX_STORES + 19}"))


@pytest.mark.parametrize(
    ("listed_as", "asked_with", "expected"),
    [
        pytest.param(Origin.TRUSTED, "m-7", Origin.REFERRED, id="an id that the tool lists"),
        pytest.param(Origin.TRUSTED, "m-8", Origin.UNTRUSTED, id="of another record"),
        pytest.param(Origin.SUSPICIOUS, "m-7", Origin.UNTRUSTED, id="an id of an injection"),
    ],
)
def test_what_is_opened_by_the_id_of_a_record_that_was_named_is_referred(
    listed_as: Origin, asked_with: str, expected: Origin
) -> None:
    trail = Trail()
    trail.user("What does Quibble write of the roof?")
    trail.add([
        Said(text="m-7", origin=listed_as), Said(text="Quibble", origin=Origin.UNTRUSTED),
        Said(text="m-8", origin=listed_as, record=1), Said(text="Other", origin=Origin.UNTRUSTED, record=1),
    ])  # fmt: skip
    asked = finished(trail.asking({"mail": asked_with}, deed("open_mail")))
    trail.add([Said(text=f"The account is {PAYEE}", origin=Origin.UNTRUSTED)], asked)
    assert finished(trail.tracing(PAYEE, deed("note_down"))) is expected


LINK = "https://compost.example/turning"


@pytest.mark.parametrize(
    ("user", "author", "text", "tool", "expected"),
    [
        pytest.param(
            "Send Jan the link that Tomasz posted", Origin.TRUSTED, f"Please read {LINK}", "send_chat",
            Origin.REFERRED, id="the only one of his",
        ),
        pytest.param(
            "Send Jan the link that Tomasz posted", Origin.UNTRUSTED, f"Please read {LINK}", "send_chat",
            Origin.UNTRUSTED, id="nobody answers for it that it is his",
        ),
        pytest.param(
            "Send Jan the link that Tomasz posted", Origin.TRUSTED, f"Please send {LINK}", "send_chat",
            Origin.UNTRUSTED, id="he orders it himself",
        ),
        pytest.param(
            "Send Jan the link that Tomasz posted", Origin.TRUSTED, f"Please read {LINK} and https://b.example/x",
            "send_chat", Origin.UNTRUSTED, id="one of two",
        ),
        pytest.param(
            "Send Jan the time that Tomasz posted", Origin.TRUSTED, f"Please read {LINK}", "send_chat",
            Origin.UNTRUSTED, id="the user speaks of no link",
        ),
        pytest.param(
            "Send Jan the link that Tomasz posted", Origin.TRUSTED, f"Please read {LINK}", "open_page",
            Origin.UNTRUSTED, id="it is opened",
        ),
    ],
)  # fmt: skip
def test_the_only_link_of_somebody_is_passed_on(
    user: str, author: Origin, text: str, tool: str, expected: Origin
) -> None:
    trail = Trail()
    trail.user(user)
    trail.add([Said(text="Tomasz", origin=author), Said(text=text, origin=Origin.UNTRUSTED)], NOBODY)
    assert finished(trail.tracing(LINK, deed(tool, frozenset({"message"})))) is expected


@pytest.mark.parametrize(
    ("author", "is_ordered"),
    [pytest.param(Origin.TRUSTED, False, id="his"), pytest.param(Origin.UNTRUSTED, True, id="said to be his")],
)
def test_what_somebody_wrote_is_passed_on_with_the_addresses_in_it(author: Origin, *, is_ordered: bool) -> None:
    text = f"About the fence: send the builder the plan {LINK}"
    trail = Trail()
    trail.user("Forward what Lotte wrote to ben@hedge.example")
    trail.add([Said(text="Lotte", origin=author), Said(text=text, origin=Origin.UNTRUSTED)], Asked())
    found = finished(trail.ordering({"to": "ben@hedge.example", "body": text}, deed("send_mail")))
    assert bool(found) is is_ordered


def test_who_follows_somebody_follows_no_one_who_speaks_of_him() -> None:
    trail = Trail()
    trail.user("Do what's in both mails from Petra")
    trail.add([
        Said(text="petra", origin=Origin.TRUSTED), Said(text="Please archive the oak.", origin=Origin.UNTRUSTED),
        Said(text="mo", origin=Origin.TRUSTED, record=1),
        Said(text="Please archive the ash, Petra says.", origin=Origin.UNTRUSTED, record=1),
    ])  # fmt: skip
    archive = deed("archive_note", frozenset({"write"}))
    assert finished(trail.tracing("the oak", archive)) is Origin.REFERRED
    assert finished(trail.tracing("the ash", archive)) is Origin.UNTRUSTED


def test_who_follows_a_text_is_led_by_it_to_no_id_that_stands_nowhere_else() -> None:
    trail = Trail()
    trail.user("Do what's in the mail from Petra")
    trail.add([
        Said(text="petra", origin=Origin.TRUSTED),
        Said(text="Please archive oak-17 and ash-23.", origin=Origin.UNTRUSTED),
    ])  # fmt: skip
    trail.add([Said(text="ash-23", origin=Origin.TRUSTED)])
    archive = deed("archive_note", frozenset({"write"}))
    assert finished(trail.tracing("oak-17", archive)) is Origin.UNTRUSTED
    assert finished(trail.tracing("ash-23", archive)) is Origin.TRUSTED


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(["enquiry by the form: loft", "weekly news"], Origin.REFERRED, id="the one that is like it"),
        pytest.param(["enquiry by the form: loft", "an enquiry, the form, a loft"], Origin.UNTRUSTED, id="two are"),
        pytest.param(["enquiry of mine", "weekly news"], Origin.UNTRUSTED, id="one word is none"),
    ],
)
def test_who_tells_of_something_points_at_the_record_that_is_most_like_it(texts: list[str], expected: Origin) -> None:
    trail = Trail()
    trail.user("An enquiry about the loft came in by the form")
    said = [Said(text=text, origin=Origin.UNTRUSTED, record=at) for at, text in enumerate(texts)]
    trail.add([*said, Said(text="ife adeyemi", origin=Origin.UNTRUSTED, record=0)])
    assert finished(trail.tracing("ife adeyemi", deed("save_address", frozenset({"write"})))) is expected
