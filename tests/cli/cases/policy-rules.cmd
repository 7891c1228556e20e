rdbmeter policy
