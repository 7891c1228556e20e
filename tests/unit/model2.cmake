rdbmeter_check(ebuckets model)
rdbmeter_check(rax_size model)
rdbmeter_check(stream_cost model)
rdbmeter_check(vset model)
