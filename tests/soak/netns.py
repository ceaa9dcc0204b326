"""A network of namespaces and file systems in images, both of a run alone: they end with it, however it ends.

enter() puts the calling program into a network and a mount namespace of its own. Each node then gets a namespace whose
`eth0` is on a bridge here; what a firewall (nft) and a queue (tc tbf) do to it is told by node. Needs root.
"""
import fcntl
import os
import struct
import subprocess
import sys

ENTERED = "KT_SOAK_IN_NAMESPACE"
SUBNET = "10.99.7"
# _IOR('X', 125, __u32) of linux/fs.h; 2: what is in the journal but not on the disk is lost too.
FS_IOC_SHUTDOWN, SHUTDOWN_NOLOGFLUSH = 0x8004587D, 2


def command(*words, check=True):
    done = subprocess.run(list(words), capture_output=True, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def enter():
    """Starts the program anew in namespaces of its own."""
    if os.geteuid() != 0:
        sys.exit("needs root: network namespaces and mounts are made")
    if ENTERED not in os.environ:
        os.environ[ENTERED] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", "--propagation", "private", sys.executable, *sys.argv])
    command("ip", "link", "set", "lo", "up")
    command("ip", "link", "add", "bridge", "type", "bridge")
    command("ip", "address", "add", f"{SUBNET}.1/24", "dev", "bridge")
    command("ip", "link", "set", "bridge", "up")


class Place:
    """A node's namespace: `prefix` starts a program there, `address` is its own."""

    def __init__(self, node_id):
        self.id, self.address = node_id, f"{SUBNET}.{100 + node_id}"
        # It ends when its input does: with this program.
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec cat"], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        self.prefix = ["nsenter", "--net", "--target", str(self.holder.pid)]
        self.link = f"node{node_id}"
        command("ip", "link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", str(self.holder.pid))
        command("ip", "link", "set", self.link, "master", "bridge", "up")
        self.inside("ip", "address", "add", f"{self.address}/24", "dev", "eth0")
        self.inside("ip", "link", "set", "eth0", "up")
        self.inside("ip", "link", "set", "lo", "up")
        self.inside("nft", "add table ip cut; add chain ip cut in { type filter hook input priority 0; };"
                           " add chain ip cut out { type filter hook output priority 0; }")

    def inside(self, *words):
        return command(*self.prefix, *words)

    def cut(self, others, incoming=True, outgoing=True):
        """Packets from and to these addresses are lost without a word."""
        addresses = "{ " + ", ".join(others) + " }"
        if incoming:
            self.inside("nft", f"add rule ip cut in ip saddr {addresses} drop")
        if outgoing:
            self.inside("nft", f"add rule ip cut out ip daddr {addresses} drop")

    def mend(self):
        self.inside("nft", "flush table ip cut")

    def slow(self, kbit_per_second, wait_ms):
        """Both ways; what would wait for longer than `wait_ms` is lost."""
        limit = ["tbf", "rate", f"{kbit_per_second}kbit", "burst", "16kb", "latency", f"{wait_ms}ms"]
        self.inside("tc", "qdisc", "replace", "dev", "eth0", "root", *limit)
        command("tc", "qdisc", "replace", "dev", self.link, "root", *limit)

    def unslow(self):
        self.inside("tc", "qdisc", "del", "dev", "eth0", "root")
        command("tc", "qdisc", "del", "dev", self.link, "root")


class Image:
    """An ext4 file system in a file, mounted at `at`."""

    def __init__(self, file, at, size_bytes):
        self.file, self.at, self.filler = file, at, os.path.join(at, "filler")
        with open(file, "wb") as out:
            out.truncate(size_bytes)
        command("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1", file)
        self.mount()

    def mount(self):
        command("mount", "-o", "loop", self.file, self.at)

    def fill(self):
        """Until nothing more fits."""
        with open(self.filler, "wb") as out:
            at, step = 0, 1 << 28
            while step >= 1 << 12:
                try:
                    os.posix_fallocate(out.fileno(), at, step)
                    at += step
                except OSError:
                    step //= 2

    def unfill(self):
        os.remove(self.filler)

    def cut_power(self):
        """What is not synced is lost, and nothing can be written any more until restore()."""
        at = os.open(self.at, os.O_RDONLY)
        try:
            fcntl.ioctl(at, FS_IOC_SHUTDOWN, struct.pack("I", SHUTDOWN_NOLOGFLUSH))
        finally:
            os.close(at)

    def restore(self):
        self.unmount()
        self.mount()

    def unmount(self):
        command("umount", self.at)
