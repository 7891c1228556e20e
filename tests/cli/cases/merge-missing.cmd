rdbmeter summarize testdata/healthy.rdb -o healthy.rdbm || exit
head -c 3000 healthy.rdbm >cut.rdbm
rdbmeter merge healthy.rdbm cut.rdbm lost.rdbm --sections files
