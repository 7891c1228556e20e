rdbmeter summarize testdata/showcase.rdb -o old.rdbm
rdbmeter check testdata/showcase.rdb -b old.rdbm --max-growth-bytes 0 --max-key-growth-share 0 | sed -n '3,15p'
rdbmeter check testdata/tiny/types.rdb -b old.rdbm --max-growth-bytes 0 --target redis-6.2 | grep 'baseline was'
