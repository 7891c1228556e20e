#!/usr/bin/env bash
# shard.sh INPUT OUTPUT: the summary of one snapshot. INPUT is a path, s3://bucket/key, or a URL that curl reads; what is
# not a file goes through a pipe and is never stored. The summary appears when it is complete. Exit status: rdbmeter's (3:
# the snapshot is damaged; there is a summary of what could be read, unless nothing could), 4 when it cannot be fetched.
set -uo pipefail
input=$1 output=$2 rdbmeter=${RDBMETER:-rdbmeter}

from_pipe() {
    "$@" | "$rdbmeter" summarize - --quiet --name "$input" ${RDBMETER_OPTIONS:-} -o "$output.part"
    local status=("${PIPESTATUS[@]}")
    # A pipe that broke off looks like a snapshot that is cut short: it is to be fetched again, not reported.
    [ "${status[0]}" -eq 0 ] || return 4
    return "${status[1]}"
}

case "$input" in
s3://*) from_pipe aws s3 cp --only-show-errors "$input" - ;;
*://*) from_pipe curl --fail --silent --show-error --location "$input" ;;
*) "$rdbmeter" summarize "$input" --quiet ${RDBMETER_OPTIONS:-} -o "$output.part" ;;
esac
status=$?
if [ $status -eq 0 ] || [ $status -eq 3 ]; then
    [ ! -e "$output.part" ] || mv "$output.part" "$output"
fi
rm -f "$output.part"
exit $status
