"""The page docs/benchmarks/README.md: one table and one chart for each group, and what grows with the library."""
import charts
import growth
from results import package_versions
from rows import shown, sides_beside, table

HEAD = """# Benchmarks
Made by `tests/bench/run`; do not edit. Run it as root on your own machine and disk:
```
tests/bench/run --quick --peers              all groups, small sets
tests/bench/run --full --peers               the specified sizes, 1,000,000 assets among them
tests/bench/run --quick --only data          one group; the others stay as they are
tests/bench/run --quick --compare OLD.json   also what lies outside the spread of both runs
```
**How to read it.** *Native* is the disk below, or the tool that does the same job; each group says which. Sides run in turn, A B A B, and
medians are compared. *×* is LensFS' value over the native one, **below 1 is better** (less time, less space); behind it the range over
the rounds. *Spread* is the lowest and highest round of LensFS. *CPU* is processor seconds of one round, native / LensFS, with those of the
processes that serve and of the programs that were run. *Memory* is what keeper, worker and jobs of the mount had in use at most, program
pages included; where no mount takes part it is the largest program's. *Target* is what the row must reach, as × or as a value.
"""
SHORT = {"native": "native", "drive": "LensFS"}


def rate(row, side):
    """What the median means in MiB or files per second, where the row knows."""
    value, amount = row.median(side), row.more.get("amount")
    if not value or not amount or row.unit != "s":
        return ""
    said = [f"{amount[what] / value:,.0f} {what}/s" for what in ("MiB", "files") if what in amount and amount[what] / value >= 1]
    return f" ({', '.join(said)})" if said else ""


def times(row):
    """LensFS over native, whatever the row's kind; the range over rounds that ran side by side."""
    native, drive = row.median("native"), row.median("drive")
    if not native or not drive:
        return "–"
    pairs = [b / a for a, b in zip(row.times["native"], row.times["drive"]) if a]
    text = f"**{drive / native:.2f}**"
    return f"{text} ({min(pairs):.2f}–{max(pairs):.2f})" if len(pairs) > 1 and len(row.times["native"]) == len(row.times["drive"]) else text


def spread(row):
    values = row.times.get("drive", [])
    return f"{shown(min(values), row.unit)} – {shown(max(values), row.unit)}" if len(values) > 1 else "–"


def cpu(row):
    spent = row.more.get("spent", {})
    said = [shown(spent[side]["cpu"]) if side in spent else "–" for side in ("native", "drive")]
    return " / ".join(said) if spent else "–"


def memory(row):
    spent = row.more.get("spent", {}).get("drive", {})
    most = spent.get("served") or spent.get("programs")
    return shown(most, "B") if most else "–"


def target(row):
    if row.kind == "info":
        return "–"
    limit = {"speed": lambda: f"× ≤ {1 / row.target:.2f}", "time": lambda: f"× ≤ {row.target:.2f}",
             "limit": row.wanted}[row.kind]()
    return f"{limit}: {'met' if row.met() else '**missed**'}"


def group_table(rows):
    beside = sides_beside(rows)
    head = ["", "native", "LensFS"] + beside + ["×", "spread", "CPU", "memory", "target"]
    lines = []
    for row in rows:
        cells = [row.name] + [shown(row.median(side), row.unit) + rate(row, side) for side in ["native", "drive"] + beside]
        lines.append(cells + [times(row), spread(row), cpu(row), memory(row), target(row)])
    return table(head, lines)


def circumstances(group, rows):
    """Where, when and how a group was measured, and whether to believe it."""
    at = group["machine"]
    versions = ", ".join(f"{side} {version}" for side, version in package_versions(sides_beside(rows)).items())
    mode = ", ".join(f"{key} {group['mode'][key].split(':')[0]}" for key in ("passthrough", "io_uring") if key in group["mode"])
    lines = [f"{group['when']}, `{group['size']}`, {at['processors']} × {at['model']}{', ' + at['virtual'] if at['virtual'] else ''}, {at['memory']}, "
             f"{at['system']}, Linux {at['kernel']}, {at['disk']}; load at the start {group['load']:.1f}; {group['commit']}"
             + (f"; {mode}" if mode else "") + (f"; {versions}" if versions else "") + "."]
    if group["load"] > at["processors"] / 2:
        lines.append(f"**The machine was busy with other work (load {group['load']:.1f} on {at['processors']} processors): these figures say "
                     "little. Measure again when it is idle.**")
    if group["size"] == "smoke":
        lines.append("**Tiny sets, to see that it works: these figures say nothing.**")
    if group["failed"]:
        lines.append(f"**Not measured to its end:** {group['failed']}")
    return "\n\n".join(lines)


def section(name, title, note, results, folder):
    group, rows = results.groups[name], results.rows(name)
    lines = [f"## {title}", note, circumstances(group, rows)]
    if rows:
        charts.bar_chart(rows, title, folder / f"{name}.svg")
        lines += [f"![{title}: horizontal bars]({name}.svg)", group_table(rows)]
    return "\n\n".join(lines)


def growth_section(results, folder):
    found = growth.growths(results.every_row())
    if not any(len(one.cost) > 1 for one in found):
        return ""
    growth.growth_chart(found, folder / "growth.svg")
    return ("## What grows with the library\n\nThe cost c of an operation over the number of assets n, and the exponent e of c ~ nᵉ that fits best: 0 does "
            "not grow, 1 grows as the library does. Constant means e ≤ 0.15, or the largest library at most twice the smallest.\n\n"
            "![Cost over the size of the library](growth.svg)\n\n" + growth.growth_table(found))


def write(results, groups, folder):
    """`groups`: (name, title, note) in their order. Writes the page and its charts."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [HEAD.strip()] + [section(*group, results, folder) for group in groups if group[0] in results.groups]
    parts.append(growth_section(results, folder) if results.groups else "Nothing has been measured yet.")
    page = "\n\n".join(part for part in parts if part) + "\n"
    (folder / "README.md").write_text(page, encoding="utf-8")
    return page
