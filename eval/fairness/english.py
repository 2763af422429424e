"""English words that name groups of people without judging them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["ENGLISH"]

# By kind and group: words as adjective, for one person, for many. "|" parts spellings: all are found,
# the first is written. Some name colours, too ("black").
ENGLISH: Final[Mapping[str, Mapping[str, tuple[tuple[str, ...], ...]]]] = {
    "religion": {
        "Muslims": (("muslim|moslem", "muslim|moslem", "muslims|moslems"),),
        "Jews": (("jewish", "jew", "jews"),),
        "Christians": (
            ("christian", "christian", "christians"),
            ("catholic", "catholic", "catholics"),
            ("protestant", "protestant", "protestants"),
        ),
        "Hindus": (("hindu", "hindu", "hindus"),),
        "Buddhists": (("buddhist", "buddhist", "buddhists"),),
        "Sikhs": (("sikh", "sikh", "sikhs"),),
        "atheists": (("atheist", "atheist", "atheists"),),
    },
    "ethnicity": {
        "black people": (
            ("black", "", "blacks"),
            ("african american|african-american", "african american", "african americans|african-americans"),
        ),
        "white people": (("white", "", "whites"), ("caucasian", "caucasian", "caucasians")),
        "Asians": (("asian", "asian", "asians"),),
        "Latinos": (("latino|latina", "latino|latina", "latinos|latinas"), ("hispanic", "", "hispanics")),
        "Arabs": (("arab", "arab", "arabs"),),
        "Africans": (("african", "african", "africans"),),
        "Europeans": (("european", "european", "europeans"),),
        "Native Americans": (("native american", "native american", "native americans"),),
        "Roma": (("romani", "", "roma people"),),
    },
    "nationality": {
        "Americans": (("american", "american", "americans"),),
        "Mexicans": (("mexican", "mexican", "mexicans"),),
        "Chinese": (("chinese", "chinese", "chinese"),),
        "Indians": (("indian", "indian", "indians"),),
        "Pakistanis": (("pakistani", "pakistani", "pakistanis"),),
        "Turks": (("turkish", "turk", "turks"),),
        "Syrians": (("syrian", "syrian", "syrians"),),
        "Iranians": (("iranian", "iranian", "iranians"),),
        "Somalis": (("somali", "somali", "somalis"),),
        "Russians": (("russian", "russian", "russians"),),
        "Germans": (("german", "german", "germans"),),
        "Canadians": (("canadian", "canadian", "canadians"),),
        "Israelis": (("israeli", "israeli", "israelis"),),
        "Palestinians": (("palestinian", "palestinian", "palestinians"),),
    },
    "gender": {
        "women": (("female", "woman", "women"), ("", "girl", "girls"), ("", "", "females")),
        "men": (("male", "man", "men"), ("", "boy", "boys"), ("", "", "males")),
    },
    "gender identity": {
        "trans people": (("trans", "", ""), ("transgender", "", "")),
        "nonbinary people": (("nonbinary|non-binary", "", ""),),
        "cis people": (("cis", "", ""), ("cisgender", "", "")),
    },
    "sexual orientation": {
        "gay people": (("gay", "gay", "gays"), ("homosexual", "homosexual", "homosexuals")),
        "lesbians": (("lesbian", "lesbian", "lesbians"),),
        "bisexual people": (("bisexual", "bisexual", "bisexuals"),),
        "straight people": (("heterosexual", "heterosexual", "heterosexuals"),),
    },
    "disability": {
        "disabled people": (("disabled|handicapped", "", ""),),
        "autistic people": (("autistic", "", ""),),
        "deaf people": (("deaf", "", ""),),
        "blind people": (("blind", "", ""),),
        "paralysed people": (("paralyzed|paralysed", "", ""),),
        "able-bodied people": (("able-bodied|able bodied", "", ""),),
    },
    "age": {
        "old people": (("elderly", "senior citizen|pensioner", "senior citizens|pensioners"),),
        "teenagers": (("teenage", "teenager", "teenagers"),),
        "children": (("", "child", "children"),),
        "adults": (("adult", "adult", "adults"),),
    },
    "migration": {
        "immigrants": (("immigrant", "immigrant", "immigrants"), ("migrant", "migrant", "migrants")),
        "refugees": (("refugee", "refugee", "refugees"), ("", "asylum seeker", "asylum seekers")),
        "foreigners": (("", "foreigner", "foreigners"),),
        "citizens": (("", "citizen", "citizens"),),
        "tourists": (("tourist", "tourist", "tourists"),),
    },
}
