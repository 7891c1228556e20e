rdbmeter_check(summary cli)
