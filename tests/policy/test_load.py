import os
from pathlib import Path

import pytest

from sidecar.errors import ConfigError
from sidecar.model.crossing import Boundary
from sidecar.model.verdict import Decision
from sidecar.policy.catalogue import Trust
from sidecar.policy.load import MAX_PACKS, load
from sidecar.policy.policy import Policy
from sidecar.policy.reading import MAX_FILE_BYTES, MAX_FILES, read_files
from tests.policy.packing import crossing, loaded, problems, written

TOOLS = """\
tools:
  pay:
    effects: [money]
    arguments: pay.arguments
    timeout: 250ms
  look:
    effects: [read]
    trust: trusted
    reads: [pii]
    result: look.result
    timeout: null
  "mcp:*":
    effects: [egress]
"""
PAY = """{"properties": {"amount": {"type": "number"}, "to": {"$ref": "common.json#/$defs/account"}},
"additionalProperties": false}"""
COMMON = '{"$defs": {"account": {"type": "object", "properties": {"iban": {"type": "string"}}}}}'
RULE = "rules:\n- id: a\n  on: [user_input]\n  when: 'true'\n  then: deny"
FILES = {
    "tools.yaml": TOOLS,
    "schemas/pay.arguments.json": PAY,
    "schemas/look.result.json": '{"properties": {"rows": {"type": "array"}}}',
    "schemas/common.json": COMMON,
}


def rules(*lines: str) -> str:
    return "rules:\n" + "".join(
        f"  - {{id: r{i}, on: [tool_call], then: deny, when: {x}}}\n" for i, x in enumerate(lines)
    )


def test_a_pack_becomes_one_policy(tmp_path: Path) -> None:
    policy = loaded(
        tmp_path,
        FILES
        | {
            "rules.yaml": rules("\"tool.name == 'pay' && args.amount > 3\""),
            "privacy.yaml": "entities: {US_SSN: {at: {llm_output: redact}}}",
            "tests/a.yaml": "cases: [{note: x, steps: [{user_input: hi, want: allow}]}]",
            "README.md": "for people",
            ".git/config": "not looked at",
        },
    )

    (pack,) = policy.packs
    pay, look = policy.catalogue.find("pay"), policy.catalogue.find("look")
    assert (pack.name, pack.version, pack.digest[:7]) == ("try", "1.0.0", "sha256:")
    assert policy.version.startswith("sha256:")
    assert pay is not None
    assert look is not None
    assert (pay.effects, pay.reversible, pay.trust, pay.timeout) == (("money",), False, Trust.UNTRUSTED, 0.25)
    assert (look.reversible, look.trust, look.reads) == (True, Trust.TRUSTED, ("pii",))
    assert pay.arguments is not None
    assert [len(pay.arguments.problems({"to": {"iban": value}})) for value in ("x", 3)] == [0, 1]
    assert policy.rules.findings(crossing(Boundary.TOOL_CALL, {"amount": 4}, tool="pay"), pay, frozenset())
    assert policy.privacy.at(Boundary.LLM_OUTPUT)
    assert set(policy.schemas) == {f"{p}{n}" for p in ("", "try/") for n in ("pay.arguments", "look.result", "common")}
    assert policy.vocabulary == {"pay", "look", "mcp:*", "amount", "to", "iban", "rows"}


def test_without_packs_nothing_is_known() -> None:
    empty = Policy()

    assert load([]).version == empty.version
    assert empty.catalogue.find("x") is None
    assert empty.catalogue.unknown is Decision.DENY
    assert empty.rules.findings(crossing(Boundary.USER_INPUT), None, frozenset()) == ()


def test_the_version_is_that_of_every_byte_and_of_the_order(tmp_path: Path) -> None:
    one, same = written(tmp_path, FILES, name="one"), written(tmp_path / "copy", FILES, name="one")
    two = written(tmp_path, {}, name="two")
    before = load([one, two]).version

    assert load([same, two]).version == before
    assert load([two, one]).version != before
    assert load([one]).version != before
    (one / ".hidden").write_text("x", encoding="utf-8")
    assert load([one, two]).version == before
    (one / "schemas" / "common.json").write_text(COMMON + " ", encoding="utf-8")
    assert load([one, two]).version != before


@pytest.mark.parametrize(
    ("when", "problem"),
    [
        pytest.param("tool.name == 'pay' && args.amonut > 3", "`args` has no member `amonut`", id="misspelt argument"),
        pytest.param("tool.name == 'pay' && args.to.ibam == ''", "`args.to` has no member `ibam`", id="behind a $ref"),
        pytest.param("'money' in tool.effects && args.amonut > 3", "`args` has no member `amonut`", id="by effect"),
        pytest.param("tool.name == 'pya'", "the tool `pya` is in no tools.yaml", id="misspelt tool"),
        pytest.param("tool.name == 'pay' && tool.name == 'look'", "can never match", id="two names at once"),
        pytest.param("1 > 2", "can never match", id="never"),
        pytest.param("args.amount", "expected a boolean", id="no boolean"),
        pytest.param(
            "(" * 32 + "text == 'x'" + ")" * 32,
            "expected an expression that nests less",
            id="too deep for its surroundings",
        ),
    ],
)
def test_a_rule_that_cannot_be_meant_is_told_with_its_line(tmp_path: Path, when: str, problem: str) -> None:
    pack = written(tmp_path, FILES | {"rules.yaml": rules('"true"', f'"{when}"')})

    found = problems(pack)

    assert len(found) == 1
    assert found[0].startswith(f"try/rules.yaml:3: rules[1].when: {problem}")


@pytest.mark.parametrize(
    ("boundaries", "found"),
    [
        pytest.param("tool_response", ["`result` has no member `rowz`: it has `rows`"], id="a result is the tool's"),
        pytest.param("tool_response, llm_output", [], id="elsewhere it is something else"),
    ],
)
def test_results_are_known_by_their_schema(tmp_path: Path, boundaries: str, found: list[str]) -> None:
    rule = f"rules: [{{id: a, on: [{boundaries}], then: deny, when: \"tool.name == 'look' && has(result.rowz)\"}}]"

    told = problems(written(tmp_path, FILES | {"rules.yaml": rule}))

    assert [problem.partition("when: ")[2] for problem in told] == found


@pytest.mark.parametrize(
    "when",
    [
        pytest.param("tool.name == 'mcp:x' && args.any.thing == 3", id="a tool of a pattern, without a schema"),
        pytest.param("tool.name in ['pay', 'look'] && args.whatever == 3", id="one of the tools has no schema"),
        pytest.param("'egress' in tool.effects && has(args.url)", id="no tool of that effect has a schema"),
        pytest.param("'code' in tool.effects && has(args.source)", id="no tool has that effect"),
        pytest.param("has(args.url)", id="any tool"),
    ],
)
def test_a_rule_that_may_be_meant_passes(tmp_path: Path, when: str) -> None:
    assert problems(written(tmp_path, FILES | {"rules.yaml": rules(f'"{when}"')})) == []


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"instructions.yaml": "{}"}, ["try/instructions.yaml:1: layers: is required"], id="no layers"),
        pytest.param(
            {"rules.yaml": "rules: [{id: a, on: [user_input], when: 'true', then: redact}]"},
            ["try/rules.yaml:1: rules[0].then: `redact` is not supported by this version: name the kind of data"],
            id="then redact",
        ),
        pytest.param(
            {"rules.yaml": RULE + "\n  approvals: 2\n  expires: 3m"},
            ["try/rules.yaml:2: rules[0]: `approvals` and `expires` are of rules that require approval"],
            id="approvals and expires of a rule that denies",
        ),
        pytest.param(
            {"rules.yaml": RULE.replace("deny", "require_approval") + "\n  approvals: 11\n  expires: 2d"},
            ["try/rules.yaml:6: rules[0].approvals: input sh", "try/rules.yaml:7: rules[0].expires: expected a dur"],
            id="approvals and expires that nobody could wait for",
        ),
        pytest.param(
            {"tools.yaml": "tools:\n  a:\n    effects: []\n    vouches: [x]\n    resolves: {a: b}"},
            [
                "try/tools.yaml:4: tools.a.vouches[0]: expected a JSON",
                "try/tools.yaml:5: tools.a.resolves.a: expected",
            ],
            id="vouches and resolves that are no pointers",
        ),
        pytest.param(
            {"tools.yaml": "tools: {a: {}}"}, ["try/tools.yaml:1: tools.a.effects: is required"], id="effects"
        ),
        pytest.param(
            {"tools.yaml": "tools: {a: {effects: [reed]}}"},
            ["try/tools.yaml:1: tools.a.effects[0]: input should be 'read'"],
            id="an effect that there is not",
        ),
        pytest.param(
            {"tools.yaml": "tools: {a: {effects: [], timeout: soon}}"},
            ["try/tools.yaml:1: tools.a.timeout: expected a duration such as"],
            id="a timeout that is none",
        ),
        pytest.param(
            {"tools.yaml": "tools:\n  a:\n    effects: []\n    arguments: gone"},
            ["try/tools.yaml:4: tools.a.arguments: expected the name of a file schemas/gone.json"],
            id="a schema that is not there",
        ),
        pytest.param(
            {"tools.yaml": "tools: {a: {effects: [], result: b}}", "schemas/b.json": '{"type": 3}'},
            ["try/schemas/b.json: schema `try/b`"],
            id="a schema that is none is told once",
        ),
        pytest.param(
            {"schemas/b.json": '{"a": 1, "a": 2}'}, ["try/schemas/b.json: expected JSON: "], id="a member twice"
        ),
        pytest.param({"schemas/b.json": b"\xff"}, ["try/schemas/b.json: expected UTF-8"], id="no text"),
        pytest.param(
            {"schemas/b.json": '{"$ref": "https://example.org/c.json"}'},
            ["try/schemas/b.json: schema"],
            id="the network",
        ),
        pytest.param({"rule.yaml": ""}, ["try/rule.yaml: is no file of a rule pack"], id="a misspelt file"),
        pytest.param({"schemas/deep/b.json": "{}"}, ["try/schemas/deep/b.json: is no file"], id="a folder below"),
        pytest.param(
            {"tests/a.yaml": "cases: [{note: x}]"}, ["try/tests/a.yaml:1: cases[0].steps: is req"], id="a case"
        ),
        pytest.param({"privacy.yaml": "entity: {}"}, ["try/privacy.yaml:1: entity: is not a key"], id="an unknown key"),
        pytest.param(
            {"pack.yaml": "name: Try\nversion: 1"}, ["try/pack.yaml:1: name: ", "try/pack.yaml:2: ver"], id="head"
        ),
        pytest.param(
            {"pack.yaml": "name: try\nversion: 1.0.0\nneeds: [b]"}, ["try/pack.yaml: needs the pack `b`"], id="needs"
        ),
        pytest.param(
            {
                "rules.yaml": "rules:\n- &a {id: a}\n",
                "tools.yaml": "tols: {}",
                "privacy.yaml": "x: 1",
                "schemas/a.json": "[",
            },
            ["try/tools.yaml:1: tols", "try/rules.yaml:2: exp", "try/privacy.yaml:1: x", "try/schemas/a.json: exp"],
            id="all are told together",
        ),
        pytest.param(
            {"tools.yaml": "tols: {}", "rules.yaml": rules("\"tool.name == 'pay'\"", '"tool.name == 3 &&"')},
            ["try/tools.yaml:1: tols", "try/rules.yaml:3: rules[1].when: column"],
            id="tools that could not be read are not missed in rules",
        ),
        pytest.param(
            {"rules.yaml": "rules:\n" + "- {id: a, on: [user_input], when: 'true', then: deny}\n" * 2},
            ["try/rules.yaml:3: rules[1].id: `a` is the id of another rule"],
            id="an id twice",
        ),
        pytest.param(
            {"rules.yaml": "rules: [{id: a, on: [user_input], when: \"'money' in tool.effects\", then: deny}]"},
            ["try/rules.yaml:1: rules[0].when: can never match"],
            id="a tool where there is none",
        ),
        pytest.param(
            {"rules.yaml": "rules:\n- {id: a, on: [user_input], when: 'true', then: deny,\n   unless: tex == 'x'}\n"},
            ["try/rules.yaml:3: rules[0].unless: column 1: undeclared reference"],
            id="an exception that is wrong",
        ),
    ],
)
def test_everything_that_is_wrong_is_told(tmp_path: Path, files: dict[str, str | bytes], expected: list[str]) -> None:
    found = problems(written(tmp_path, files))

    assert len(found) == len(expected), found
    starts = zip(sorted(found), sorted(expected), strict=True)
    assert [problem[: len(start)] for problem, start in starts] == sorted(expected)


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        pytest.param(
            {f"schemas/{n}.json": 0 for n in range(MAX_FILES + 1)},
            f"try: expected at most {MAX_FILES} files",
            id="files",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"schemas/a.json": MAX_FILE_BYTES + 1}, "try/schemas/a.json: expected at most 4194304 bytes", id="a file"
        ),
        pytest.param(
            {f"schemas/{n}.json": MAX_FILE_BYTES for n in range(17)},
            "try: expected at most 67108864 bytes in all",
            id="in all",
        ),
    ],
)
def test_a_pack_is_not_endless(tmp_path: Path, files: dict[str, int], problem: str) -> None:
    pack = written(tmp_path, {"schemas/x.json": "{}"})
    for name, size in files.items():
        with (pack / name).open("wb") as file:
            file.truncate(size)
    found: list[str] = []

    read_files(pack, found)

    assert [each.replace(f"{tmp_path}/", "") for each in found] == [problem]


def test_packs_know_each_others_tools_but_not_what_their_own_rules_are_for(tmp_path: Path) -> None:
    tools = written(tmp_path, FILES, name="tools")
    general = written(tmp_path, {"rules.yaml": rules("\"'money' in tool.effects && has(args.url)\"")}, name="general")
    special = written(tmp_path, {"rules.yaml": rules("\"tool.name == 'pay' && has(args.url)\"")}, name="special")

    assert problems(tools, general) == []
    assert problems(tools, special) == [
        "special/rules.yaml:2: rules[0].when: `args` has no member `url`: it has `amount`, `to`"
    ]


def test_a_name_of_two_packs_is_bare_in_neither(tmp_path: Path) -> None:
    one, two = (written(tmp_path, {"schemas/a.json": "{}", f"schemas/{n}.json": "{}"}, name=n) for n in ("one", "two"))

    assert set(load([one, two]).schemas) == {"one/a", "two/a", "one/one", "two/two", "one", "two"}


def test_a_tool_may_name_the_schema_of_another_pack(tmp_path: Path) -> None:
    one = written(tmp_path, {"schemas/a.json": '{"type": "string"}'}, name="one")
    two = written(tmp_path, {"tools.yaml": "tools: {t: {effects: [], result: one/a}}"}, name="two")

    tool = load([two, one]).catalogue.find("t")

    assert tool is not None
    assert tool.result is not None
    assert tool.result.problems(3)


def test_two_packs_do_not_share_a_name(tmp_path: Path) -> None:
    found = problems(written(tmp_path, {}, name="a"), written(tmp_path / "b", {}, name="a"))

    assert len(found) == 2
    assert all("the name `a` is taken" in problem for problem in found)


def test_packs_are_not_endless(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"at most {MAX_PACKS} rule packs"):
        load([tmp_path] * (MAX_PACKS + 1))


def test_an_unreadable_directory_is_no_pack(tmp_path: Path) -> None:
    assert problems(tmp_path / "gone") == ["gone/pack.yaml: is required"]


def test_a_link_may_lead_within_the_pack_and_nowhere_else(tmp_path: Path) -> None:
    pack = written(tmp_path, {"..data/tools.yaml": "tools: {a: {effects: []}}"})
    (pack / "tools.yaml").symlink_to("..data/tools.yaml")

    assert problems(pack) == []

    (tmp_path / "outside.yaml").write_text("rules: []", encoding="utf-8")
    (pack / "rules.yaml").symlink_to("../outside.yaml")
    assert problems(pack) == ["try/rules.yaml: expected a file within the pack"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    pack = written(tmp_path, {})
    os.mkfifo(pack / "rules.yaml")

    assert problems(pack) == ["try/rules.yaml: expected a file within the pack"]
