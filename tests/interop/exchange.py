#!/usr/bin/python3
"""kt and Apache Kafka take turns on one data directory: each finds all that the other wrote, and adds to it.

    tests/interop/exchange.py --kt build/release/kt

Turns end by a clean stop or by kill -9; after every turn Kafka's DumpLogSegments looks at every file. What is compared:
every record of every partition (offset, time, key, value, headers), read committed and uncommitted, topic configs and
the offsets of groups. Prints a line per turn and `N passed, N failed`.
"""
import argparse
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

ROOT = pathlib.Path(__file__).resolve().parents[2]
GET_KAFKA = ROOT / "scripts" / "get-apache-kafka"
START_SECONDS_MAX, STOP_SECONDS_MAX, READ_SECONDS_MAX = 60, 60, 30
CLIENT = {"log_level": 0}
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
TOPICS = {"plain": (3, {"segment.bytes": "1048576"}),
          "compacted": (1, {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.1"}),
          "transactions": (1, {}),
          "empty": (2, {"retention.ms": "123456789"})}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Node:
    """The one node of the cluster, by kt or by Kafka, on one folder and its server.properties."""

    def __init__(self, folder, kt):
        self.folder, self._kt, self._process = folder, kt, None
        self.bootstrap = f"127.0.0.1:{free_port()}"
        controller = f"127.0.0.1:{free_port()}"
        (folder / "server.properties").write_text(
            f"process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@{controller}\n"
            f"controller.listener.names=CONTROLLER\nlisteners=PLAINTEXT://{self.bootstrap},CONTROLLER://{controller}\n"
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
            f"log.dirs={folder}/data\noffsets.topic.replication.factor=1\noffsets.topic.num.partitions=5\n"
            "transaction.state.log.replication.factor=1\ntransaction.state.log.min.isr=1\n"
            "transaction.state.log.num.partitions=5\ngroup.initial.rebalance.delay.ms=0\n"
            "broker.session.timeout.ms=3000\nbroker.heartbeat.interval.ms=500\n")

    def format_by_kafka(self):
        """With the features of a cluster on which neither transactions nor groups are of the newest kind: kt's."""
        self._run(GET_KAFKA, "run-tool", "kafka-storage.sh", "format", "--cluster-id", "ktExchangeClusterIdAAAA",
                  "--release-version", "4.0", "--feature", "transaction.version=0", "--feature", "group.version=0",
                  "--config", self.folder / "server.properties")

    def start(self, who):
        if who == "kafka":
            self._run(GET_KAFKA, "start", self.folder, self.bootstrap.split(":")[1])
            return
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        with open(self.folder / "kt.log", "a") as log:
            self._process = subprocess.Popen(
                [self._kt, "server", str(self.folder / "server.properties"), "--ready-file", str(ready)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS_MAX
        while not (ready.exists() and ready.read_text()):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._process.kill()
                raise AssertionError("kt did not start: " + (self.folder / "kt.log").read_text()[-2000:])
            time.sleep(0.02)

    def end(self, how):
        """`how`: stop or kill."""
        if self._process is None:
            self._run(GET_KAFKA, how, self.folder)
            return
        self._process.send_signal(signal.SIGTERM if how == "stop" else signal.SIGKILL)
        code = self._process.wait(STOP_SECONDS_MAX)
        self._process = None
        if how == "stop" and code != 0:
            raise AssertionError(f"kt ended with {code}: " + (self.folder / "kt.log").read_text()[-2000:])

    def give_up(self):
        """Leaves nothing running after a failure."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(STOP_SECONDS_MAX)
        elif (self.folder / "kafka.pid").exists():
            self._run(GET_KAFKA, "kill", self.folder)

    @staticmethod
    def _run(*command):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise AssertionError(f"{command[1]}: {done.stdout}{done.stderr}")


def produce(bootstrap, turn, seed):
    """Adds to every topic but the empty one."""
    failed = []

    def delivered(error, _message):
        if error:
            failed.append(str(error))
    for codec in CODECS:
        producer = Producer({**CLIENT, "bootstrap.servers": bootstrap, "compression.type": codec, "linger.ms": 5,
                             "enable.idempotence": codec != "gzip"})
        for i in range(200):
            producer.produce("plain", f"{turn} {codec} {i} " + "abc" * (i % 50), key=f"k{i % 20}", partition=i % 3,
                             headers=[("turn", turn), ("empty", b"")], on_delivery=delivered)
            producer.produce("compacted", None if i % 7 == 0 else f"{turn} {i}", key=f"k{i % 20}", on_delivery=delivered)
        if producer.flush(READ_SECONDS_MAX):
            raise AssertionError("not all was delivered")
    if seed == "kafka":  # kt has no transactions yet
        producer = Producer({**CLIENT, "bootstrap.servers": bootstrap, "transactional.id": "exchange"})
        producer.init_transactions(30)
        for commit in (True, False, True):
            producer.begin_transaction()
            for i in range(10):
                producer.produce("transactions", f"{turn} {commit} {i}", on_delivery=delivered)
            producer.flush(READ_SECONDS_MAX)
            (producer.commit_transaction if commit else producer.abort_transaction)(30)
            failed.clear()  # those of the aborted transaction are told so
    if failed:
        raise AssertionError(f"{len(failed)} deliveries failed: {failed[0]}")


def commit(bootstrap, group, offset):
    consumer = Consumer({**CLIENT, "bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False})
    consumer.commit(offsets=[TopicPartition("plain", 0, offset)], asynchronous=False)
    consumer.close()


def read(bootstrap, topic, partitions, isolation):
    consumer = Consumer({**CLIENT, "bootstrap.servers": bootstrap, "group.id": "reader", "isolation.level": isolation,
                         "enable.auto.commit": False, "enable.partition.eof": True, "auto.offset.reset": "error"})
    consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in range(partitions)])
    records, ends, deadline = {p: [] for p in range(partitions)}, {}, time.monotonic() + READ_SECONDS_MAX
    while len(ends) < partitions:
        if time.monotonic() > deadline:
            raise AssertionError(f"{topic} was not read to its end: {ends}")
        message = consumer.poll(0.5)
        if message is None:
            continue
        if message.error():
            if message.error().name() != "_PARTITION_EOF":
                raise AssertionError(str(message.error()))
            ends[message.partition()] = message.offset()
            continue
        records[message.partition()].append((message.offset(), message.timestamp(), message.key(), message.value(),
                                             message.headers()))
    consumer.close()
    return records, ends


def contents(bootstrap):
    """All that there is, as clients see it."""
    admin = AdminClient({**CLIENT, "bootstrap.servers": bootstrap})
    topics = admin.list_topics(timeout=10).topics
    seen = {}
    for topic, (partitions, _) in TOPICS.items():
        if len(topics[topic].partitions) != partitions:
            raise AssertionError(f"{topic} has {len(topics[topic].partitions)} partitions")
        for isolation in ("read_uncommitted", "read_committed"):
            seen[topic, isolation] = read(bootstrap, topic, partitions, isolation)
        resource = ConfigResource("topic", topic)
        configs = admin.describe_configs([resource])[resource].result(10)
        seen[topic, "configs"] = {name: entry.value for name, entry in configs.items() if entry.source == 1}
    for group in ("group-kt", "group-kafka"):
        consumer = Consumer({**CLIENT, "bootstrap.servers": bootstrap, "group.id": group})
        seen[group] = [(p.partition, p.offset) for p in consumer.committed([TopicPartition("plain", 0)], timeout=20)]
        consumer.close()
    return seen


def differences(before, after):
    for what, value in before.items():
        if after[what] == value:
            continue
        if isinstance(value, tuple):
            for partition, records in value[0].items():
                for one, other in zip(records, after[what][0][partition]):
                    if one != other:
                        return f"{what}: {one} became {other}"
                if len(records) != len(after[what][0][partition]):
                    return f"{what} {partition}: {len(records)} records became {len(after[what][0][partition])}"
        return f"{what}: {str(value)[:200]} became {str(after[what])[:200]}"
    return None


def check_files(folder, stopped_cleanly):
    """DumpLogSegments reads every file without complaint; the indexes too, where a clean stop has written them."""
    files = [path for path in sorted((folder / "data").glob("*/*"))
             if path.suffix in (".log", ".snapshot", ".txnindex") or (stopped_cleanly and path.suffix in (".index", ".timeindex"))]
    for kind, options in (("__cluster_metadata", ["--cluster-metadata-decoder"]), ("__consumer_offsets", ["--offsets-decoder"]),
                          ("__transaction_state", ["--transaction-log-decoder"]), ("", ["--deep-iteration"])):
        mine = [path for path in files if path.parent.name.startswith(kind) and (kind or not path.parent.name.startswith("__"))]
        logs = [str(path) for path in mine if "index" not in path.suffix or path.suffix == ".txnindex"]
        indexes = [str(path) for path in mine if path.suffix in (".index", ".timeindex")]
        for arguments, paths in ((options, logs), (["--index-sanity-check"], indexes)):
            if not paths:
                continue
            done = subprocess.run([GET_KAFKA, "run-tool", "kafka-dump-log.sh", *arguments, "--files", ",".join(paths)],
                                  capture_output=True, text=True, timeout=120)
            complaints = [line for line in (done.stdout + done.stderr).splitlines()
                          if any(word in line for word in ("isvalid: false", "Exception", "ismatch", "Found ", "corrupt"))]
            if done.returncode != 0 or complaints:
                raise AssertionError(f"DumpLogSegments {' '.join(arguments)}: {complaints[:3] or done.stderr[-500:]}")


def take_turns(folder, kt, turns):
    node, before, failed = Node(folder, kt), None, 0
    if turns[0][0] == "kafka":
        node.format_by_kafka()
    for number, (who, how) in enumerate(turns, 1):
        turn = f"{number} {who} {how}"
        try:
            node.start(who)
            if before is None:
                created = AdminClient({**CLIENT, "bootstrap.servers": node.bootstrap}).create_topics
                for future in created([NewTopic(name, partitions, 1, config=config)
                                       for name, (partitions, config) in TOPICS.items()]).values():
                    future.result(20)
            else:
                problem = differences(before, contents(node.bootstrap))
                if problem:
                    raise AssertionError(problem)
            produce(node.bootstrap, turn, who)
            commit(node.bootstrap, f"group-{who}", 10 * number)
            before = contents(node.bootstrap)
            node.end(how)
            check_files(folder, how == "stop")
            print(f"ok turn {turn}", flush=True)
        except Exception as problem:
            print(f"not ok turn {turn}: {problem}", flush=True)
            node.give_up()
            return number - 1, len(turns) - number + 1
    return len(turns), failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kt", required=True)
    parser.add_argument("--keep", help="folder to use and leave there")
    parser.add_argument("--first", choices=["kt", "kafka"], default="kt", help="who makes the directory")
    arguments = parser.parse_args()
    other = {"kt": "kafka", "kafka": "kt"}[arguments.first]
    turns = [(who, how) for how in ("stop", "kill", "stop") for who in (arguments.first, other)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(arguments.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        passed, failed = take_turns(folder, os.path.abspath(arguments.kt), turns)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
