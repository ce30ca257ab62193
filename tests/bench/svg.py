"""A little SVG: text, lines and bars in colours that follow the reader's light or dark scheme."""
import html

LIGHT = {"back": "#ffffff", "ink": "#1f2328", "faint": "#59636e", "grid": "#d8dee4", "disk": "#8c959f", "drive": "#cf4a00", "a": "#4c78c8",
         "b": "#5a9e6f", "c": "#9a6fb8", "d": "#b08a2e", "e": "#3f9aa8"}
DARK = {"back": "#0d1117", "ink": "#e6edf3", "faint": "#9198a1", "grid": "#2f363d", "disk": "#7d8590", "drive": "#ff7b39", "a": "#7aa2e8",
        "b": "#7cc391", "c": "#bd97d6", "d": "#d3b05a", "e": "#66bfcc"}


def scheme(colours):
    """Classes and no variables, which simple viewers do not know."""
    return " ".join(f".{name} {{ fill: {value} }} .line-{name} {{ stroke: {value} }}" for name, value in colours.items()) + \
        f" text {{ fill: {colours['ink']} }} text.faint {{ fill: {colours['faint']} }}"


STYLE = f"""
text {{ font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }} .strong {{ font-weight: 600; }}
.title {{ font-size: 15px; font-weight: 600; }} .right {{ text-anchor: end; }} .middle {{ text-anchor: middle; }}
.line-grid {{ stroke-width: 1; }} polyline {{ stroke-width: 2; }}
{scheme(LIGHT)}
@media (prefers-color-scheme: dark) {{ {scheme(DARK)} }}
"""
PEERS = ("a", "b", "c", "d", "e")


def number(value):
    return f"{value:.1f}".rstrip("0").rstrip(".")


class Picture:
    def __init__(self, width, title):
        self.width, self.height, self.parts, self.title = width, 0, [], title

    def text(self, x, y, words, kind=""):
        self.parts.append(f'<text x="{number(x)}" y="{number(y)}" class="{kind}">{html.escape(words)}</text>')

    def line(self, x1, y1, x2, y2):
        self.parts.append(f'<line class="line-grid" x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"/>')

    def bar(self, x, y, width, height, colour, says=""):
        hint = f"<title>{html.escape(says)}</title>" if says else ""
        self.parts.append(f'<rect x="{number(x)}" y="{number(y)}" width="{number(max(width, 1))}" height="{number(height)}" rx="1.5" '
                          f'class="{colour}">{hint}</rect>')

    def path(self, points, colour, says):
        where = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        self.parts.append(f'<polyline fill="none" class="line-{colour}" points="{where}"><title>{html.escape(says)}</title></polyline>')
        self.parts += [f'<circle cx="{number(x)}" cy="{number(y)}" r="3" class="{colour}"/>' for x, y in points]

    def write(self, file):
        file.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {number(self.height)}" width="{self.width}" '
                        f'role="img" aria-label="{html.escape(self.title, quote=True)}">\n<style>{STYLE}</style>\n'
                        f'<rect width="100%" height="100%" class="back"/>\n' + "\n".join(self.parts) + "\n</svg>\n", encoding="utf-8")


def wrapped(words, width):
    """Lines of at most so many characters, where there are spaces."""
    lines = [""]
    for word in words.split(" "):
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return lines
