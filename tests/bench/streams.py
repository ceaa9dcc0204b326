"""A steady stream of records to one partition by somebody else's producer as it is without settings, which is acks=all, but that it
never gives a record up: RATE records a second, sent whether or not those before are acknowledged."""
import itertools
import pathlib
import subprocess
import tempfile
import threading
import time

from confluent_kafka import Producer

import cluster
import sides

RATE = 200  # records a second


class Stream(threading.Thread):
    """What the producers share: `run` sends, and notes what came of each record, until `end`."""
    learns = False  # whether a leader should move once before what is measured: it takes longer than the next time

    def __init__(self):
        super().__init__(daemon=True)
        self.acknowledged, self.failures = {}, []  # {number of the record: time.monotonic()}
        self._latest_sent = 0  # of the records acknowledged

    def _note(self, number, sent, acknowledged):
        self.acknowledged[number] = acknowledged
        self._latest_sent = max(self._latest_sent, sent)

    def wait_for_one_sent_after(self, moment):
        """Until a record is acknowledged that was sent after this moment."""
        def holds():
            if self.failures or not self.is_alive():
                raise RuntimeError(f"the producer gave up: {self.failures[:3]}")
            return self._latest_sent > moment
        cluster.wait_until(holds, "acknowledgements")

    def largest_gap(self, since):
        """Seconds between two acknowledgements that follow each other."""
        moments = sorted(moment for moment in self.acknowledged.values() if moment >= since)
        return max(after - before for before, after in itertools.pairwise(moments))


class Librdkafka(Stream):
    def __init__(self, bootstrap, topic):
        super().__init__()
        self._producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "message.timeout.ms": 300000, "log_level": 0})
        self._topic, self._over = topic, threading.Event()

    def _delivered(self, number, sent, error):
        if error is None:
            self._note(number, sent, time.monotonic())
        else:
            self.failures.append(str(error))

    def run(self):
        due = time.monotonic()
        for number in itertools.count():
            if self._over.is_set():
                break
            sent = time.monotonic()
            self._producer.produce(self._topic, b"%d" % number,
                                   on_delivery=lambda error, _, number=number, sent=sent: self._delivered(number, sent, error))
            due += 1 / RATE
            while (left := due - time.monotonic()) > 0:
                self._producer.poll(left)
        self._producer.flush(cluster.READY_SECONDS_MAX)

    def end(self):
        self._over.set()
        self.join()


class Java(Stream):
    """Stream.java: System.nanoTime() and time.monotonic() are the same clock."""
    learns = True  # a JVM loads the classes for it

    def __init__(self, bootstrap, topic):
        super().__init__()
        self._said = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            sides.kafka_client_command(pathlib.Path(__file__).with_name("Stream.java"), bootstrap, topic, str(RATE)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, text=True)

    def run(self):
        for line in self._process.stdout:
            if line.startswith("failed"):
                self.failures.append(line.strip())
            else:
                number, sent, acknowledged = map(int, line.split())
                self._note(number, sent / 1e9, acknowledged / 1e9)
        if self._process.wait() != 0:
            self._said.seek(0)
            self.failures.append(self._said.read()[-4000:])

    def end(self):
        self._process.stdin.close()
        self.join(cluster.READY_SECONDS_MAX)
        self._process.kill()
        self._process.wait()
