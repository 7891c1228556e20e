for name in healthy showcase; do rdbmeter summarize testdata/$name.rdb -o $name.rdbm --now 2026-11-20T09:00:00Z || exit; done
rdbmeter merge healthy.rdbm showcase.rdbm --top 3 --sections files,totals,databases,top_keys,shared_keys
