"""Uploaded media, kept in memory with the size and type limits of the Cloud API."""

import hashlib
import hmac
import re
import secrets
from email.message import Message

import msgspec

from infra.providers.simulator.errors import GraphError, object_missing

MEBIBYTE = 1024 * 1024
OFFICE = "application/vnd.openxmlformats-officedocument."
LIMITS: dict[str, int] = {
    **dict.fromkeys(("image/jpeg", "image/png"), 5 * MEBIBYTE),
    **dict.fromkeys(
        ("audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"), 16 * MEBIBYTE
    ),
    **dict.fromkeys(("video/mp4", "video/3gpp"), 16 * MEBIBYTE),
    **dict.fromkeys(
        (
            "text/plain",
            "application/pdf",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            f"{OFFICE}wordprocessingml.document",
            f"{OFFICE}spreadsheetml.sheet",
            f"{OFFICE}presentationml.presentation",
        ),
        100 * MEBIBYTE,
    ),
    "image/webp": 500 * 1024,
}
STATIC_STICKER = 100 * 1024
LARGEST_BODY = 101 * MEBIBYTE
URL_LIFETIME_S = 300
DISPOSITION = re.compile(rb'(\w+)="((?:[^"\\]|\\.)*)"')


class Media(msgspec.Struct, frozen=True):
    id: str
    phone_number_id: str
    mime_type: str
    data: bytes
    sha256: str


class MediaStore:
    def __init__(self) -> None:
        self._media: dict[str, Media] = {}
        self._key = secrets.token_bytes(32)

    def add(self, media_id: str, phone_number_id: str, mime_type: str, data: bytes) -> Media:
        plain = mime_type.split(";", maxsplit=1)[0].strip().lower()
        most = LIMITS.get(plain)
        if most is None:
            raise GraphError(
                100,
                f"Param file must be a file with one of the following types: {', '.join(LIMITS)}."
                f" Received file of type '{mime_type}'.",
            )
        if plain == "image/webp" and b"ANIM" not in data[:64]:
            most = STATIC_STICKER
        if not 0 < len(data) <= most:
            raise GraphError(
                100, f"A file of type {plain} has 1 to {most} bytes, received {len(data)}."
            )
        media = Media(media_id, phone_number_id, mime_type, data, hashlib.sha256(data).hexdigest())
        self._media[media_id] = media
        return media

    def get(self, media_id: str) -> Media | None:
        return self._media.get(media_id)

    def delete(self, media_id: str) -> None:
        del self._media[media_id]

    def query(self, media: Media, now: float) -> str:
        """The signed part of a download address, good for five minutes."""
        expires = str(int(now) + URL_LIFETIME_S)
        return f"mid={media.id}&ext={expires}&hash={self._sign(media.id, expires)}"

    def download(self, media_id: str, expires: str, signature: str, now: float) -> Media:
        media = self._media.get(media_id)
        right = hmac.compare_digest(self._sign(media_id, expires), signature)
        if media is None or not right or now > int(expires):
            raise object_missing(media_id)
        return media

    def _sign(self, media_id: str, expires: str) -> str:
        return hmac.new(self._key, f"{media_id}:{expires}".encode(), "sha256").hexdigest()[:32]


class Part(msgspec.Struct, frozen=True):
    content_type: str
    data: bytes


def parts(content_type: str, body: bytes) -> dict[str, Part]:
    """The fields of a multipart/form-data body, by name."""
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise GraphError(100, f"A media upload is multipart/form-data, got {content_type!r}.")
    found: dict[str, Part] = {}
    # The delimiter contains the line break before it, so the first one needs that break added.
    for chunk in (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1"))[1:]:
        head, separator, data = chunk.partition(b"\r\n\r\n")
        if not separator:
            continue
        lines = [line.partition(b":") for line in head.strip().split(b"\r\n")]
        headers = {key.strip().lower(): value.strip() for key, _, value in lines}
        named = dict(DISPOSITION.findall(headers.get(b"content-disposition", b"")))
        if b"name" in named:
            kind = headers.get(b"content-type", b"").decode("latin-1")
            found[named[b"name"].decode("utf-8", "replace")] = Part(kind, data)
    return found
