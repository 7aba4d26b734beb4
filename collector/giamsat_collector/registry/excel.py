# SPDX-License-Identifier: Apache-2.0
"""The first sheet of an XLSX file as rows of text: what a person sees in the cells, bounded before it is unpacked."""

import io
import zipfile
from datetime import date, datetime
from itertools import islice
from typing import Final

from giamsat_collector.errors import RefusedError

MAGIC: Final = b"PK\x03\x04"
UNPACKED: Final = 64 << 20
COLUMNS: Final = 64


def rows(data: bytes, most: int) -> list[list[str]]:
    """At most `most` rows.

    Raises:
        RefusedError: it is no workbook, or unpacks to more than UNPACKED bytes.
    """
    import openpyxl  # noqa: PLC0415 - 10 MB, which a collector does without until it is given such a file

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size <= UNPACKED:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            found = book.worksheets[0].iter_rows(values_only=True, max_col=COLUMNS)
            return [_texts(row) for row in islice(found, most)]
    except Exception as error:
        raise RefusedError(
            "cannot be read as XLSX ({reason}); save the sheet as CSV UTF-8", reason=type(error).__name__
        ) from error
    raise RefusedError("unpacks to more than {most} MiB; save the sheet as CSV UTF-8", most=UNPACKED >> 20)


def _texts(row: tuple[object, ...]) -> list[str]:
    texts = [_text(value) for value in row]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return " ".join(str(value).split())  # a cell of several lines is one row all the same
