#!/usr/bin/python3
"""kafka-python 2.0.2, as Debian packages it. It has no idempotent producer."""
import kafka
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from scenario import *  # noqa: F403 - the scenario vocabulary


SERVERS = BOOTSTRAP.split(",")
# One request at a time, so that tries again keep the order.
RETRYING = {"retries": 1000, "max_in_flight_requests_per_connection": 1} if KILLS_FILE else {}


def connected(client, **options):
    """A client of that class. Under fire who is killed while it is asked for its version has the class end with a ValueError."""
    while True:
        try:
            return client(bootstrap_servers=SERVERS, **options)
        except (kafka.errors.NoBrokersAvailable, ValueError):
            if not KILLS_FILE:
                raise


def ask_admin(ask, already=()):
    """What its admin client is told. Under fire it leaves asking again to us, and the next one asked may say `already`."""
    while True:
        try:
            with contextlib.closing(connected(KafkaAdminClient)) as admin:
                return ask(admin)
        except kafka.errors.KafkaError as problem:
            if KILLS_FILE and isinstance(problem, already):
                return None
            if not KILLS_FILE or not problem.retriable:
                raise


def create(topic, partitions=1):
    ask_admin(lambda admin: admin.create_topics([NewTopic(topic, partitions, REPLICAS)]), kafka.errors.TopicAlreadyExistsError)


def send(topic, records, **options):
    """`records` has arguments for KafkaProducer.send; where each of them lies."""
    producer = connected(KafkaProducer, acks="all", **RETRYING, **options)
    sent = [producer.send(topic, **record) for record in records]
    producer.flush(timeout=30)
    placed = [future.get(timeout=1) for future in sent]
    producer.close()
    return placed


def produce(topic, values, **options):
    send(topic, [{"value": value.encode()} for value in values], **options)


def without_repeats(sent):
    """Under fire what is sent again may be there twice: this producer is not idempotent."""
    return list(dict.fromkeys(sent)) if KILLS_FILE else sent


def consumer(**options):
    return connected(KafkaConsumer, enable_auto_commit=False, auto_offset_reset="earliest",
                     session_timeout_ms=SESSION_TIMEOUT_MS, heartbeat_interval_ms=500, **options)


def take(reader, count):
    """The next `count` records."""
    records = []

    def enough():
        for batch in reader.poll(timeout_ms=200, max_records=count - len(records)).values():
            records.extend(batch)
        return len(records) >= count
    wait_until(enough, f"{count} records")
    return records


def read(topic, count=None, seek=None, partitions=1):
    """`count` records, else up to the end."""
    reader = consumer()
    assigned = [TopicPartition(topic, p) for p in range(partitions)]
    reader.assign(assigned)
    if seek is None:
        reader.seek_to_beginning()
    else:
        reader.seek(assigned[0], seek)
    records = take(reader, count or sum(reader.end_offsets(assigned).values()) - (seek or 0))
    reader.close()
    return records


def values(records):
    return [record.value.decode() for record in records]


@scenario
def create_topics():
    topic = unique("create")
    create(topic, 3)
    reader = consumer()
    expect(reader.partitions_for_topic(topic), {0, 1, 2}, "partitions")
    reader.close()
    expect(topic in ask_admin(lambda admin: admin.list_topics()), True, "listed")
    try:
        ask_admin(lambda admin: admin.create_topics([NewTopic(topic, 3, 1)]))
        raise AssertionError("a topic was created twice")
    except kafka.errors.TopicAlreadyExistsError:
        pass
    ask_admin(lambda admin: admin.delete_topics([topic]), kafka.errors.UnknownTopicOrPartitionError)
    wait_until(lambda: topic not in ask_admin(lambda admin: admin.list_topics()), "the topic to be gone")


@scenario_for_each(CODECS)
def produce_codec(codec):
    topic = unique(codec)
    create(topic)
    lines = [f"{codec} {i} " + "abc" * 50 for i in range(500)]
    produce(topic, lines, compression_type=None if codec == "none" else codec, linger_ms=20)
    expect(without_repeats(values(read(topic))), lines, "values")
    expect(codecs_in_log(topic), {codec}, "codec in the log")


@scenario
def keyed_and_headers():
    topic = unique("keyed")
    create(topic, 3)
    sent = [{"value": f"v{i}".encode(), "key": f"k{i % 7}".encode(), "headers": [("n", str(i).encode()), ("e", b"")]}
            for i in range(100)]
    placed = {f"v{i}": (record.partition, record.offset) for i, record in enumerate(send(topic, sent))}
    records = read(topic, partitions=3)
    expect({record.value.decode(): (record.partition, record.offset) for record in records}, placed, "where they lie")
    for k in range(7):
        mine = [record for record in records if record.key == f"k{k}".encode()]
        expect(len({record.partition for record in mine}), 1, f"partitions of k{k}")
        expect(without_repeats(values(mine)), [f"v{i}" for i in range(100) if i % 7 == k], f"order of k{k}")
    for record in records:
        expect(record.headers, [("n", record.value[1:]), ("e", b"")], "headers")


@scenario
def nulls():
    topic = unique("nulls")
    create(topic)
    both = [(b"gone", None), (None, b"")]
    send(topic, [{"key": key, "value": value} for key, value in both])
    expect(without_repeats([(record.key, record.value) for record in read(topic)]), both, "nulls")


@scenario
def consume_from():
    topic = unique("from")
    create(topic)
    produce(topic, [f"a{i}" for i in range(10)])
    moment = a_moment_between()
    produce(topic, [f"b{i}" for i in range(10)])
    whole = values(read(topic))
    expect(without_repeats(whole), [f"a{i}" for i in range(10)] + [f"b{i}" for i in range(10)], "from the start")
    expect([(record.offset, record.value.decode()) for record in read(topic, 5, seek=7)],
           [(i, whole[i]) for i in range(7, 12)], "from 7")
    reader = consumer()
    partition = TopicPartition(topic, 0)
    found = reader.offsets_for_times({partition: moment})[partition]
    expect(found.offset, whole.index("b0"), "offset of a time")
    expect(found.timestamp >= moment, True, "its time")
    expect(reader.offsets_for_times({partition: now_ms() + 60000})[partition], None, "offset of a later time")
    expect(reader.beginning_offsets([partition])[partition], 0, "earliest offset")
    expect(reader.end_offsets([partition])[partition], len(whole), "latest offset")
    reader.close()
    expect(values(read(topic, seek=found.offset)), whole[found.offset:], "from a time")


@scenario
def group_member_killed():
    topic, group = unique("group"), unique("group")
    create(topic, 4)
    produce(topic, [f"before{i}" for i in range(40)])
    first = Child([sys.executable, __file__, "--member", topic, group])
    wait_until(lambda: len(set(first.lines)) == 40, "the first messages")
    second = consumer(group_id=group)
    second.subscribe([topic])

    def shares(count):
        second.poll(timeout_ms=100)
        return len(second.assignment()) == count
    wait_until(lambda: shares(2), "half of the partitions")
    first.kill()
    wait_until(lambda: shares(4), "all partitions at the member that is left")
    produce(topic, [f"after{i}" for i in range(40)])
    after, seen = {f"after{i}" for i in range(40)}, set()

    def all_seen():
        for records in second.poll(timeout_ms=200).values():
            seen.update(values(records))
        return after <= seen
    wait_until(all_seen, "all later messages")
    second.close()


def member(topic, group):
    """Reads as a member until it is killed."""
    reader = consumer(group_id=group)
    reader.subscribe([topic])
    for record in reader:
        print(record.value.decode(), flush=True)


@scenario
def commit_and_resume():
    topic, group = unique("resume"), unique("resume")
    create(topic)
    produce(topic, [f"m{i}" for i in range(30)])
    whole = values(read(topic))
    expect(without_repeats(whole), [f"m{i}" for i in range(30)], "records")
    for wanted in (whole[:10], whole[10:]):
        reader = consumer(group_id=group)
        reader.subscribe([topic])
        expect(values(take(reader, len(wanted))), wanted, "records of the group")
        reader.commit()
        reader.close()
    partition = TopicPartition(topic, 0)
    reader = consumer(group_id=group)
    expect(reader.committed(partition), len(whole), "committed offset")
    reader.close()
    offsets = ask_admin(lambda admin: admin.list_consumer_group_offsets(group))
    expect(offsets[partition].offset, len(whole), "offset by the admin client")
    wait_until(lambda: ask_admin(lambda admin: admin.describe_consumer_groups([group]))[0].state == "Empty", "an empty group")


@scenario_under_fire
def leaders_move():
    topic = unique("moves")
    create(topic, 3)
    follow_moving_leaders(Child([sys.executable, __file__, "--writer", topic]),
                          Child([sys.executable, __file__, "--reader", topic, unique("moves")]), may_repeat=True)


def write_lines(topic):
    producer = connected(KafkaProducer, acks="all", **RETRYING)
    sent = []
    for line in sys.stdin:
        key, value = line.strip().split(":")
        sent.append(producer.send(topic, value.encode(), key=key.encode()))
    producer.flush(timeout=30)
    for future in sent:
        future.get(timeout=1)


def read_lines(topic, group):
    reader = connected(KafkaConsumer, group_id=group, auto_offset_reset="earliest")
    reader.subscribe([topic])
    for record in reader:
        print(record.partition, record.offset, record.value.decode(), flush=True)


if sys.argv[1:2] == ["--member"]:
    member(*sys.argv[2:])
elif sys.argv[1:2] == ["--writer"]:
    write_lines(*sys.argv[2:])
elif sys.argv[1:2] == ["--reader"]:
    read_lines(*sys.argv[2:])
else:
    main()
