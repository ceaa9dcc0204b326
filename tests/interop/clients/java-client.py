#!/usr/bin/python3
"""Apache Kafka's Java producer, consumer and admin: starts ../java/JavaClient.java, whose answers to some Produce
requests get lost."""
import pathlib

from scenario import *  # noqa: F403 - the scenario vocabulary

ROOT = pathlib.Path(__file__).resolve().parents[3]
SOURCE = ROOT / "tests" / "interop" / "java" / "JavaClient.java"

wanted = sys.argv[1:]
classpath = subprocess.run([ROOT / "scripts" / "get-apache-kafka", "classpath"], check=True, capture_output=True,
                           text=True, timeout=600).stdout.strip()
with Relay(lost_answers={2, 5, 9}) as relay:
    environment = dict(os.environ, KT_INTEROP_RUN=RUN, KT_INTEROP_RELAY=relay.bootstrap,
                       KT_INTEROP_JAVA_CLIENT=str(SOURCE))
    log_settings = pathlib.Path(classpath).parent.parent / "tools-log4j2.properties"
    done = subprocess.run(["java", "-Xmx256m", "-XX:+UseSerialGC", f"-Dlog4j2.configurationFile={log_settings}",
                           "-cp", classpath, str(SOURCE), *wanted], env=environment, timeout=600)


@scenario
def answers_were_lost():
    if not wanted or "idempotent-retry" in wanted:
        expect(relay.lost, 3, "answers lost")


@scenario
def codecs_are_in_the_log():
    for codec in CODECS:
        if not wanted or f"produce-codec-{codec}" in wanted:
            expect(codecs_in_log(unique(codec)), {codec}, "codec in the log")


sys.argv[1:] = []
main(exit_code=done.returncode)
