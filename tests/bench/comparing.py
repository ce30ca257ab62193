"""Two runs beside each other: which rows differ by more than what each of them spreads."""
from rows import shown, table


def apart(old, new):
    """-1: all of new lies below all of old; 1: above; 0: they overlap, or there is too little to say."""
    if not old or not new:
        return 0
    return -1 if max(new) < min(old) else 1 if min(new) > max(old) else 0


def ratios(row):
    """LensFS over native, round by round, where both sides ran as often."""
    native, drive = row.times.get("native", []), row.times.get("drive", [])
    return [b / a for a, b in zip(native, drive) if a] if len(native) == len(drive) else []


def compared(old, new):
    """Markdown: `old` and `new` are Results. A difference that the ratio to the native side does not show as well may be the
    machine's; single values have no spread and are left out."""
    lines, same, single, missing = [], 0, 0, []
    for group in new.groups:
        before = {row.name: row for row in old.rows(group)}
        for row in new.rows(group):
            was = before.pop(row.name, None)
            if was is None:
                missing.append(f"{group}: {row.name} (new)")
                continue
            ours, theirs = row.times.get("drive", []), was.times.get("drive", [])
            if min(len(ours), len(theirs)) < 2:
                single += 1
                continue
            side = apart(theirs, ours)
            if side == 0:
                same += 1
                continue
            beside = "no disk beside it" if not ratios(row) or not ratios(was) else \
                "yes" if apart(ratios(was), ratios(row)) == side else "no: perhaps the machine"
            lines.append([group, row.name, shown(was.median("drive"), row.unit), shown(row.median("drive"), row.unit),
                          f"{row.median('drive') / was.median('drive'):.2f}", "better" if side < 0 else "**worse**", beside])
        missing += [f"{group}: {name} (gone)" for name in before] if group in old.groups else []
    text = f"{same} rows agree within their spread, {len(lines)} do not, {single} have a single value."
    if missing:
        text += f"\nOnly in one run: {'; '.join(missing)}."
    if lines:
        text += "\n\n" + table(["group", "row", "before", "now", "×", "", "beside the native side, too"], lines)
    return text
