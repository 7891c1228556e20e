cat testdata/healthy.rdb | rdbmeter summarize - --name s3://bucket/dump.rdb >x.rdbm && rdbmeter merge x.rdbm --sections overview -f json | grep '"file"'
