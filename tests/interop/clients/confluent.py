#!/usr/bin/python3
"""confluent-kafka (librdkafka) for Python, as Debian packages it."""
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

from scenario import *  # noqa: F403 - the scenario vocabulary


# What is sent again when a broker was killed is not to be there twice.
IDEMPOTENT = {"enable.idempotence": True} if KILLS_FILE else {}
ADMIN = AdminClient({"bootstrap.servers": BOOTSTRAP})


def create(topic, partitions=1, **config):
    create_topic(topic, partitions, **config)


def produce(topic, values, keys=None, headers=None, bootstrap=BOOTSTRAP, **options):
    producer = Producer({"bootstrap.servers": bootstrap, **IDEMPOTENT, **{name.replace("_", "."): x for name, x in options.items()}})
    failed = []

    def delivered(error, _message):
        if error:
            failed.append(str(error))
    for i, value in enumerate(values):
        producer.produce(topic, value, key=keys and keys[i], headers=headers and headers[i], on_delivery=delivered)
        producer.poll(0)
    expect(producer.flush(30), 0, "messages not delivered")
    expect(failed, [], "failed deliveries")


def consumer(group, **options):
    return Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": group, "auto.offset.reset": "earliest",
                     "session.timeout.ms": SESSION_TIMEOUT_MS, "heartbeat.interval.ms": 500, "enable.auto.commit": False,
                     **options})


def take(reader, count):
    """The next `count` messages."""
    messages = []

    def enough():
        for message in reader.consume(count - len(messages), timeout=0.2):
            if message.error():
                raise KafkaException(message.error())
            messages.append(message)
        return len(messages) >= count
    wait_until(enough, f"{count} messages")
    return messages


def read(topic, count, offset=OFFSET_BEGINNING, partitions=1):
    reader = consumer(unique("reader"))
    reader.assign([TopicPartition(topic, p, offset) for p in range(partitions)])
    messages = take(reader, count)
    reader.close()
    return messages


def values(messages):
    return [message.value().decode() for message in messages]


@scenario
def create_topics():
    topic = unique("create")
    create(topic, 3, **{"retention.ms": "12345678"})
    expect(len(ADMIN.list_topics(topic, timeout=10).topics[topic].partitions), 3, "partitions")
    resource = ConfigResource("topic", topic)
    configs = done_by_librdkafka(lambda: ADMIN.describe_configs([resource])[resource].result(timeout=20))
    expect(configs["retention.ms"].value, "12345678", "retention.ms")
    done_by_librdkafka(lambda: ADMIN.create_partitions([NewPartitions(topic, 5)])[topic].result(timeout=20),
                       KafkaError.INVALID_PARTITIONS)
    wait_until(lambda: len(ADMIN.list_topics(topic, timeout=10).topics[topic].partitions) == 5, "5 partitions")
    try:
        done_by_librdkafka(lambda: ADMIN.create_topics([NewTopic(topic, 1, REPLICAS)])[topic].result(timeout=20))
        raise AssertionError("a topic was created twice")
    except KafkaException as refused:
        expect(refused.args[0].code(), KafkaError.TOPIC_ALREADY_EXISTS, "error")
    gone = unique("delete")  # never asked for by name, which would create it again
    create(gone)
    done_by_librdkafka(lambda: ADMIN.delete_topics([gone])[gone].result(timeout=20), KafkaError.UNKNOWN_TOPIC_OR_PART)
    wait_until(lambda: gone not in ADMIN.list_topics(timeout=10).topics, "the topic to be gone")


@scenario_for_each(CODECS)
def produce_codec(codec):
    topic = unique(codec)
    create(topic)
    lines = [f"{codec} {i} " + "abc" * 50 for i in range(500)]
    produce(topic, lines, compression_type=codec, linger_ms=20)
    expect(values(read(topic, 500)), lines, "values")
    expect(codecs_in_log(topic), {codec}, "codec in the log")


@scenario_in_peace  # acks of 0 and 1 may be lost with a broker
def acks():
    for each in ("0", "1", "all"):
        topic = unique(f"acks-{each}")
        create(topic)
        produce(topic, [f"m{i}" for i in range(100)], acks=each)
        expect(values(read(topic, 100)), [f"m{i}" for i in range(100)], f"acks={each}")


@scenario
def keyed_and_headers():
    topic = unique("keyed")
    create(topic, 3)
    # Few of them null: this version of the library drops a reference to None for each, and ends when there is none left.
    headers = [[("n", str(i).encode()), ("nothing", None if i < 3 else b"x"), ("empty", b"")] for i in range(100)]
    produce(topic, [f"v{i}" for i in range(100)], [f"k{i % 7}" for i in range(100)], headers)
    messages = read(topic, 100, partitions=3)
    for k in range(7):
        mine = [message for message in messages if message.key() == f"k{k}".encode()]
        expect(len({message.partition() for message in mine}), 1, f"partitions of k{k}")
        expect(values(mine), [f"v{i}" for i in range(100) if i % 7 == k], f"order of k{k}")
    for message in messages:
        expect(message.headers(), headers[int(message.value()[1:])], "headers")


@scenario
def nulls():
    topic = unique("nulls")
    create(topic)
    produce(topic, [None, b""], ["gone", None])
    expect([(message.key(), message.value()) for message in read(topic, 2)], [(b"gone", None), (None, b"")], "nulls")


@scenario
def consume_from():
    topic = unique("from")
    create(topic)
    produce(topic, [f"a{i}" for i in range(10)])
    moment = a_moment_between()
    produce(topic, [f"b{i}" for i in range(10)])
    both = [f"a{i}" for i in range(10)] + [f"b{i}" for i in range(10)]
    expect(values(read(topic, 20)), both, "from the start")
    expect([(message.offset(), message.value().decode()) for message in read(topic, 5, offset=7)],
           [(i, both[i]) for i in range(7, 12)], "from 7")
    reader = consumer(unique("reader"))
    expect(reader.offsets_for_times([TopicPartition(topic, 0, moment)], timeout=10)[0].offset, 10, "offset of a time")
    expect(reader.get_watermark_offsets(TopicPartition(topic, 0), timeout=10), (0, 20), "watermarks")
    reader.close()
    expect(values(read(topic, 10, offset=10)), both[10:], "from a time")


@scenario
def group_member_killed():
    topic, group = unique("group"), unique("group")
    create(topic, 4)
    keys = [f"k{i}" for i in range(40)]
    produce(topic, [f"before{i}" for i in range(40)], keys)
    first = Child([sys.executable, __file__, "--member", topic, group])
    wait_until(lambda: len(set(first.lines)) == 40, "the first messages")
    second = consumer(group)
    second.subscribe([topic])
    seen = []

    def shares(count):
        message = second.poll(0.1)
        if message is not None:
            seen.append(message)
        return len(second.assignment()) == count
    wait_until(lambda: shares(2), "half of the partitions")
    first.kill()
    wait_until(lambda: shares(4), "all partitions at the member that is left")
    produce(topic, [f"after{i}" for i in range(40)], keys)
    after = {f"after{i}" for i in range(40)}

    def all_seen():
        seen.extend(second.consume(100, timeout=0.2))
        return after <= {message.value().decode() for message in seen if not message.error()}
    wait_until(all_seen, "all later messages")
    second.close()


def member(topic, group):
    """Reads as a member until it is killed."""
    reader = consumer(group)
    reader.subscribe([topic])
    while True:
        message = reader.poll(1)
        if message is not None and not message.error():
            print(message.value().decode(), flush=True)


@scenario
def cooperative_group():
    topic, group = unique("cooperative"), unique("cooperative")
    create(topic, 4)
    members = [consumer(group, **{"partition.assignment.strategy": "cooperative-sticky"}) for _ in range(2)]
    for each in members:
        each.subscribe([topic])

    def balanced():
        for each in members:
            each.poll(0.1)
        return [len(each.assignment()) for each in members] == [2, 2]
    wait_until(balanced, "two partitions each")
    members.pop().close()
    wait_until(lambda: members[0].poll(0.1) or len(members[0].assignment()) == 4, "all partitions back")
    members[0].close()


@scenario
def commit_and_resume():
    topic, group = unique("resume"), unique("resume")
    create(topic)
    produce(topic, [f"m{i}" for i in range(30)])
    for wanted in (range(0, 10), range(10, 30)):
        reader = consumer(group)
        reader.subscribe([topic])
        expect(values(take(reader, len(wanted))), [f"m{i}" for i in wanted], "messages")
        reader.commit(offsets=[TopicPartition(topic, 0, wanted.stop)], asynchronous=False)
        reader.close()
    reader = consumer(group)
    expect(reader.committed([TopicPartition(topic, 0)], timeout=10)[0].offset, 30, "committed offset")
    reader.close()
    expect([each.id for each in ADMIN.list_groups(group, timeout=10)], [group], "listed group")


@scenario
def idempotent_retry():
    topic = unique("idempotent")
    create(topic)
    lines = [f"m{i}" for i in range(2000)]
    with Relay(lost_answers={2, 5, 9}) as relay:
        produce(topic, lines, bootstrap=relay.bootstrap, enable_idempotence="true", batch_num_messages=100,
                reconnect_backoff_ms=10, retry_backoff_ms=10)
        expect(relay.lost, 3, "answers lost")
    expect(values(read(topic, 2000)), lines, "each once and in order")


@scenario_under_fire
def leaders_move():
    topic = unique("moves")
    create(topic, 3)
    follow_moving_leaders(Child([sys.executable, __file__, "--writer", topic]),
                          Child([sys.executable, __file__, "--reader", topic, unique("moves")]))


def write_lines(topic):
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "enable.idempotence": True})
    for line in sys.stdin:
        key, value = line.strip().split(":")
        producer.produce(topic, value, key=key, on_delivery=lambda error, _: error and print(f"error: {error}", flush=True))
        producer.poll(0)
    sys.exit(producer.flush(30))


def read_lines(topic, group):
    reader = consumer(group, **{"enable.auto.commit": True})
    reader.subscribe([topic])
    while True:
        message = reader.poll(1)
        if message is None:
            continue
        if message.error():
            sys.exit(f"error: {message.error()}")
        print(message.partition(), message.offset(), message.value().decode(), flush=True)


if sys.argv[1:2] == ["--member"]:
    member(*sys.argv[2:])
elif sys.argv[1:2] == ["--writer"]:
    write_lines(*sys.argv[2:])
elif sys.argv[1:2] == ["--reader"]:
    read_lines(*sys.argv[2:])
else:
    main()
