# Each line: an edit of a healthy server's INFO, what the doctor finds, the exit status.
try() {
    local edits=() edit
    for edit in "$@"; do edits+=(-e "s|^${edit%%:*}:.*|$edit|"); done
    sed "${edits[@]}" testdata/saved/healthy.info > edited.info
    local found status
    found=$(rdbmeter doctor testdata/healthy.rdb --info edited.info --format json); status=$?
    echo "$*: $(sed -n 's/^.*"finding":\t"\(.*\)",/\1/p' <<< "$found" | xargs) [$status]"
}
large=(used_memory:60000000 used_memory_rss:66000000 mem_fragmentation_ratio:1.10 used_memory_peak:60000000)
try "${large[@]}"
try "${large[@]}" mem_fragmentation_ratio:0.90 used_memory_rss:54000000
try "${large[@]}" mem_fragmentation_ratio:1.30
try "${large[@]}" mem_fragmentation_ratio:1.60
try "${large[@]}" allocator_frag_ratio:1.30 allocator_frag_bytes:18000000
try "${large[@]}" allocator_rss_ratio:1.30 allocator_rss_bytes:18000000
try "${large[@]}" rss_overhead_ratio:1.30 rss_overhead_bytes:18000000
try "${large[@]}" used_memory_peak:95000000
try "${large[@]}" used_memory_overhead:30400000 used_memory_dataset:29600000
try "${large[@]}" used_memory_overhead:30500000 used_memory_dataset:29500000
try mem_clients_normal:10485760
try mem_clients_normal:10485761
try mem_clients_normal:1048576 connected_clients:2
try mem_clients_slaves:10485761
try connected_slaves:2 mem_clients_slaves:20971520
try mem_replication_backlog:10485761
try mem_aof_buffer:10485761
try mem_cluster_links:10485761
try number_of_cached_scripts:1001
try used_memory_vm_total:10485761
try used_memory_functions:10485761
try lazyfree_pending_objects:10001
try rdb_last_bgsave_status:err
try maxmemory:0
try maxmemory:0 maxmemory_policy:noeviction
try "${large[@]}" maxmemory:64000000
try "${large[@]}" maxmemory:50000000
try maxmemory:25000000000
try used_memory_rss:24000000000
try evicted_keys:5
try db0:keys=9999,expires=461,avg_ttl=1
try mem_allocator:libc
try maxmemory:1e9 used_memory:lots mem_clients_normal:-5
# Costs follow the allocator that the saved outputs tell of; an option goes before them, and is spoken of.
rdbmeter doctor testdata/healthy.rdb --malloc-stats testdata/saved/healthy.malloc-stats --allocator jemalloc-8 | grep -A2 'another allocator'
rdbmeter report testdata/healthy.rdb --malloc-stats testdata/saved/healthy.malloc-stats --sections overview | grep allocator
sed 's/^mem_allocator:.*/mem_allocator:libc/' testdata/saved/healthy.info > edited.info
rdbmeter report testdata/healthy.rdb --info edited.info --sections overview | grep allocator
