rdbmeter_check(options cli)
rdbmeter_check(filter cli)
rdbmeter_check(slot cli)
rdbmeter_check(output cli)
