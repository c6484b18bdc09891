"""The pages of a database's file, looked at without SQLite: which trees are there, and what no longer hangs on one.

A file of ours has maps of its own pages (it was made with `auto_vacuum`): for every page, the page that points at it.
So a page can be found whose parent is damaged, and it can be told whose it was. The format is SQLite's own, released
and for good: https://www.sqlite.org/fileformat2.html
"""

from __future__ import annotations

import mmap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER_BYTES = 100
SIZES = (4096, 512, 1024, 2048, 8192, 16_384, 32_768, 65_536)
"""Of a page; ours comes first."""

ROOT, CHILD = 1, 5
"""In a map: the first page of a tree, and any other."""

MAP_BYTES = 5
FIRST_TREE = 3
MAP_START = bytes((ROOT, 0, 0, 0, 0)) * 2
"""The second page, which is a map, tells that the next two are the first ones of trees: a table and its index."""

NUMBERED, KEYED = (13, 5), (10, 2)
"""What a page of a tree begins with, of rows under numbers or under keys: one of rows alone, and one with children."""

NUMBER_BYTES_MAX = 9
DEPTH_MAX = 40
PENDING_BYTE = 0x40000000
"""SQLite locks bytes here and keeps nothing in their page."""


class Pages:
    """A file of pages, only to be read; it must not be a live database."""

    def __init__(self, path: str) -> None:
        with open(path, "rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        told = int.from_bytes(self._data[16:18], "big")
        sizes = sorted(SIZES, key=lambda size: size != (65_536 if told == 1 else told))
        mapped = [size for size in sizes if self._data[size : size + len(MAP_START)] == MAP_START]
        self.is_mapped, self.size = bool(mapped), (mapped or sizes)[0]
        self.count = max(1, len(self._data) // self.size)

    def close(self) -> None:
        """Let go of the file."""
        self._data.close()

    def is_root(self, page: int, kinds: tuple[int, ...]) -> bool:
        """Tell whether a tree begins here whose pages are of these kinds."""
        return self._mapped(page)[0] == ROOT and self._kind(page) in kinds

    def stray(self) -> Iterator[tuple[int, int]]:
        """Yield (page, root of its tree) of what hangs on a page that no longer tells of it; root 0 is not known."""
        led_to = set()
        for page in range(1, self.count + 1):
            if page == 1 or self._mapped(page)[0] in (ROOT, CHILD):
                led_to.update(self._children(page))
        for page in range(FIRST_TREE, self.count + 1):
            if page not in led_to and self._mapped(page)[0] == CHILD and self._kind(page) in (*NUMBERED, *KEYED):
                yield page, self._root_of(page)

    def form(self, page: int) -> tuple[bool, int]:
        """Return (are its rows under keys, how many columns the first one has), from the first leaf below a page."""
        for _ in range(DEPTH_MAX):
            if not (below := self._children(page)):
                break
            page = below[0]
        start, is_keyed = (page - 1) * self.size, self._kind(page) == KEYED[0]
        at = start + int.from_bytes(self._data[start + 8 : start + 10], "big")
        for _ in range(1 if is_keyed else 2):  # its length, and its number
            at = self._number(at)[1]
        size, begin = self._number(at)
        end, columns = min(at + size, start + self.size), 0
        while begin < end:
            begin, columns = self._number(begin)[1], columns + 1
        return is_keyed, columns

    def _root_of(self, page: int) -> int:
        for _ in range(DEPTH_MAX):
            kind, parent = self._mapped(page)
            if kind != CHILD:
                return page if kind == ROOT else 0
            page = parent
        return 0

    def _mapped(self, page: int) -> tuple[int, int]:
        """Return (kind, parent) as the map tells, zeros where it does not."""
        if page < FIRST_TREE:
            return 0, 0
        step = self.size // MAP_BYTES + 1
        map_page = (page - 2) // step * step + 2
        if map_page == PENDING_BYTE // self.size + 1:
            map_page += 1
        at = (map_page - 1) * self.size + MAP_BYTES * (page - map_page - 1)
        entry = self._data[at : at + MAP_BYTES] if page > map_page else b""
        return (entry[0], int.from_bytes(entry[1:], "big")) if len(entry) == MAP_BYTES else (0, 0)

    def _number(self, at: int) -> tuple[int, int]:
        """Return a number of one to nine bytes, seven bits in each, and where it ends."""
        value = 0
        for byte in self._data[at : at + NUMBER_BYTES_MAX]:
            at += 1
            value = value << 7 | byte & 127
            if byte < 128:
                break
        return value, at

    def _kind(self, page: int) -> int:
        at = (page - 1) * self.size + (HEADER_BYTES if page == 1 else 0)
        return self._data[at] if 0 <= at < len(self._data) else 0

    def _children(self, page: int) -> list[int]:
        """Return the pages that one points at; none where it is damaged."""
        if self._kind(page) not in (NUMBERED[1], KEYED[1]):
            return []
        start = (page - 1) * self.size
        head = HEADER_BYTES if page == 1 else 0
        data = self._data[start : start + self.size]
        cells = min(int.from_bytes(data[head + 3 : head + 5], "big"), self.size // MAP_BYTES)
        places = [int.from_bytes(data[at : at + 2], "big") for at in range(head + 12, head + 12 + 2 * cells, 2)]
        found = [int.from_bytes(data[at : at + 4], "big") for at in (*places, head + 8)]
        return found if min(found) >= FIRST_TREE and max(found) <= self.count else []
