rdbmeter keys --set hash-max-ziplist-entries=1024 --match 'hash:*' testdata/tiny/types.rdb
