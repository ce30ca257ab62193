# Run by systemd in the container of systemd_test.sh: each line is what was seen.
set -Eeuo pipefail
trap 'printf "failed in line %s\n" "$LINENO"; systemctl status --no-pager --lines=30 "lensfs@*" || true' ERR

seen() { printf 'seen: %s\n' "$*"; }
# What takes a moment.
within() {
  for _ in {1..300}; do
    if "${@:2}" >/dev/null 2>&1; then seen "$1"; return; fi
    sleep 0.1
  done
  printf 'not seen: %s\n' "$1"
  return 1
}
status_of() { sed -n "s/^$1: //p" /mnt/media/.lensfs/status; }
is_other_worker() { [[ $(status_of worker) != "$1" && $(cat "$clip") == bytes ]]; }

lensfs init /srv/library >/dev/null
printf 'bytes' >/srv/clip.txt
lensfs ingest -L /srv/library /srv/clip.txt --project demo --quiet
mkdir -p /mnt/media /mnt/table /etc/lensfs
printf 'LIBRARY=/srv/library\nOPTIONS=no_work\n' >/etc/lensfs/mnt-media.conf
clip=/mnt/media/Projects/demo/clip.txt

unit=$(systemd-escape --template lensfs@.service --path /mnt/media)
systemctl start "$unit"
[[ $(systemctl is-active "$unit") == active && $(cat "$clip") == bytes ]]
seen "started when the drive was there"
[[ $(status_of passthrough) == on ]]
seen "hardened, and the kernel reads by itself"
[[ $(systemctl show --property=WatchdogUSec --value "$unit") == 1min ]]
seen "watched"
printf 'saved' >/mnt/media/Projects/demo/new.txt

exec 3<"$clip"
worker=$(status_of worker)
kill -KILL "$worker"
within "another worker after one was killed" is_other_worker "$worker"
worker=$(status_of worker)
systemctl reload "$unit"
within "another worker after a reload" is_other_worker "$worker"
[[ $(cat <&3) == bytes && $(systemctl is-active "$unit") == active ]]
seen "what was open went on"
exec 3<&-

keeper=$(status_of keeper)
kill -KILL "$keeper"
is_other_keeper() { [[ $(status_of keeper) != "$keeper" && $(cat "$clip") == bytes ]]; }
within "started again after the keeper was killed" is_other_keeper
[[ $(cat /mnt/media/Projects/demo/new.txt) == saved ]]
journalctl --unit="$unit" --output=json --no-pager | grep -q '"PRIORITY":"6".*serving\|serving.*"PRIORITY":"6"'
seen "in the journal, with levels"
lensfs tag -L /srv/library Projects/demo/clip.txt +beach >/dev/null
is_tagged() { [[ -e /mnt/media/Tags/beach/clip.txt ]]; }
within "a tag that a command gives" is_tagged
if journalctl --unit="$unit" --no-pager | grep "that needs root"; then exit 1; fi
seen "nothing it may not do"

systemctl start "$(systemd-escape --template lensfs-spotlight@.service --path /mnt/media)"
seen "searches are served"
systemctl stop "$(systemd-escape --template lensfs-spotlight@.service --path /mnt/media)"
systemctl stop "$unit"
if mountpoint -q /mnt/media; then printf 'still mounted\n'; exit 1; fi
[[ $(systemctl show -p Result --value "$unit") == success ]]
seen "stopped and unmounted"

printf '/srv/library /mnt/table lensfs nofail,no_work 0 0\n' >>/etc/fstab
systemctl daemon-reload
systemctl start mnt-table.mount
[[ $(cat /mnt/table/Projects/demo/new.txt) == saved ]]
seen "mounted from fstab"
systemctl stop mnt-table.mount
if mountpoint -q /mnt/table; then printf 'still mounted\n'; exit 1; fi
lensfs verify -L /srv/library
printf 'all seen\n'
