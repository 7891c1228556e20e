#!/usr/bin/env bash
# Holds tonight's snapshot against a policy, for cron:
#
#   17 3 * * *  redis  /usr/local/lib/rdbmeter/nightly.sh /var/lib/redis/dump.rdb /etc/rdbmeter/policy.json /var/lib/rdbmeter
#
# usage: nightly.sh SNAPSHOT POLICY FOLDER
#
# In FOLDER, each night has a folder of its own with report.html, check.json, junit.xml and summary.md; `latest` leads to
# the newest. baseline.json is the last night on which every limit was kept: growth is counted from there. Nights older
# than KEEP_DAYS (default 30) are removed. With PROM_DIR set, the textfile collector of node_exporter finds rdbmeter.prom
# there.
#
# Prints nothing while all is well, so that cron sends no mail; else the broken limits. The exit status is that of
# rdbmeter check: 1 a limit is broken, 3 the snapshot is damaged.
set -euo pipefail
umask 027

if [ $# -ne 3 ]; then
    sed -n 's/^# usage/usage/p' "$0" >&2
    exit 2
fi
snapshot=$1 policy=$2 folder=$3
mkdir -p "$folder"
exec 9>"$folder/.lock"
flock -n 9 || { echo "nightly.sh: another run is at work in $folder" >&2; exit 4; }

night=$folder/$(date -u +%Y-%m-%dT%H%M%SZ)
mkdir "$night"

baseline=()
[ ! -f "$folder/baseline.json" ] || baseline=(--baseline "$folder/baseline.json")

status=0
rdbmeter check "$snapshot" --policy "$policy" "${baseline[@]}" --quiet \
    -o "$night/check.json" -o "$night/junit.xml" -o "$night/summary.md" -o - --format text \
    >"$night/check.txt" 2>"$night/errors.txt" || status=$?
# Of a damaged file as much as can be read; it is said once, above.
rdbmeter report "$snapshot" --quiet -o "$night/report.html" -o "$night/report.prom" 2>/dev/null || true

[ ! -s "$night/check.json" ] || ln -sfn "$(basename "$night")" "$folder/latest"
[ "$status" -ne 0 ] || cp "$night/check.json" "$folder/baseline.json.new"
[ "$status" -ne 0 ] || mv "$folder/baseline.json.new" "$folder/baseline.json"
if [ -n "${PROM_DIR:-}" ] && [ -s "$night/report.prom" ]; then
    cp "$night/report.prom" "$PROM_DIR/rdbmeter.prom.new"
    mv "$PROM_DIR/rdbmeter.prom.new" "$PROM_DIR/rdbmeter.prom"
fi
find "$folder" -mindepth 1 -maxdepth 1 -type d -name '20*Z' -mtime "+${KEEP_DAYS:-30}" -exec rm -rf {} +

if [ "$status" -ne 0 ]; then
    cat "$night/errors.txt" "$night/check.txt"
fi
exit "$status"
