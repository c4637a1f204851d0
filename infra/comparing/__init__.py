"""Whether all that webhook payloads say can be read again through the read API, field by field."""
