#!/usr/bin/python3
"""Apache Kafka's own command-line tools, from scripts/get-apache-kafka."""
import pathlib
import re

from scenario import *  # noqa: F403 - the scenario vocabulary

GET_KAFKA = pathlib.Path(__file__).resolve().parents[3] / "scripts" / "get-apache-kafka"
# Who creates a topic may be killed before its answer; then the tool asks another.
ONCE = ["--if-not-exists"] if KILLS_FILE else []


def command(tool, *arguments):
    return [str(GET_KAFKA), "run-tool", f"kafka-{tool}.sh", *arguments]


def run(tool, *arguments, text=None, bootstrap=BOOTSTRAP, code=0):
    done = subprocess.run(command(tool, "--bootstrap-server", bootstrap, *arguments), input=text, capture_output=True,
                          text=True, timeout=50)
    if done.returncode != code:
        raise AssertionError(f"kafka-{tool} {' '.join(arguments)} ended with {done.returncode}: {done.stdout} {done.stderr}")
    return done.stdout


def create(topic, partitions=1):
    run("topics", "--create", "--topic", topic, "--partitions", str(partitions), "--replication-factor", str(REPLICAS), *ONCE)


def produce(topic, lines, *options, **keywords):
    run("console-producer", "--topic", topic, *options, text="".join(line + "\n" for line in lines), **keywords)


def consume(topic, count, *options):
    return run("console-consumer", "--topic", topic, "--max-messages", str(count), "--timeout-ms", "30000",
               *options).splitlines()


@scenario
def create_topics():
    topic = unique("create")
    said = run("topics", "--create", "--topic", topic, "--partitions", "3", "--config", "retention.ms=12345678", *ONCE)
    if said or not ONCE:
        expect(said, f"Created topic {topic}.\n", "what --create says")
    lines = run("topics", "--describe", "--topic", topic).splitlines()
    expect(re.sub(r"TopicId: \S+", "TopicId: ID", lines[0]).split("\t")[:4],
           [f"Topic: {topic}", "TopicId: ID", "PartitionCount: 3", f"ReplicationFactor: {REPLICAS}"], "description")
    expect("retention.ms=12345678" in lines[0], True, "config in the description")
    expect([line.split("\t")[2] for line in lines[1:]], [f"Partition: {i}" for i in range(3)], "partitions")
    run("topics", "--create", "--topic", topic, code=1)
    run("topics", "--alter", "--topic", topic, "--partitions", "5")
    expect(len(run("topics", "--describe", "--topic", topic).splitlines()), 6, "lines after --alter")
    run("topics", "--delete", "--topic", topic)
    expect(topic in run("topics", "--list").splitlines(), False, "listed after --delete")


@scenario
def configure():
    topic = unique("configure")
    create(topic)
    where = ["--entity-type", "topics", "--entity-name", topic]
    run("configs", *where, "--alter", "--add-config", "max.message.bytes=2000,retention.ms=1000000")
    run("configs", *where, "--alter", "--delete-config", "retention.ms")
    text = run("configs", *where, "--describe")
    expect(("max.message.bytes=2000" in text, "retention.ms" in text), (True, False), "dynamic configs")


@scenario_for_each(CODECS)
def produce_codec(codec):
    topic = unique(codec)
    create(topic)
    lines = [f"{codec} {i} " + "abc" * 50 for i in range(500)]
    produce(topic, lines, "--compression-codec", codec)
    expect(consume(topic, 500, "--from-beginning"), lines, "values")
    expect(codecs_in_log(topic), {codec}, "codec in the log")


@scenario
def keyed_and_headers():
    topic = unique("keyed")
    create(topic, 3)
    produce(topic, [f"n:{i},e:\tk{i % 7}\tv{i}" for i in range(100)], "--property", "parse.key=true",
            "--property", "parse.headers=true")
    rows = [line.split("\t") for line in consume(
        topic, 100, "--from-beginning", "--property", "print.key=true", "--property", "print.headers=true",
        "--property", "print.partition=true")]
    for k in range(7):
        mine = [row for row in rows if row[2] == f"k{k}"]
        expect(len({row[0] for row in mine}), 1, f"partitions of k{k}")
        expect([row[3] for row in mine], [f"v{i}" for i in range(100) if i % 7 == k], f"order of k{k}")
    expect({(row[1], row[3]) for row in rows}, {(f"n:{i},e:", f"v{i}") for i in range(100)}, "headers")


@scenario
def consume_from():
    topic = unique("from")
    create(topic)
    produce(topic, [f"a{i}" for i in range(10)])
    moment = a_moment_between()
    produce(topic, [f"b{i}" for i in range(10)])
    both = [f"a{i}" for i in range(10)] + [f"b{i}" for i in range(10)]
    expect(consume(topic, 20, "--from-beginning"), both, "from the start")
    expect(consume(topic, 5, "--partition", "0", "--offset", "7"), both[7:12], "from 7")
    for time_, offset in (("earliest", 0), (str(moment), 10), ("latest", 20), ("max-timestamp", None)):
        found = run("get-offsets", "--topic", topic, "--time", time_).strip()
        if offset is not None:
            expect(found, f"{topic}:0:{offset}", f"offset of {time_}")
    expect(consume(topic, 10, "--partition", "0", "--offset", "10"), both[10:], "from a time")


@scenario
def group_member_killed():
    topic, group = unique("group"), unique("group")
    create(topic, 4)

    def member():
        return Child(command("console-consumer", "--bootstrap-server", BOOTSTRAP, "--topic", topic, "--group", group,
                             "--from-beginning", "--consumer-property", f"session.timeout.ms={SESSION_TIMEOUT_MS}",
                             "--consumer-property", "heartbeat.interval.ms=500"))

    def shares():
        """How many partitions each member has."""
        rows = [line.split() for line in run("consumer-groups", "--describe", "--group", group, "--members").splitlines()
                if line.startswith(group)]
        return sorted(int(row[4]) for row in rows)
    keyed = ["--property", "parse.key=true"]
    produce(topic, [f"k{i}\tbefore{i}" for i in range(40)], *keyed)
    first = member()
    wait_until(lambda: len(first.lines) == 40, "the first messages")
    second = member()
    wait_until(lambda: shares() == [2, 2], "two partitions each")
    first.kill()
    wait_until(lambda: shares() == [4], "all partitions at the member that is left")
    produce(topic, [f"k{i}\tafter{i}" for i in range(40)], *keyed)
    after = {f"after{i}" for i in range(40)}
    wait_until(lambda: after <= set(second.lines), "all later messages")


@scenario
def commit_and_resume():
    topic, group = unique("resume"), unique("resume")
    session = ["--consumer-property", f"session.timeout.ms={SESSION_TIMEOUT_MS}"]
    create(topic)
    produce(topic, [f"m{i}" for i in range(30)])
    expect(consume(topic, 10, "--group", group, "--from-beginning", *session), [f"m{i}" for i in range(10)], "before the restart")

    def offsets():
        (row,) = [line.split() for line in run("consumer-groups", "--describe", "--group", group, "--offsets").splitlines()
                  if line.startswith(group)]
        return row[1:6]
    expect(offsets(), [topic, "0", "10", "30", "20"], "committed, end and lag")

    def wait_empty():
        """Under fire the group may miss that the consumer left, and waits for the end of its session."""
        wait_until(lambda: " Empty " in run("consumer-groups", "--describe", "--group", group, "--state"), "an empty group")
    expect(consume(topic, 20, "--group", group, *session), [f"m{i}" for i in range(10, 30)], "after the restart")
    wait_empty()
    run("consumer-groups", "--group", group, "--topic", topic, "--reset-offsets", "--to-offset", "25", "--execute")
    expect(consume(topic, 5, "--group", group, *session), [f"m{i}" for i in range(25, 30)], "after the reset")
    wait_empty()
    run("consumer-groups", "--delete", "--group", group)
    expect(group in run("consumer-groups", "--list").splitlines(), False, "listed after --delete")


@scenario
def delete_records():
    topic = unique("delete-records")
    create(topic)
    produce(topic, [f"m{i}" for i in range(10)])
    plan = pathlib.Path(f"/tmp/{topic}.json")
    plan.write_text('{"partitions":[{"topic":"%s","partition":0,"offset":4}],"version":1}' % topic)
    try:
        text = run("delete-records", "--offset-json-file", str(plan))
    finally:
        plan.unlink()
    expect("low_watermark: 4" in text, True, "low watermark")
    expect(consume(topic, 6, "--from-beginning"), [f"m{i}" for i in range(4, 10)], "what is left")


@scenario
def idempotent_retry():
    topic = unique("idempotent")
    create(topic)
    lines = [f"m{i}" for i in range(2000)]
    with Relay(lost_answers={2, 5, 9}) as relay:
        produce(topic, lines, "--producer-property", "batch.size=1000", "--producer-property", "reconnect.backoff.ms=10",
                bootstrap=relay.bootstrap)
        expect(relay.lost, 3, "answers lost")
    expect(consume(topic, 2000, "--from-beginning"), lines, "each once and in order")


@scenario_under_fire
def leaders_move():
    topic, group = unique("moves"), unique("moves")
    create(topic, 3)
    reader = Child(command(
        "console-consumer", "--bootstrap-server", BOOTSTRAP, "--topic", topic, "--group", group, "--from-beginning",
        "--property", "print.partition=true", "--property", "print.offset=true", "--property", "key.separator= "))
    writer = Child(command("console-producer", "--bootstrap-server", BOOTSTRAP, "--topic", topic, "--property", "parse.key=true",
                           "--property", "key.separator=:"))
    follow_moving_leaders(writer, reader)


main()
