rdbmeter_check(info cli)
rdbmeter_check(malloc_stats cli)
