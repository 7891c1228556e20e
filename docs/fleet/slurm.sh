#!/usr/bin/env bash
# slurm.sh LIST DIR: one report of many snapshots, their summaries made by a Slurm job array, a task a snapshot.
#
# LIST is a file with one input a line: a path that every node sees, an s3:// address, or a URL. DIR, which every node
# sees too, gets a summary an input, logs, all.rdbm and report.{txt,json,html}. A dependent job waits for the array, gives
# failed inputs another chance (RETRIES, default 2), and merges; what is still missing or was damaged is named in the
# report, and the exit status is 3.
#
# The environment says what sbatch should know: SBATCH_PARTITION, SBATCH_ACCOUNT, ...; PARALLEL is how many tasks run at
# a time (default 100); RDBMETER the program's path; RDBMETER_OPTIONS what summarize is given, such as --target.
set -euo pipefail
here=$(cd "$(dirname "${SLURM_SH:-${BASH_SOURCE[0]}}")" && pwd)
export SLURM_SH=$here/slurm.sh

# "00007-dump-7.rdb.rdbm": named after the line and the input.
summary_of() {
    local number=$1 input
    input=$(sed -n "${number}p" "$2")
    input=${input%%\?*}
    printf '%s/%05d-%s.rdbm' "$3" "$number" "$(basename "$input" | tr -c 'A-Za-z0-9._\n-' _)"
}

submit() {
    local list=$1 dir=$2 count array merge
    count=$(grep -c . "$list") || { echo "slurm.sh: $list lists nothing" >&2; exit 2; }
    mkdir -p "$dir/log"
    array=$(sbatch --parsable --requeue --job-name=rdbmeter --array="1-$count%${PARALLEL:-100}" \
        --cpus-per-task=1 --mem="${MEMORY:-256M}" --output="$dir/log/%a.txt" "$SLURM_SH" --task "$list" "$dir")
    sbatch --wait --parsable --job-name=rdbmeter-merge --dependency="afterany:${array%%;*}" --cpus-per-task=1 \
        --mem="${MEMORY:-256M}" --output="$dir/log/merge.txt" "$SLURM_SH" --merge "$list" "$dir" "$count"
}

# What no task has left a summary of, as an array's indexes: 3,17,18.
missing() {
    local number
    for number in $(seq 1 "$3"); do
        [ -e "$(summary_of "$number" "$1" "$2")" ] || printf '%s\n' "$number"
    done | paste -sd ,
}

task() {
    local number=$SLURM_ARRAY_TASK_ID
    exec "$here/shard.sh" "$(sed -n "${number}p" "$1")" "$(summary_of "$number" "$1" "$2")"
}

merge() {
    local list=$1 dir=$2 count=$3 round again number summaries=()
    for round in $(seq 1 "${RETRIES:-2}"); do
        again=$(missing "$list" "$dir" "$count")
        [ -n "$again" ] || break
        echo "round $round: once more $again"
        sbatch --wait --parsable --requeue --job-name=rdbmeter --array="$again%${PARALLEL:-100}" --cpus-per-task=1 \
            --mem="${MEMORY:-256M}" --output="$dir/log/%a-$round.txt" "$SLURM_SH" --task "$list" "$dir" || true
    done
    # All are named, those too that are not there: merge says which.
    for number in $(seq 1 "$count"); do
        summaries+=("$(summary_of "$number" "$list" "$dir")")
    done
    exec "${RDBMETER:-rdbmeter}" merge "${summaries[@]}" -o "$dir/all.rdbm" -o "$dir/report.txt" -o "$dir/report.json" \
        -o "$dir/report.html"
}

case "${1:-}" in
--task) task "$2" "$3" ;;
--merge) merge "$2" "$3" "$4" ;;
*)
    [ $# -eq 2 ] || { sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
    submit "$(realpath "$1")" "$(realpath -m "$2")"
    ;;
esac
