"""The names of all rules, as they stand in findings; `docs/reference/lint.md` has an example of each."""

from enum import StrEnum
from typing import Final


class Rule(StrEnum):
    """A rule of the lint. Which are errors depends on the audience: see the reference."""

    # the next update
    NEXT_UPDATE_MISSING = "next_update_missing"
    NEXT_UPDATE_VAGUE = "next_update_vague"
    NEXT_UPDATE_PAST = "next_update_past"
    NEXT_UPDATE_TWICE = "next_update_twice"
    NEXT_UPDATE_RANGE = "next_update_range"
    NEXT_UPDATE_LATE = "next_update_late"
    NEXT_UPDATE_DIFFERS = "next_update_differs"
    # times
    TIME_IMPOSSIBLE = "time_impossible"
    TIME_ASSUMED = "time_assumed"
    NO_ZONE = "no_zone"
    NOT_UTC = "not_utc"
    # what a message must say
    MISSING_WHAT = "missing_what"
    MISSING_WHEN = "missing_when"
    MISSING_WHO = "missing_who"
    MISSING_EXPECTATION = "missing_expectation"
    MISSING_SOONER = "missing_sooner"
    MISSING_STATUS_PAGE = "missing_status_page"
    MISSING_SUPPORT = "missing_support"
    EMPTY_PHRASE = "empty_phrase"
    # what it must never say
    RESTORATION_PROMISE = "restoration_promise"
    ESTIMATE = "estimate"
    RESOLVED_TOO_EARLY = "resolved_too_early"
    MONEY = "money"
    BLAME = "blame"
    PERSON = "person"
    HIDDEN_FACT = "hidden_fact"
    # what is known otherwise
    CONTRADICTS_STATE = "contradicts_state"
    CONTRADICTS_TIME = "contradicts_time"
    CONTRADICTS_SCOPE = "contradicts_scope"
    VERSIONS_DIFFER = "versions_differ"
    EARLIER_DIFFERS = "earlier_differs"
    # plain words
    JARGON = "jargon"
    ACRONYM = "acronym"
    HOST_NAME = "host_name"
    ADDRESS = "address"
    CVE = "cve"
    ERROR_CODE = "error_code"
    PATH = "path"
    STACK_TRACE = "stack_trace"
    READING_GRADE = "reading_grade"
    EXCLAMATION = "exclamation"
    # the text as such
    GAP = "gap"
    UNFILLED = "unfilled"
    HIDDEN_CHARACTERS = "hidden_characters"
    MIXED_LETTERS = "mixed_letters"
    TOO_LONG = "too_long"
    # subjects
    SUBJECT_NUMBER = "subject_number"
    SUBJECT_EFFECT = "subject_effect"


OF_SUBJECTS: Final = frozenset({Rule.SUBJECT_NUMBER, Rule.SUBJECT_EFFECT})
"""Rules that read the subject, not the text."""

OF_SIBLINGS: Final = frozenset({Rule.VERSIONS_DIFFER, Rule.EARLIER_DIFFERS})
"""Rules that read a text beside the other versions of its update, and beside what its readers heard before."""
