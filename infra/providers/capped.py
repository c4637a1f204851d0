"""A provider's answer is read to its end, unless it is longer than any answer can be."""

import aiohttp


async def capped(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The body, or nothing if it has more bytes than `most`."""
    if (response.content_length or 0) > most:
        return b""
    body = b""
    while piece := await response.content.readany():
        body += piece
        if len(body) > most:
            return b""
    return body
