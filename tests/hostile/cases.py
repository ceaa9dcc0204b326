"""What hostile peers send, by the chapters of design/reliability.md 4.2. A case is a function of the broker; it fails by AssertionError."""
import struct

import protocol as p
from protocol import array, batch, compact, frame, header, i8, i16, i32, i64, record, text, uvarint, varint

INT_MAX = 2**31 - 1
NO_ERROR, CORRUPT_MESSAGE, INVALID_TOPIC, ILLEGAL_SASL_STATE, UNSUPPORTED_VERSION = 0, 2, 17, 34, 35
MIB = 1 << 20
CASES = []


def case(name, memory=0):
    """`memory`: bytes that it may cost beyond 1 MiB and four times what is sent, with a reason in the case."""
    def add(function):
        CASES.append((name, function, memory))
        return function
    return add


def closes(broker, *sent, whole=True):
    """The broker ends the connection on each of these."""
    for number, data in enumerate(sent):
        with broker.peer() as peer:
            try:
                peer.send(frame(data) if whole else data)
            except ConnectionError:
                continue
            assert peer.is_closed(), f"number {number} was not closed on"


def refuses(broker, *batches, code=None):
    """Each comes back with an error, and nothing of it is in the log."""
    with broker.peer() as peer:
        for number, records in enumerate(batches):
            error = p.produce_error(peer.ask(p.produce(broker.topic, records)))
            assert error != NO_ERROR, f"number {number} was accepted"
            assert code in (None, error), f"number {number} gave error {error}, not {code}"


# --- 1. sizes

@case("frames of impossible sizes")
def _(broker):
    closes(broker, i32(-1), i32(INT_MAX), i32(100 * MIB + 1), i32(-2**31), whole=False)
    closes(broker, b"")


@case("a frame that ends early")
def _(broker):
    for data in (b"\0", b"\0\0\0", i32(1000), i32(1000) + header(p.METADATA, 1)):
        with broker.peer() as peer:
            peer.send(data)


@case("other protocols' first words")
def _(broker):
    hello = bytes.fromhex("16030100c8010000c40303") + b"\x5a" * 190
    closes(broker, hello, b"GET / HTTP/1.1\r\nHost: broker\r\n\r\n", b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n",
           b"SSH-2.0-OpenSSH_9.2\r\n", whole=False)


@case("frames that are begun and not continued")
def _(broker):
    peers = [broker.peer() for _ in range(200)]
    for peer in peers:
        peer.send(i32(100 * MIB) + b"\0")
    broker.good.moves_on()
    for peer in peers:
        peer.socket.close()


@case("a byte at a time")
def _(broker):
    with broker.peer() as peer:
        for byte in frame(p.metadata([])):
            peer.send(bytes([byte]))
        peer.answer()


# --- 2. headers

@case("API keys that are not served")
def _(broker):
    keys = (-1, -32768, 4, 5, 6, 7, 93, 1000, 32767, p.FETCH_SNAPSHOT)
    closes(broker, *(header(key, 0) + b"\0" * 64 for key in keys))


@case("authentication where there is none")
def _(broker):
    with broker.peer() as peer:
        (error,) = struct.unpack_from(">h", peer.ask(header(p.SASL_AUTHENTICATE, 0) + b"\0" * 64))
        assert error == ILLEGAL_SASL_STATE, error


@case("versions that are not served")
def _(broker):
    closes(broker, *(header(p.METADATA, version) + b"\0" * 64 for version in (-1, -32768, 99, 32767)))
    for version in (5, 99, 32767, -1):
        with broker.peer() as peer:
            answer = peer.ask(header(p.API_VERSIONS, version))
            error, count = struct.unpack_from(">hi", answer)
            assert error == UNSUPPORTED_VERSION and count > 10, (error, count)
            assert len(answer) == 6 + 6 * count, "the answer to an unknown version is of version 0"


@case("client ids")
def _(broker):
    closes(broker, header(p.METADATA, 1, client=i16(-2)), header(p.METADATA, 1, client=i16(32767)),
           header(p.METADATA, 1, client=i16(32767) + b"x" * 100))
    for client in (i16(-1), text(b"\xff\xfe\x00\xc3"), text("x" * 32767)):
        with broker.peer() as peer:
            peer.ask(header(p.METADATA, 1, client=client) + array([]))


@case("cut headers")
def _(broker):
    closes(broker, *(header(p.METADATA, 1)[:size] for size in range(0, 9)))


@case("garbage before ApiVersions")
def _(broker):
    closes(broker, b"\xff" * 100, b"\x80" * 1000, bytes(range(256)))


# --- 3. counts

@case("counts that lie")
def _(broker):
    closes(broker, *(header(p.METADATA, 1) + i32(count) for count in (-2, -2**31, 1, 1000, INT_MAX, INT_MAX // 2)))
    closes(broker, *(header(p.METADATA, 1) + i32(count) + b"\0" * 1000 for count in (501, 0x20000001)))
    closes(broker, header(p.PRODUCE, 3) + text(None) + i16(-1) + i32(0) + i32(-1))
    closes(broker, header(p.LIST_OFFSETS, 1) + i32(-1) + i32(INT_MAX) + b"\0" * 64)


@case("a megabyte of the smallest elements")
def _(broker):
    closes(broker, header(p.METADATA, 1) + i32(500_000) + b"\0" * MIB)
    closes(broker, header(p.METADATA, 12, b"\0") + uvarint(340_001) + b"\0" * MIB)


@case("arrays in arrays in arrays")
def _(broker):
    inner = array([i32(0)] * 10)
    with broker.peer() as peer:
        peer.ask(header(p.LIST_OFFSETS, 1) + i32(-1) +
                 array([text("absent") + array([i32(n) + i64(-1) for n in range(10)])] * 1000))
    closes(broker, header(p.LIST_OFFSETS, 1) + i32(-1) + array([text("absent") + i32(INT_MAX) + inner] * 1000))


# --- 4. varints and 5. tags, of flexible versions

METADATA_12 = uvarint(1) + i8(0) + i8(0)


@case("varints")
def _(broker):
    for bad in (b"\x80" * 5, b"\xff" * 6, b"\xff\xff\xff\xff\x10", b"\x80", b"\xff" * 10):
        closes(broker, header(p.METADATA, 12, b"\0") + bad, header(p.METADATA, 12, bad),
               header(p.METADATA, 12, b"\0") + METADATA_12 + bad)


@case("a flood of tags")
def _(broker):
    flood = b"".join(uvarint(tag) + b"\0" for tag in range(300_000))
    section = uvarint(300_000) + flood
    closes(broker, header(p.METADATA, 12, section) + METADATA_12 + b"\0",
           header(p.METADATA, 12, b"\0") + METADATA_12 + section, header(p.METADATA, 12, uvarint(20_000_000)),
           header(p.API_VERSIONS, 3, section) + compact("x") + compact("y") + b"\0")
    few = uvarint(64) + b"".join(uvarint(1000 + tag) + uvarint(2) + b"xx" for tag in range(64))
    with broker.peer() as peer:
        peer.ask(header(p.METADATA, 12, few) + METADATA_12 + few)


@case("tags out of order, twice, too long")
def _(broker):
    sections = (b"\x02\x05\0\x04\0", b"\x02\x05\0\x05\0", b"\x01\x05\x7f", b"\x01\x05" + uvarint(2**32 - 1), b"\x01\x05")
    closes(broker, *(header(p.METADATA, 12, section) + METADATA_12 + b"\0" for section in sections))
    closes(broker, *(header(p.METADATA, 12, b"\0") + METADATA_12 + section for section in sections))


# --- 6. texts

@case("names that are none")
def _(broker):
    closes(broker, header(p.METADATA, 1) + array([text(None)]), header(p.METADATA, 1) + array([i16(-2)]))
    with broker.peer() as peer:
        for name in ("..", ".", "", "x" * 250, "a/b", "a\0b", "\u00fcber", b"\xff\xfe"):
            error = p.metadata_error(peer.ask(p.metadata([name])))
            assert error == INVALID_TOPIC, f"{name!r} gave error {error}"


# --- 7. records

@case("batches that are framed wrong")
def _(broker):
    good = batch()
    refuses(broker, b"", b"\0", good[:16], good[:60], good[:-1], good + b"\0", good + good,
            batch(length=0), batch(length=-1), batch(length=48), batch(length=49), batch(length=INT_MAX),
            *(batch(magic=magic) for magic in (-128, -1, 0, 1, 3, 127)))
    refuses(broker, batch(crc=0), batch(crc=0xFFFFFFFF), code=CORRUPT_MESSAGE)


@case("batch headers that lie")
def _(broker):
    refuses(broker, *(batch(count=count) for count in (0, -1, 2, INT_MAX)), batch(last_delta=-1), batch(last_delta=5),
            batch(last_delta=INT_MAX), batch(base_offset=1), batch(base_offset=2**63 - 1), batch(base_offset=-1),
            batch(attributes=0x20), *(batch(attributes=codec) for codec in (1, 2, 3, 4, 5, 6, 7)),
            batch(producer=(5, 0, -1)), batch(timestamp=2**62, max_timestamp=2**62))


@case("records that lie")
def _(broker):
    refuses(broker, *(batch(record(length=length)) for length in (-1, 0, 1, 5, 100, INT_MAX, -2**31)),
            batch(record(headers=varint(-1))), batch(record(headers=varint(INT_MAX))), batch(record(headers=varint(1))),
            batch(record(headers=varint(1) + varint(-1) + varint(-1))), batch(record(key=varint(-2))),
            batch(record(value=varint(INT_MAX))), batch(record() + b"\0"), batch(b"\x80" * 40),
            batch(record() + record(), count=1), batch(record(), count=2))


# --- 8. compression

def compressed(attributes, body, count=1): return batch(body, attributes=attributes, count=count)


@case("decompression bombs", memory=24 * MIB)  # the codecs' windows and one decompressed batch, of 8 MiB at most each
def _(broker):
    zeros = b"\0" * (64 * MIB)
    refuses(broker, compressed(1, p.gzip(zeros)), compressed(1, p.gzip(zeros), count=INT_MAX))
    # LZ4: blocks of one literal and a match of 4 MB, in 16 KB each.
    block = b"\x1f\0\1\0" + b"\xff" * 16_000 + b"\0" + b"\x50" + b"\0" * 5
    lz4 = bytes.fromhex("04224d18607073") + (struct.pack("<I", len(block)) + block) * 50 + i32(0)
    refuses(broker, compressed(3, lz4))
    # zstd: a frame of RLE blocks of 128 KiB, four bytes each: 1 GiB in 32 KiB.
    block = struct.pack("<I", (128 << 10) << 3 | 2)[:3]
    zstd = bytes.fromhex("28b52ffd00") + b"\x58" + (block + b"\0") * 8192 + struct.pack("<I", 1 << 3 | 3)[:3] + b"\0"
    refuses(broker, compressed(4, zstd))


@case("compressed data that lies", memory=10 * MIB)  # a decoder of each kind
def _(broker):
    windows = (bytes.fromhex("28b52ffd00") + bytes([log << 3]) + b"\x09\0\0" for log in (14, 17, 21, 31))
    refuses(broker, *(compressed(4, window) for window in windows))
    snappy = b"\x82SNAPPY\0" + i32(1) + i32(1)
    refuses(broker, compressed(2, uvarint(2**32 - 1) + b"\0" * 100), compressed(2, snappy + i32(-1)),
            compressed(2, snappy + i32(INT_MAX) + b"\0" * 8), compressed(2, snappy + i32(6) + uvarint(2**32 - 1) + b"\0"))
    refuses(broker, *(compressed(codec, b"") for codec in (1, 2, 3, 4)),
            *(compressed(codec, b"\xff" * 100) for codec in (1, 2, 3, 4)),
            *(compressed(1, p.gzip(record())[:cut]) for cut in (1, 10, 17, -1)))
    refuses(broker, compressed(1, p.gzip(p.gzip(record()))), compressed(1, p.gzip(record() + b"\0")))


# --- 9. meanings

@case("a great many partitions", memory=120 * MIB)  # a question, its answer, and a session of 100,000 partitions
def _(broker):
    with broker.peer(60) as peer:
        peer.ask(header(p.LIST_OFFSETS, 1) + i32(-1) +
                 array([text("absent") + array([i32(n) + i64(-1) for n in range(100_000)])]))
    many = array([text("absent") + array([i32(n) + i64(0) + i64(0) + i32(1) for n in range(100_000)])])
    with broker.peer(60) as peer:
        peer.ask(header(p.FETCH, 7) + i32(-1) + i32(0) + i32(0) + i32(MIB) + i8(0) + i32(0) + i32(0) + many + array([]))


@case("the same partition again and again")
def _(broker):
    with broker.peer() as peer:
        for _ in range(3):
            peer.ask(header(p.LIST_OFFSETS, 1) + i32(-1) +
                     array([text(broker.topic) + array([i32(0) + i64(-1)] * 1000)] * 10))
        again = header(p.METADATA, 1) + array([text(broker.topic)] * 50_000)
        assert len(peer.ask(again)) < 1000, "a topic that is named again is described again"


@case("fetches of nowhere")
def _(broker):
    with broker.peer() as peer:
        for offset in (-1, -2**63, 2**63 - 1, 10**12):
            error, _ = p.fetched_bytes(peer.ask(p.fetch(broker.topic, offset)))
            assert error == 1, f"offset {offset} gave error {error}"
        for max_bytes in (-1, -2**31, 0):
            peer.ask(p.fetch(broker.topic, 0, max_bytes=max_bytes))
        for partition in (-1, 1, INT_MAX):
            assert p.fetched_bytes(peer.ask(p.fetch(broker.topic, 0, partition=partition)))[0] == 3
        for replica in (0, 1, 5, INT_MAX):  # CVE-2018-1288: a client that says it is a broker
            peer.ask(p.fetch(broker.topic, 0, replica=replica))
        for session, epoch in ((5, 1), (INT_MAX, INT_MAX), (-1, -2)):
            answer = peer.ask(header(p.FETCH, 7) + i32(-1) + i32(0) + i32(1) + i32(MIB) + i8(0) + i32(session) +
                              i32(epoch) + array([]) + array([]))
            assert struct.unpack_from(">h", answer, 4)[0] in (70, 71), "a session that there is not"


@case("members that say nothing sensible")
def _(broker):
    with broker.peer() as peer:
        for blob in (b"", b"\xff" * 100, i16(-1), i16(3) + i32(INT_MAX)):
            join = (header(p.JOIN_GROUP, 0) + text("hostile-group") + i32(6000) + text("") + text("consumer") +
                    array([text("range") + p.data(blob)]))
            peer.ask(join)


@case("ten thousand requests at once", memory=16 * MIB)  # their answers
def _(broker):
    with broker.peer(60) as peer:
        one = frame(header(p.API_VERSIONS, 0))
        peer.send(one * 10_000)
        for _ in range(10_000):
            peer.answer()


@case("answers that are not read", memory=160 * MIB)  # of them, a connection may keep 110 MiB and the answer that was begun
def _(broker):
    with broker.peer() as peer:
        ask = frame(p.fetch(broker.large_topic, 0, max_bytes=50 * MIB))
        peer.socket.settimeout(1)
        try:
            for _ in range(2000):
                peer.send(ask)
        except TimeoutError:
            pass
        broker.good.moves_on()


@case("connections by the hundred", memory=32 * MIB)  # each costs the broker a few KiB
def _(broker):
    peers = [broker.peer() for _ in range(300)]
    with broker.peer() as last:
        last.ask(p.metadata([]))
    for peer in peers:
        peer.socket.close()
