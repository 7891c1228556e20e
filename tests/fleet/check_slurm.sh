#!/usr/bin/env bash
# check_slurm.sh RDBMETER SPLIT SNAPSHOT: docs/fleet/slurm.sh on a real Slurm, a controller and two nodes on the loopback.
# 24 shards; one worker is killed in the middle of its work, one shard is damaged, one is not there. The report must be
# that of the 22 whole ones, what is left of the damaged one, and the killed one from its second try; it must name the
# damaged and the missing one, and the exit status must tell. Skipped (77) where Slurm is not installed.
set -euo pipefail
rdbmeter=$(realpath "$1") split=$(realpath "$2") snapshot=$(realpath "$3")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for program in slurmctld slurmd munged sbatch; do
    command -v "$program" >/dev/null || { echo "skipped: no $program"; exit 77; }
done
[ "$(id -u)" -eq 0 ] || { echo "skipped: slurmd needs root"; exit 77; }
work=$(mktemp -d)
pids=()
cleanup() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    [ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap cleanup EXIT

start_slurm() {
    local base=$((20000 + RANDOM % 20000)) cpus
    cpus=$(nproc)
    mkdir -m 755 "$work/munge" "$work/state" "$work/n1" "$work/n2"
    chmod 755 "$work"
    head -c 1024 /dev/urandom >"$work/munge/key"
    chmod 600 "$work/munge/key"
    munged --foreground --force --key-file="$work/munge/key" --socket="$work/munge/socket" \
        --pid-file="$work/munge/pid" --log-file="$work/munge/log" --seed-file="$work/munge/seed" >"$work/munge.log" 2>&1 &
    pids+=($!)
    cat >"$work/slurm.conf" <<CONF
ClusterName=fleet
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$base
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/%n
SlurmctldPidFile=$work/ctld.pid
SlurmdPidFile=$work/%n.pid
SlurmctldLogFile=$work/ctld.log
SlurmdLogFile=$work/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=2,batch_sched_delay=0
SchedulerTimeSlice=5
ReturnToService=2
MinJobAge=300
NodeName=n1 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((base + 1)) CPUs=2
NodeName=n2 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((base + 2)) CPUs=2
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
    export SLURM_CONF=$work/slurm.conf
    for _ in $(seq 50); do [ -S "$work/munge/socket" ] && break; sleep 0.1; done
    slurmctld -D >"$work/ctld.out" 2>&1 &
    pids+=($!)
    for node in n1 n2; do
        slurmd -D -N "$node" >"$work/$node.out" 2>&1 &
        pids+=($!)
    done
    for _ in $(seq 300); do
        [ "$(sinfo -h -t idle -o %D 2>/dev/null)" = 2 ] && return
        sleep 0.1
    done
    echo "the nodes did not come up" >&2
    tail -n 20 "$work"/*.out "$work"/*.log >&2
    exit 1
}

# The program, but for shard 7, which at its first try waits in the middle of its work for someone to kill it.
make_slow() {
    cat >"$work/rdbmeter" <<SLOW
#!/usr/bin/env bash
if [ "\$1" = summarize ] && [[ "\$2" = *007.rdb ]] && mkdir "$work/tried" 2>/dev/null; then
    head -c 1000 /dev/zero >"\$(printf '%s\n' "\$@" | grep 'part\$')"
    echo \$PPID >"$work/victim.part"
    mv "$work/victim.part" "$work/victim"
    exec sleep 600
fi
exec "$rdbmeter" "\$@"
SLOW
    chmod +x "$work/rdbmeter"
}

# The task and all that it runs, as the kernel does to one that takes too much memory.
kill_worker() {
    for _ in $(seq 600); do [ -s "$work/victim" ] && break; sleep 0.1; done
    local root
    root=$(tr -d ' ' <"$work/victim")
    [ -n "$root" ] || { echo "no worker came to be killed" >&2; exit 1; }
    local all=$root fresh=$root
    while fresh=$(pgrep -d, -P "$fresh" || true) && [ -n "$fresh" ]; do all=$all,$fresh; done
    kill -KILL ${all//,/ } && echo "killed worker $all"
}

start_slurm
make_slow
mkdir "$work/in"
"$split" "$snapshot" "$work/in/shard-" 24 1 slots
truncate -s -700 "$work/in/shard-011.rdb"
ls "$work"/in/*.rdb >"$work/list"
rm "$work/in/shard-019.rdb"
kill_worker &
killer=$!
status=0
RDBMETER=$work/rdbmeter PARALLEL=8 MEMORY=1M timeout 150 "$here/../../docs/fleet/slurm.sh" "$work/list" "$work/out" || status=$?
wait "$killer"
cat "$work/out/log/merge.txt"
[ "$status" -eq 3 ] || { echo "exit status $status instead of 3" >&2; exit 1; }
python3 "$here/check_fleet.py" --bin "$rdbmeter" --report "$work/out/report.json" --damaged shard-011.rdb \
    --missing shard-019.rdb $(ls "$work"/in/*.rdb)
