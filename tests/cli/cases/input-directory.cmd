mkdir folder; rdbmeter report folder
