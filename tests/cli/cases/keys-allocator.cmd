rdbmeter keys --allocator jemalloc-16 --match 'string:*' testdata/tiny/types.rdb
