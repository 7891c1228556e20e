rdbmeter summarize testdata/healthy.rdb -o a.rdbm; rdbmeter summarize testdata/showcase.rdb -o b.rdbm --target redis-7.2
rdbmeter diff a.rdbm b.rdbm --top 3 --format markdown
