for name in healthy showcase; do rdbmeter summarize testdata/$name.rdb -o $name.rdbm || exit; done
rdbmeter merge healthy.rdbm showcase.rdbm -f json >one; rdbmeter merge showcase.rdbm healthy.rdbm -f json >two; cmp one two && echo same
