"""Which digits somebody in a country could dial: what none could is not parsed, which takes libphonenumber long."""

import re
from functools import cache
from typing import Final

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

PLAIN: Final = re.compile(r"[\d\s.()\[\]-]*")  # a number without a word for an extension, or a second number


class Region:
    """What can be a number, for someone who dials in this region."""

    def __init__(self, name: str) -> None:
        self.name = name
        metadata = _metadata(name)
        code = metadata.country_code or 0
        peers = (_metadata(peer).general_desc for peer in COUNTRY_CODE_TO_REGION_CODE[code])
        patterns = {peer.national_number_pattern for peer in peers if peer}
        national = "|".join(sorted(pattern for pattern in patterns if pattern))
        prefix = metadata.national_prefix_for_parsing or ""
        self._local = re.compile(rf"(?:{code})?(?:{prefix}){{0,2}}(?:{national})?")
        self._abroad = re.compile(metadata.international_prefix or "(?!)")
        # a rule that writes digits which nobody dialled could make a number of anything
        self.rewrites = bool(re.search(r"\d", re.sub(r"[\\$]\d", "", metadata.national_prefix_transform_rule or "")))

    def dials(self, digits: str) -> bool:
        """Whether `digits`, all of them, could be a number."""
        return bool(self._local.fullmatch(digits) or self._abroad.match(digits))


@cache
def region(name: str) -> Region:
    """Return the region of this name: there are some hundred."""
    return Region(name)


def _metadata(name: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region(name)
    if metadata is None:
        raise ValueError("no region of libphonenumber")
    return metadata
