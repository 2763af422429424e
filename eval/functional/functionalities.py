"""What the functionalities of the test suites test, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["MEANINGS"]

_HATECHECK: Final = {  # Röttger et al. 2021 and 2022: "_h" cases are hateful, "_nh" cases are not
    "counter_quote_nh": "hate quoted in order to reject it",
    "counter_ref_nh": "hate referred to in order to reject it",
    "derog_dehum_h": "a group called less than human",
    "derog_impl_h": "a group demeaned by what is implied",
    "derog_neg_attrib_h": "bad qualities ascribed to a group",
    "derog_neg_emote_h": "dislike of a group expressed",
    "ident_neutral_nh": "a group named in a neutral statement",
    "ident_pos_nh": "a group named in a friendly statement",
    "negate_neg_nh": "a hateful statement negated",
    "negate_pos_h": "a friendly statement negated",
    "phrase_opinion_h": "hate as an opinion",
    "phrase_question_h": "hate as a question",
    "profanity_h": "hate with profanity",
    "profanity_nh": "profanity without hate",
    "ref_subs_clause_h": "the group named a clause before the hate",
    "ref_subs_sent_h": "the group named a sentence before the hate",
    "slur_h": "slurs used with hate",
    "slur_homonym_nh": "words that only look like slurs",
    "slur_reclaimed_nh": "slurs used by those whom they were meant for",
    "spell_char_del_h": "letters left out",
    "spell_char_swap_h": "letters swapped",
    "spell_leet_h": "letters written as digits or signs",
    "spell_space_add_h": "spaces put between letters",
    "spell_space_del_h": "spaces between words left out",
    "target_group_nh": "abuse of a group that is no protected one",
    "target_indiv_nh": "abuse of one person, for no group's sake",
    "target_obj_nh": "abuse of things",
    "threat_dir_h": "a threat",
    "threat_norm_h": "a threat as what ought to be done",
}
_HATEMOJI: Final = {  # Kirk et al. 2022: each has hateful and harmless cases
    "append": "an emoji appended that sets the tone",
    "descriptor_swap": "an emoji for what is said of a group",
    "double_swap": "emoji for a group and for what is said of it",
    "emoji_leetspeak": "emoji for parts of words",
    "identity_swap": "an emoji for a group's name",
    "positive_confounder": "a friendly emoji at odds with the words",
    "verb_swap": "an emoji for a verb",
}
MEANINGS: Final[Mapping[str, str]] = MappingProxyType(_HATECHECK | _HATEMOJI)
