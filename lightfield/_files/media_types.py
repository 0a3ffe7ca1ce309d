"""The media type that the name of a file suggests."""

import mimetypes
from functools import cache

_MORE = {
    ".br": "application/x-brotli",
    ".bz2": "application/x-bzip2",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".gz": "application/gzip",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".ogg": "audio/ogg",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".rtf": "application/rtf",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xz": "application/x-xz",
    ".z": "application/x-compress",
    ".zst": "application/zstd",
}
"""What the table of some Python versions lacks, or takes for an encoding of what is inside."""


def media_type(filename: str) -> str:
    """Return the media type of a file, by its name.

    Python's own table comes first, so that the type does not depend on the machine. On Windows, for example, installed
    programs determine the system's table. This is why this function may read files.
    """
    name = f"./{filename}"  # never a URL, though it may look like one
    known, _ = _known().guess_type(name)
    if known is None:
        known, encoding = mimetypes.guess_type(name)
        known = None if encoding else known
    return known or "application/octet-stream"


@cache
def _known() -> mimetypes.MimeTypes:
    known = mimetypes.MimeTypes()
    known.encodings_map.clear()  # the type of a compressed file is that of its compression
    for suffix, kind in _MORE.items():
        known.add_type(kind, suffix)
    return known
