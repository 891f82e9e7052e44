"""Settings, branding: an admin says how the house shows itself; hostile values stay out of pages and mails."""

from django.core.files.uploadedfile import SimpleUploadedFile

from antiphon.db.public import PublicBrand, PublicPage
from antiphon.pages.load import load
from antiphon.pages.render import render
from tests.core.test_branding import picture
from tests.edges.web.conftest import NOW
from tests.edges.web.test_settings_pages import text

WHERE = "/settings/branding"
GOOD = {
    "name": "Halden Hosting",
    "accent": "#ffcc00",
    "support_url": "https://help.halden.example",
    "support_phone": "+49 30 1234",
    "footer": "Halden Hosting GmbH\nHRB 1234",
    "from_name": "Halden",
}


def uploaded(data: bytes, name: str = "logo.png"):
    return SimpleUploadedFile(name, data, content_type="image/png")


def test_what_is_saved_stands_on_every_page(house, browser):
    ann = browser("Ann")
    assert ann.post(f"{WHERE}/change", {**GOOD, "logo": uploaded(picture())}).status_code == 302
    page = text(ann.get(WHERE))
    assert "data:image/png" in page
    assert "contrast" in page
    assert ann.post(f"{WHERE}/of/status/change", {"accent": "#aa0000", "language": "de"}).status_code == 302
    files = render(load("status"), now=NOW)
    index = files["index.html"].decode()
    assert '<html lang="de">' in index
    assert "HRB 1234" in index
    assert 'href="tel:+49301234"' in index
    assert "#aa0000" in files["brand.css"].decode()
    (logo,) = [name for name in files if name.endswith(".png")]
    assert f'src="{logo}"' in index
    assert files[logo] == picture()
    assert "http" not in files["brand.css"].decode()
    assert ann.post(f"{WHERE}/change", {**GOOD, "no_logo": "on"}).status_code == 302
    assert not [name for name in render(load("status"), now=NOW) if name.endswith(".png")]


def test_only_an_admin_changes_it_and_what_is_wrong_is_kept(house, browser):
    cora = browser("Cora")
    assert ">Save<" not in text(cora.get(WHERE))
    assert cora.post(f"{WHERE}/change", GOOD).status_code == 403
    ann = browser("Ann")
    for wrong in (
        {"accent": "red;}*{display:none"},
        {"support_url": "javascript:alert(1)"},
        {"from_name": 'x" <eve@evil.example>'},
        {"footer": "x" * 5_000},
        {"logo": uploaded(b"<svg onload=alert(1)>", "logo.svg")},
        {"logo": uploaded(b"\x89PNG\r\n\x1a\n" + b"x" * 400_000)},
    ):
        answer = ann.post(f"{WHERE}/change", GOOD | wrong)
        assert answer.status_code == 422, wrong
        assert "Halden Hosting" in answer.content.decode()
    assert not PublicBrand.objects.exists()
    assert ann.get(f"{WHERE}/of/nowhere").status_code == 404
    assert ann.post(f"{WHERE}/of/status/change", {"language": "xx"}).status_code == 422
    assert not PublicPage.objects.filter(language="xx").exists()
