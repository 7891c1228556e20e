#!/usr/bin/env bash
# check_parallel.sh RDBMETER SPLIT SNAPSHOT: docs/fleet/parallel.sh over a list of paths and file:// URLs, one of them
# damaged and one missing. Skipped (77) where GNU parallel is not installed.
set -euo pipefail
rdbmeter=$(realpath "$1") split=$(realpath "$2") snapshot=$(realpath "$3")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
parallel --version 2>/dev/null | grep -q GNU || { echo "skipped: no GNU parallel"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work RDBMETER=$rdbmeter
mkdir "$work/in"
"$split" "$snapshot" "$work/in/shard-" 6 1 slots
truncate -s -700 "$work/in/shard-001.rdb"
ls "$work"/in/*.rdb | sed '/shard-003/s,^,file://,' >"$work/list"
rm "$work/in/shard-004.rdb"
status=0
"$here/../../docs/fleet/parallel.sh" "$work/list" "$work/out" || status=$?
[ "$status" -eq 3 ] || { echo "exit status $status instead of 3" >&2; exit 1; }
python3 "$here/check_fleet.py" --bin "$rdbmeter" --report "$work/out/report.json" --damaged shard-001.rdb \
    --missing shard-004.rdb $(ls "$work"/in/*.rdb)
