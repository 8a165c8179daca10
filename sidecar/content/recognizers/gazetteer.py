"""Words by which the parts of a postal address are known: kinds of streets, units, states, countries.

Facts of public registers (USPS Publication 28's suffixes and states, Canada's and Australia's) and everyday words
of other languages. The names of countries are those that phonenumbers carries.
"""

from collections.abc import Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Final

import phonenumbers

from sidecar.content.recognizers.cues import listed

# Behind a street's name, in English; `drive` and `st` are words of other meanings, too: a number must stand before.
SUFFIXES: Final = listed(
    """
    nagar marg chowk vihar colony lu jie
    street st avenue ave av road rd boulevard blvd lane ln drive dr court ct way place pl square sq terrace ter
    terr circle cir parkway pkwy highway hwy crescent cres close alley trail trl row quay walk grove gardens gdns
    mews hill rise plaza plz loop path pike turnpike route expressway freeway fwy green vale dale heights hts
    ridge crossing esplanade promenade parade pde causeway wharf yard bend cove creek glen hollow knoll landing
    meadow meadows park point run spring springs station summit valley view vista junction ferry ford mill mills
    cct circuit tce bvd gve cl esp strand vale pass
    mount orchard shore island brook canyon cliff corner corners cross field fields flat flats fork garden gate
    harbor haven bay beach estate estates
    """
)
STRONG_SUFFIXES: Final = listed(
    """
    street st avenue ave road rd boulevard blvd lane ln drive court terrace parkway pkwy highway hwy crescent
    """
)
# Before a street's name. The last ones are abbreviations that need their full stop.
PREFIXES: Final = listed(
    """
    laan
    rue avenue boulevard bd chemin allée allee impasse quai cours place route via viale vicolo piazza piazzale corso
    largo strada contrada borgo calle callejón avenida paseo plaza camino carrer carretera ronda travesía rua
    travessa praça alameda estrada largo ulica aleja osiedle plac ulitsa ulice náměstí namesti улица
    проспект переулок jalan lorong calea aleea strada bulevardul rruga ulitza utca cadde sokak οδός λεωφόρος λεωφ
    """
)
DOTTED_PREFIXES: Final = frozenset(
    {
        "ul.",
        "al.",
        "os.",
        "pl.",
        "av.",
        "avda.",
        "c/",
        "r.",
        "str.",
        "ул.",
        "пр.",
        "jl.",
        "calz.",
        "ctra.",
        "λεωφ.",
        "λ.",
    }
)
# The end of a street's name in languages that write it as one word.
COMPOUNDS: Final = listed(
    """
    straße strasse strassen str gasse weg platz allee damm ufer steig chaussee gata gatan gaten gate gränd vägen
    väg vegen veg veien vei stigen stien vej vejen gade gaden allé torvet torv stræde bakken plads katu tie kuja
    polku körút sor rakpart laan straat steenweg plein kade dijk singel gracht baan dreef hof utca útja tér ulice
    ulica gatve iela maantee puiestee gatið vegur stígur braut götu
    """
)
UNITS: Final = listed(
    """
    apt apt. apartment suite ste ste. unit flat floor fl fl. room rm rm. bldg bldg. building lot dept. department
    apartamento apto apto. piso appartement appt appt. wohnung etage block villa penthouse trailer trlr space
    hangar slip hab porta kantoor
    """
)
STATES: Final = listed(
    """
    AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR
    PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR GU VI AS MP AA AE AP AB BC MB NB NL NS NT NU ON PE QC SK YT NSW
    VIC QLD TAS ACT
    AC AP AM BA CE DF ES GO MG PB PI RJ RN RS RO RR SP SE TO CDMX
    """
)
STATE_NAMES: Final = listed(
    """
    alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois
    indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri
    montana nebraska nevada new_hampshire new_jersey new_mexico new_york north_carolina north_dakota ohio oklahoma
    oregon pennsylvania rhode_island south_carolina south_dakota tennessee texas utah vermont virginia washington
    west_virginia wisconsin wyoming puerto_rico ontario quebec british_columbia alberta manitoba saskatchewan
    nova_scotia new_brunswick newfoundland new_south_wales victoria queensland tasmania south_australia
    western_australia northern_territory andhra_pradesh assam bihar chhattisgarh goa gujarat haryana himachal_pradesh
    jharkhand karnataka kerala madhya_pradesh maharashtra odisha punjab rajasthan tamil_nadu telangana uttar_pradesh
    uttarakhand west_bengal
    """
)
# Those that end other words, too, so that one number beside them is not enough.
WEAK_COMPOUNDS: Final = (
    "tie",
    "hof",
    "str",
    "veg",
    "vei",
    "ulice",
    "gata",
    "laan",
    "iela",
    "katu",
    "gate",
    "platz",
    "sor",
)
BOX_WORDS: Final = listed(
    """
    p p.o po post postal psc unit postfach apartado casilla caixa boîte boite general locked private uss usns usnv uscgc
    usag apo fpo dpo box
    """
)
MONTHS_AND_SMALL_WORDS: Final = listed(
    """
    january february march april may june july august september october november december jan feb mar apr jun jul
    aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday am pm the a an and or in on
    at to from is was it i we he she they you for with by of this that these those my your his her our their have
    has had do does did not no yes if then than so as but be are were will would can could should may might must
    about after before over under into out up down all any only just very
    """
)
# Behind a street's name, small, in languages that write it apart: `Bem rakpart 79.`
BEHIND: Final = listed(
    """
    út utca u útja tér körút sor köz rakpart enparantza kalea utcája sokak caddesi mahallesi ulice str
    straße strasse tee
    """
)
MILITARY: Final = frozenset({"APO", "FPO", "DPO"})


def _locale_data() -> Mapping[str, Mapping[str, str]]:
    """Return phonenumbers' names of countries, by code and language.

    The file is run by itself: its package reads the places of all telephone numbers, half a second and 100 MB of them.
    """
    spec = spec_from_file_location(
        "phonenumbers.names.locale", Path(phonenumbers.__path__[0]) / "geodata" / "locale.py"
    )
    if spec is None or spec.loader is None:
        raise ImportError("phonenumbers has no geodata/locale.py: install the version that the sidecar names")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    data: Mapping[str, Mapping[str, str]] = module.LOCALE_DATA
    return data


def _countries() -> frozenset[str]:
    data = _locale_data()
    names = {(names.get("en") or "") for names in data.values()}
    names |= {data[code][name[1:]] for code in data if (name := data[code].get("en", "")).startswith("*")}
    known = {name.casefold() for name in names if name and not name.startswith("*")}
    return listed("usa us u.s. u.s.a. uk u.k. uae england scotland wales holland russia korea") | known | ALSO


ALSO: Final = listed("northern_ireland great_britain czech_republic united_states_of_america")
COUNTRIES: Final = _countries()
COUNTRY_WORDS: Final = max(len(name.split()) for name in COUNTRIES)
