rdbmeter summarize testdata/tiny/types.rdb -o a.rdbm; rdbmeter summarize testdata/tiny/v5.rdb -o b.rdbm --sections allocator_bins --target redis-7.0
rdbmeter merge b.rdbm --sections allocator_bins | sed -n 3,12p
rdbmeter merge a.rdbm --sections allocator_bins,totals | sed -n 3,6p
rdbmeter summarize testdata/tiny/types.rdb -o c.rdbm --sections alocator_bins
