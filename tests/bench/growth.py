"""How the cost of an operation grows with the library: exponents, a table, and a chart on log-log axes."""
import math
import statistics

from rows import shown, table, whole_unit
from svg import PEERS, Picture

WIDTH, LEFT, RIGHT, HEIGHT = 960, 76, 410, 320
COLOURS = ("drive",) + PEERS


class Growth:
    """One operation: its cost by the number of assets. `grows`: see rows.Row."""

    def __init__(self, name, unit, grows):
        self.name, self.unit, self.grows = name, unit, grows
        self.cost, self.native = {}, {}

    def exponent(self, cost):
        """Of the power law that fits best; None of less than two points."""
        points = [(math.log(scale), math.log(value)) for scale, value in cost.items() if value > 0]
        return statistics.linear_regression(*zip(*points)).slope if len(points) > 1 else None

    def verdict(self):
        found = self.exponent(self.cost)
        if found is None or self.grows is None or max(self.cost) < 10 * min(self.cost):
            return "–"
        smallest, largest = self.cost[min(self.cost)], self.cost[max(self.cost)]
        if self.grows == 0:
            return "**grows**" if found > 0.15 and largest > 2 * smallest else "yes"
        return "**more than that**" if found > 1.15 else "yes"


def growths(rows):
    found = {}
    for row in rows:
        if "operation" not in row.more or not row.median("drive"):
            continue
        one = found.setdefault(row.more["operation"], Growth(row.more["operation"], row.unit, row.more.get("grows")))
        one.cost[row.more["scale"]] = row.median("drive")
        if row.median("native"):
            one.native[row.more["scale"]] = row.median("native")
    return list(found.values())


def growth_table(found):
    scales = sorted({scale for one in found for scale in one.cost})
    head = ["cost over the assets in the library"] + [f"{scale:,}" for scale in scales] + ["exponent", "of the SQL", "should be", "is so"]
    lines = []
    for one in sorted(found, key=lambda one: ({0: 0, None: 2, 1: 1}[one.grows], one.unit)):
        of = [f"{value:.2f}" if value is not None else "–" for value in (one.exponent(one.cost), one.exponent(one.native))]
        should = {0: "0: constant", 1: "at most 1", None: "its limit"}[one.grows]
        lines.append([one.name] + [shown(one.cost.get(scale), one.unit) for scale in scales] + of + [should, one.verdict()])
    return table(head, lines)


def growth_chart(found, file):
    picture = Picture(WIDTH, "Cost over the size of the library")
    picture.text(16, 26, "Cost over the size of the library, both axes logarithmic", "title")
    y = 50
    for title, mine in (("should not grow: what is found is the same in each library", [one for one in found if one.grows == 0]),
                        ("may grow as the library does, or to a limit: what is found grows", [one for one in found if one.grows != 0 and one.unit == "s"]),
                        ("memory of a mount", [one for one in found if one.unit == "B"])):
        mine = [one for one in mine if len(one.cost) > 1 and not one.name.endswith("from the kernel")]  # lines enough
        if mine:
            y = panel(picture, title, mine, y) + 40
    picture.height = y
    picture.write(file)


def panel(picture, title, found, top):
    scales = sorted({scale for one in found for scale in one.cost})
    unit = found[0].unit
    whole = whole_unit(unit)
    values = [value / whole for one in found for value in one.cost.values()]
    low = math.floor(math.log10(min(values)))
    high = max(low + 1, math.ceil(math.log10(max(values)) + 0.01))
    left, right, bottom = math.log10(scales[0]), math.log10(scales[-1]), top + 24 + HEIGHT

    def across(scale):
        return LEFT + (math.log10(scale) - left) / (right - left) * (WIDTH - LEFT - RIGHT)

    def up(value):
        return bottom - (math.log10(value / whole) - low) / (high - low) * HEIGHT

    picture.text(16, top + 8, title, "strong")
    for decade in range(low, high + 1):
        y = up(whole * 10 ** decade)
        picture.line(LEFT, y, WIDTH - RIGHT, y)
        picture.text(LEFT - 8, y + 4, shown(whole * 10 ** decade, unit), "faint right")
    for scale in scales:
        picture.line(across(scale), top + 24, across(scale), bottom)
        picture.text(across(scale), bottom + 16, f"{scale:,}", "faint middle")
    free = top + 24
    for at, one in enumerate(sorted(found, key=lambda one: -one.cost[max(one.cost)])):
        points = [(across(scale), up(value)) for scale, value in sorted(one.cost.items())]
        exponent = one.exponent(one.cost)
        colour = COLOURS[at % len(COLOURS)]
        picture.path(points, colour, f"{one.name}: {exponent:.2f}")
        y = max(free, points[-1][1])
        free = y + 15
        picture.line(points[-1][0] + 6, points[-1][1], WIDTH - RIGHT + 18, y)
        picture.bar(WIDTH - RIGHT + 20, y - 4, 8, 8, colour)
        bad = one.verdict().startswith("**")
        picture.text(WIDTH - RIGHT + 33, y + 4, f"{one.name}: {exponent:.2f}", "strong" if bad else "")
    return max(bottom + 20, free)
