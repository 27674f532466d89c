"""A response with another body: unpacked, or what its scripts made of it."""

from __future__ import annotations

from scrapy.http import Response
from scrapy.http.headers import Headers


def with_body(response: Response, headers: Headers, body: bytes) -> Response:
    """Return the response with other headers and body. `replace` would guess the old bytes' charset: 5 ms a page."""
    return Response(
        url=response.url,
        status=response.status,
        headers=headers,
        body=body,
        flags=response.flags,
        request=response.request,
        certificate=response.certificate,
        ip_address=response.ip_address,
        protocol=response.protocol,
    )
