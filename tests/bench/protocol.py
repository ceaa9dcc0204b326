"""The few requests that are asked without a client, whose own start and thrift would be measured too."""
import dataclasses
import socket
import struct

METADATA, DESCRIBE_QUORUM = 3, 55
ANSWER_SECONDS_MAX = 2


def header(api_key, version):
    """A request header with an empty client id; a flexible version's has tags, none of them, behind."""
    return struct.pack(">hhih", api_key, version, 7, 0)


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def compact_string(text):
    return bytes([len(text) + 1]) + text.encode()  # short enough for one byte of a varint


class Answer:
    """Reads an answer from its front, the correlation id left out."""

    def __init__(self, frame):
        self._frame, self._at = frame, 4

    def all(self, layout):
        values = struct.unpack_from(">" + layout, self._frame, self._at)
        self._at += struct.calcsize(">" + layout)
        return values

    def take(self, layout):
        values = self.all(layout)
        return values[0] if len(values) == 1 else values

    def string(self):
        length = self.take("h")
        return None if length < 0 else self.take(f"{length}s").decode()

    def numbers(self):
        """An array of int32."""
        return self.all(f"{self.take('i')}i")


def ask(port, request):
    """What a node of this machine answers. Raises OSError where it does not."""
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS_MAX) as peer:
        peer.sendall(struct.pack(">i", len(request)) + request)
        stream = peer.makefile("rb")
        size = stream.read(4)
        frame = stream.read(struct.unpack(">i", size)[0]) if len(size) == 4 else b""
        if len(frame) < 4:
            raise ConnectionError(f"port {port} closed the connection")
        return frame


@dataclasses.dataclass
class Partition:
    leader: int
    in_sync: tuple


@dataclasses.dataclass
class Metadata:
    brokers: set
    controller: int
    partitions: dict  # of the topics asked for: {(topic, partition): Partition}


def metadata(port, topics=()):
    """Metadata version 1."""
    answer = Answer(ask(port, header(METADATA, 1) + struct.pack(">i", len(topics)) + b"".join(map(string, topics))))
    brokers = set()
    for _ in range(answer.take("i")):
        brokers.add(answer.take("i"))
        answer.string(), answer.take("i"), answer.string()  # host, port, rack
    found = Metadata(brokers, answer.take("i"), {})
    for _ in range(answer.take("i")):
        answer.take("h")
        topic = answer.string()
        answer.take("?")
        for _ in range(answer.take("i")):
            _, partition, leader = answer.take("hii")
            answer.numbers()
            found.partitions[topic, partition] = Partition(leader, answer.numbers())
    return found


def active_controller(port):
    """The leader of the metadata quorum (DescribeQuorum version 0); what Metadata names is any broker, with Kafka."""
    topic, one = "__cluster_metadata", bytes([2])  # a compact array of one
    request = header(DESCRIBE_QUORUM, 0) + bytes(1) + one + compact_string(topic) + one + struct.pack(">i", 0) + bytes(3)
    answer = Answer(ask(port, request))
    if (error := answer.take("xh")) != 0:
        raise ConnectionError(f"port {port}: DescribeQuorum: error {error}")
    answer.all(f"x{len(topic) + 1}sx")
    return answer.take("ihi")[2]
