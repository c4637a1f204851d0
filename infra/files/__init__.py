"""Where the bytes of files are kept: a folder, or a service that speaks S3."""
