"""Small files that begin as their types do, and one company's uploads of them."""

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x01" * 700
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"a page\n" * 40_000
OGG = b"OggS" + bytes(24) + b"OpusHead\x01" + b"\x05" * 3000
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 " + b"\x07" * 900
MOVING = b"RIFF\x00\x00\x00\x00WEBPVP8X\n\x00\x00\x00\x02" + b"\x07" * 900
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(2000)
BEGINNINGS = {
    "image/jpeg": JPEG,
    "image/png": PNG,
    "image/webp": WEBP,
    "video/mp4": MP4,
    "video/3gpp": b"\x00\x00\x00\x18ftyp3gp5" + bytes(20),
    "audio/mp4": b"\x00\x00\x00\x18ftypM4A " + bytes(20),
    "audio/mpeg": b"\xff\xfb\x90\x64" + bytes(20),
    "audio/aac": b"\xff\xf1\x50\x80" + bytes(20),
    "audio/amr": b"#!AMR\n\x3c" + bytes(20),
    "audio/ogg": OGG,
    "application/pdf": PDF,
    "text/plain": "Größe: 5 €\r\n\tplain".encode(),
    "application/msword": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(20),
    "application/vnd.ms-excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(20),
    "application/vnd.ms-powerpoint": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(20),
    **{
        f"application/vnd.openxmlformats-officedocument.{part}": b"PK\x03\x04\x14\x00" + bytes(20)
        for part in (
            "wordprocessingml.document",
            "spreadsheetml.sheet",
            "presentationml.presentation",
        )
    },
}


def upload(http, content=PNG, mime_type="image/png", key="f1", **query):
    """POST /v1/files."""
    headers = {"Content-Type": mime_type, "Idempotency-Key": key}
    return http.post("/v1/files", content=content, headers=headers, params=query)


def uploaded(http, content=PNG, mime_type="image/png", key="f1", **query):
    """The new file's id."""
    answer = upload(http, content, mime_type, key, **query)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]
