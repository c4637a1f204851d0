"""Where an installation keeps the bytes of its files, by its settings."""

from typing import Protocol

from domain.file_storage import FileStorage
from infra.files.folder import FolderStorage
from infra.setting_kinds import bucket_of
from infra.settings import Settings


class CheckedStorage(FileStorage, Protocol):
    def check(self) -> None:
        """OSError if nothing can be kept there."""


def storage(settings: Settings) -> CheckedStorage:
    """The same place for every service with these settings."""
    return _bucket(settings) if settings.files_url else FolderStorage(settings.files_dir)


def _bucket(settings: Settings) -> CheckedStorage:
    # Only here: to load it takes a good part of a second, and most installations need none.
    from infra.files.s3 import Bucket, S3Storage
    from infra.files.s3_client import Access, client

    endpoint, name, prefix, region = bucket_of(settings.files_url)
    secret = settings.files_secret_key.get_secret_value()
    return S3Storage(
        Bucket(name, prefix), client(Access(endpoint, region, settings.files_key_id, secret))
    )
