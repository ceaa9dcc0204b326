"""The faults of a chaos run. Each is a generator: it strikes, yields what it struck and for how long (seconds), and heals
when it is resumed. World has what they strike. Some are over before a broker's session is (3 s), some are not."""
import signal
import time

SYNC_SECONDS_MAX = 120
DISK_FULL_SECONDS_MAX = 10


class World:
    def __init__(self, cluster, places, images, rng, admin):
        self.cluster, self.places, self.images, self.rng, self.admin = cluster, places, images, rng, admin
        self.struck = set()  # ids of the nodes that a fault holds

    def broker(self):
        node = self.rng.choice([node for node in self.cluster.brokers if node.id not in self.struck])
        self.struck.add(node.id)
        return node

    def active_controller(self):
        node = self.cluster.active_controller()
        if node.id in self.struck:
            node = self.rng.choice([each for each in self.cluster.controllers if each.id not in self.struck])
        self.struck.add(node.id)
        return node

    def spare(self, node):
        self.struck.discard(node.id)

    def wait_in_sync(self):
        self.cluster.wait_in_sync(self.admin, SYNC_SECONDS_MAX)

    def addresses_but(self, node, with_clients):
        nodes = [place.address for node_id, place in self.places.items() if node_id != node.id]
        return nodes + ([self.places[node.id].address.rsplit(".", 1)[0] + ".1"] if with_clients else [])


def kill(world):
    node = world.broker()
    node.kill()
    yield f"broker {node.id}", world.rng.uniform(0, 3)
    node.start()
    world.spare(node)


def pause(world):
    node = world.broker()
    node.send(signal.SIGSTOP)
    yield f"broker {node.id}", world.rng.uniform(0.3, 6)
    node.send(signal.SIGCONT)
    world.spare(node)


def partition(world):
    """A broker is cut from the other nodes; sometimes clients still reach it, and it takes itself for the leader."""
    node, with_clients = world.broker(), world.rng.random() < 0.5
    world.places[node.id].cut(world.addresses_but(node, with_clients))
    yield f"broker {node.id}{'' if with_clients else ', not from clients'}", world.rng.uniform(0.5, 6)
    world.places[node.id].mend()
    world.spare(node)


def one_way(world):
    """A broker is heard but does not hear, or the other way round."""
    node, with_clients, incoming = world.broker(), world.rng.random() < 0.5, world.rng.random() < 0.5
    world.places[node.id].cut(world.addresses_but(node, with_clients), incoming, not incoming)
    yield f"broker {node.id} {'is deaf' if incoming else 'is dumb'}", world.rng.uniform(0.5, 6)
    world.places[node.id].mend()
    world.spare(node)


def slow_link(world):
    node, kbit = world.broker(), world.rng.choice([256, 1000, 4000])
    world.places[node.id].slow(kbit, world.rng.choice([50, 400, 1500]))
    yield f"broker {node.id}, {kbit} kbit/s", world.rng.uniform(1, 5)
    world.places[node.id].unslow()
    world.spare(node)


def restart(world):
    node = world.broker()
    node.stop()
    yield f"broker {node.id}", world.rng.uniform(0, 2)
    node.start()
    world.spare(node)


def disk_full(world):
    """A broker that cannot write ends; it is started again when there is room."""
    node = world.broker()
    image = world.images[node.id]
    image.fill()
    deadline = time.monotonic() + DISK_FULL_SECONDS_MAX
    while node.is_running() and time.monotonic() < deadline:
        time.sleep(0.1)
    yield f"broker {node.id}{'' if node.is_running() else ', which ended'}", world.rng.uniform(0, 2)
    image.unfill()
    if not node.is_running():
        node.start()
    world.spare(node)


def controller_loss(world):
    """The active controller is killed, paused or cut off."""
    node, how = world.active_controller(), world.rng.choice(["killed", "paused", "cut off"])
    place = world.places[node.id]
    if how == "killed":
        node.kill()
    elif how == "paused":
        node.send(signal.SIGSTOP)
    else:
        place.cut(world.addresses_but(node, False))
    yield f"controller {node.id} {how}", world.rng.uniform(1, 4)
    if how == "killed":
        node.start()
    elif how == "paused":
        node.send(signal.SIGCONT)
    else:
        place.mend()
    world.spare(node)


def rolling_restart(world):
    """Every broker in turn, each when all are in sync."""
    for node in world.cluster.brokers:
        world.wait_in_sync()
        world.struck.add(node.id)
        node.stop()
        node.start()
        world.spare(node)
    yield "all brokers", 0


def power_cut(world):
    """All nodes at once lose what they have not synced."""
    nodes = list(world.cluster.nodes.values())
    for node in nodes:
        world.images[node.id].cut_power()
    for node in nodes:
        node.end()
    yield "all nodes", 0
    for node in nodes:
        world.images[node.id].restore()
    world.cluster.start()


# Those that take hold of one broker or controller may meet; the others come alone.
FAULTS = {"kill": kill, "pause": pause, "partition": partition, "one-way partition": one_way, "slow link": slow_link,
          "restart": restart, "disk full": disk_full, "controller loss": controller_loss, "rolling restart": rolling_restart,
          "power cut": power_cut}
MEETING = ["kill", "pause", "partition", "one-way partition", "slow link", "controller loss"]
USUAL = [name for name in FAULTS if name != "power cut"]
