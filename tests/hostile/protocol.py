"""As much of Kafka's protocol as it takes to be a good client, and a bad one: bytes by hand, nothing checked."""
import socket
import struct
import zlib

PRODUCE, FETCH, LIST_OFFSETS, METADATA, JOIN_GROUP, SYNC_GROUP = 0, 1, 2, 3, 11, 14
SASL_AUTHENTICATE, API_VERSIONS, CREATE_TOPICS, FETCH_SNAPSHOT = 36, 18, 19, 59


def i8(x): return struct.pack(">b", x)
def i16(x): return struct.pack(">h", x)
def i32(x): return struct.pack(">i", x)
def i64(x): return struct.pack(">q", x)


def text(s):
    """A string of the classic versions; None is null."""
    if s is None:
        return i16(-1)
    data = s if isinstance(s, bytes) else s.encode()
    return i16(len(data)) + data


def data(b): return i32(-1) if b is None else i32(len(b)) + b
def array(items): return i32(len(items)) + b"".join(items)


def uvarint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def varint(n): return uvarint((n << 1) ^ (n >> 63) if n < 0 else n << 1)


def compact(s):
    encoded = s if isinstance(s, bytes) else s.encode()
    return uvarint(len(encoded) + 1) + encoded


def header(key, version, tags=None, client=text("hostile"), correlation=1):
    return i16(key) + i16(version) + i32(correlation) + client + (b"" if tags is None else tags)


def frame(body): return i32(len(body)) + body


_CRC32C = []
for _byte in range(256):
    for _ in range(8):
        _byte = (_byte >> 1) ^ (0x82F63B78 if _byte & 1 else 0)
    _CRC32C.append(_byte)


def crc32c(bytes_):
    crc = 0xFFFFFFFF
    for byte in bytes_:
        crc = (crc >> 8) ^ _CRC32C[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def record(offset=0, timestamp=0, key=b"\x01", value=varint(1) + b"v", headers=varint(0), length=None):
    body = b"\0" + varint(timestamp) + varint(offset) + key + value + headers
    return varint(len(body) if length is None else length) + body


def batch(records=None, *, count=1, attributes=0, magic=2, last_delta=None, base_offset=0, length=None, crc=None,
          producer=(-1, -1, -1), timestamp=0, max_timestamp=0):
    """A record batch that says what it is told to say."""
    records = record() if records is None else records
    rest = (i16(attributes) + i32(count - 1 if last_delta is None else last_delta) + i64(timestamp) + i64(max_timestamp) +
            i64(producer[0]) + i16(producer[1]) + i32(producer[2]) + i32(count) + records)
    summed = struct.pack(">I", crc32c(rest) if crc is None else crc)
    tail = i32(-1) + i8(magic) + summed + rest
    return i64(base_offset) + i32(len(tail) if length is None else length) + tail


def produce(topic, records, partition=0, acks=-1):
    """Produce v3."""
    partitions = array([i32(partition) + data(records)])
    return header(PRODUCE, 3) + text(None) + i16(acks) + i32(5000) + array([text(topic) + partitions])


def fetch(topic, offset, partition=0, max_bytes=1 << 20, wait_ms=0, replica=-1):
    """Fetch v4."""
    partitions = array([i32(partition) + i64(offset) + i32(max_bytes)])
    return (header(FETCH, 4) + i32(replica) + i32(wait_ms) + i32(1) + i32(max_bytes) + i8(0) +
            array([text(topic) + partitions]))


def metadata(topics):
    """Metadata v1; None asks for all topics."""
    return header(METADATA, 1) + (i32(-1) if topics is None else array([text(topic) for topic in topics]))


def create_topic(name, configs=()):
    """CreateTopics v2."""
    pairs = array([text(key) + text(value) for key, value in configs])
    return header(CREATE_TOPICS, 2) + array([text(name) + i32(1) + i16(1) + i32(0) + pairs]) + i32(10000) + i8(0)


class Closed(Exception):
    """The broker ended the connection."""


class Peer:
    """A connection, with the patience of a test."""

    def __init__(self, address, seconds=20):
        self.socket = socket.create_connection(address, timeout=seconds)

    def __enter__(self): return self
    def __exit__(self, *_): self.socket.close()

    def send(self, data_): self.socket.sendall(data_)

    def read(self, count):
        out = b""
        while len(out) < count:
            try:
                got = self.socket.recv(count - len(out))
            except ConnectionError as error:
                raise Closed() from error
            if not got:
                raise Closed()
            out += got
        return out

    def answer(self): return self.read(struct.unpack(">i", self.read(4))[0])

    def ask(self, body):
        """The answer's body, behind the correlation id."""
        self.send(frame(body))
        return self.answer()[4:]

    def is_closed(self):
        """Waits for the end; False when something else comes, or nothing does."""
        try:
            self.socket.recv(1)
        except ConnectionError:
            return True
        except socket.timeout:
            return False
        try:
            return not self.socket.recv(1 << 20)
        except ConnectionError:
            return True


def produce_error(answer):
    """The error code of the only partition of a Produce v3 answer."""
    at = 4
    at += 2 + struct.unpack_from(">h", answer, at)[0] + 4 + 4
    return struct.unpack_from(">h", answer, at)[0]


def produced_offset(answer):
    at = 4
    at += 2 + struct.unpack_from(">h", answer, at)[0] + 4 + 4 + 2
    return struct.unpack_from(">q", answer, at)[0]


def fetched_bytes(answer):
    """Error code and record bytes of the only partition of a Fetch v4 answer."""
    at = 4 + 4
    at += 2 + struct.unpack_from(">h", answer, at)[0] + 4 + 4
    error = struct.unpack_from(">h", answer, at)[0]
    at += 2 + 8 + 8
    aborted = struct.unpack_from(">i", answer, at)[0]
    at += 4 + 16 * max(0, aborted)
    size = struct.unpack_from(">i", answer, at)[0]
    return error, answer[at + 4:at + 4 + max(0, size)]


def metadata_error(answer):
    """The error code of the only topic of a Metadata v1 answer."""
    at = 0
    brokers = struct.unpack_from(">i", answer, at)[0]
    at += 4
    for _ in range(brokers):
        at += 4
        at += 2 + struct.unpack_from(">h", answer, at)[0] + 4
        at += 2 + max(0, struct.unpack_from(">h", answer, at)[0])
    return struct.unpack_from(">h", answer, at + 4 + 4)[0]


def gzip(bytes_):
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    return compressor.compress(bytes_) + compressor.flush()
