"""Importing the catalog by hand: choose files, look at what would change, then have it done."""

import base64
import json
import zlib
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from antiphon.actions.catalog.importing import ORIGINS, File, Imported, import_files, text_of
from antiphon.core.decision import Refusal
from antiphon.web.answers import refused
from antiphon.web.guard import act, form

LARGEST: Final = 5_000_000
"""Bytes of all files together; more is for the command."""

SHOWN: Final = 200
"""Lines of a kind that the page shows; the rest is counted."""

KINDS: Final = (
    ("", gettext_lazy("as what stands in it says")),
    *((kind, name) for kind, name in zip(
        ORIGINS, (gettext_lazy("our own YAML"), "Backstage", "OpsLevel", gettext_lazy("a table of customers")),
        strict=True,
    )),
)  # fmt: skip


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """One file or several, each taken as a single one would be."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(_FilesField, self).clean(each, initial) for each in data or [None]]


class ImportForm(forms.Form):
    """The files, and what they are."""

    chosen = _FilesField(
        label=gettext_lazy("Files"),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Choose a file.")},
        widget=_Files(attrs={"accept": ".yaml,.yml,.csv,.tsv,.json,.txt"}),
        help_text=gettext_lazy("YAML of ours, Backstage or OpsLevel, or a table of customers (CSV)."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("They are"), choices=KINDS, required=False)


@form("catalog.change")
def upload(request: Any) -> HttpResponse:
    """Choose files; then what they would change, which nothing has done yet."""
    if request.method != "POST":
        return _show(request, {"form": ImportForm()})
    entered = ImportForm(request.POST, request.FILES)
    if entered.is_valid() and sum(each.size for each in entered.cleaned_data["chosen"]) > LARGEST:
        said = _("Together they are larger than %s MB: import them on the server with “antiphon catalog import”.")
        entered.add_error("chosen", said % (LARGEST // 1_000_000))
    if not entered.is_valid():
        return _show(request, {"form": entered})
    files = [_file(each.name or _("a file"), each.read()) for each in entered.cleaned_data["chosen"]]
    return _trial(request, files, entered.cleaned_data["kind"])


@act("catalog.change")
def confirm(request: Any) -> HttpResponse:
    """Do what the trial said, as long as it still comes to the same."""
    files = _unpacked(request.POST.get("packed", ""))
    kind, digest = request.POST.get("kind", ""), request.POST.get("digest", "")
    if files is None or kind not in ("", *ORIGINS):
        no = Refusal(_("The files did not arrive whole: choose them again."), "files")
        return refused(request, no, back="/catalog/import")
    done = import_files(files, kind=kind, actor=request.actor, now=request.now, expected=digest or "none")
    if isinstance(done, Refusal):
        return refused(request, done, back="/catalog/import")
    if done.moved:
        return _trial(request, files, kind, moved=True)
    count = len(done.changes)
    messages.success(request, ngettext("%s change made.", "%s changes made.", count) % count)
    return HttpResponseRedirect("/catalog")


def _trial(request: Any, files: list[File], kind: str, *, moved: bool = False) -> HttpResponse:
    found = import_files(files, kind=kind, actor=request.actor, now=request.now, trial=True)
    if isinstance(found, Refusal):
        return refused(request, found, back="/catalog/import")
    return _show(request, {"form": ImportForm(initial={"kind": kind}), "found": _found(found), "moved": moved,
                           "packed": _packed(files), "kind": kind, "names": [file.name for file in files]})  # fmt: skip


def _found(found: Imported) -> dict[str, Any]:
    """What the page shows of a trial: each list with how many more there are."""
    lists = {
        "changes": list(map(str, found.changes)),
        "errors": list(map(str, found.errors)),
        "kept": [str(each).removeprefix("= ") for each in found.kept],
        "vanished": list(found.vanished),
    }
    cut = {name: {"lines": each[:SHOWN], "count": len(each), "more": max(len(each) - SHOWN, 0)}
           for name, each in lists.items()}  # fmt: skip
    same = sum(found.same.values())
    return {**cut, "digest": found.digest, "readable": found.readable, "same": same}


def _file(name: str, data: bytes) -> File:
    try:
        return File(name, text_of(data))
    except ValueError as error:
        return File(name, fault=str(error))


def _packed(files: list[File]) -> str:
    """The files as one hidden field, so that nothing lies about on the server until somebody agrees."""
    told = json.dumps([[file.name, file.text, file.fault] for file in files])
    return base64.b64encode(zlib.compress(told.encode())).decode()


def _unpacked(packed: str) -> list[File] | None:
    """The files again; None when the field was cut or holds more than may be sent."""
    try:
        opened = zlib.decompressobj()
        told = opened.decompress(base64.b64decode(packed, validate=True), 3 * LARGEST)
        return [File(*map(str, each)) for each in json.loads(told)] if opened.eof else None
    except (ValueError, TypeError, zlib.error):
        return None


def _show(request: Any, shown: dict[str, Any]) -> HttpResponse:
    return render(request, "catalog/import.html", {"section": "catalog", **shown})
