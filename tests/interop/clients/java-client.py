#!/usr/bin/python3
"""Apache Kafka's Java producer, consumer and admin: starts ../java/JavaClient.java, whose answers to some Produce
requests get lost."""
import pathlib

from scenario import *  # noqa: F403 - the scenario vocabulary

ROOT = pathlib.Path(__file__).resolve().parents[3]
SOURCE = ROOT / "tests" / "interop" / "java" / "JavaClient.java"


def java(source, *arguments):
    log_settings = pathlib.Path(classpath).parent.parent / "tools-log4j2.properties"
    return ["java", "-Xmx256m", "-XX:+UseSerialGC", f"-Dlog4j2.configurationFile={log_settings}", "-cp", classpath,
            str(source), *arguments]


def run_scenarios():
    """Those in Java; what it ended with, and how many answers were lost."""
    with Relay(lost_answers={2, 5, 9}) as relay:
        environment = dict(os.environ, KT_INTEROP_RUN=RUN, KT_INTEROP_RELAY=relay.bootstrap, KT_INTEROP_JAVA_CLIENT=str(SOURCE))
        return subprocess.run(java(SOURCE, *in_java), env=environment, timeout=600).returncode, relay.lost


wanted = sys.argv[1:]
in_python = [name for name in wanted if name == "leaders-move"]
in_java = [name for name in wanted if name not in in_python]
classpath = subprocess.run([ROOT / "scripts" / "get-apache-kafka", "classpath"], check=True, capture_output=True,
                           text=True, timeout=600).stdout.strip()
code, lost = run_scenarios() if in_java or not wanted else (0, 0)


@scenario
def answers_were_lost():
    if not wanted or "idempotent-retry" in wanted:
        expect(lost, 3, "answers lost")


@scenario
def codecs_are_in_the_log():
    for codec in CODECS:
        if not wanted or f"produce-codec-{codec}" in wanted:
            expect(codecs_in_log(unique(codec)), {codec}, "codec in the log")


@scenario_under_fire
def leaders_move():
    topic = unique("moves")
    create_topic(topic, 3)
    follow_moving_leaders(Child(java(SOURCE.with_name("LeadersMove.java"), "write", topic)),
                          Child(java(SOURCE.with_name("LeadersMove.java"), "read", topic)))


sys.argv[1:] = in_python + (["answers-were-lost", "codecs-are-in-the-log"] if in_java else [])
main(exit_code=code)
