#!/usr/bin/env bash
# The units, under a systemd that boots: this machine's files with the package installed, in a container that forgets.
#
# usage: tests/share/systemd_test.sh BUILD_DIR
# Exit status 77: skipped (no root, no /dev/fuse, no systemd-nspawn, or nothing boots here).
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:?where it was built}

skip() { printf 'skipped: %s\n' "$*"; exit 77; }
die() { printf 'systemd_test: %s\n' "$*" >&2; exit 1; }
[[ $EUID -eq 0 && -w /dev/fuse ]] || skip "needs root and /dev/fuse"
command -v systemd-nspawn >/dev/null || skip "needs systemd-nspawn; apt install systemd-container"
command -v dpkg-shlibdeps >/dev/null || skip "needs dpkg-dev"

work=$(mktemp -d)
end() {
  umount -l "$work/over/root" "$work/over" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
package=$("$root/packaging/build-deb" --build "$build" --output "$work" 2>"$work/log") ||
  { cat "$work/log" >&2; die "the package was not built"; }

mkdir "$work/over" "$work/srv"
mount -t tmpfs none "$work/over"
mkdir "$work/over"/{upper,work,root}
mount -t overlay -o "lowerdir=/,upperdir=$work/over/upper,workdir=$work/over/work" overlay "$work/over/root" ||
  skip "no overlay of / can be mounted"
inside=$work/over/root
cp "$package" "$inside/lensfs.deb"
chroot "$inside" dpkg --force-depends --install /lensfs.deb >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; die "dpkg does not install it"; }
cp "$(dirname "$0")/systemd_checks.sh" "$inside/checks.sh"
cat >"$inside/etc/systemd/system/checks.service" <<'UNIT'
[Unit]
Description=What is looked at
SuccessAction=exit-force
FailureAction=exit-force

[Service]
Type=oneshot
TimeoutStartSec=180
ExecStart=/bin/bash /checks.sh
StandardOutput=file:/srv/outcome
StandardError=inherit
UNIT

# Its own filter of system calls would keep the drive from telling watchers; those of the units are what is tested.
SYSTEMD_SECCOMP=0 timeout --kill-after=10 240 systemd-nspawn --directory="$inside" --register=no --keep-unit --link-journal=no \
  --capability=all --bind=/dev/fuse --bind="$work/srv:/srv" --console=pipe --boot systemd.unit=checks.service \
  </dev/null >"$work/boot" 2>&1 || true
[[ -e $work/srv/outcome ]] || { tail -5 "$work/boot"; skip "systemd does not boot here"; }
cat "$work/srv/outcome"
tail -1 "$work/srv/outcome" | grep -qx 'all seen' || die "it did not come to its end"
