"""Clusters of kt as real processes, for tests in Python: nodes that are started, killed, paused and started again.

Who makes a node says where it listens and keeps its data; `prefix` is put before its command line (nsenter, nice). A
node ends with whoever started it, however that ends.
"""
import contextlib
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
LOG_TAIL_BYTES = 1 << 20
BECAME_ACTIVE = re.compile(r"Becoming the active controller at epoch (\d+)")


def free_port(host="127.0.0.1"):
    """Below the range that outgoing connections get theirs from: it must stay free through every restart."""
    for port in random.SystemRandom().sample(range(20000, 32000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((host, port))
            return port
    raise RuntimeError("no free port")


class Node:
    """One process of kt: `listeners` maps names to HOST:PORT."""

    def __init__(self, kt, folder, node_id, roles, listeners, properties, prefix=(), environment=None):
        self.kt, self.id, self.roles, self.listeners = kt, node_id, roles, listeners
        self.folder = os.path.join(folder, f"node-{node_id}")
        self.data = os.path.join(self.folder, "data")  # may be a mount point: node's own files are beneath it
        self.prefix, self.environment, self.process = list(prefix), dict(os.environ, **environment or {}), None
        self.log, self.ready = os.path.join(self.folder, "kt.log"), os.path.join(self.folder, "ready")
        self.file = os.path.join(self.folder, "server.properties")
        os.makedirs(self.data)
        lines = {"node.id": node_id, "process.roles": roles, "log.dirs": os.path.join(self.data, "logs"),
                 "listeners": ",".join(f"{name}://{at}" for name, at in listeners.items()),
                 "controller.listener.names": "CONTROLLER", **properties}
        with open(self.file, "w", encoding="utf-8") as out:
            out.writelines(f"{name}={value}\n" for name, value in lines.items())

    @property
    def address(self):
        return self.listeners.get("PLAINTEXT") or self.listeners["CONTROLLER"]

    def format(self, cluster_id):
        subprocess.run([self.kt, "storage", "format", "-t", cluster_id, "-c", self.file], check=True, stdout=subprocess.DEVNULL)

    def spawn(self):
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.ready)
        # setpriv: the process ends with the one that started it, and keeps its pid through what `prefix` executes.
        words = ["setpriv", "--pdeathsig", "KILL", *self.prefix, self.kt, "server", self.file, "--ready-file", self.ready]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def wait_ready(self):
        deadline = time.monotonic() + START_SECONDS_MAX
        while not os.path.exists(self.ready):
            if not self.is_running():
                raise RuntimeError(f"node {self.id} ended with {self.process.returncode} while starting: {self.last_words()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"node {self.id} did not serve within {START_SECONDS_MAX} s, see {self.log}")
            time.sleep(0.01)

    def start(self):
        self.spawn()
        self.wait_ready()

    def send(self, which):
        if not self.is_running():
            raise RuntimeError(f"node {self.id} had ended by itself with {self.process.returncode}: {self.last_words()}")
        self.process.send_signal(which)

    def kill(self):
        self.send(signal.SIGKILL)
        self.process.wait(STOP_SECONDS_MAX)

    def stop(self):
        """As a service manager does; what it ends with must be 0."""
        self.send(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"node {self.id} did not stop within {STOP_SECONDS_MAX} s, see {self.log}") from None
        if code != 0:
            raise RuntimeError(f"node {self.id} ended with {code} when it was stopped: {self.last_words()}")

    def end(self):
        """At the end of a run, in whatever state it is."""
        if self.is_running():
            self.process.kill()  # of a stopped process too
            self.process.wait()

    def tail(self):
        with contextlib.suppress(FileNotFoundError), open(self.log, "rb") as log:
            log.seek(max(0, os.path.getsize(self.log) - LOG_TAIL_BYTES))
            return log.read().decode(errors="replace")
        return ""

    def last_words(self):
        lines = self.tail().strip().splitlines()
        return lines[-1] if lines else f"nothing in {self.log}"


class Cluster:
    def __init__(self, kt, nodes):
        self.nodes = {node.id: node for node in nodes}
        cluster_id = subprocess.run([kt, "storage", "random-uuid"], check=True, capture_output=True, text=True).stdout.strip()
        self.cluster_id = cluster_id

    def format(self):
        for node in self.nodes.values():
            node.format(self.cluster_id)

    def start(self, nodes=None):
        """All at the same time: they need each other."""
        nodes = list(nodes or self.nodes.values())
        for node in nodes:
            node.spawn()
        for node in nodes:
            node.wait_ready()

    def end(self):
        for node in self.nodes.values():
            node.end()

    @property
    def brokers(self):
        return [node for node in self.nodes.values() if "broker" in node.roles]

    @property
    def controllers(self):
        return [node for node in self.nodes.values() if "controller" in node.roles]

    @property
    def bootstrap(self):
        return ",".join(node.address for node in self.brokers)

    def active_controller(self):
        """The node that was elected last, by what the logs say."""
        def epoch(node):
            return max((int(found) for found in BECAME_ACTIVE.findall(node.tail())), default=-1)
        return max(self.controllers, key=epoch)

    def out_of_sync(self, admin, led_by_preferred=False, seconds=2):
        """The partitions (topic, index) that lack a leader or a replica in sync, or are led by another than their first
        replica, where that is asked for; None when nobody answers."""
        import confluent_kafka
        try:
            topics = admin.list_topics(timeout=seconds).topics
        except confluent_kafka.KafkaException:
            return None
        return [(topic.topic, each.id) for topic in topics.values() for each in topic.partitions.values()
                if each.leader < 0 or set(each.isrs) != set(each.replicas) or
                (led_by_preferred and each.leader != each.replicas[0])]

    def wait_in_sync(self, admin, seconds, led_by_preferred=False):
        """Until every replica of every partition is in sync, and the first of them leads, where that is asked for."""
        deadline = time.monotonic() + seconds
        while (missing := self.out_of_sync(admin, led_by_preferred)) != []:
            for node in self.nodes.values():
                if not node.is_running():
                    raise RuntimeError(f"node {node.id} has ended by itself with {node.process.returncode}: {node.last_words()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"not all in sync within {seconds} s: " +
                                   ("nobody answers" if missing is None else json.dumps(missing[:5])))
            time.sleep(0.1)


def loopback_cluster(kt, folder, brokers, properties, prefix=()):
    """Nodes that are broker and controller each, on ports of their own."""
    ids = range(1, brokers + 1)
    ports = {(node_id, name): free_port() for node_id in ids for name in ("PLAINTEXT", "CONTROLLER")}
    voters = ",".join(f"{node_id}@127.0.0.1:{ports[node_id, 'CONTROLLER']}" for node_id in ids)
    return Cluster(kt, [Node(kt, folder, node_id, "broker,controller",
                             {name: f"127.0.0.1:{ports[node_id, name]}" for name in ("PLAINTEXT", "CONTROLLER")},
                             {"controller.quorum.voters": voters, **properties}, prefix) for node_id in ids])
