"""Whether the approval of a version is of a text that was made of it."""

from antiphon.db.models import Text, Version
from antiphon.db.snapshots import telling


def covers(row: Version, text: Text) -> bool:
    """Whether the version's approval is of this text: alone, or of all its languages together."""
    if not row.translations:
        return row.approved_digest == text.digest
    known = telling.version(row)
    return row.approved_digest == known.digest_now and known.digests().get(text.language) == text.digest
