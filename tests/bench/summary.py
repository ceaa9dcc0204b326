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
    ("W10 cluster ready", "ready_s", "at most", 1 / 20),
    *((f"W10 cluster 5000 RF{n}", name, "at most", 1 / 10) for n in (1, 3) for name in ("restart_s", "restart_after_kill_s")),
    *((f"W9 {row}{of}{client}", "gap_s", "at most", limit) for client in ("", " Java")
      for row, limit in (("kill -9", 1 / 4), ("SIGTERM", 1 / 5)) for of in ("", " controller")),
    *((f"W5 {record}", "cpu_s_per_gb", "at most", 1 / 4) for record in ("100 B", "1 KiB")),
    ("W8 RF3 500/s", "p99_ms", "at most", 1 / 5),
]
# Row, number, how much it may be with kt in any pair, whatever Kafka's is.
LIMITS = [("W9 lab", "gap_p95_s", 1), ("W9 lab", "lost", 0), *((f"W9 {row}{of}{client}", "lost", 0) for client in ("", " Java")
                                                             for row in ("kill -9", "SIGTERM") for of in ("", " controller"))]


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


def verdicts(numbers, wanted):
    """Lines of these rows, and whether all that is required of them was measured and met."""
    lines, all_met = [], True
    for row, name, how, limit in REQUIRED:
        if row not in wanted:
            continue
        ratio, _ = ratio_of(numbers[row, name]) if (row, name) in numbers else (None, 0)
        limit_text = f"{how} 1/{1 / limit:g}" if limit < 1 else f"{how} {limit:g}"
        verdict = "not measured" if ratio is None else "met" if (ratio <= limit if how == "at most" else ratio >= limit) else "MISSED"
        all_met = all_met and verdict == "met"
        seen = "" if ratio is None else f", is {ratio:.3g}" + (f" (1/{1 / ratio:.3g})" if 0 < ratio < 1 else "")
        lines.append(f"{verdict:13}{row}: {name} {limit_text} of Kafka's{seen}")
    for row, name, limit in LIMITS:
        if row not in wanted:
            continue
        values = numbers[row, name]["kt"].values() if (row, name) in numbers else []
        verdict = "not measured" if not values else "met" if max(values) <= limit else "MISSED"
        all_met = all_met and verdict == "met"
        lines.append(f"{verdict:13}{row}: {name} at most {limit}" + (f", is {short(max(values))}" if values else ""))
    return lines, all_met
