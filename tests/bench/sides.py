"""The two brokers that are measured, and what the system says of a process."""
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import protocol

ROOT = pathlib.Path(__file__).resolve().parents[2]
GET_KAFKA = ROOT / "scripts" / "get-apache-kafka"
# Apache Kafka as its own scripts start it: kafka-server-start.sh's heap, kafka-run-class.sh's flags.
KAFKA_HEAP = ("-Xms1G -Xmx1G -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 "
              "-XX:+ExplicitGCInvokesConcurrent -Djava.awt.headless=true")
KAFKA_TOOL_HEAP = KAFKA_HEAP.replace("-Xms1G -Xmx1G", "-Xmx256M")
# For both alike: what a load leaves behind goes soon, so that a disk of some 30 GB is enough.
SETTINGS = {"log.retention.check.interval.ms": "5000", "log.retention.bytes": str(20 << 30), "log.segment.bytes": str(256 << 20),
            "file.delete.delay.ms": "1000"}
START_SECONDS_MAX, STOP_SECONDS_MAX = 120, 90
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


def free_port():
    """A port that nobody listens on, below those that the system gives to clients: one of these may be taken while a node is down."""
    while True:
        try:
            with socket.create_server(("127.0.0.1", random.randrange(15000, 32000))) as server:
                return server.getsockname()[1]
        except OSError:
            continue


def cpu_seconds(pid):
    """User and system time of a process so far, its threads that ended included."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK_SECONDS


def started_at(pid):
    """When the process was started, on time.monotonic()'s clock, to a tick (10 ms)."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[19]) * TICK_SECONDS + time.monotonic() - time.clock_gettime(time.CLOCK_BOOTTIME)


def pss_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no Pss of {pid}")


def answers_metadata(port):
    """Whether a broker answers Metadata here and names a broker of the cluster."""
    try:
        return bool(protocol.metadata(port).brokers)
    except OSError:
        return False


def wait_for_metadata(port, is_alive):
    """Asks until a broker answers; the time of the answer on time.monotonic()'s clock."""
    deadline = time.monotonic() + START_SECONDS_MAX
    while not answers_metadata(port):
        if not is_alive() or time.monotonic() > deadline:
            raise RuntimeError(f"the broker on port {port} did not start")
        time.sleep(0.0005)
    return time.monotonic()


class Broker:
    """One node in its folder. start() gives the seconds from exec to the first answer to Metadata."""
    replicas, topic_settings = 1, {}

    def __init__(self, folder, settings=None):
        self.folder, self.port, self.pid = pathlib.Path(folder), free_port(), None
        self.settings = dict(SETTINGS, **(settings or {}))
        self.folder.mkdir(parents=True)

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"

    def cpu_seconds(self):
        return cpu_seconds(self.pid)

    def pss_mib(self):
        return pss_mib(self.pid)

    def remove(self):
        if self.pid:
            self.stop()
        shutil.rmtree(self.folder)


class Kt(Broker):
    side = "kt"

    def __init__(self, folder, kt, settings=None):
        super().__init__(folder, settings)
        self._kt, self._process = kt, None

    def prepare(self):
        """Nothing: a start on an empty folder formats it, which counts."""

    def start(self):
        command = [self._kt, "server", "--dir", self.folder / "data", "--override", f"listeners=PLAINTEXT://{self.bootstrap}"]
        for key, value in self.settings.items():
            command += ["--override", f"{key}={value}"]
        with open(self.folder / "log", "a") as log:
            begin = time.monotonic()
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self.pid = self._process.pid
        return wait_for_metadata(self.port, lambda: self._process.poll() is None) - begin

    def _end(self, number):
        begin = time.monotonic()
        self._process.send_signal(number)
        self._process.wait(STOP_SECONDS_MAX)
        self.pid = None
        return time.monotonic() - begin

    def stop(self):
        return self._end(signal.SIGTERM)

    def kill(self):
        return self._end(signal.SIGKILL)


class Kafka(Broker):
    side = "kafka"

    def _environment(self):
        return dict(os.environ, KAFKA_HEAP_OPTS=KAFKA_HEAP)

    def prepare(self):
        """Formats the folder: a tool's work with Kafka, which does not count."""
        self.start()
        self.stop()

    def start(self):
        settings = [f"{key}={value}" for key, value in self.settings.items()]
        pid_file = self.folder / "kafka.pid"
        pid_file.unlink(missing_ok=True)
        with open(self.folder / "start.log", "a") as log:
            starting = subprocess.Popen([GET_KAFKA, "start", self.folder, str(self.port), *settings], stdout=log, stderr=log,
                                        env=self._environment())
        answered = wait_for_metadata(self.port, lambda: starting.poll() in (None, 0))
        if starting.wait(START_SECONDS_MAX) != 0:
            raise RuntimeError(f"Apache Kafka did not start, see {self.folder}/start.log")
        self.pid = int(pid_file.read_text())
        return answered - started_at(self.pid)

    def _end(self, verb):
        pid, begin = self.pid, time.monotonic()
        subprocess.run([GET_KAFKA, verb, str(pid)], check=True, timeout=STOP_SECONDS_MAX, stdout=subprocess.DEVNULL)
        self.pid = None
        return time.monotonic() - begin

    def stop(self):
        return self._end("stop")

    def kill(self):
        return self._end("kill")


def make_broker(side, folder, kt, settings=None):
    return Kt(folder, kt, settings) if side == "kt" else Kafka(folder, settings)


def kafka_command(flags, log_settings):
    """A JVM with Apache Kafka's classes; what it is to run has to follow."""
    home, jars = (subprocess.run([GET_KAFKA, verb], check=True, capture_output=True, text=True).stdout.strip()
                  for verb in ("fetch", "classpath"))
    return ["java", *flags.split(), f"-Dlog4j2.configurationFile={home}/{log_settings}", "-cp", jars]


def kafka_server_command():
    """Apache Kafka's server with its scripts' flags; its property file is to follow."""
    return [*kafka_command(KAFKA_HEAP, "server-log4j2.properties"), "kafka.Kafka"]


def kafka_client_command(source, *arguments):
    """A program of one source file that uses Apache Kafka's clients."""
    return [*kafka_command("-Xmx256m -XX:+UseSerialGC", "tools-log4j2.properties"), str(source), *arguments]


def tool_command(side, kt, script, java_class, arguments):
    """How a shell tool is called on this side, as arguments of run_measured: kt under the script's name; Kafka's class in a JVM with
    its scripts' flags, without their bash."""
    if side == "kt":
        return [script, *arguments], kt
    jars = subprocess.run([GET_KAFKA, "classpath"], check=True, capture_output=True, text=True).stdout.strip()
    return ["java", *KAFKA_TOOL_HEAP.split(), "-cp", jars, java_class, *arguments], None


def run_measured(command, executable=None):
    """Runs a tool to its end: wall and CPU seconds, MiB resident at most. Raises where it fails."""
    with tempfile.TemporaryFile() as errors:
        begin = time.monotonic()
        process = subprocess.Popen(command, executable=executable, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        if process.returncode != 0:
            raise RuntimeError(f"{command} ended with {process.returncode}: {errors.read().decode(errors='replace')}")
    return {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime, "rss_mib": usage.ru_maxrss / 1024}
