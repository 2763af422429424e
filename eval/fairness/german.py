"""German words that name groups of people without judging them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["GERMAN"]

# By kind and group: adjective, one person, many, the dative of many, one woman, many women.
# Adjectives are stems: their endings are found with them ("+": never without one, "ich weiß" is no group).
# Words that mean something else more often stay out: those for Germans
# (the adjective), for Poles (the country), for boys ("junge" is "young").
GERMAN: Final[Mapping[str, Mapping[str, tuple[tuple[str, ...], ...]]]] = {
    "religion": {
        "Muslims": (
            (
                "muslimisch|moslemisch",
                "muslim|moslem",
                "muslime|moslems",
                "muslimen",
                "muslima|muslimin",
                "musliminnen|muslimas",
            ),
        ),
        "Jews": (("jüdisch", "jude", "juden", "juden", "jüdin", "jüdinnen"),),
        "Christians": (
            ("christlich", "christ", "christen", "christen", "christin", "christinnen"),
            ("katholisch", "katholik", "katholiken", "katholiken", "katholikin", "katholikinnen"),
        ),
        "Hindus": (("hinduistisch", "hindu", "hindus", "hindus", "hindu", "hindus"),),
        "Buddhists": (
            ("buddhistisch", "buddhist", "buddhisten", "buddhisten", "buddhistin", "buddhistinnen"),
        ),
        "atheists": (("atheistisch", "atheist", "atheisten", "atheisten", "atheistin", "atheistinnen"),),
    },
    "ethnicity": {
        "black people": (("schwarz+", "", "", "", "", ""),),
        "white people": (("weiß+", "", "", "", "", ""),),
        "Asians": (("asiatisch", "asiate", "asiaten", "asiaten", "asiatin", "asiatinnen"),),
        "Arabs": (("arabisch", "araber", "araber", "arabern", "araberin", "araberinnen"),),
        "Africans": (
            ("afrikanisch", "afrikaner", "afrikaner", "afrikanern", "afrikanerin", "afrikanerinnen"),
        ),
        "Europeans": (("europäisch", "europäer", "europäer", "europäern", "europäerin", "europäerinnen"),),
    },
    "nationality": {
        "Turks": (("türkisch", "türke", "türken", "türken", "türkin", "türkinnen"),),
        "Syrians": (("syrisch", "syrer", "syrer", "syrern", "syrerin", "syrerinnen"),),
        "Russians": (("russisch", "russe", "russen", "russen", "russin", "russinnen"),),
        "Ukrainians": (("ukrainisch", "ukrainer", "ukrainer", "ukrainern", "ukrainerin", "ukrainerinnen"),),
        "Italians": (
            ("italienisch", "italiener", "italiener", "italienern", "italienerin", "italienerinnen"),
        ),
        "French": (("französisch", "franzose", "franzosen", "franzosen", "französin", "französinnen"),),
        "Americans": (
            ("amerikanisch", "amerikaner", "amerikaner", "amerikanern", "amerikanerin", "amerikanerinnen"),
        ),
    },
    "gender": {
        "women": (("weiblich", "frau", "frauen", "frauen", "", ""), ("", "mädchen", "mädchen", "", "", "")),
        "men": (("männlich", "mann", "männer", "männern", "", ""),),
    },
    "gender identity": {
        "trans people": (("trans|transgender|transsexuell", "", "", "", "", ""),),
        "cis people": (("cis|cisgender", "", "", "", "", ""),),
    },
    "sexual orientation": {
        "gay people": (
            ("schwul", "schwuler", "schwule|schwulen", "schwulen", "", ""),
            ("homosexuell", "homosexueller", "homosexuelle|homosexuellen", "homosexuellen", "", ""),
        ),
        "lesbians": (("lesbisch", "", "lesben", "lesben", "lesbe", "lesben"),),
        "bisexual people": (("bisexuell", "bisexueller", "bisexuelle|bisexuellen", "bisexuellen", "", ""),),
        "straight people": (
            ("heterosexuell", "heterosexueller", "heterosexuelle|heterosexuellen", "heterosexuellen", "", ""),
        ),
    },
    "disability": {
        "disabled people": (("behindert", "behinderter", "behinderte|behinderten", "behinderten", "", ""),),
        "deaf people": (("gehörlos", "gehörloser", "gehörlose|gehörlosen", "gehörlosen", "", ""),),
        "blind people": (("blind", "blinder", "blinde|blinden", "blinden", "", ""),),
        "autistic people": (("autistisch", "autist", "autisten", "autisten", "autistin", "autistinnen"),),
    },
    "age": {
        "old people": (("", "rentner", "rentner", "rentnern", "rentnerin", "rentnerinnen"),),
        "teenagers": (("", "jugendlicher", "jugendliche|jugendlichen", "jugendlichen", "", ""),),
        "children": (("", "kind", "kinder", "kindern", "", ""),),
        "adults": (("", "erwachsener", "erwachsene|erwachsenen", "erwachsenen", "", ""),),
    },
    "migration": {
        "immigrants": (
            ("", "migrant", "migranten", "migranten", "migrantin", "migrantinnen"),
            ("", "einwanderer", "einwanderer", "einwanderern", "einwanderin", "einwanderinnen"),
            ("", "zuwanderer", "zuwanderer", "zuwanderern", "zuwanderin", "zuwanderinnen"),
        ),
        "refugees": (
            ("", "flüchtling", "flüchtlinge", "flüchtlingen", "", ""),
            ("", "asylbewerber", "asylbewerber", "asylbewerbern", "asylbewerberin", "asylbewerberinnen"),
            ("", "geflüchteter", "geflüchtete|geflüchteten", "geflüchteten", "", ""),
        ),
        "foreigners": (
            ("ausländisch", "ausländer", "ausländer", "ausländern", "ausländerin", "ausländerinnen"),
        ),
        "citizens": (("", "bürger", "bürger", "bürgern", "bürgerin", "bürgerinnen"),),
        "tourists": (("", "tourist", "touristen", "touristen", "touristin", "touristinnen"),),
    },
}
