rdbmeter check testdata/showcase.rdb --max-keys 100 -o a.xml -o a.md -o a.json -o a.prom -o - --format github; echo $?; ls
