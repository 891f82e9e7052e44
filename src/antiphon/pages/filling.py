"""Templates of a page, filled."""

from pathlib import Path
from typing import Any

from django.template import Context, Engine

from antiphon.pages.views import Row

_FOLDER = Path(__file__).parent / "templates"
_ENGINE = Engine(dirs=[str(_FOLDER)], builtins=["antiphon.pages.words"], string_if_invalid="[missing: %s]")


def fill(template: str, frame: Row, **more: Any) -> bytes:
    """The template with what stands in `frame` and `more`."""
    # Templates get text that is ready to show: nothing here may ask Django's settings for a locale or a zone.
    context = Context({"up": "", **frame, **more}, use_l10n=False, use_tz=False)
    return _ENGINE.get_template(template).render(context).encode()
