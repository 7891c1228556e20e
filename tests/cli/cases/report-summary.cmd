rdbmeter summarize testdata/showcase.rdb -o showcase.rdbm --now 2026-11-20T09:00:00Z || exit
rdbmeter report showcase.rdbm --sections ttl --top 0
for of in merge report; do rdbmeter $of showcase.rdbm > $of.txt; done; cmp merge.txt report.txt && echo "as merge says"
rdbmeter report showcase.rdbm --info testdata/saved/showcase.info
