"""Memory held while brokers are measured, so that their page cache is soon full, as that of a broker's machine is.

A virtual machine gives memory that is free back to its host, and a page that it gets again costs several times what a broker does
with it: of two sides the one that writes more into free memory would look worse. With little memory free, both write into pages that
the cache gave up, and the host hears of none of it.
"""
import contextlib
import ctypes
import mmap
import pathlib
import re

LEFT_BYTES = 10 << 30  # for two brokers' worth of heap, a client, and a page cache that a minute of load fills
CHUNK_BYTES = 1 << 30


def available_bytes():
    return 1024 * int(re.search(r"^MemAvailable: +(\d+) kB", pathlib.Path("/proc/meminfo").read_text(), re.MULTILINE)[1])


@contextlib.contextmanager
def ballast(left_bytes=LEFT_BYTES):
    """Holds all memory but `left_bytes`, touched and locked where that is allowed; nothing on a machine that has no more."""
    libc = ctypes.CDLL(None, use_errno=True)
    held = []
    for _ in range(max(0, available_bytes() - left_bytes) // CHUNK_BYTES):
        chunk = mmap.mmap(-1, CHUNK_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE)
        libc.mlock(ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(chunk))), ctypes.c_size_t(CHUNK_BYTES))
        held.append(chunk)
    try:
        yield len(held) * CHUNK_BYTES
    finally:
        held.clear()
