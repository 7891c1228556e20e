printf "hello, this is not a snapshot\n" >text; rdbmeter report text
