#!/usr/bin/python3
"""KafkaJS, from the npm registry: starts kafkajs/scenarios.js, whose answers to some Produce requests get lost."""
import fcntl
import pathlib
import shutil

from scenario import *  # noqa: F403 - the scenario vocabulary

HERE = pathlib.Path(__file__).resolve().parent / "kafkajs"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "kt" / "kafkajs-2.2.4"


def install():
    """KafkaJS and its codecs, once per machine, however many want them."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install_here()


def install_here():
    if (CACHE / "package.json").exists() and (CACHE / "package.json").read_text() == (HERE / "package.json").read_text():
        return
    shutil.rmtree(CACHE / "node_modules", ignore_errors=True)
    staged = CACHE / "install"
    staged.mkdir(exist_ok=True)
    shutil.copy(HERE / "package.json", staged)
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=staged, check=True, timeout=300,
                   stdout=sys.stderr)
    (staged / "node_modules").rename(CACHE / "node_modules")
    shutil.copy(HERE / "package.json", CACHE)


def run_scenarios():
    """Those in JavaScript; what it ended with, and how many answers were lost."""
    with Relay(lost_answers={2, 5, 9}) as relay:
        environment = dict(os.environ, KT_INTEROP_RUN=RUN, KT_INTEROP_RELAY=relay.bootstrap)
        done = subprocess.run(["node", str(HERE / "scenarios.js"), *in_javascript], env=environment, timeout=600)
        return done.returncode, relay.lost


wanted = sys.argv[1:]
in_python = [name for name in wanted if name == "leaders-move"]
in_javascript = [name for name in wanted if name not in in_python]
install()
os.environ["NODE_PATH"] = str(CACHE / "node_modules")
code, lost = run_scenarios() if in_javascript or not wanted else (0, 0)


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
    follow_moving_leaders(Child(["node", str(HERE / "leaders-move.js"), "write", topic]),
                          Child(["node", str(HERE / "leaders-move.js"), "read", topic]))


sys.argv[1:] = in_python + (["answers-were-lost", "codecs-are-in-the-log"] if in_javascript else [])
main(exit_code=code)
