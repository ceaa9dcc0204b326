"""What a results file says: medians of both sides, their ratio, and whether the ratios asked for are met."""
import collections
import json
import statistics

# Row, number, how kt's may stand to Kafka's: at most (or at least) so many times it.
REQUIRED = [
    ("W1", "cpu_s_per_gb", "at most", 1 / 4),
    ("W2", "cpu_s_per_gb", "at most", 1 / 4),
    ("W3", "cpu_s_per_gb", "at most", 1 / 2.5),
    ("W10 0 partitions", "cold_start_s", "at most", 1 / 50),
    ("idle", "pss_mib", "at most", 1 / 20),
    ("W11 topics --list", "wall_s", "at most", 1 / 50),
    ("W6 fetch 1048576", "gb_per_s", "at least", 1),
    ("W6 fetch 65536", "cpu_s_per_gb", "at most", 1 / 2),
    ("W8 500/s", "p99_ms", "at most", 1),
]


def read(path):
    """{(row, number): {side: {pair: value}}} of a file of JSON lines; and the lines' own settings."""
    numbers, settings = collections.defaultdict(lambda: collections.defaultdict(dict)), []
    for line in path.read_text().splitlines() if path.exists() else []:
        entry = json.loads(line)
        if "settings" in entry:
            settings.append(entry["settings"])
            continue
        for name, value in entry["numbers"].items():
            numbers[entry["row"], name][entry["side"]][entry["pair"]] = value
    return numbers, settings


def ratio_of(sides):
    """The median of kt's value over Kafka's, pair by pair; None without a whole pair."""
    pairs = sides["kt"].keys() & sides["kafka"].keys()
    ratios = [sides["kt"][pair] / sides["kafka"][pair] for pair in pairs if sides["kafka"][pair]]
    return (statistics.median(ratios), len(ratios)) if ratios else (None, 0)


def short(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def table(numbers):
    lines = ["| row | number | kt | Kafka | kt / Kafka | pairs |", "|---|---|---|---|---|---|"]
    for (row, name), sides in numbers.items():
        medians = [short(statistics.median(sides[side].values())) if sides[side] else "-" for side in ("kt", "kafka")]
        ratio, pairs = ratio_of(sides)
        lines.append(f"| {row} | {name} | {medians[0]} | {medians[1]} | {f'{ratio:.3g}' if ratio is not None else '-'} | {pairs} |")
    return lines


def verdicts(numbers):
    """Lines, and whether all that is required was measured and met."""
    lines, all_met = [], True
    for row, name, how, limit in REQUIRED:
        ratio, _ = ratio_of(numbers[row, name]) if (row, name) in numbers else (None, 0)
        wanted = f"{how} 1/{1 / limit:g}" if limit < 1 else f"{how} {limit:g}"
        if ratio is None:
            verdict = "not measured"
        elif ratio <= limit if how == "at most" else ratio >= limit:
            verdict = "met"
        else:
            verdict = "MISSED"
        all_met = all_met and verdict == "met"
        seen = "" if ratio is None else f", is {ratio:.3g}" + (f" (1/{1 / ratio:.3g})" if 0 < ratio < 1 else "")
        lines.append(f"{verdict:13}{row}: {name} {wanted} of Kafka's{seen}")
    return lines, all_met
