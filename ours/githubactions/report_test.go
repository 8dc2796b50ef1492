package githubactions

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

const (
	artifactsPath = runPath + "/artifacts"
	good          = `<testsuite><testcase classname="incident" name="create"><failure message="field result.sys_id is missing"/></testcase><testcase name="read"/></testsuite>`
)

// zipped is an archive of files, as name and content in turn.
func zipped(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i+1 < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err == nil {
			_, err = io.WriteString(f, files[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUnpack(t *testing.T) {
	once := Report{Tests: 2, Failures: 1, Cases: []Case{{Name: "incident: create", Message: "field result.sys_id is missing"}}}
	twice := Report{Tests: 4, Failures: 2, Cases: []Case{once.Cases[0], once.Cases[0]}}
	for name, test := range map[string]struct {
		archive []byte
		want    Report
	}{
		"one file":         {zipped(t, "junit.xml", good), once},
		"in folders":       {zipped(t, "a/TEST-x.XML", good, "b/", "", "b/../../etc.xml", good), twice},
		"among others":     {zipped(t, "coverage.xml", "<coverage/>", "report.xml", good, "notes.txt", "<testsuite>", "pom.xml", "<project/>"), once},
		"that has no test": {zipped(t, "junit.xml", "<testsuites/>"), Report{}},
	} {
		got, err := reader().unpack(test.archive, usualBounds())
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// bomb is an archive of one file that is small and unpacks to so many bytes, and that says of itself that it is tiny.
func bomb(t testing.TB, size int) []byte {
	t.Helper()
	var packed bytes.Buffer
	deflate, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"<testsuite>", strings.Repeat(" ", size), "</testsuite>"} {
		if _, err := io.WriteString(deflate, part); err != nil {
			t.Fatal(err)
		}
	}
	if err := deflate.Close(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateRaw(&zip.FileHeader{Name: "junit.xml", Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: 10})
	if err == nil {
		_, err = f.Write(packed.Bytes())
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchivesThatAreNotUnpacked(t *testing.T) {
	small := bounds{files: 50, file: 50 << 10, whole: 200 << 10}
	damaged := zipped(t, "junit.xml", strings.Repeat(good, 10))
	copy(damaged[60:], "damaged damaged")
	wrongSum := zipped(t, "junit.xml", good)
	directory := bytes.Index(wrongSum, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(wrongSum[directory+16:], 1)
	var many, large []string
	for i := range 60 {
		many = append(many, fmt.Sprint(i, ".xml"), good)
	}
	for i := range 6 {
		large = append(large, fmt.Sprint(i, ".xml"), "<testsuite>"+strings.Repeat(" ", 40<<10)+"</testsuite>")
	}
	for name, test := range map[string]struct {
		archive []byte
		says    string
	}{
		"no archive":         {[]byte("<html>"), "no zip archive"},
		"empty":              {nil, "no zip archive"},
		"cut":                {zipped(t, "junit.xml", good)[:100], "no zip archive"},
		"damaged":            {damaged, "junit.xml is broken"},
		"a wrong checksum":   {wrongSum, "junit.xml is broken"},
		"a broken file":      {zipped(t, "good.xml", good, "bad.xml", "<testsuite>"), "bad.xml is broken at line 1"},
		"nothing in it":      {zipped(t), "no JUnit file"},
		"nothing of use":     {zipped(t, "a.txt", "x", "coverage.xml", "<coverage/>"), "no JUnit file"},
		"too many":           {zipped(t, many...), "more than 50 files"},
		"a bomb":             {bomb(t, 1<<20), "junit.xml is"},
		"an honest bomb":     {zipped(t, "junit.xml", "<testsuite>"+strings.Repeat(" ", 50<<10)+"</testsuite>"), "junit.xml is too large"},
		"too large together": {zipped(t, large...), "is too large"},
		"an odd name":        {zipped(t, canary+"\n\x01.xml", "<testsuite>"), "[secret] .xml is broken"},
	} {
		got, err := reader().unpack(test.archive, small)
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "canary") || !reflect.DeepEqual(got, Report{}) {
			t.Errorf("%s: %+v, %v, want %q", name, got, err, test.says)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add(zipped(f, "junit.xml", good))
	f.Add(zipped(f, "a.xml", "<coverage/>", "b.xml", "<testsuite>"))
	f.Add(bomb(f, 1<<16))
	client := reader()
	f.Fuzz(func(t *testing.T, archive []byte) {
		got, err := client.unpack(archive, usualBounds())
		if err != nil && (!reflect.DeepEqual(got, Report{}) || strings.ContainsAny(err.Error(), "\n\x1b")) {
			t.Errorf("%+v, %q", got, err)
		}
	})
}

// keeps has the run keep these artifacts.
func (h *hub) keeps(artifacts ...string) {
	h.says(artifactsPath, 200, fmt.Sprintf(`{"total_count":%d,"artifacts":[%s]}`, len(artifacts), strings.Join(artifacts, ",")))
}

func artifact(id int, name string, more ...string) string {
	return fmt.Sprintf(`{"id":%d,"name":%q%s}`, id, name, strings.Join(more, ""))
}

func zipPath(id int) string {
	return fmt.Sprintf("GET /repos/acme/integrations/actions/artifacts/%d/zip", id)
}

func (h *hub) report() Verdict {
	h.t.Helper()
	var verdict Verdict
	if err := h.client.readReports(h.t.Context(), repo, 7, &verdict); err != nil {
		h.t.Fatal(err)
	}
	return verdict
}

func TestReportsOfARun(t *testing.T) {
	h := newHub(t)
	h.keeps(artifact(1, "binaries"), artifact(2, "compat-report"), artifact(3, "JUnit (okta)"), artifact(4, "compat-report"), "null")
	store := h.blobs(zipPath(4), 200, zipped(t, "junit.xml", good))
	h.blobs(zipPath(3), 200, zipped(t, "junit.xml", good))
	verdict := h.report()
	if verdict.Report == nil || verdict.Report.Tests != 4 || len(verdict.Notes) != 0 {
		t.Errorf("got %+v, %q", verdict.Report, verdict.Notes)
	}
	if calls := h.asked(); len(calls) != 3 {
		t.Errorf("asked %q", calls)
	}
	if len(store.auth) != 1 || store.auth[0] != "" {
		t.Errorf("the store of artifacts got the credentials %q", store.auth)
	}
}

func TestReportsThatCannotBeRead(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(h *hub)
		says    string
	}{
		"expired":   {func(h *hub) { h.keeps(artifact(1, "report", `,"expired":true`)) }, "report could not be read: GitHub has deleted it"},
		"too large": {func(h *hub) { h.keeps(artifact(1, "report", `,"size_in_bytes":99999999`)) }, "too large (95 MiB; at most 10)"},
		"larger than it says": {func(h *hub) {
			h.keeps(artifact(1, "report"))
			h.blobs(zipPath(1), 200, make([]byte, maxArchive+1))
		}, "longer than 10 MiB"},
		"gone": {func(h *hub) {
			h.keeps(artifact(1, "report"))
			h.says(zipPath(1), 410, `{"message":"Artifact has expired"}`)
		}, "(410): Artifact has expired"},
		"gone from the store": {func(h *hub) {
			h.keeps(artifact(1, "report"))
			h.blobs(zipPath(1), 404, []byte("<Error>BlobNotFound</Error>"))
		}, "knows no such artifact"},
		"no archive": {func(h *hub) {
			h.keeps(artifact(1, "report"))
			h.blobs(zipPath(1), 200, []byte("x"))
		}, "it is no zip archive."},
		"no list": {func(h *hub) { h.says(artifactsPath, 500, "") }, "The list of artifacts could not be read: listing the artifacts of run 7"},
	} {
		h := newHub(t)
		test.prepare(h)
		verdict := h.report()
		if verdict.Report != nil || len(verdict.Notes) != 1 || !strings.Contains(verdict.Notes[0], test.says) || strings.Contains(verdict.Notes[0], "canary") {
			t.Errorf("%s: %+v, %q", name, verdict.Report, verdict.Notes)
		}
	}
}

func TestNoReportIsNoError(t *testing.T) {
	h := newHub(t)
	h.keeps(artifact(1, "binaries"))
	if verdict := h.report(); verdict.Report != nil || verdict.Notes != nil {
		t.Errorf("got %+v", verdict)
	}
}

func TestTooManyReports(t *testing.T) {
	h := newHub(t)
	var all []string
	for id := range 8 {
		all = append(all, artifact(id+1, fmt.Sprint("report ", id)))
		h.blobs(zipPath(id+1), 200, zipped(t, "junit.xml", good))
	}
	h.keeps(all...)
	verdict := h.report()
	if verdict.Report.Tests != 2*mostArtifacts || len(verdict.Notes) != 1 || !strings.Contains(verdict.Notes[0], "first 5") {
		t.Errorf("got %+v, %q", verdict.Report, verdict.Notes)
	}
}

func TestReportsArePaged(t *testing.T) {
	h := newHub(t)
	h.on(artifactsPath, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "1" {
			w.Header().Set("Link", `<`+h.server.URL+`/x?page=2>; rel="next"`)
			fmt.Fprint(w, `{"artifacts":[`+artifact(1, "binaries")+`]}`)
			return
		}
		fmt.Fprint(w, `{"artifacts":[`+artifact(2, "report")+`]}`)
	})
	h.blobs(zipPath(2), 200, zipped(t, "junit.xml", good))
	if verdict := h.report(); verdict.Report == nil || verdict.Report.Tests != 2 {
		t.Errorf("got %+v", verdict)
	}
}
