"""The catalog from elsewhere: files of several kinds, understood row by row.

Each kind's file turns what it is given into records in the words of our own file (`ours`, `backstage`, `opslevel`,
`customers`); `gather` reads them as `core.configuration` reads a file, sets aside the rows that cannot be, and answers
a `Sheet` of what is to hold. Who may then change which field is decided by `origins`.
"""

from antiphon.core.sources.gather import gather
from antiphon.core.sources.known import Catalog
from antiphon.core.sources.recognise import KINDS, recognise, recognise_table
from antiphon.core.sources.rows import (
    ContactRow,
    ContractRow,
    EntityRow,
    Record,
    RowError,
    Sheet,
    Wire,
)

__all__ = [
    "KINDS",
    "Catalog",
    "ContactRow",
    "ContractRow",
    "EntityRow",
    "Record",
    "RowError",
    "Sheet",
    "Wire",
    "gather",
    "recognise",
    "recognise_table",
]
