"""The rows on three brokers: W5 and W8 under load, W9 (failover.py), W10's starts. Each gives a dict of numbers, as in rows.py."""
from confluent_kafka.admin import AdminClient, NewTopic

import cluster
import failover
import rows


def w5(topic, partitions, record_bytes):
    return lambda bench: rows.produce(bench, topic, partitions, record_bytes, 1000000, -1)


LOADS = {"W8 RF3 500/s": rows.w8(500), "W5 100 B": w5("w5-100", 1, 100), "W5 1 KiB": w5("w5-1024", 6, 1024)}
MANY, TOPICS = 5000, 5


def ready(make_cluster):
    """W10: three nodes, broker and controller each, on folders that were just formatted."""
    nodes = make_cluster(cluster.COMBINED)
    try:
        nodes.prepare()
        return {"ready_s": nodes.start(), "pss_mib": nodes.pss_mib()}
    finally:
        nodes.remove()


def make_many(nodes, replicas):
    """Topics with so many partitions together; until each broker has the folders of its replicas."""
    admin = AdminClient({"bootstrap.servers": nodes.bootstrap, "log_level": 0})
    names = [f"many{i}" for i in range(TOPICS)]
    for name in names:
        admin.create_topics([NewTopic(name, MANY // TOPICS, replicas)], request_timeout=300)[name].result(300)
    cluster.wait_until(lambda: sum(1 for node in cluster.BROKERS for _ in nodes.data_of(node).glob("many*")) == MANY * replicas,
                       "the folders of all replicas")
    return names


def restarts(replicas):
    """W10: the whole cluster, its controller apart, stopped and started, killed and started; until each broker knows its peers and
    every partition has a leader."""
    def measure(make_cluster):
        nodes = make_cluster(cluster.APART)
        try:
            nodes.prepare()
            nodes.start()
            topics = make_many(nodes, replicas)

            def start():
                seconds = nodes.start()
                return seconds + cluster.wait_until(lambda: cluster.has_leaders(nodes.ports[0], topics, MANY), "leaders")
            numbers = {"stop_s": nodes.stop(), "restart_s": start(), "pss_mib": nodes.pss_mib()}
            nodes.kill()
            numbers["restart_after_kill_s"] = start()
            return numbers
        finally:
            nodes.remove()
    return measure


LIVES = {"W10 cluster ready": ready, **{f"W10 cluster {MANY} RF{replicas}": restarts(replicas) for replicas in (1, 3)}}
LAB = "W9 lab"
NAMES = [*LOADS, *failover.ROWS, LAB, *LIVES]
