"""Which characters does nobody see?

Everything of Unicode's category Cf, the property Default_Ignorable_Code_Point (also where nothing is assigned
yet), noncharacters, signs that are drawn without ink, and the controls that are neither white space nor a terminal's
colours. A test holds the table against Unicode's data. What has an honest use is told apart by its neighbours in
`hidden.py`; here stand only kinds.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a character nobody sees is for; findings say it."""

    TAG = "tag"
    VARIATION = "variation_selector"
    ZERO_WIDTH = "zero_width"
    MARK = "direction_mark"
    BIDI = "direction_control"
    HYPHEN = "soft_hyphen"
    FILLER = "filler"
    OPERATOR = "invisible_operator"
    CONTROL = "control"
    FORMAT = "format"


@dataclass(frozen=True, slots=True)
class Range:
    """The characters from `first` to `last`, both in it."""

    first: int
    last: int
    kind: Kind


RANGES: Final = (
    Range(0x0000, 0x0008, Kind.CONTROL),
    Range(0x000E, 0x001F, Kind.CONTROL),
    Range(0x007F, 0x0084, Kind.CONTROL),
    Range(0x0086, 0x009F, Kind.CONTROL),
    Range(0x00AD, 0x00AD, Kind.HYPHEN),
    Range(0x034F, 0x034F, Kind.FILLER),  # combining grapheme joiner
    Range(0x061C, 0x061C, Kind.MARK),
    Range(0x115F, 0x1160, Kind.FILLER),  # Hangul
    Range(0x17B4, 0x17B5, Kind.FILLER),  # Khmer, deprecated
    Range(0x180B, 0x180D, Kind.VARIATION),  # Mongolian
    Range(0x180E, 0x180E, Kind.ZERO_WIDTH),
    Range(0x180F, 0x180F, Kind.VARIATION),
    Range(0x200B, 0x200D, Kind.ZERO_WIDTH),
    Range(0x200E, 0x200F, Kind.MARK),
    Range(0x202A, 0x202E, Kind.BIDI),
    Range(0x2060, 0x2060, Kind.ZERO_WIDTH),
    Range(0x2061, 0x2064, Kind.OPERATOR),
    Range(0x2065, 0x2065, Kind.FORMAT),
    Range(0x2066, 0x2069, Kind.BIDI),
    Range(0x206A, 0x206F, Kind.FORMAT),  # deprecated
    Range(0x2800, 0x2800, Kind.FILLER),  # a cell of Braille without a dot
    Range(0x3164, 0x3164, Kind.FILLER),  # Hangul
    Range(0xFDD0, 0xFDEF, Kind.FORMAT),  # no characters, and never to be
    Range(0xFE00, 0xFE0F, Kind.VARIATION),
    Range(0xFEFF, 0xFEFF, Kind.ZERO_WIDTH),
    Range(0xFFA0, 0xFFA0, Kind.FILLER),  # Hangul
    Range(0xFFF0, 0xFFFB, Kind.FORMAT),
    Range(0xFFFE, 0xFFFF, Kind.FORMAT),  # no characters, as the last two of each plane
    Range(0x13430, 0x1343F, Kind.FORMAT),  # of Egyptian hieroglyphs
    Range(0x16FE4, 0x16FE4, Kind.FILLER),  # Khitan
    Range(0x1BCA0, 0x1BCA3, Kind.FORMAT),  # of shorthand
    Range(0x1D159, 0x1D159, Kind.FORMAT),  # a note without a head
    Range(0x1D173, 0x1D17A, Kind.FORMAT),  # of music
    *(Range((plane << 16) + 0xFFFE, (plane << 16) + 0xFFFF, Kind.FORMAT) for plane in range(1, 14)),
    Range(0xE0000, 0xE00FF, Kind.TAG),
    Range(0xE0100, 0xE01EF, Kind.VARIATION),
    Range(0xE01F0, 0xE0FFF, Kind.TAG),  # reserved
    *(Range((plane << 16) + 0xFFFE, (plane << 16) + 0xFFFF, Kind.FORMAT) for plane in range(14, 17)),
)
CLASS: Final = "".join(f"{re.escape(chr(r.first))}-{re.escape(chr(r.last))}" for r in RANGES)  # of a regular expression

REGIONS: Final = (
    " "
    "ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt "
    "bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh "
    "er es et fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht "
    "hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls "
    "lt lu lv ly ma mc md me mf mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni "
    "nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg "
    "sh si sj sk sl sm sn so sr ss st sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug "
    "um us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw "
)  # ISO 3166-1, with which the code of a part of a country begins (ISO 3166-2)


def kind_of(character: str) -> Kind | None:
    """Return what kind of character nobody sees `character` is, None where it is seen."""
    point = ord(character)
    return next((r.kind for r in RANGES if r.first <= point <= r.last), None)
