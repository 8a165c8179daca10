"""autonomy.yaml: what it may say, and that packs together are never milder than one of them."""

from pathlib import Path

import pytest

from sidecar.model.autonomy import LEVELS, Lapse
from sidecar.policy.load import load
from tests.policy.packing import loaded, problems, written

LEVELS_ = """levels:
  0: {approve: ["*"]}
  1: {approve: [write, delete, egress, money, account, code, message]}
  2: {approve: [delete, money, account, code]}
  3: {approve: [money, account]}
  4: {approve: []}
"""
WHOLE = f"""{LEVELS_}start: 1
promote: {{after_clean_calls: 200, within: 30d, max_error_rate: 0.02, max_denied_rate: 0.01, up_to: 3}}
demote: {{on: [rule_denied_critical, loop_detected, approval_rejected], to: 1}}
"""


def test_the_levels_are_read(tmp_path: Path) -> None:
    ladder = loaded(tmp_path, {"autonomy.yaml": WHOLE}).autonomy

    assert ladder is not None
    assert (ladder.start, len(ladder.approve), ladder.approve[3]) == (1, LEVELS, frozenset({"money", "account"}))
    assert ladder.promotion is not None
    assert (ladder.promotion.clean_calls, ladder.promotion.within_s, ladder.promotion.up_to) == (200, 2_592_000, 3)
    assert [(demotion.on, demotion.to) for demotion in ladder.demotions] == [(frozenset(Lapse), 1)]
    assert loaded(tmp_path, {"autonomy.yaml": f"{LEVELS_}start: 0"}).autonomy is not None
    assert load([]).autonomy is None


def test_which_effects_are_work_is_what_every_pack_says_that_names_some(tmp_path: Path) -> None:
    packs = [
        written(tmp_path, {"autonomy.yaml": WHOLE.replace("up_to: 3", f"up_to: 3{more}")}, name=name)
        for name, more in (("any", ""), ("one", ", effects: [write, money]"), ("two", ", effects: [money]"))
    ]
    found = [ladder.promotion for ladder in (load(packs).autonomy, load(packs[:1]).autonomy) if ladder]

    assert [one.work if one else None for one in found] == [(frozenset({"write", "money"}), frozenset({"money"})), ()]


def test_of_two_packs_the_strictest_counts(tmp_path: Path) -> None:
    one = written(tmp_path, {"autonomy.yaml": WHOLE}, name="one")
    milder = WHOLE.replace("start: 1", "start: 2").replace("[money, account]", "[code]").replace("200", "100")
    two = written(tmp_path, {"autonomy.yaml": milder.replace("to: 1", "to: 0")}, name="two")
    none = written(tmp_path, {"autonomy.yaml": f"{LEVELS_}start: 3"}, name="none")

    both, all_ = load([one, two]).autonomy, load([one, two, none]).autonomy

    assert both is not None
    assert all_ is not None
    assert (both.start, both.approve[3]) == (1, frozenset({"money", "account", "code"}))
    assert both.promotion is not None
    assert both.promotion.clean_calls == 200
    assert [demotion.to for demotion in both.demotions] == [1, 0]
    assert all_.promotion is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(WHOLE.replace("  4: {approve: []}\n", ""), "levels", id="a level is missing"),
        pytest.param(
            WHOLE.replace("approve: []", "approve: [read]"), "expected level 4 to ask for no more", id="falls"
        ),
        pytest.param(WHOLE.replace("[money, account]", "[gold]"), "levels.3.approve", id="no effect"),
        pytest.param(WHOLE.replace("start: 1", "start: 5"), "start", id="no level"),
        pytest.param(WHOLE.replace("loop_detected", "loops"), "demote.on", id="no lapse"),
        pytest.param(WHOLE.replace("30d", "a month"), "promote.within", id="no time"),
        pytest.param(WHOLE.replace("up_to: 3", "up_to: 3, effects: []"), "promote.effects", id="nothing is work"),
        pytest.param(WHOLE.replace("up_to: 3", "up_to: 3, effects: [gold]"), "promote.effects", id="no effect of work"),
    ],
)
def test_a_mistake_is_told_when_the_pack_is_loaded(tmp_path: Path, text: str, expected: str) -> None:
    found = problems(written(tmp_path, {"autonomy.yaml": text}))

    assert any(expected in problem for problem in found), found
