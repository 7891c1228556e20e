rdbmeter report testdata/showcase.rdb --info testdata/saved/showcase.info --malloc-stats testdata/saved/showcase.malloc-stats --allocator jemalloc-16 --sections info_memory,fragmentation,malloc_bins
