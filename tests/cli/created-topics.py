#!/usr/bin/python3
"""Creates topics over some connections and uses them at once over all others: created-topics.py HOST:PORT SECONDS

A created topic is usable everywhere when the answer is there, and one that was created by itself when anybody has been told
of it. Speaks the protocol itself: a client's retries would hide what is looked for. Prints how many topics were used, or what
was wrong, and ends with 1.
"""
import socket
import struct
import sys
import threading
import time

CONNECTIONS = 8  # of each thread: two on every one of four loops
THREADS = 4


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def varint(number):
    number = (number << 1) ^ (number >> 63)
    encoded = b""
    while number > 0x7F:
        encoded += bytes([number & 0x7F | 0x80])
        number >>= 7
    return encoded + bytes([number])


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def batch(value):
    record = b"\0" + varint(0) + varint(0) + varint(-1) + varint(len(value)) + value + varint(0)
    records = varint(len(record)) + record
    now = int(time.time() * 1000)
    body = struct.pack(">hiqqqhii", 0, 0, now, now, -1, -1, -1, 1) + records
    rest = struct.pack(">ibI", -1, 2, crc32c(body)) + body
    return struct.pack(">qi", 0, len(rest)) + rest


BATCH = batch(b"x")


class Connection:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, key, version, body):
        request = struct.pack(">hhi", key, version, 7) + string("stress") + body
        self.socket.sendall(struct.pack(">i", len(request)) + request)
        return self.read(struct.unpack(">i", self.read(4))[0])[4:]

    def read(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise RuntimeError("the broker closed the connection")
            data += part
        return data

    def create(self, topic):  # CreateTopics v2
        answer = self.ask(19, 2, struct.pack(">i", 1) + string(topic) + struct.pack(">ihii", 1, 1, 0, 0)
                          + struct.pack(">ib", 30000, 0))
        return struct.unpack_from(">h", answer, 4 + 4 + 2 + len(topic))[0]

    def metadata(self, topic):  # Metadata v1, which creates what is missing; the topic's error, then its partition's
        answer = self.ask(3, 1, struct.pack(">i", 1) + string(topic))
        at, brokers = 4, struct.unpack_from(">i", answer)[0]
        for _ in range(brokers):
            at += 4
            at += 2 + struct.unpack_from(">h", answer, at)[0] + 4
            rack = struct.unpack_from(">h", answer, at)[0]
            at += 2 + max(0, rack)
        at += 4 + 4  # the controller, the count of topics
        error = struct.unpack_from(">h", answer, at)[0]
        at += 2 + 2 + len(topic) + 1
        partitions = struct.unpack_from(">i", answer, at)[0]
        return error or (struct.unpack_from(">h", answer, at + 4)[0] if partitions else 5)

    def produce(self, topic):  # Produce v3
        answer = self.ask(0, 3, struct.pack(">hhii", -1, -1, 30000, 1) + string(topic)
                          + struct.pack(">iii", 1, 0, len(BATCH)) + BATCH)
        return struct.unpack_from(">h", answer, 4 + 2 + len(topic) + 4 + 4)[0]

    def fetch(self, topic):  # Fetch v4
        answer = self.ask(1, 4, struct.pack(">iiiibi", -1, 0, 1, 1 << 20, 0, 1) + string(topic)
                          + struct.pack(">iiqi", 1, 0, 0, 1 << 20))
        return struct.unpack_from(">h", answer, 4 + 4 + 2 + len(topic) + 4 + 4)[0]

    def list_offsets(self, topic):  # ListOffsets v1
        answer = self.ask(2, 1, struct.pack(">ii", -1, 1) + string(topic) + struct.pack(">iiq", 1, 0, -1))
        return struct.unpack_from(">h", answer, 4 + 2 + len(topic) + 4 + 4)[0]


def use_everywhere(topic, connections, wrong):
    for number, connection in enumerate(connections):
        for what in ("metadata", "produce", "list_offsets", "fetch"):
            error = getattr(connection, what)(topic)
            if error:
                wrong.append(f"{topic}: {what} on connection {number} answered error {error}")


def run(name, address, until, used, wrong):
    try:
        connections = [Connection(*address) for _ in range(CONNECTIONS)]
        for number in range(1 << 30):
            if time.monotonic() > until or wrong:
                return
            asker = connections[number % CONNECTIONS]
            others = connections[number % CONNECTIONS + 1:] + connections[:number % CONNECTIONS]
            if number % 2:
                topic = f"{name}-created-{number}"
                error = asker.create(topic)
                if error:
                    wrong.append(f"{topic}: CreateTopics answered error {error}")
            else:
                topic = f"{name}-by-itself-{number}"
                while asker.metadata(topic) in (3, 5):  # not there yet, no leader yet
                    pass
            use_everywhere(topic, others, wrong)
            used.append(topic)
    except Exception as error:  # whatever it is, the run is not a good one
        wrong.append(f"{name}: {error!r}")


def main():
    host, _, port = sys.argv[1].rpartition(":")
    until = time.monotonic() + float(sys.argv[2])
    used, wrong = [], []
    threads = [threading.Thread(target=run, args=(f"t{n}", (host, int(port)), until, used, wrong)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        sys.exit("\n".join(wrong[:20]))
    print(f"{len(used)} topics")


main()
