"""Rows: what was measured, as a line of a table and as a line of JSON."""
import statistics

UNITS = {"s": ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")), "B": ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B"))}


def whole_unit(unit):
    """What the decades of an axis count in."""
    return 1 << 20 if unit == "B" else 1


def scale_of(value, unit):
    """The factor and the name of the unit that fits a value."""
    known = UNITS.get(unit, ((1, unit),))
    return next((pair for pair in known if value >= pair[0]), known[-1])


def shown(value, unit="s"):
    """With a unit that fits: 3.2 ms, 516 MiB."""
    if value is None:
        return "–"
    factor, name = scale_of(value, unit)
    return f"{digits(value / factor)} {name}"


def digits(value):
    """Three digits, without an exponent."""
    return f"{value:,.0f}" if value >= 99.95 else f"{value:.3g}"


def span(times, unit="s"):
    """Median (min–max) with a unit that fits."""
    if not times:
        return "–"
    middle = statistics.median(times)
    factor, _ = scale_of(middle, unit)
    return f"{shown(middle, unit)} ({digits(min(times) / factor)}–{digits(max(times) / factor)})"


class Row:
    """What one line of the table says. `kind`: "speed" wants native/drive time >= target, "time" wants drive/native
    time <= target, "limit" wants the drive's value <= target, "info" wants nothing. `times`: side -> values in `unit`
    (s, B or a word for a count), one for each round.

    More, where it is known: `amount` of what one value stands for ({"files": 10, "MiB": 80}), `spent` on each side
    (see costs.Meter), and for the charts of growth `operation`, `scale` (assets in the library) and `grows`, how it
    should grow with that: 0, not at all, or 1, as the library does."""

    def __init__(self, name, kind, target, times, unit="s", **more):
        self.name, self.kind, self.target, self.unit, self.more = name, kind, target, unit, more
        self.times = {side: [float(value) for value in values] for side, values in times.items()}

    def median(self, side):
        return statistics.median(self.times[side]) if self.times.get(side) else None

    def ratio(self):
        native, drive = self.median("native"), self.median("drive")
        if not native or not drive:
            return None
        return native / drive if self.kind == "speed" else drive / native

    def met(self):
        if self.kind == "info":
            return True
        if self.kind == "limit":
            return self.median("drive") <= self.target + (0.01 if self.unit == "requests" else 0)  # one in a hundred is somebody else's
        ratio = self.ratio()
        return ratio is not None and (ratio >= self.target if self.kind == "speed" else ratio <= self.target)

    def wanted(self):
        return {"speed": f"speed ≥ {self.target}", "time": f"time ≤ {self.target}",
                "limit": f"≤ {shown(self.target, self.unit)}" if self.target else "0", "info": "–"}[self.kind]

    def cells(self, peers):
        ratio = self.ratio()
        cells = [self.name] + [span(self.times.get(side), self.unit) for side in ["native", "drive"] + peers]
        cells += [f"{ratio:.2f}" if ratio else "–", self.wanted()]
        return cells + ["–" if self.kind == "info" else "yes" if self.met() else "**no**"]

    def as_json(self):
        short = {side: [float(f"{value:.5g}") for value in values] for side, values in self.times.items()}
        return {"name": self.name, "kind": self.kind, "target": self.target, "unit": self.unit, "times": short, **self.more}

    @staticmethod
    def of_json(told):
        told = dict(told)
        return Row(told.pop("name"), told.pop("kind"), told.pop("target"), told.pop("times"), told.pop("unit", "s"), **told)


def count(name, found, most):
    """A row that counts requests instead of measuring time."""
    return Row(name, "limit", most, {"drive": [found]}, "requests")


def sides_beside(rows):
    """The names of the sides of rows that are neither the disk nor the drive, in the order in which they come."""
    return list(dict.fromkeys(side for row in rows for side in row.times if side not in ("native", "drive")))


def table(head, lines):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(line) + " |" for line in lines])
