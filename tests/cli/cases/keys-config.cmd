printf 'hash-max-listpack-entries 1\nmaxmemory 100mb\nappendonly no\n' >redis.conf; rdbmeter keys --config redis.conf --match 'hash:*' testdata/tiny/types.rdb
