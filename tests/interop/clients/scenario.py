"""What the scenario files of all clients share: the list of scenarios, their data, time limits, and two instruments.

Under fire (tests/interop/run --cluster) brokers are killed and restarted meanwhile. A client's file defines one function per
scenario, decorated with @scenario, and calls main(). Each prints one line, `ok NAME` or `not ok NAME: REASON`. BOOTSTRAP is
the cluster under test; every topic and group is new.
"""
import contextlib
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback

BOOTSTRAP = os.environ["KT_INTEROP_BOOTSTRAP"]
RUN = os.environ.get("KT_INTEROP_RUN", f"{os.getpid():x}{int(time.time()):x}")
SESSION_TIMEOUT_MS = 6000  # the least that a broker allows by default
REPLICAS = int(os.environ.get("KT_INTEROP_REPLICAS", "1"))
KILLS_FILE = os.environ.get("KT_INTEROP_KILLS")  # under fire: how many brokers were killed so far
SCENARIO_SECONDS_MAX = 120 if KILLS_FILE else 60
LINES_PER_SECOND = 200
APPLICATION_ERROR = re.compile(r"^error|[Dd]elivery failed|ERROR(?!: Local: Broker transport failure)")
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]

_scenarios = []


def scenario(function):
    _scenarios.append((function.__name__.replace("_", "-"), function))
    return function


def scenario_in_peace(function):
    """Not under fire: it cannot hold there, whatever the cluster."""
    return function if KILLS_FILE else scenario(function)


def scenario_under_fire(function):
    return scenario(function) if KILLS_FILE else function


def scenario_for_each(values):
    """The scenario once per value, named after it."""
    def decorate(function):
        for value in values:
            name = f"{function.__name__.replace('_', '-')}-{value}"
            _scenarios.append((name, lambda value=value: function(value)))
        return function
    return decorate


class TimedOut(Exception):
    pass


def _on_alarm(_signal, _frame):
    raise TimedOut(f"not done within {SCENARIO_SECONDS_MAX} s")


def main(exit_code=0):
    """Runs the scenarios named on the command line, else all. `exit_code`: what to end with if none fails."""
    wanted = sys.argv[1:]
    unknown = set(wanted) - {name for name, _ in _scenarios}
    if unknown:
        sys.exit(f"no such scenario: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGALRM, _on_alarm)
    failed = 0
    for name, function in _scenarios:
        if wanted and name not in wanted:
            continue
        signal.alarm(SCENARIO_SECONDS_MAX)
        try:
            function()
            print(f"ok {name}", flush=True)
        except Exception as problem:  # every failure is told, and the next scenario runs
            failed += 1
            reason = " ".join(str(problem).split()) or type(problem).__name__
            print(f"not ok {name}: {reason[:300]}", flush=True)
            traceback.print_exc(file=sys.stderr)
        finally:
            signal.alarm(0)
            Child.end_all()
    sys.exit(1 if failed else exit_code)


def unique(name):
    """A topic or group name that no other run uses."""
    return f"interop-{RUN}-{os.path.basename(sys.argv[0]).split('.')[0]}-{name}"


def expect(actual, wanted, what):
    if actual != wanted:
        raise AssertionError(f"{what}: got {actual!r}, wanted {wanted!r}")


def wait_until(condition, what, seconds=40):
    """Polls `condition` until it holds; returns what it returned."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimedOut(f"waited {seconds} s for {what}")
        time.sleep(0.05)


def now_ms():
    return int(time.time() * 1000)


def a_moment_between():
    """A time in ms that is later than all that was done, and earlier than all that will be."""
    moment = now_ms() + 2
    wait_until(lambda: now_ms() > moment + 2, "the clock")
    return moment


class Child:
    """A process of a client that reads or writes in the background; its output is kept line by line."""
    _all = []

    def __init__(self, command, **options):
        self.lines, self.errors = [], []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, bufsize=1, **options)
        for stream, lines in ((self.process.stdout, self.lines), (self.process.stderr, self.errors)):
            threading.Thread(target=self._keep, args=(stream, lines), daemon=True).start()
        Child._all.append(self)

    @staticmethod
    def _keep(stream, lines):
        for line in stream:
            lines.append(line.rstrip("\n"))

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=10)

    @classmethod
    def end_all(cls):
        for child in cls._all:
            child.kill()
        cls._all.clear()


def done_by_librdkafka(ask, already=None):
    """What its admin client is told. Under fire it leaves asking again to us: who is killed gives no answer, and the next one
    may then say `already`."""
    from confluent_kafka import KafkaError, KafkaException
    while True:
        try:
            return ask()
        except KafkaException as refusal:
            code = refusal.args[0].code()
            if not KILLS_FILE or code not in (already, KafkaError._TRANSPORT):
                raise
            if code == already:
                return None


def create_topic(name, partitions, **config):
    """For clients that cannot create topics themselves, or cannot ask again under fire."""
    from confluent_kafka import KafkaError
    from confluent_kafka.admin import AdminClient, NewTopic
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
    topic = NewTopic(name, partitions, REPLICAS, config=config)
    done_by_librdkafka(lambda: admin.create_topics([topic])[name].result(timeout=20), KafkaError.TOPIC_ALREADY_EXISTS)


def kills():
    with open(KILLS_FILE, encoding="utf-8") as file:
        return int(file.read())


def lines_while_leaders_move(writer):
    """Writes lines KEY:NUMBER until each of the brokers was killed once, or the writer ends; how many."""
    begun, count, start = kills(), 0, time.monotonic()
    with contextlib.suppress(BrokenPipeError):  # what it ended with is looked at next
        while kills() <= begun + REPLICAS:
            writer.process.stdin.write(f"k{count % 7}:{count}\n")
            count += 1
            time.sleep(max(0, start + count / LINES_PER_SECOND - time.monotonic()))
        writer.process.stdin.close()
    return count


def errors_of(child):
    """What it tells of errors: not that a connection to a dead broker broke, which librdkafka tells its log."""
    return [line for line in child.lines + child.errors if APPLICATION_ERROR.search(line)]


def follow_moving_leaders(writer, reader, may_repeat=False):
    """`writer` sends the lines KEY:VALUE of its input with acks of all, and ends with it; `reader` prints what is there as
    PARTITION OFFSET VALUE. Neither may tell of an error. A group may see a record again when it rebalances, with its offset;
    producers that are not idempotent may store one again (`may_repeat`)."""
    count = lines_while_leaders_move(writer)
    try:
        expect(writer.process.wait(40), 0, "what the writer ended with")
    finally:
        sys.stderr.write("".join(f"writer: {line}\n" for line in writer.errors[-20:]))
    expect(errors_of(writer), [], "errors of the writer")

    def seen():
        rows = [line.replace("Partition:", "").replace("Offset:", "").split() for line in list(reader.lines)]  # Kafka's own tools
        return {(int(partition), int(offset)): int(number) for partition, offset, number in rows}
    try:
        wait_until(lambda: len(set(seen().values())) >= count or reader.process.poll() is not None, f"all {count} lines at the reader")
        expect(reader.process.poll(), None, "what the reader ended with")
    except Exception:
        sys.stderr.write("".join(f"reader: {line}\n" for line in reader.errors[-20:]))
        raise
    expect(errors_of(reader), [], "errors of the reader")
    expect(set(seen().values()), set(range(count)), "what was read")
    last = {}
    for (partition, offset), number in sorted(seen().items()):
        if number <= last.get(partition, -1) and not may_repeat:
            raise AssertionError(f"{number} at {offset} of partition {partition} comes after {last[partition]}")
        last[partition] = number


class Relay:
    """Stands between a client and the cluster, and loses the answers to some Produce requests: the request is carried
    out, then the connection breaks, so that the client cannot know and has to try again. Clients stay on it because
    the brokers' addresses in answers are replaced by the relay's, which has one for each."""

    def __init__(self, lost_answers):
        self._lost_answers = set(lost_answers)
        self._produced = 0
        self.lost = 0
        self._lock = threading.Lock()
        self._listeners, self._replacements, mine = [], {}, []
        for broker in BOOTSTRAP.split(","):
            host, port = broker.rsplit(":", 1)
            listener = socket.create_server((host, 0))
            my_port = listener.getsockname()[1]
            self._listeners.append(listener)
            self._replacements[self._address(host, int(port))] = self._address(host, my_port)
            mine.append(f"{host}:{my_port}")
            threading.Thread(target=self._accept, args=(listener, (host, int(port))), daemon=True).start()
        self.bootstrap = ",".join(mine)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._close(*self._listeners)

    @staticmethod
    def _address(host, port):
        """As answers have it."""
        return host.encode() + struct.pack(">i", port)

    def _accept(self, listener, target):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(target)
            except OSError:  # killed
                self._close(client)
                continue
            apis = {}  # of the requests that are open, by correlation id
            for pump in (self._requests, self._answers):
                threading.Thread(target=pump, args=(client, server, apis), daemon=True).start()

    @staticmethod
    def _frame(source):
        def exactly(count):
            data = b""
            while len(data) < count:
                more = source.recv(count - len(data))
                if not more:
                    raise ConnectionError("closed")
                data += more
            return data
        return exactly(struct.unpack(">i", exactly(4))[0])

    @staticmethod
    def _close(*sockets):
        for each in sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()

    def _requests(self, client, server, apis):
        try:
            while True:
                frame = self._frame(client)
                api, _version, correlation = struct.unpack(">hhi", frame[:8])
                apis[correlation] = api
                server.sendall(struct.pack(">i", len(frame)) + frame)
        except OSError:
            self._close(client, server)

    def _answers(self, client, server, apis):
        try:
            while True:
                frame = self._frame(server)
                if apis.pop(struct.unpack(">i", frame[:4])[0], None) == 0 and self._is_to_lose():
                    break
                for address, replacement in self._replacements.items():
                    frame = frame.replace(address, replacement)
                client.sendall(struct.pack(">i", len(frame)) + frame)
        except OSError:
            pass
        self._close(client, server)

    def _is_to_lose(self):
        with self._lock:
            self._produced += 1
            lose = self._produced in self._lost_answers
            self.lost += lose
            return lose


def codecs_in_log(topic, partition=0):
    """The codecs of the batches that lie in the log, read by a bare Fetch v4: clients fall back silently."""
    def text(value):
        return struct.pack(">h", len(value)) + value.encode()
    body = struct.pack(">iiiib", -1, 1000, 1, 1 << 20, 0) + struct.pack(">i", 1) + text(topic)
    body += struct.pack(">iiqi", 1, partition, 0, 1 << 20)
    request = struct.pack(">hhi", 1, 4, 1) + text("interop") + body
    at = 4 + 4 + 4 + 2 + len(topic.encode()) + 4 + 4

    def fetched(broker):
        host, port = broker.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            return Relay._frame(connection)

    def from_the_leader():
        """Under fire it may be any of them, and the next one in a moment."""
        for broker in BOOTSTRAP.split(","):
            try:
                answer = fetched(broker)
            except OSError:
                if not KILLS_FILE:
                    raise
                continue
            if struct.unpack_from(">h", answer, at)[0] == 0 or not KILLS_FILE:
                return answer
        return None
    answer = wait_until(from_the_leader, "an answer to the bare fetch")
    error, _high_watermark, _stable, aborted = struct.unpack_from(">hqqi", answer, at)
    expect(error, 0, "error of the bare fetch")
    at += 22 + max(aborted, 0) * 16
    records = answer[at + 4:at + 4 + struct.unpack_from(">i", answer, at)[0]]
    found, at = set(), 0
    while at + 61 <= len(records):
        found.add(CODECS[struct.unpack_from(">h", records, at + 21)[0] & 7])
        at += 12 + struct.unpack_from(">i", records, at + 8)[0]
    return found
