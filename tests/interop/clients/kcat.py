#!/usr/bin/python3
"""kcat (librdkafka) on the command line."""
import json
import subprocess

from scenario import *  # noqa: F403 - the scenario vocabulary

FORMAT = "%k|%s|%h\n"
# kcat ends when no connection is up, be it that librdkafka has not tried again since (after up to 10 s); and what is sent
# again when a broker was killed is not to be there twice.
STAYING = ["-X", "reconnect.backoff.max.ms=500"] if KILLS_FILE else []
IDEMPOTENT = ["-X", "enable.idempotence=true"] if KILLS_FILE else []


def kcat(*arguments, text=None, bootstrap=BOOTSTRAP):
    done = subprocess.run(["kcat", "-b", bootstrap, *STAYING, *arguments], input=text, capture_output=True, text=True, timeout=40)
    if done.returncode != 0:
        raise AssertionError(f"kcat {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def produce(topic, lines, *options, bootstrap=BOOTSTRAP):
    kcat("-P", "-t", topic, *IDEMPOTENT, *options, text="".join(line + "\n" for line in lines), bootstrap=bootstrap)


def consume(topic, *options, form="%s\n"):
    return kcat("-C", "-q", "-e", "-t", topic, "-f", form, *options).splitlines()


def member(topic, group):
    return Child(["kcat", "-b", BOOTSTRAP, *STAYING, "-G", group, "-X", f"session.timeout.ms={SESSION_TIMEOUT_MS}",
                  "-X", "heartbeat.interval.ms=500", "-X", "auto.offset.reset=earliest", "-u", "-f", "%s\n", topic])


def assigned(child):
    """How many partitions the member's last assignment has."""
    rebalances = [line for line in child.errors if "assigned" in line or "revoked" in line]
    return rebalances[-1].count("[") if rebalances and ": assigned" in rebalances[-1] else 0


@scenario
def create():
    topic = unique("create")
    produce(topic, ["one"])  # creates the topic, as brokers do by default
    metadata = json.loads(kcat("-L", "-J", "-t", topic))
    expect([each["topic"] for each in metadata["topics"]], [topic], "topics")
    expect([each["partition"] for each in metadata["topics"][0]["partitions"]], [0], "partitions")
    create_topic(unique("create-3"), 3)
    metadata = json.loads(kcat("-L", "-J", "-t", unique("create-3")))
    expect(len(metadata["topics"][0]["partitions"]), 3, "partitions")


@scenario_for_each(CODECS)
def produce_codec(codec):
    topic = unique(codec)
    lines = [f"{codec} {i} " + "abc" * 50 for i in range(500)]
    produce(topic, lines, "-z", codec)
    expect(consume(topic, "-o", "beginning"), lines, "values")
    expect(codecs_in_log(topic), {codec}, "codec in the log")


@scenario
def keyed_and_headers():
    topic = unique("keyed")
    create_topic(topic, 3)
    produce(topic, [f"k{i % 7}:v{i}" for i in range(100)], "-K", ":", "-H", "trace=abc", "-H", "empty=")
    rows = [line.split("|") for line in consume(topic, "-o", "beginning", form="%k|%s|%p|%h\n")]
    expect(sorted(value for _, value, _, _ in rows), sorted(f"v{i}" for i in range(100)), "values")
    expect({headers for *_, headers in rows}, {"trace=abc,empty="}, "headers")
    for k in range(7):
        of_key = [(value, partition) for key, value, partition, _ in rows if key == f"k{k}"]
        expect(len({partition for _, partition in of_key}), 1, f"partitions of k{k}")
        expect([value for value, _ in of_key], [f"v{i}" for i in range(100) if i % 7 == k], f"order of k{k}")


@scenario
def nulls():
    topic = unique("nulls")
    produce(topic, ["gone:", "here:x"], "-K", ":", "-Z")
    expect(consume(topic, form="%k|%s|%S\n"), ["gone||-1", "here|x|1"], "a null value")


@scenario
def consume_from():
    topic = unique("from")
    produce(topic, [f"a{i}" for i in range(10)])
    moment = a_moment_between()
    produce(topic, [f"b{i}" for i in range(10)])
    both = [f"a{i}" for i in range(10)] + [f"b{i}" for i in range(10)]
    expect(consume(topic, "-o", "beginning"), both, "from the start")
    expect(consume(topic, "-o", "7", "-c", "5", form="%o %s\n"), [f"{i} {both[i]}" for i in range(7, 12)], "from 7")
    expect(consume(topic, "-o", "-3", "-p", "0"), both[-3:], "the last three")
    expect(consume(topic, "-o", f"s@{moment}"), both[10:], "from a time")
    expect(kcat("-Q", "-t", f"{topic}:0:{moment}").split(), [topic, "[0]", "offset", "10"], "offset of a time")
    expect(kcat("-Q", "-t", f"{topic}:0:-2").split()[-1], "0", "earliest offset")
    expect(kcat("-Q", "-t", f"{topic}:0:-1").split()[-1], "20", "latest offset")


@scenario
def group_member_killed():
    topic, group = unique("group"), unique("group")
    create_topic(topic, 4)
    produce(topic, [f"k{i}:before{i}" for i in range(40)], "-K", ":")
    first = member(topic, group)
    wait_until(lambda: assigned(first) == 4, "all partitions at the first member")
    wait_until(lambda: len(set(first.lines)) == 40, "the first messages")
    second = member(topic, group)
    wait_until(lambda: assigned(first) == 2 and assigned(second) == 2, "two partitions each")
    first.kill()
    wait_until(lambda: assigned(second) == 4, "all partitions at the member that is left")
    produce(topic, [f"k{i}:after{i}" for i in range(40)], "-K", ":")
    after = {f"after{i}" for i in range(40)}
    wait_until(lambda: after <= set(second.lines), "all later messages")


@scenario
def commit_and_resume():
    topic, group = unique("resume"), unique("resume")
    produce(topic, [f"m{i}" for i in range(30)])
    options = ["-X", "auto.offset.reset=earliest", "-q", "-f", "%s\n"]
    first = kcat("-G", group, "-c", "10", *options, topic).splitlines()
    expect(first, [f"m{i}" for i in range(10)], "before the restart")
    rest = kcat("-G", group, "-e", *options, topic).splitlines()
    expect(rest, [f"m{i}" for i in range(10, 30)], "after the restart")


@scenario
def idempotent_retry():
    topic = unique("idempotent")
    create_topic(topic, 1)
    lines = [f"m{i}" for i in range(2000)]
    with Relay(lost_answers={2, 5, 9}) as relay:
        produce(topic, lines, "-E", "-X", "enable.idempotence=true", "-X", "batch.num.messages=100",
                "-X", "reconnect.backoff.ms=10", "-X", "retry.backoff.ms=10", bootstrap=relay.bootstrap)
        expect(relay.lost, 3, "answers lost")
    expect(consume(topic, "-o", "beginning"), lines, "each once and in order")


@scenario_under_fire
def leaders_move():
    topic, group = unique("moves"), unique("moves")
    create_topic(topic, 3)
    common = ["kcat", "-b", BOOTSTRAP, *STAYING]
    reader = Child([*common, "-G", group, "-X", "auto.offset.reset=earliest", "-u", "-f", "%p %o %s\n", topic])
    writer = Child([*common, "-P", "-t", topic, "-K", ":", *IDEMPOTENT])
    follow_moving_leaders(writer, reader)


main()
