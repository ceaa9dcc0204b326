"""What the workers of a soak run saw, as JSON lines (FOLDER/NAME.jsonl), and the checks that go by it.

Runs of records with consecutive offsets and numbers are one line each. A record's value begins with its number.
"""
import array
import json
import os
import threading
import time

import confluent_kafka as ck

CATCH_UP_SECONDS_MAX = 120
RUN_RECORDS_MAX = 5000
failures_found = []  # what went wrong in a worker, in words


class History:
    def __init__(self, folder, name):
        self.out = open(os.path.join(folder, f"{name}.jsonl"), "w", encoding="utf-8")
        self.lock, self.runs = threading.Lock(), {}

    def saw(self, event, topic, partition, offset, number, **more):
        with self.lock:
            at = (event, topic, partition)
            run = self.runs.get(at)
            if (run and run["offset"] + run["count"] == offset and run["number"] + run["count"] == number
                    and run["count"] < RUN_RECORDS_MAX):
                run["count"] += 1
                return
            if run:
                self._write(run)
            self.runs[at] = {"event": event, "topic": topic, "partition": partition, "offset": offset, "number": number,
                             "count": 1, **more}

    def note(self, event, **more):
        with self.lock:
            self._write({"event": event, "at": round(time.time(), 3), **more})

    def _write(self, line):
        self.out.write(json.dumps(line) + "\n")

    def close(self):
        with self.lock:
            for run in self.runs.values():
                self._write(run)
            self.runs = {}
            self.out.close()


def lines(folder, name):
    with open(os.path.join(folder, f"{name}.jsonl"), encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def runs_of(folder, name, event):
    """(partition, offset, number) of every record of an event's runs."""
    for line in lines(folder, name):
        if line["event"] == event:
            for i in range(line["count"]):
                yield line["partition"], line["offset"] + i, line["number"] + i


class Worker(threading.Thread):
    """Works until it is told to end; a thread whose every failure is told."""

    def __init__(self, folder, name):
        super().__init__(name=name, daemon=True)
        self.stopping, self.history = threading.Event(), History(folder, name)
        self.start()

    def run(self):
        try:
            self.work()
        except Exception as problem:
            failures_found.append(f"{self.name}: {problem}")
        finally:
            self.history.close()

    def end(self):
        self.stopping.set()
        self.join(CATCH_UP_SECONDS_MAX + 30)
        if self.is_alive():
            failures_found.append(f"{self.name} did not end")


def number_in(message):
    return int(message.value().split(b" ", 1)[0])


def contents(bootstrap, topic, partition):
    """What a partition holds, read from its start: arrays of offsets and of numbers."""
    consumer = ck.Consumer({"bootstrap.servers": bootstrap, "group.id": "checker", "enable.auto.commit": False,
                            "enable.partition.eof": True, "check.crcs": True, "auto.offset.reset": "earliest", "log_level": 0})
    offsets, numbers = array.array("q"), array.array("q")
    try:
        low, high = consumer.get_watermark_offsets(ck.TopicPartition(topic, partition), timeout=20)
        consumer.assign([ck.TopicPartition(topic, partition, low)])
        heard = time.monotonic()
        while time.monotonic() < heard + CATCH_UP_SECONDS_MAX:
            for message in consumer.consume(5000, timeout=0.5):
                if not message.error():
                    heard = time.monotonic()
                    offsets.append(message.offset())
                    numbers.append(number_in(message))
                elif message.error().code() == ck.KafkaError._PARTITION_EOF and message.offset() >= high:
                    return offsets, numbers
        raise RuntimeError(f"no end of {topic}-{partition} after {len(offsets)} records")
    finally:
        consumer.close()


def first(items):
    return next(iter(items), None)


def check_reads(reads, acked):
    """Readers go forward, and never saw anything but what was acknowledged there. `acked`: per partition, a number's place
    by its offset, or -1."""
    last = {}
    for partition, offset, number in reads:
        if offset <= last.get(partition, -1):
            return f"{partition}: offset {offset} read after {last[partition]}"
        last[partition] = offset
        there = acked[partition]
        if offset >= len(there) or there[offset] != number:
            return f"{partition}: read number {number} at {offset}, acknowledged was {there[offset] if offset < len(there) else None}"
    return None if last else "nothing was read"


def acknowledged(folder, names, partitions):
    """Per partition the number that was acknowledged at each offset, -1 where none was; and what is wrong, or None: an offset
    that was given to two records."""
    acked, doubled = [array.array("q") for _ in range(partitions)], None
    for name in names:
        for partition, offset, number in runs_of(folder, name, "acked"):
            there = acked[partition]
            if offset >= len(there):
                there.extend([-1] * (max(offset + 1, len(there) * 5 // 4) - len(there)))
            if there[offset] >= 0:
                doubled = f"offset {offset} of partition {partition} was acknowledged twice"
            there[offset] = number
    return acked, doubled


def check_commits(folder):
    """What is committed or fetched is never less than what was acknowledged before, but for a commit whose answer never came:
    it may have been carried out at any later time."""
    promised, unknown, commits = {}, {}, 0
    for line in lines(folder, "committer"):
        partition, offset = line.get("partition"), line.get("offset")
        if line["event"] == "unknown":
            unknown.setdefault(partition, set()).add(offset)
        elif line["event"] in ("committed", "fetched"):
            if offset < promised.get(partition, offset) and offset not in unknown.get(partition, ()):
                return f"partition {partition}: {line['event']} {offset} after {promised[partition]} was acknowledged"
            promised[partition] = offset
            commits += line["event"] == "committed"
    return None if commits else "nothing was committed"
