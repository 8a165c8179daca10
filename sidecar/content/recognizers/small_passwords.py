"""Passwords that are a word in small letters: `the password is sunflower`, `DB_PASSWORD=sunflower`, a table's column.

What is said of a password is mostly how it is (`required`, `too short`, `stored in the vault`), and what a program
calls it is a name. A word counts that is neither, and that ends what is said: behind it a line, a sentence or a member
of a list ends.
"""

import re
from typing import Final

from sidecar.content.recognizers.cues import listed

SHORTEST: Final = 6  # letters
LONGEST: Final = 32
LONGEST_LINE: Final = 120  # characters before a value in which a call would begin

_WORD = re.compile(rf"[^\W\d_]{{{SHORTEST},{LONGEST}}}")
_ENDS = re.compile(
    r"[ \t]{0,8}(?:$|[\n\r;,|}<]|\\[nr]|[.!](?=[\s\"')]|$)|[ ](?:and|but|so|yesterday|today|now|for now|until|from)\b"
    r"|[ ][A-Za-z_][\w.-]{0,30}=)"
)
# How words end that say how something is, or what is done with it; and by which a program's names do.
_CALLS: Final = (
    r"[^\W\d_]*(?:ed|able|ible|word|words|phrase|codes?|tokens?|hash|hashes|text|string|field|input|value|keys?|data"
    r"|name|params?|args?|options?|settings|credentials?|secrets?|file|path|url|type|config|manager|policy|callback|func|ught|tten|osen|oken|hrown)"
)
_SAYS: Final = (
    r"|[^\W\d_]*(?:ing|ly|ive|ous|ful|less|ant|ent|ary|ory|ical|ic|ish|al|tion|sion|ment|ness|ity|ance|ence|ism"
    r"|ize|ise|ify|wise|wards?|self|selves|[^s]s)"
)
_NAMED = re.compile(_CALLS)
_TOLD = re.compile(_CALLS + _SAYS)
_BRIEF: Final = frozenset({"briefly", "chiefly"})  # no insects
_NONE: Final = listed(
    """
    absent abstract account accurate across active adequate against allocate allowed allowlist already alright
    always another anymore anyone anything anyway append appropriate argument around asleep assert assign asterisks
    attribute available awaiting bcrypt because before behind beneath beside better between beyond bigger bigint
    blacklist boolean broken buffer builder bullets button cannot change changed charset cheaper checkbox cipher
    cleartext client closer closure collate column commit common compare compile complete component compute concrete
    confirm confirmation connect constant container content control convert cookie corporate correct create crucial
    crypto cssclass current cursor custom datetime dbpass decent decimal decode decrypt default define delete
    denylist deploy derive descriptor despite dialog different digest disclosed display distinct domain dotenv
    double driver easier either element elsewhere encode encrypt endpoint engine enough entire entity environ
    environment escape everyone everything everywhere example except exception execute exempt existing expired
    export expression extension factory faster filter finally fixture footer foreach forever forget forgot format
    framework function further future garbage generate generic getattr getenv getpass global globals greater handle
    handler harder hashed header helper hidden identical identifier immutable import inactive inadequate include
    incorrect inherit inject inline insecure insert inside instance instead intact integer interval invalid invoke
    itself keychain keyring lambda larger legacy legend length lengthy library listen literal locals locator logger
    logout longer lookup lowercase mandatory manual marker masked matching maxlength member memory message metadata
    method middleware minimum minlength mismatching missing misspelt module mutable mutate myself native navigate
    nearer necessary needed needle newline nobody nonsense normal nothing notify nowhere nullable number numeric
    nvarchar object obscure observe obsolete offline offset online operand operator optional otherwise outdated
    output outside overdue overflow overkill override package padding parameter paramount parent parser passphrase
    passwd password pattern payload pending perfect pipeline placeholder plaintext please plugin pointer policy
    postgres prefix present preset pretty preview primitive private procedure process profile promise prompt proper
    property protect protocol provider proxies pseudo public python random rather reader readme readonly really
    record recover recovery redacted redirect refresh regexp register release remember reminder remote removed
    render repeat replace report request require required resolve resource response result return reverse rollback
    rootpw routine runtime sample sanitize scalar schedule schema script scrypt sealed secret secrets section secure
    secured segment seldom select selector sensitive separate serial server service session setattr shadow shared
    shorter should signal signin signup simple simpler single slower smaller smallint socket somebody someone
    something somewhere sooner source spring standard statement static status stdout stolen storage strange stream
    string strong stronger struck struct strung stupid subject submit suffix switch symbol syntax system target
    template temporary terminal tested testing textbox theirs though thread through timestamp tinyint together
    toggle tomorrow tougher tricky trigger trouble truncate typedef undefined unequal unicode unique unknown unless
    unpack unsafe update upload uppercase urandom username userpass utility validate varbinary varchar variable
    vector verify version virtual visible volume weaker whatever whenever wherever whitelist widget window within
    without wrapper writeonly writer written yesterday
    """
)


def is_small_password(word: str, *, is_prose: bool = False) -> bool:
    """Return whether a word in a password's place can be one; in prose, words about one stand there, too."""
    about = _TOLD if is_prose and not (word.endswith("fly") and word not in _BRIEF) else _NAMED
    return (
        _WORD.fullmatch(word) is not None
        and word == word.lower()
        and word not in _NONE
        and about.fullmatch(word) is None
    )


def ends(text: str, at: int) -> bool:
    """Return whether what is said ends at `at`: with a sentence, a line, a member of a list, at the next setting."""
    return _ENDS.match(text, at) is not None


def is_said(text: str, start: int, end: int, *, is_prose: bool) -> bool:
    """Return whether `text[start:end]`, to which a password is said to be set, is one: and no word about it."""
    if not is_small_password(text[start:end], is_prose=is_prose) or not ends(text, end):
        return False
    line = text.rfind("\n", max(0, start - LONGEST_LINE), start) + 1
    return "(" not in text[max(line, start - LONGEST_LINE) : start]
