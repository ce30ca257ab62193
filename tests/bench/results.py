"""What was measured when and where, kept as JSON beside the tables."""
import json
import os
import pathlib
import subprocess
import time

from rows import Row

PACKAGES = {"borg": "borgbackup", "ffmpeg apart": "ffmpeg", "ImageMagick": "imagemagick"}


def said(*words):
    """The first line that a program prints; nothing if it fails."""
    try:
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip().split("\n")[0] if done.returncode == 0 else ""


def machine(work):
    cpu = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), os.uname().machine)
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) / (1 << 20)
    system = next((line.split("=", 1)[1].strip('"') for line in pathlib.Path("/etc/os-release").read_text().splitlines()
                   if line.startswith("PRETTY_NAME=")), "Linux")
    where = said("findmnt", "-n", "-o", "FSTYPE", "-T", work)
    virtual = said("systemd-detect-virt")
    return {"processors": os.cpu_count(), "model": cpu, "memory": f"{memory:.0f} GiB", "system": system, "kernel": os.uname().release,
            "disk": where or "unknown", "virtual": virtual if virtual != "none" else ""}


def package_versions(sides):
    found = {side: said("dpkg-query", "-W", "-f", "${Version}", PACKAGES.get(side, side.split(" ")[0])) for side in sides}
    return {side: version for side, version in found.items() if version}


def started(size, options, work, commit):
    """What is known of a group's run before it begins."""
    return {"when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), "load": os.getloadavg()[0], "size": size, "options": options,
            "machine": machine(work), "commit": commit, "mode": {}, "failed": "", "rows": []}


class Results:
    def __init__(self, file):
        self.file, self.groups = file, {}
        if file.exists():
            self.groups = json.loads(file.read_text(encoding="utf-8"))["groups"]

    def rows(self, group):
        return [Row.of_json(row) for row in self.groups.get(group, {}).get("rows", [])]

    def every_row(self):
        return [row for group in self.groups for row in self.rows(group)]

    def write(self):
        """A row a line, so that two runs can be looked at side by side."""
        groups = []
        for name, group in self.groups.items():
            rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in group["rows"])
            about = json.dumps({key: value for key, value in group.items() if key != "rows"}, ensure_ascii=False)
            groups.append(f'{json.dumps(name)}: {about[:-1]}, "rows": [\n{rows}\n]}}')
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text('{"format": 1, "groups": {\n' + ",\n".join(groups) + "\n}}\n", encoding="utf-8")
