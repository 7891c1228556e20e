rdbmeter_check(rax_size model)
