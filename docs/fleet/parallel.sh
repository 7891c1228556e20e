#!/usr/bin/env bash
# parallel.sh LIST DIR: as slurm.sh, with GNU parallel: on this machine, or with SSHLOGINS=host1,host2 on several that see
# the same files. Failed inputs are tried RETRIES times (default 3); what stays missing is named, and the exit status is 3.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -eq 2 ] || { sed -n '2,3s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
list=$1 dir=$2
mkdir -p "$dir"

# A damaged snapshot (3) is an answer, not a failure: only others are tried again.
attempt="status=0; '$here/shard.sh' {} '$dir'/{#}-{/}.rdbm || status=\$?; [ \$status -eq 3 ] || exit \$status"
parallel --retries "${RETRIES:-3}" ${SSHLOGINS:+--sshlogin "$SSHLOGINS"} ${JOBS:+--jobs "$JOBS"} \
    --env RDBMETER --env RDBMETER_OPTIONS "$attempt" <"$list" || true

number=0
summaries=()
while IFS= read -r input; do
    number=$((number + 1))
    summaries+=("$dir/$number-$(basename "$input").rdbm")
done <"$list"
exec "${RDBMETER:-rdbmeter}" merge "${summaries[@]}" -o "$dir/all.rdbm" -o "$dir/report.txt" -o "$dir/report.json" \
    -o "$dir/report.html"
