"""The rows of the comparison: loads on a warm broker, life-cycle, tools. Each row gives a dict of numbers.

A row's name says which of design/performance.md's workloads it is: W1-W4 are librdkafka's, W6-W8 are `kt perf raw`'s, W10 and W11 life-cycle and tools.
"""
import json
import re
import statistics
import subprocess
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

import sides

GRACE_SECONDS = 60  # for a load to end after its time
LIBRDKAFKA = ["linger.ms=5", "queue.buffering.max.messages=1000000", "queue.buffering.max.kbytes=1000000"]


class Bench:
    """A running broker, and the loads that may be put on it."""

    def __init__(self, broker, kt, rdkafka_performance, seconds):
        self.broker, self.seconds = broker, seconds
        self._kt, self._rdkafka_performance = kt, rdkafka_performance
        self._admin = AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0})
        self._topics = set()

    def topic(self, name, partitions=1):
        """Makes the topic where it is not there yet."""
        if name not in self._topics:
            new = NewTopic(name, partitions, self.broker.replicas, config=self.broker.topic_settings)
            self._admin.create_topics([new])[name].result(120)
            self._wait_for_leaders(name, partitions)
            self._topics.add(name)
        return name

    def _wait_for_leaders(self, name, partitions):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = self._admin.list_topics(name, timeout=10).topics[name].partitions
            if len(found) == partitions and all(p.leader >= 0 for p in found.values()):
                return
            time.sleep(0.05)
        raise RuntimeError(f"{name} has no leaders")

    def delete(self, name):
        self._admin.delete_topics([name])[name].result(60)
        self._topics.discard(name)

    def records_of(self, topic, partitions=1):
        """Offsets given so far, and kept."""
        consumer = Consumer({"bootstrap.servers": self.broker.bootstrap, "group.id": "bench", "log_level": 0})
        try:
            marks = [self._watermarks(consumer, TopicPartition(topic, p)) for p in range(partitions)]
        finally:
            consumer.close()
        return sum(high for _, high in marks), sum(high - low for low, high in marks)

    @staticmethod
    def _watermarks(consumer, partition):
        """A Kafka broker may not have heard yet that it leads a new partition."""
        deadline = time.monotonic() + GRACE_SECONDS
        while True:
            try:
                return consumer.get_watermark_offsets(partition, timeout=20)
            except KafkaException as refused:
                if not refused.args[0].retriable() and refused.args[0].code() != KafkaError.NOT_LEADER_FOR_PARTITION:
                    raise
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def librdkafka(self, *arguments, seconds=None):
        """Runs rdkafka_performance, until its count is there or for some seconds; what its summary says."""
        command = [self._rdkafka_performance, "-b", self.broker.bootstrap, *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            output, _ = process.communicate(timeout=seconds or self.seconds * 4 + GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(subprocess.signal.SIGINT)
            output, _ = process.communicate(timeout=GRACE_SECONDS)
        found = re.findall(r"% \d+ messages (?:produced \(\d+ bytes\), (\d+) delivered|\((\d+) bytes\) consumed).*? in (\d+)ms", output)
        if not found:
            raise RuntimeError(f"{command}: {output[-2000:]}")
        delivered, consumed_bytes, ms = found[-1]
        return {"count": int(delivered or 0), "bytes": int(consumed_bytes or 0), "seconds": int(ms) / 1000}

    def raw(self, topic, *arguments, seconds=None, warmup=1):
        """Runs `kt perf raw`: its item, and the broker's CPU seconds over its whole run."""
        seconds = seconds or self.seconds
        command = [self._kt, "perf", "raw", topic, "-b", self.broker.bootstrap, "-o", "json", "--warmup", f"{int(warmup * 1000)}ms",
                   "--duration", f"{int(seconds * 1000)}ms", *arguments]
        cpu = self.broker.cpu_seconds()
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + warmup + GRACE_SECONDS)
        if done.returncode != 0:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")
        item = json.loads(done.stdout)["items"][0]
        item["cpu_s"] = (self.broker.cpu_seconds() - cpu) * seconds / (seconds + warmup)  # the warm-up's share left out
        return item


def produce(bench, topic, partitions, record_bytes, batch_bytes, acks):
    """W1, W2, W3: librdkafka as fast as it goes; the broker's CPU per GB of record values that it took. First it goes unmeasured, until
    the page cache is full (ballast.py): from then on every page that is written to was used before, on both sides."""
    bench.topic(topic, partitions)
    properties = [word for p in (*LIBRDKAFKA, f"batch.size={batch_bytes}") for word in ("-X", p)]
    load = ["-P", "-t", topic, "-s", str(record_bytes), "-a", str(acks), *properties]
    bench.librdkafka(*load, seconds=bench.seconds / 2)
    before, _ = bench.records_of(topic, partitions)
    cpu = bench.broker.cpu_seconds()
    told = bench.librdkafka(*load, seconds=bench.seconds)
    cpu = bench.broker.cpu_seconds() - cpu
    records = bench.records_of(topic, partitions)[0] - before
    pss_mib = bench.broker.pss_mib()
    bench.delete(topic)
    return {"records_per_s": told["count"] / told["seconds"], "cpu_s_per_gb": cpu / (records * record_bytes / 1e9), "pss_mib": pss_mib}


def w1(bench):
    return produce(bench, "w1", 1, 100, 1000000, 1)


def w2(bench):
    return produce(bench, "w2", 1, 100, 16384, 1)


def w3(bench):
    return produce(bench, "w3", 6, 1024, 1000000, -1)


def w4(bench):
    """librdkafka reads what lies in a topic of 100 B records, from its beginning and again until the time is over."""
    topic = "w4"
    if topic not in bench._topics:
        bench.topic(topic)
        bench.raw(topic, "--batch-bytes", "1000000", "--record-bytes", "100", "-n", "900", seconds=30, warmup=0)
    count = min(8_000_000, bench.records_of(topic)[1])
    read = seconds = 0
    cpu = bench.broker.cpu_seconds()
    begin = time.monotonic()
    while time.monotonic() - begin < bench.seconds:
        told = bench.librdkafka("-C", "-t", topic, "-p", "0", "-o", "beginning", "-c", str(count), "-B", "10000")
        read, seconds = read + count, seconds + told["seconds"]
    return {"records_per_s": read / seconds, "cpu_s_per_gb": (bench.broker.cpu_seconds() - cpu) / (read * 100 / 1e9)}


def raw_numbers(item):
    if item["requests"] == 0:
        raise RuntimeError("no request was answered within the time: give --seconds more")
    gb = item["batch_bytes"] / 1e9
    return {"gb_per_s": gb / item["seconds"], "requests_per_s": item["requests"] / item["seconds"], "cpu_s_per_gb": item["cpu_s"] / gb,
            "cpu_us_per_request": item["cpu_s"] * 1e6 / item["requests"], "p50_ms": item["latency_ms"]["p50"],
            "p99_ms": item["latency_ms"]["p99"], "p99.9_ms": item["latency_ms"]["p99.9"]}


def w6_produce(batch_bytes, connections):
    def row(bench):
        topic = bench.topic(f"w6-{batch_bytes}")
        return raw_numbers(bench.raw(topic, "--batch-bytes", str(batch_bytes), "--record-bytes", "100", "--connections", str(connections),
                                     "--depth", "5", "-a", "1"))
    return row


def w6_fetch(answer_bytes):
    def row(bench):
        topic = "w6-fetch"
        if topic not in bench._topics:
            bench.topic(topic)
            bench.raw(topic, "--batch-bytes", "16384", "-n", "16000", seconds=30, warmup=0)
        return raw_numbers(bench.raw(topic, "--load", "fetch", "--batch-bytes", str(answer_bytes), "--depth", "2"))
    return row


def w7(connections):
    def row(bench):
        return raw_numbers(bench.raw(bench.topic("w7"), "--load", "single", "--record-bytes", "100", "--depth", "1", "--connections",
                                     str(connections), "-a", "1"))
    return row


def w8(rate):
    def row(bench):
        item = bench.raw(bench.topic("w8"), "--load", "single", "--record-bytes", "100", "--rate", str(rate), "-a", "all", warmup=2)
        return raw_numbers(item)
    return row


LOADS = {
    "W1": w1, "W2": w2, "W3": w3, "W4": w4,
    **{f"W6 produce {size} x{n}": w6_produce(size, n) for size in (1024, 16384, 65536, 1 << 20) for n in (1, 64)},
    "W6 fetch 65536": w6_fetch(65536), "W6 fetch 1048576": w6_fetch(1 << 20),
    "W7 x1": w7(1), "W7 x64": w7(64), "W8 500/s": w8(500), "W8 5000/s": w8(5000),
}


def idle(bench):
    """A broker that has just started and has nothing to do."""
    time.sleep(3)
    cpu, begin = bench.broker.cpu_seconds(), time.monotonic()
    time.sleep(min(10, bench.seconds))
    return {"pss_mib": bench.broker.pss_mib(), "cpu_percent": 100 * (bench.broker.cpu_seconds() - cpu) / (time.monotonic() - begin)}


WARM_UP = [["--batch-bytes", "1000000", "--record-bytes", "100", "-a", "1"], ["--batch-bytes", "16384", "--record-bytes", "100"],
           ["--load", "single", "--record-bytes", "100", "--connections", "16"]]


def warm_up(bench, seconds):
    """The kinds of requests that the rows send, each for a part of the time. What is read is kept small: retention must not take it
    away meanwhile. The topics go again."""
    part = seconds / (len(WARM_UP) + 1)
    sent, read = (bench.topic(name, bench.broker.replicas) for name in ("warm", "warm-read"))  # in a cluster each broker leads
    for load in WARM_UP:
        bench.raw(sent, *load, seconds=part, warmup=0)
    bench.raw(read, "--batch-bytes", "16384", "-n", "4000", seconds=part, warmup=0)
    bench.raw(read, "--load", "fetch", "--batch-bytes", "65536", seconds=part, warmup=0)
    for topic in (sent, read):
        bench.delete(topic)


TOOLS = {
    "topics --list": ("kafka-topics.sh", "org.apache.kafka.tools.TopicCommand", ["--list"]),
    "topics --describe": ("kafka-topics.sh", "org.apache.kafka.tools.TopicCommand", ["--describe"]),
    "consumer-groups --list": ("kafka-consumer-groups.sh", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", ["--list"]),
    "log-dirs --describe": ("kafka-log-dirs.sh", "org.apache.kafka.tools.LogDirsCommand", ["--describe"]),
    "broker-api-versions": ("kafka-broker-api-versions.sh", "org.apache.kafka.tools.BrokerApiVersionsCommand", []),
}
TOOL_RUNS = 5


def tool(side, kt, bootstrap, name):
    """W11: a tool called some times; medians."""
    script, java_class, arguments = TOOLS[name]
    command, executable = sides.tool_command(side, kt, script, java_class, [*arguments, "--bootstrap-server", bootstrap])
    runs = [sides.run_measured(command, executable) for _ in range(TOOL_RUNS)]
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def life(make_broker, partitions):
    """W10: starts and stops of a broker with that many partitions. `cold` begins on an empty folder (with Kafka: one that was just
    formatted), the others on what is there; times are from exec to the first answer to Metadata."""
    broker = make_broker()
    try:
        broker.prepare()
        numbers = {"cold_start_s": broker.start(), "cold_pss_mib": broker.pss_mib()}
        if partitions:
            Bench(broker, None, None, 0).topic("many", partitions)
        numbers["stop_s"] = broker.stop()
        numbers["restart_s"] = broker.start()
        numbers["pss_mib"] = broker.pss_mib()
        broker.kill()
        numbers["restart_after_kill_s"] = broker.start()
        return numbers
    finally:
        broker.remove()


LIVES = {f"W10 {count} partitions": count for count in (0, 1000, 5000)}
