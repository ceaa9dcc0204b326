#!/usr/bin/python3
"""kafka-python 2.0.2, as Debian packages it. It has no idempotent producer."""
import kafka
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from scenario import *  # noqa: F403 - the scenario vocabulary


SERVERS = BOOTSTRAP.split(",")


def create(topic, partitions=1):
    admin = KafkaAdminClient(bootstrap_servers=SERVERS)
    admin.create_topics([NewTopic(topic, partitions, REPLICAS)])
    admin.close()


def produce(topic, values, **options):
    producer = KafkaProducer(bootstrap_servers=SERVERS, acks="all", **options)
    sent = [producer.send(topic, value.encode()) for value in values]
    producer.flush(timeout=30)
    for future in sent:
        future.get(timeout=1)
    producer.close()


def consumer(**options):
    return KafkaConsumer(bootstrap_servers=SERVERS, enable_auto_commit=False, auto_offset_reset="earliest",
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


def read(topic, count, seek=None):
    reader = consumer()
    partition = TopicPartition(topic, 0)
    reader.assign([partition])
    if seek is None:
        reader.seek_to_beginning(partition)
    else:
        reader.seek(partition, seek)
    records = take(reader, count)
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
    admin = KafkaAdminClient(bootstrap_servers=SERVERS)
    expect(topic in admin.list_topics(), True, "listed")
    try:
        admin.create_topics([NewTopic(topic, 3, 1)])
        raise AssertionError("a topic was created twice")
    except kafka.errors.TopicAlreadyExistsError:
        pass
    admin.delete_topics([topic])
    wait_until(lambda: topic not in admin.list_topics(), "the topic to be gone")
    admin.close()


@scenario_for_each(CODECS)
def produce_codec(codec):
    topic = unique(codec)
    create(topic)
    lines = [f"{codec} {i} " + "abc" * 50 for i in range(500)]
    produce(topic, lines, compression_type=None if codec == "none" else codec, linger_ms=20)
    expect(values(read(topic, 500)), lines, "values")
    expect(codecs_in_log(topic), {codec}, "codec in the log")


@scenario
def keyed_and_headers():
    topic = unique("keyed")
    create(topic, 3)
    producer = KafkaProducer(bootstrap_servers=SERVERS, acks="all")
    sent = [producer.send(topic, f"v{i}".encode(), key=f"k{i % 7}".encode(), headers=[("n", str(i).encode()), ("e", b"")])
            for i in range(100)]
    placed = {f"v{i}": (future.get(10).partition, future.get(10).offset) for i, future in enumerate(sent)}
    producer.close()
    reader = consumer()
    reader.assign([TopicPartition(topic, p) for p in range(3)])
    reader.seek_to_beginning()
    records = take(reader, 100)
    reader.close()
    expect({record.value.decode(): (record.partition, record.offset) for record in records}, placed, "where they lie")
    for k in range(7):
        mine = [record for record in records if record.key == f"k{k}".encode()]
        expect(len({record.partition for record in mine}), 1, f"partitions of k{k}")
        expect(values(mine), [f"v{i}" for i in range(100) if i % 7 == k], f"order of k{k}")
    for record in records:
        expect(record.headers, [("n", record.value[1:]), ("e", b"")], "headers")


@scenario
def nulls():
    topic = unique("nulls")
    create(topic)
    producer = KafkaProducer(bootstrap_servers=SERVERS, acks=1)
    producer.send(topic, key=b"gone", value=None)
    producer.send(topic, key=None, value=b"")
    producer.close(timeout=20)
    expect([(record.key, record.value) for record in read(topic, 2)], [(b"gone", None), (None, b"")], "nulls")


@scenario
def consume_from():
    topic = unique("from")
    create(topic)
    produce(topic, [f"a{i}" for i in range(10)])
    moment = a_moment_between()
    produce(topic, [f"b{i}" for i in range(10)])
    both = [f"a{i}" for i in range(10)] + [f"b{i}" for i in range(10)]
    expect(values(read(topic, 20)), both, "from the start")
    expect([(record.offset, record.value.decode()) for record in read(topic, 5, seek=7)],
           [(i, both[i]) for i in range(7, 12)], "from 7")
    reader = consumer()
    partition = TopicPartition(topic, 0)
    found = reader.offsets_for_times({partition: moment})[partition]
    expect(found.offset, 10, "offset of a time")
    expect(found.timestamp >= moment, True, "its time")
    expect(reader.offsets_for_times({partition: now_ms() + 60000})[partition], None, "offset of a later time")
    expect(reader.beginning_offsets([partition])[partition], 0, "earliest offset")
    expect(reader.end_offsets([partition])[partition], 20, "latest offset")
    reader.close()
    expect(values(read(topic, 10, seek=10)), both[10:], "from a time")


@scenario
def group_member_killed():
    topic, group = unique("group"), unique("group")
    create(topic, 4)
    produce(topic, [f"before{i}" for i in range(40)])
    first = Child([sys.executable, __file__, "--member", topic, group])
    wait_until(lambda: len(first.lines) == 40, "the first messages")
    second = consumer(group_id=group)
    second.subscribe([topic])

    def shares(count):
        second.poll(timeout_ms=100)
        return len(second.assignment()) == count
    wait_until(lambda: shares(2), "half of the partitions")
    first.kill()
    wait_until(lambda: shares(4), "all partitions at the member that is left")
    second.seek_to_end()
    for partition in second.assignment():
        second.position(partition)
    produce(topic, [f"after{i}" for i in range(40)])
    expect(sorted(values(take(second, 40))), sorted(f"after{i}" for i in range(40)), "later messages")
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
    for wanted in (range(0, 10), range(10, 30)):
        reader = consumer(group_id=group)
        reader.subscribe([topic])
        expect(values(take(reader, len(wanted))), [f"m{i}" for i in wanted], "records")
        reader.commit()
        reader.close()
    reader = consumer(group_id=group)
    expect(reader.committed(TopicPartition(topic, 0)), 30, "committed offset")
    reader.close()
    admin = KafkaAdminClient(bootstrap_servers=SERVERS)
    expect(admin.list_consumer_group_offsets(group)[TopicPartition(topic, 0)].offset, 30, "offset by the admin client")
    expect(admin.describe_consumer_groups([group])[0].state, "Empty", "state of the group")
    admin.close()


@scenario_under_fire
def leaders_move():
    topic = unique("moves")
    create(topic, 3)
    follow_moving_leaders(Child([sys.executable, __file__, "--writer", topic]),
                          Child([sys.executable, __file__, "--reader", topic, unique("moves")]), may_repeat=True)


def write_lines(topic):
    """One request at a time, so that tries again keep the order."""
    producer = KafkaProducer(bootstrap_servers=SERVERS, acks="all", retries=1000, max_in_flight_requests_per_connection=1)
    sent = []
    for line in sys.stdin:
        key, value = line.strip().split(":")
        sent.append(producer.send(topic, value.encode(), key=key.encode()))
    producer.flush(timeout=30)
    for future in sent:
        future.get(timeout=1)


def read_lines(topic, group):
    reader = KafkaConsumer(bootstrap_servers=SERVERS, group_id=group, auto_offset_reset="earliest")
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
