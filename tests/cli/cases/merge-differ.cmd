rdbmeter summarize testdata/healthy.rdb -o a.rdbm --target redis-7.0; rdbmeter summarize testdata/healthy.rdb -o b.rdbm --target redis-7.2
rdbmeter merge a.rdbm b.rdbm 2>&1 | sed 's/: redis-7.*//'
rdbmeter summarize testdata/healthy.rdb -o b.rdbm --target redis-7.0 --set hash-max-listpack-entries=64
rdbmeter merge a.rdbm b.rdbm 2>&1 | sed 's/: 64 and 512\|: 512 and 64/: 64, 512/'
