head -c 200000 testdata/healthy.rdb >cut.rdb
rdbmeter summarize cut.rdb -o cut.rdbm; echo $?
rdbmeter merge cut.rdbm --sections files
