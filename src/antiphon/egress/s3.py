"""Files into a store that speaks S3: requests signed by AWS Signature Version 4, sent by our own guarded client.

The signature is forty lines and has published examples, which are tests of ours; the libraries that make it bring a
client of their own, past the guard that keeps requests from going where they must not.
Source: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlsplit

from antiphon.core.page_targets import Bucket
from antiphon.egress.failures import Refused, Unreachable
from antiphon.egress.http import Http, Reply

_SERVICE: Final = "s3"
_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_TEXT: Final = 200


async def put(http: Http, bucket: Bucket, name: str, body: bytes, *, headers: Mapping[str, str], now: datetime) -> None:
    """Write one file. Raises an `EgressFailure` that says why not."""
    _expect(await _request(http, bucket, "PUT", name, body, headers=headers, now=now), bucket)


async def delete(http: Http, bucket: Bucket, name: str, *, now: datetime) -> None:
    """Remove one file; one that is gone already is fine. Raises an `EgressFailure`."""
    reply = await _request(http, bucket, "DELETE", name, b"", headers={}, now=now)
    if reply.status != 404:
        _expect(reply, bucket)


async def _request(
    http: Http, bucket: Bucket, method: str, name: str, body: bytes, *, headers: Mapping[str, str], now: datetime
) -> Reply:
    path = quote(f"/{bucket.bucket}/{bucket.key(name)}", safe="/-_.~")
    url = f"{bucket.endpoint.rstrip('/')}{path}"
    return await http.request(method, url, headers=signed(method, url, headers, body, bucket, now=now), body=body)


def signed(
    method: str, url: str, headers: Mapping[str, str], body: bytes, bucket: Bucket, *, now: datetime
) -> dict[str, str]:
    """The headers with the signature over all of them, in lower case. `url`: its path percent-encoded, no query."""
    at = now.astimezone(UTC)
    digest = hashlib.sha256(body).hexdigest()
    sent = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    parts = urlsplit(url)
    sent |= {"host": parts.netloc, "x-amz-content-sha256": digest, "x-amz-date": f"{at:%Y%m%dT%H%M%SZ}"}
    names = ";".join(sorted(sent))
    listed = "".join(f"{name}:{sent[name]}\n" for name in sorted(sent))
    canonical = f"{method}\n{parts.path}\n\n{listed}\n{names}\n{digest}"
    scope = f"{at:%Y%m%d}/{bucket.region}/{_SERVICE}/aws4_request"
    to_sign = f"{_ALGORITHM}\n{sent['x-amz-date']}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(_key(bucket, f"{at:%Y%m%d}"), to_sign.encode(), hashlib.sha256).hexdigest()
    credential = f"{bucket.access_key}/{scope}"
    sent["authorization"] = f"{_ALGORITHM} Credential={credential},SignedHeaders={names},Signature={signature}"
    return sent


def _key(bucket: Bucket, day: str) -> bytes:
    key = f"AWS4{bucket.secret_key}".encode()
    for part in (day, bucket.region, _SERVICE, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _expect(reply: Reply, bucket: Bucket) -> None:
    if 200 <= reply.status < 300:
        return
    said = " ".join(_code(reply.body).split())
    words = f"{bucket.host} answered HTTP {reply.status}{f' ({said})' if said else ''}"
    if reply.status in (401, 403):
        raise Refused(f"{words}: check the keys, the bucket's name and that they may write to it.")
    if 300 <= reply.status < 400:
        raise Refused(f"{words}, a redirect: enter the address and region that the bucket really has.")
    raise Unreachable(f"{words}.")


def _code(body: bytes) -> str:
    """The store's own short word for what is wrong, such as SignatureDoesNotMatch."""
    text = body.decode(errors="replace")
    inside = text.partition("<Code>")[2].partition("</Code>")[0]
    return inside[:_TEXT] if inside.isprintable() else ""
