printf 'maxmemory 100mb\nmaxmemory-policy allkeys-lru\n' > redis.conf
rdbmeter doctor testdata/healthy.rdb --info testdata/saved/healthy.info --malloc-stats testdata/saved/healthy.malloc-stats --config redis.conf --allocator jemalloc-16
