rdbmeter --version
