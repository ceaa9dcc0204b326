"""What has to hold after a chaos run: (name, what is wrong or None) per check."""
import array
import glob
import os

from history import acknowledged, check_commits, check_reads, contents, first, lines, runs_of

NUMBERS_PER_PRODUCER = 1 << 40
BLOCK_BYTES = 1 << 20


def base_of(producer):
    """Where a producer's numbers begin, in each partition."""
    return producer * NUMBERS_PER_PRODUCER


def check_partition(offsets, numbers, acked, producers):
    """All that was sent was acknowledged: each producer's numbers are there from the first to the last, in order, and where
    they were said to be."""
    if not offsets:
        return "is empty"
    wrong = first(f"a gap between {a} and {b}" for a, b in zip(offsets, offsets[1:]) if b != a + 1)
    if wrong or offsets[0] != 0:
        return wrong or f"begins at {offsets[0]}"
    wanted = [base_of(producer) for producer in range(producers)]
    for offset, number in zip(offsets, numbers):
        producer = number // NUMBERS_PER_PRODUCER
        if number < wanted[producer]:
            return f"number {number} at {offset} is doubled or out of order, {wanted[producer]} was to come"
        if number > wanted[producer]:
            return f"number {wanted[producer]} is not there before {number} at {offset}: lost or out of order"
        wanted[producer] += 1
    known = array.array("q", acked[:len(numbers)])
    if known != numbers:
        return first(f"{number} was acknowledged at {offset}, where {numbers[offset]} is" for offset, number in enumerate(known)
                     if number != numbers[offset])
    return first(f"number {number}, acknowledged at {offset}, is lost" for offset, number in
                 enumerate(acked[len(numbers):], len(numbers)) if number >= 0)


def acknowledged_somewhere(folder, names):
    """The (partition, number) of records whose offset the broker did not remember."""
    return {(line["partition"], line["number"]) for name in names for line in lines(folder, name)
            if line["event"] == "acked somewhere"}


def place(somewhere, partition, offsets, numbers, acked):
    """Enters into `acked` where these records are found; what is lost, or None."""
    wanted = {number for at, number in somewhere if at == partition}
    for offset, number in zip(offsets, numbers):
        if number in wanted:
            acked.extend([-1] * (offset + 1 - len(acked)))
            acked[offset] = number
            wanted.discard(number)
    return f"number {min(wanted)} and {len(wanted) - 1} others are lost" if wanted else None


def check_shared(folder, members, acked):
    """Together the members saw every record, each where it was acknowledged."""
    seen = [bytearray(len(there)) for there in acked]
    for name in members:
        for partition, offset, number in runs_of(folder, name, "read"):
            if offset >= len(acked[partition]) or acked[partition][offset] != number:
                return f"{partition}: number {number} at {offset} was never acknowledged there"
            seen[partition][offset] = 1
    for partition, there in enumerate(acked):
        missed = seen[partition].find(0)
        if 0 <= missed < len(there) and there[missed] >= 0:
            return f"{partition}: nobody saw {there[missed]} at {missed}"
    return None


def check_clients(bootstrap, folder, topic, partitions, producers, end_readers):
    """`end_readers` is called with where each partition ends."""
    acked, doubled = acknowledged(folder, [f"producer-{i}" for i in range(producers)], partitions)
    yield "one record per acknowledged offset", doubled
    somewhere = acknowledged_somewhere(folder, [f"producer-{i}" for i in range(producers)])
    ends = []
    for partition in range(partitions):
        offsets, numbers = contents(bootstrap, topic, partition)
        ends.append(len(offsets))
        lost = place(somewhere, partition, offsets, numbers, acked[partition])
        if somewhere:
            yield f"{topic}-{partition}: what was acknowledged without an offset is there", lost
        yield (f"{topic}-{partition}: nothing acknowledged lost, doubled or out of order",
               check_partition(offsets, numbers, acked[partition], producers))
    end_readers(ends)
    yield "the reader saw what was acknowledged, in order", check_reads(runs_of(folder, "reader", "read"), acked)
    yield "the members of a group saw everything", check_shared(folder, ["sharer-0", "sharer-1"], acked)
    yield "committed group offsets never go back", check_commits(folder)


def check_lines(bootstrap, topic, count):
    _, numbers = contents(bootstrap, topic, 0)
    wrong = first(f"{number} where {wanted} was to come" for wanted, number in enumerate(numbers) if number != wanted)
    return wrong or (f"{len(numbers)} lines of {count}" if len(numbers) != count else None)


def blocks_of(directory):
    """The bytes of a partition's log, whatever its segments."""
    for file in sorted(glob.glob(os.path.join(directory, "*.log"))):
        with open(file, "rb") as log:
            while block := log.read(BLOCK_BYTES):
                yield block


def log_bytes(directory):
    return sum(os.path.getsize(file) for file in glob.glob(os.path.join(directory, "*.log")))


def first_difference(directory, other, limit):
    """The place of the first byte that differs, below `limit`; None: there is none."""
    at, left, right = 0, b"", b""
    ours, theirs = blocks_of(directory), blocks_of(other)
    while at < limit:
        left, right = left or next(ours, b""), right or next(theirs, b"")
        count = min(len(left), len(right), limit - at)
        if left[:count] != right[:count]:
            return at + first(i for i in range(count) if left[i] != right[i])
        at, left, right = at + count, left[count:], right[count:]
    return None


def check_replicas(data, partitions):
    """Brokers that were stopped one after the other: what the first had, all have. Of the topics that nobody wrote to any more
    (`partitions`: how many each has) they have the same to the end."""
    ended = [f"{topic}-{i}" for topic, count in partitions.items() for i in range(count)]
    names = ended + sorted({os.path.basename(path) for each in data for path in glob.glob(f"{each}/logs/__consumer_offsets-*")})
    for name in names:
        directories = [os.path.join(each, "logs", name) for each in data]
        sizes = [log_bytes(directory) for directory in directories]
        wrong = f"sizes {sizes}" if name in ended and len(set(sizes)) > 1 else None
        for other in directories[1:]:
            at = first_difference(directories[0], other, min(sizes))
            if at is not None:
                wrong = f"{directories[0]} and {other} differ at byte {at}"
        yield f"{name}: the replicas' logs are the same bytes", wrong
