package store

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	migrationNumber = regexp.MustCompile(`^migrations/0*([0-9]+)_`)
	tableMade       = regexp.MustCompile(`(?m)^create table (\w+)`)
	columnTaken     = regexp.MustCompile(`(?m)^alter table (\w+) drop column (\w+)`)
)

// rewind takes back what the migrations after that version did, so that the database is one that an older Sparky left. What
// a column held that was taken away is gone.
func (b bench) rewind(t *testing.T, to int64) {
	t.Helper()
	exec := func(statement string) {
		t.Helper()
		if _, err := b.write.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	files, err := migrationFiles.ReadDir("migrations")
	must(t, err)
	for _, file := range slices.Backward(files) {
		name := "migrations/" + file.Name()
		if number := value[int64](t)(strconv.ParseInt(migrationNumber.FindStringSubmatch(name)[1], 10, 64)); number <= to {
			break
		}
		text := strings.ToLower(string(value[[]byte](t)(migrationFiles.ReadFile(name))))
		for _, taken := range columnTaken.FindAllStringSubmatch(text, -1) {
			exec("alter table " + taken[1] + " add column " + taken[2] + " integer not null default 0")
		}
		for _, made := range tableMade.FindAllStringSubmatch(text, -1) {
			exec("drop table " + made[1])
		}
	}
	exec("delete from goose_db_version where version_id > " + strconv.FormatInt(to, 10))
	provider, err := b.dialect.provider(b.write)
	must(t, err)
	version, err := provider.GetDBVersion(t.Context())
	if err != nil || version != to {
		t.Fatalf("version %d, %v", version, err)
	}
}
