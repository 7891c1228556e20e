rdbmeter merge --help
