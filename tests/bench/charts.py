"""One chart for each group: horizontal bars on a logarithmic scale, shorter is better, LensFS stands out."""
import math

from rows import shown, sides_beside, whole_unit
from svg import PEERS, Picture, wrapped

WIDTH, LABEL, RIGHT, BAR, GAP = 960, 320, 96, 11, 12
NAMES = {"drive": "LensFS"}


def colours(rows):
    beside = sides_beside(rows)
    return {"native": "disk", "drive": "drive", **{side: PEERS[at % len(PEERS)] for at, side in enumerate(beside)}}


def charted(rows):
    """Of rows over the size of the library those of the largest; nothing that is 0 or stands alone in its unit."""
    largest = max((row.more.get("scale", 0) for row in rows), default=0)
    return [row for row in rows if row.more.get("scale", largest) == largest and row.unit in ("s", "B") and row.median("drive")]


def bar_chart(rows, title, file):
    rows = charted(rows)
    picture = Picture(WIDTH, title)
    colour = colours(rows)
    picture.text(16, 26, title, "title")
    x = 16
    for side, what in colour.items():
        if any(side in row.times for row in rows):
            picture.bar(x, 38, 12, BAR, what)
            picture.text(x + 17, 48, NAMES.get(side, side), "strong" if side == "drive" else "")
            x += 40 + 7 * len(NAMES.get(side, side))
    y = 66
    for unit, axis in (("s", "seconds for each; shorter is better"), ("B", "space or memory; shorter is better")):
        mine = [row for row in rows if row.unit == unit]
        if mine:
            y = panel(picture, mine, colour, axis, y) + 20
    picture.height = y
    picture.write(file)


def panel(picture, rows, colour, axis, top):
    """Bars of one unit; where they end."""
    unit = rows[0].unit
    one = whole_unit(unit)
    values = [row.median(side) / one for row in rows for side in row.times if row.median(side)]
    low = math.floor(math.log10(min(values)) - 0.05)
    high = max(low + 1, math.ceil(math.log10(max(values))))
    inner = WIDTH - LABEL - RIGHT

    def place(value):
        return (math.log10(value / one) - low) / (high - low) * inner

    heights = [max((len(row.times)) * (BAR + 2), 15 * len(wrapped(row.name, 46))) + GAP for row in rows]
    for decade in range(low, high + 1):
        x = LABEL + place(one * 10 ** decade)
        picture.line(x, top + 18, x, top + 22 + sum(heights))
        picture.text(x, top + 12, shown(one * 10 ** decade, unit), "faint middle")
    picture.text(16, top + 12, axis, "faint")
    y = top + 28
    for row, height in zip(rows, heights):
        for at, line in enumerate(wrapped(row.name, 46)):
            picture.text(16, y + 10 + 15 * at, line)
        for at, side in enumerate(side for side in colour if row.median(side)):
            value = row.median(side)
            says = f"{NAMES.get(side, side)}: {shown(value, unit)}"
            width = place(value)
            picture.bar(LABEL, y + at * (BAR + 2), width, BAR, colour[side], says)
            picture.text(LABEL + max(width, 1) + 5, y + at * (BAR + 2) + 10, shown(value, unit), "strong" if side == "drive" else "faint")
        y += height
    return y
