"""Clusters of three brokers on this machine: kt and Apache Kafka on the same property files."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import protocol
import sides

BROKERS = (1, 2, 3)
COMBINED = {node: "broker,controller" for node in BROKERS}
# With the controller apart, all brokers can be stopped at once and none waits for a quorum that is gone.
APART = {**{node: "broker" for node in BROKERS}, 4: "controller"}
CLUSTER_ID = "ktPeerClusterIdAAAAAAA"
# As sides.SETTINGS, but each record lies on the disk, and in its cache, three times.
SETTINGS = {**sides.SETTINGS, "log.retention.bytes": str(512 << 20), "log.segment.bytes": str(128 << 20)}
READY_SECONDS_MAX, STOP_SECONDS_MAX = 600, 300


def wait_until(holds, what, begin=None, seconds_max=READY_SECONDS_MAX):
    """Asks until it holds, and not so often that the asking is felt: a hundredth of the time so far is between two questions.
    The seconds since `begin`."""
    begin = begin or time.monotonic()
    while not holds():
        elapsed = time.monotonic() - begin
        if elapsed > seconds_max:
            raise RuntimeError(f"{what}: not within {seconds_max} s")
        time.sleep(min(max(elapsed / 100, 0.0005), 0.2))
    return time.monotonic() - begin


def shows(port, holds, topics=()):
    """Whether this broker answers Metadata of these topics, and the answer is so."""
    try:
        return holds(protocol.metadata(port, topics))
    except OSError:
        return False


def shows_all_brokers(port):
    return shows(port, lambda found: len(found.brokers) == len(BROKERS) and found.controller >= 0)


def has_leaders(port, topics, partitions):
    return shows(port, lambda found: sum(partition.leader >= 0 for partition in found.partitions.values()) == partitions, topics)


def is_in_sync(port, topic):
    """Whether each broker is in the ISR of the topic's one partition."""
    return shows(port, lambda found: [len(partition.in_sync) for partition in found.partitions.values()] == [len(BROKERS)], [topic])


def is_led_by(port, topic, leader):
    return shows(port, lambda found: [partition.leader for partition in found.partitions.values()] == [leader], [topic])


class Cluster:
    """Nodes of one side with the roles given, as rows.Bench takes a broker: `cpu_seconds` and `pss_mib` are those of all together."""
    replicas, topic_settings = 3, {"min.insync.replicas": "2"}

    def __init__(self, side, folder, kt, roles, settings=None):
        self.side, self.folder, self._kt, self._roles = side, pathlib.Path(folder), kt, roles
        self._settings = {**SETTINGS, **(settings or {})}
        free = set()
        while len(free) < 2 * len(roles):
            free.add(sides.free_port())
        self._ports = {node: (free.pop(), free.pop()) for node in roles}  # for clients, for controllers
        self._processes = {}
        for node in roles:
            self._folder_of(node).mkdir(parents=True)

    def _folder_of(self, node):
        return self.folder / str(node)

    def _properties(self, node):
        roles = self._roles[node]
        listeners = [f"{name}://127.0.0.1:{port}" for name, role, port in zip(("PLAINTEXT", "CONTROLLER"), ("broker", "controller"),
                                                                             self._ports[node]) if role in roles]
        voters = ",".join(f"{n}@127.0.0.1:{self._ports[n][1]}" for n, role in self._roles.items() if "controller" in role)
        return {"node.id": node, "process.roles": roles, "listeners": ",".join(listeners), "controller.listener.names": "CONTROLLER",
                "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT", "controller.quorum.voters": voters,
                "log.dirs": self.data_of(node), **self._settings}

    def data_of(self, node):
        return self._folder_of(node) / "data"

    def prepare(self):
        """Writes the property files and formats the folders, which does not count."""
        for node in self._roles:
            file = self._folder_of(node) / "server.properties"
            file.write_text("".join(f"{key}={value}\n" for key, value in self._properties(node).items()))
            if self.side == "kt":
                format_folder = [self._kt, "storage", "format", "-t", CLUSTER_ID, "-c", file]
            else:
                format_folder = [sides.GET_KAFKA, "run-tool", "kafka-storage.sh", "format", "-t", CLUSTER_ID, "-c", file]
            subprocess.run(format_folder, check=True, stdout=subprocess.DEVNULL, timeout=60)
        self._command = [self._kt, "server"] if self.side == "kt" else sides.kafka_server_command()

    def start_nodes(self, nodes):
        """Begins to start them, all at once."""
        for node in nodes:
            with open(self._folder_of(node) / "log", "a") as log:
                self._processes[node] = subprocess.Popen([*self._command, self._folder_of(node) / "server.properties"],
                                                         stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def start(self):
        """Starts all; the seconds from the first exec until each broker's Metadata names all brokers and a controller."""
        begin = time.monotonic()
        self.start_nodes(self._roles)
        for port in self.ports:
            self.wait_for_brokers(port, begin)
        return time.monotonic() - begin

    def wait_for_brokers(self, port, begin=None):
        def holds():
            for node, process in self._processes.items():
                if process.poll() is not None:
                    raise RuntimeError(f"node {node} ended with {process.returncode}, see {self._folder_of(node)}/log")
            return shows_all_brokers(port)
        wait_until(holds, f"all brokers at port {port}", begin)

    def end_nodes(self, nodes, number):
        """Sends the signal to these at once and waits until they are gone; the seconds."""
        begin = time.monotonic()
        for node in nodes:
            self._processes[node].send_signal(number)
        for node in nodes:
            self._processes[node].wait(STOP_SECONDS_MAX)
            del self._processes[node]
        return time.monotonic() - begin

    def stop(self):
        """Brokers first, while there are controllers to take leave of."""
        controllers = [node for node, roles in self._roles.items() if "broker" not in roles]
        return self.end_nodes([node for node in self._roles if node not in controllers], signal.SIGTERM) + \
            self.end_nodes(controllers, signal.SIGTERM)

    def kill(self):
        return self.end_nodes(list(self._processes), signal.SIGKILL)

    def take_down(self, node, number):
        self.end_nodes([node], number)

    def bring_back(self, node):
        self.start_nodes([node])
        for port in self.ports:
            self.wait_for_brokers(port)

    @property
    def ports(self):
        return [self._ports[node][0] for node, roles in self._roles.items() if "broker" in roles]

    @property
    def bootstrap(self):
        return ",".join(f"127.0.0.1:{port}" for port in self.ports)

    def active_controller(self):
        return protocol.active_controller(self.ports[0])

    def cpu_seconds(self):
        return sum(sides.cpu_seconds(process.pid) for process in self._processes.values())

    def pss_mib(self):
        return sum(sides.pss_mib(process.pid) for process in self._processes.values())

    def remove(self):
        self.kill()
        shutil.rmtree(self.folder)


class Lab:
    """A cluster of kt as `kt lab up` makes it, with the timers of a lab."""
    replicas, topic_settings = Cluster.replicas, Cluster.topic_settings

    def __init__(self, folder, kt):
        self._kt, self._folder = kt, pathlib.Path(folder)
        self._folder.mkdir()
        self._environment = dict(os.environ, XDG_STATE_HOME=str(self._folder))
        self._run("up", "bench", "--brokers", str(len(BROKERS)), "--port-base", "auto")
        self.bootstrap = self._run("list", "-o", "json")["items"][0]["bootstrap_servers"]
        self.ports = [int(address.rsplit(":", 1)[1]) for address in self.bootstrap.split(",")]

    def _run(self, *arguments):
        done = subprocess.run([self._kt, "lab", *arguments], env=self._environment, check=True, stdout=subprocess.PIPE, timeout=60)
        return json.loads(done.stdout) if "json" in arguments else None

    def active_controller(self):
        return None  # none of the brokers

    def take_down(self, node, number):
        self._run("kill", str(node), "--signal", str(int(number)))

    def bring_back(self, node):
        self._run("start", str(node))
        for port in self.ports:
            wait_until(lambda port=port: shows_all_brokers(port), f"all brokers at port {port}")

    def remove(self):
        self._run("down", "bench", "--wipe")
        shutil.rmtree(self._folder)
