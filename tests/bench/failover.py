"""W9: how long acknowledgements stay away when the leader of a partition goes, and whether all that was acknowledged is there after."""
import json
import math
import signal
import statistics
import subprocess
import tempfile
import time

from confluent_kafka import Consumer, KafkaError, OFFSET_BEGINNING, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

import cluster
import protocol
import sides
import streams

STEADY_SECONDS = 2  # before the leader goes, and after the first acknowledgement by its successor
READ_SECONDS_MAX = 60
LAB_ROUNDS = 20


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


def move_leader(nodes, topic, replicas):
    """Gives the topic's partition these replicas and makes the first of them its leader, by Apache Kafka's tools."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as plan:
        json.dump({"version": 1, "partitions": [{"topic": topic, "partition": 0, "replicas": replicas}]}, plan)
        plan.flush()
        for tool in (["kafka-reassign-partitions.sh", "--execute", "--reassignment-json-file", plan.name],
                     ["kafka-leader-election.sh", "--election-type", "preferred", "--topic", topic, "--partition", "0"]):
            subprocess.run([sides.GET_KAFKA, "run-tool", *tool, "--bootstrap-server", nodes.bootstrap], check=True,
                           stdout=subprocess.DEVNULL, timeout=60)
    for port in nodes.ports:
        cluster.wait_until(lambda port=port: cluster.is_led_by(port, topic, replicas[0]), f"the leader of {topic}")


def take_leader_down(nodes, leader, number, producer=streams.Librdkafka):
    """The signal takes the leader of a new topic down under this producer's stream; then it comes back, and all is read."""
    others = sorted(protocol.metadata(nodes.ports[0]).brokers - {leader})
    topic = f"stream-{time.monotonic_ns()}"
    make_topic(nodes, topic, [others[0], leader, *others[1:]] if producer.learns else [leader, *others])
    stream = producer(nodes.bootstrap, topic)
    stream.start()
    try:
        stream.wait_for_one_sent_after(time.monotonic() + STEADY_SECONDS)
        if producer.learns:
            move_leader(nodes, topic, [leader, *others])
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


def row(number, is_controller, producer):
    """Whether or not the leader is the active controller too: then there are two elections."""
    def measure(bench):
        controller = bench.broker.active_controller()
        leader = controller if is_controller else next(broker for broker in cluster.BROKERS if broker != controller)
        return take_leader_down(bench.broker, leader, number, producer)
    return measure


ROWS = {f"W9 {name}{of}{client}": row(number, bool(of), producer)
        for client, producer in (("", streams.Librdkafka), (" Java", streams.Java))
        for name, number in (("kill -9", signal.SIGKILL), ("SIGTERM", signal.SIGTERM)) for of in ("", " controller")}


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
