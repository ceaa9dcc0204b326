"""A cluster of kt whose brokers are killed and started again in turn, for as long as clients run their scenarios."""
import os
import pathlib
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from kt_cluster import loopback_cluster  # noqa: E402

BROKERS = 3
IN_SYNC_SECONDS_MAX = 60
# Who was killed leads again what it led before, after a second instead of five minutes: else the next one killed may lead
# all there is. librdkafka has connections to leaders alone, counts a broker as down until it has one again, and kcat ends
# when all are, of whatever cluster. In REST_SECONDS clients hear of the leaders that came back, from the ones before them.
DEAD_SECONDS, REST_SECONDS = 1, 1.5
# Sessions and lags are as by default: clients have to live with those.
SERVER = {"default.replication.factor": 3, "min.insync.replicas": 2, "offsets.topic.replication.factor": 3,
          "offsets.topic.num.partitions": 3, "group.initial.rebalance.delay.ms": 0, "leader.imbalance.check.interval.seconds": 1}


class UnderFire:
    """`environment` is for the clients; `problem` is what went wrong, or None."""

    def __init__(self, kt, folder):
        self.cluster = loopback_cluster(kt, folder, BROKERS, SERVER)
        self.kills, self.kills_file, self.problem = 0, os.path.join(folder, "kills"), None
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._tell()
        try:
            self.cluster.format()
            self.cluster.start()
        except BaseException:
            self.cluster.end()
            raise
        self.bootstrap = self.cluster.bootstrap
        self.environment = {"KT_INTEROP_REPLICAS": str(BROKERS), "KT_INTEROP_KILLS": self.kills_file}
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()
        self.cluster.end()

    def _tell(self):
        with open(self.kills_file + ".new", "w", encoding="utf-8") as out:
            out.write(str(self.kills))
        os.replace(self.kills_file + ".new", self.kills_file)

    def _run(self):
        try:
            from confluent_kafka.admin import AdminClient
            admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0, "reconnect.backoff.max.ms": 200})
            while not self.ending.is_set():
                node = self.cluster.brokers[self.kills % BROKERS]
                node.kill()
                self.kills += 1
                self._tell()
                self.ending.wait(DEAD_SECONDS)
                node.start()
                self.cluster.wait_in_sync(admin, IN_SYNC_SECONDS_MAX, led_by_preferred=True)
                self.ending.wait(REST_SECONDS)
        except Exception as problem:  # told by the runner, at the end
            self.problem = str(problem)
