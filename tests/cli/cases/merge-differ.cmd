rdbmeter summarize testdata/healthy.rdb -o a.rdbm --target redis-7.0; rdbmeter summarize testdata/healthy.rdb -o b.rdbm --target redis-7.2
rdbmeter merge a.rdbm b.rdbm; echo $?
rdbmeter summarize testdata/healthy.rdb -o b.rdbm --target redis-7.0 --set hash-max-listpack-entries=64
rdbmeter merge a.rdbm b.rdbm 2>&1 | sed 's/^rdbmeter: .* and .* differ/differ/'
