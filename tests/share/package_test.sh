#!/usr/bin/env bash
# The Debian package: built, unpacked into a directory of its own, and used from there.
#
# usage: tests/share/package_test.sh BUILD_DIR
# Exit status 77: skipped (no root, no /dev/fuse, no dpkg-deb).
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:?where it was built}

skip() { printf 'skipped: %s\n' "$*"; exit 77; }
die() { printf 'package_test: %s\n' "$*" >&2; exit 1; }
[[ $EUID -eq 0 && -w /dev/fuse ]] || skip "needs root and /dev/fuse"
if ! command -v dpkg-deb >/dev/null || ! command -v dpkg-shlibdeps >/dev/null; then skip "needs dpkg-dev"; fi

work=$(mktemp -d)
end() {
  umount -l "$work/drive" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT

package=$("$root/packaging/build-deb" --build "$build" --output "$work" 2>"$work/log") ||
  { cat "$work/log" >&2; die "it was not built"; }
[[ $(dpkg-deb --field "$package" Depends) == *libc6* ]] || die "it depends on nothing"
if command -v lintian >/dev/null; then
  lintian --allow-root --fail-on error,warning "$package" || die "lintian complains"
else
  printf 'lintian is not installed: not asked\n'
fi

# dpkg itself, into a root of its own; what it depends on is this machine's.
mkdir -p "$work/root/var/lib/dpkg"/{info,updates} "$work/drive"
touch "$work/root/var/lib/dpkg/status"
dpkg --root="$work/root" --force-depends --force-not-root --install "$package" >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; die "dpkg does not install it"; }
[[ $(dpkg --root="$work/root" -s lensfs) == *'Status: install ok installed'* ]] || die "not installed"
at=$work/root/usr
for file in bin/lensfs libexec/lensfs/lensfs-transcode sbin/mount.lensfs share/man/man1/lensfs.1.gz \
  share/man/man8/mount.lensfs.8.gz lib/systemd/system/lensfs@.service lib/systemd/system/lensfs-spotlight@.service \
  share/bash-completion/completions/lensfs; do
  [[ -f $at/$file ]] || die "$file is missing"
done

# Used: a library, a file, and a drive mounted as fstab would.
"$at/bin/lensfs" init "$work/library" >/dev/null
printf 'bytes' >"$work/clip.txt"
"$at/bin/lensfs" ingest -L "$work/library" "$work/clip.txt" --project demo --quiet
LENSFS_BIN=$at/bin/lensfs "$at/sbin/mount.lensfs" "$work/library" "$work/drive" -o rw,nofail,x-systemd.automount,no_work
[[ $(<"$work/drive/Projects/demo/clip.txt") == bytes ]] || die "the drive does not show the file"
[[ $(readlink "/proc/$(sed -n 's/^worker: //p' "$work/drive/.lensfs/status")/exe") == "$at/bin/lensfs" ]] ||
  die "another program serves it"
"$at/bin/lensfs" doctor "$work/drive" || die "the doctor has something to say"
"$at/bin/lensfs" umount "$work/drive"

# As systemd starts it: says when it is ready, feeds the watchdog, logs with levels, ends on SIGTERM.
python3 - "$at/bin/lensfs" "$work" <<'PYTHON'
import os, signal, socket, subprocess, sys
lensfs, work = sys.argv[1:]
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hears:
    hears.bind(f"{work}/notify")
    hears.settimeout(60)
    with open(f"{work}/journal", "wb") as journal:
        stat = os.fstat(journal.fileno())
        environment = dict(os.environ, NOTIFY_SOCKET=f"{work}/notify", WATCHDOG_USEC="600000",
                           JOURNAL_STREAM=f"{stat.st_dev}:{stat.st_ino}")
        served = subprocess.Popen([lensfs, "mount", "--foreground", "-o", "no_work", f"{work}/library", f"{work}/drive"],
                                  env=environment, stderr=journal)
        said = [hears.recv(4096).decode() for _ in range(3)]
        served.send_signal(signal.SIGTERM)
        while "STOPPING=1" not in said:
            said.append(hears.recv(4096).decode())
        assert served.wait(60) == 0, "it did not end well"
assert said[0].startswith("READY=1"), said
assert "WATCHDOG=1" in said[1:], said
lines = open(f"{work}/journal").read().splitlines()
assert lines and all(line[0] == "<" and line[2] == ">" for line in lines), lines
PYTHON
if command -v systemd-analyze >/dev/null; then
  sed "s#/usr/bin/lensfs#$at/bin/lensfs#" "$at/lib/systemd/system/lensfs@.service" >"$work/lensfs@mnt-media.service"
  systemd-analyze verify "$work/lensfs@mnt-media.service" >"$work/log" 2>&1 || true
  if grep -q 'lensfs@.*\(Unknown\|Invalid\|Failed to parse\)' "$work/log"; then
    cat "$work/log" >&2
    die "the unit makes no sense to systemd"
  fi
fi
printf 'installed and used: %s\n' "$(basename "$package")"
