rdbmeter report --allocator jemalloc testdata/tiny/empty.rdb
