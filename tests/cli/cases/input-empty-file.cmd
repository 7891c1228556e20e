: >empty; rdbmeter report empty
