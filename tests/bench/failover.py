"""W9: how long acknowledgements stay away when the leader of a partition goes, and whether all that was acknowledged is there after."""
import itertools
import math
import signal
import statistics
import threading
import time

from confluent_kafka import Consumer, KafkaError, OFFSET_BEGINNING, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

import cluster
import protocol

RATE = 200  # records a second
STEADY_SECONDS = 2  # before the leader goes, and after the first acknowledgement by its successor
READ_SECONDS_MAX = 60
LAB_ROUNDS = 20


class Stream(threading.Thread):
    """librdkafka as it is without settings, which is acks=all, but that it never gives a record up: RATE records a second, sent whether
    or not those before are acknowledged."""

    def __init__(self, bootstrap, topic):
        super().__init__(daemon=True)
        self._producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "message.timeout.ms": 300000, "log_level": 0})
        self._topic, self._over = topic, threading.Event()
        self.acknowledged, self.failures = {}, []  # {number of the record: time.monotonic()}
        self._latest_sent = 0  # of the records acknowledged

    def _note(self, number, sent, error):
        if error is None:
            self.acknowledged[number] = time.monotonic()
            self._latest_sent = max(self._latest_sent, sent)
        else:
            self.failures.append(str(error))

    def run(self):
        due = time.monotonic()
        for number in itertools.count():
            if self._over.is_set():
                break
            sent = time.monotonic()
            self._producer.produce(self._topic, b"%d" % number,
                                   on_delivery=lambda error, _, number=number, sent=sent: self._note(number, sent, error))
            due += 1 / RATE
            while (left := due - time.monotonic()) > 0:
                self._producer.poll(left)
        self._producer.flush(cluster.READY_SECONDS_MAX)

    def wait_for_one_sent_after(self, moment):
        """Until a record is acknowledged that was sent after this moment."""
        def holds():
            if self.failures or not self.is_alive():
                raise RuntimeError(f"the producer gave up: {self.failures[:3]}")
            return self._latest_sent > moment
        cluster.wait_until(holds, "acknowledgements")

    def end(self):
        self._over.set()
        self.join()

    def largest_gap(self, since):
        """Seconds between two acknowledgements that follow each other."""
        moments = sorted(moment for moment in self.acknowledged.values() if moment >= since)
        return max(after - before for before, after in itertools.pairwise(moments))


def make_topic(nodes, name, replicas):
    """One partition, led by the first of these brokers; as every broker has heard."""
    topic = NewTopic(name, 1, replica_assignment=[replicas], config=nodes.topic_settings)
    admin = AdminClient({"bootstrap.servers": nodes.bootstrap, "log_level": 0})  # which has to outlive the request
    admin.create_topics([topic])[name].result(60)

    for port in nodes.ports:
        cluster.wait_until(lambda port=port: cluster.is_in_sync(port, name), f"the replicas of {name}")


def read_all(bootstrap, topic):
    """The numbers of all records in partition 0."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "bench", "enable.auto.commit": False,
                         "enable.partition.eof": True, "log_level": 0})
    found, deadline = set(), time.monotonic() + READ_SECONDS_MAX
    try:
        consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        while time.monotonic() < deadline:
            message = consumer.poll(1)
            if message and not message.error():
                found.add(int(message.value()))
            elif message and message.error().code() == KafkaError._PARTITION_EOF:
                return found
    finally:
        consumer.close()
    raise RuntimeError(f"{topic} could not be read to its end within {READ_SECONDS_MAX} s")


def take_leader_down(nodes, leader, number):
    """The signal takes the leader of a new topic down under the stream; then it comes back, and all is read."""
    brokers = sorted(protocol.metadata(nodes.ports[0]).brokers)
    topic = f"stream-{time.monotonic_ns()}"
    make_topic(nodes, topic, [leader, *(broker for broker in brokers if broker != leader)])
    stream = Stream(nodes.bootstrap, topic)
    stream.start()
    try:
        stream.wait_for_one_sent_after(time.monotonic() + STEADY_SECONDS)
        begin = time.monotonic()
        nodes.take_down(leader, number)
        stream.wait_for_one_sent_after(time.monotonic() + STEADY_SECONDS)
    finally:
        stream.end()
    nodes.bring_back(leader)
    for port in nodes.ports:
        cluster.wait_until(lambda port=port: cluster.is_in_sync(port, topic), f"the replicas of {topic}")
    return {"gap_s": stream.largest_gap(since=begin - STEADY_SECONDS / 2), "lost": len(stream.acknowledged.keys() -
                                                                                     read_all(nodes.bootstrap, topic)),
            "acknowledged": len(stream.acknowledged)}


def row(number, is_controller):
    """Whether or not the leader is the active controller too: then there are two elections."""
    def measure(bench):
        controller = bench.broker.active_controller()
        leader = controller if is_controller else next(broker for broker in cluster.BROKERS if broker != controller)
        return take_leader_down(bench.broker, leader, number)
    return measure


ROWS = {f"W9 {name}{of}": row(number, bool(of)) for name, number in (("kill -9", signal.SIGKILL), ("SIGTERM", signal.SIGTERM))
        for of in ("", " controller")}


def lab(make_lab, rounds):
    """Leaders of a lab are killed, one after the other."""
    nodes = make_lab()
    try:
        brokers = sorted(protocol.metadata(nodes.ports[0]).brokers)
        runs = [take_leader_down(nodes, brokers[i % len(brokers)], signal.SIGKILL) for i in range(rounds)]
    finally:
        nodes.remove()
    gaps = sorted(run["gap_s"] for run in runs)
    return {"gap_median_s": statistics.median(gaps), "gap_p95_s": gaps[math.ceil(0.95 * len(gaps)) - 1], "gap_max_s": gaps[-1],
            "lost": sum(run["lost"] for run in runs), "rounds": rounds}
