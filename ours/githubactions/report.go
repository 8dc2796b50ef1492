package githubactions

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-github/v60/github"
)

// Report is what the JUnit files of a run say, all of them together.
type Report struct {
	Tests, Failures, Errors, Skipped int
	Cases                            []Case // the failed ones, at most 20
	More                             int    // how many failed ones are left out
}

// Case is a test that failed.
type Case struct {
	Name    string // with its class before it, where it has one
	Message string // in one line
	Error   bool   // it could not be carried out, which is no failure of what it tests
}

// Bounds of what is read of artifacts and shown of them, in number and, of a packed archive, in bytes.
const (
	mostCases     = 20
	mostArtifacts = 5
	maxArchive    = 10 << 20
)

// bounds are those of what is unpacked. Bytes are counted while they are, too: what an archive says of itself may be wrong.
type bounds struct {
	files       int   // XML files in an archive
	file, whole int64 // bytes of one of them, and of all
}

func usualBounds() bounds { return bounds{files: 50, file: 5 << 20, whole: 20 << 20} }

// readReports reads the artifacts that are reports by their names.
func (c *Client) readReports(ctx context.Context, repo string, runID int64, verdict *Verdict) error {
	artifacts, err := c.reports(ctx, repo, runID)
	if err != nil {
		if err := ended(ctx, err); err != nil {
			return err
		}
		verdict.note("The list of artifacts could not be read: %s.", err)
		return nil
	}
	for i, artifact := range artifacts {
		if i == mostArtifacts {
			verdict.note("Only the first %d reports were read.", mostArtifacts)
			break
		}
		name := c.shown(artifact.GetName(), longest/3)
		report, err := c.reportIn(ctx, repo, artifact)
		if err := ended(ctx, err); err != nil {
			return err
		}
		if err != nil {
			verdict.note("The report %s could not be read: %s.", name, err)
			continue
		}
		if verdict.Report == nil {
			verdict.Report = &Report{}
		}
		verdict.Report.add(report)
	}
	return nil
}

// reports are the artifacts whose names say that they are reports, by name; of one that was uploaded again by a later
// attempt, the newest.
func (c *Client) reports(ctx context.Context, repo string, runID int64) ([]*github.Artifact, error) {
	r, err := c.ofRun("listing the artifacts of", repo, runID, "/artifacts")
	if err != nil {
		return nil, err
	}
	newest := map[string]*github.Artifact{}
	for page := 1; page > 0 && page <= mostPages; {
		r.query = url.Values{"per_page": {strconv.Itoa(pageSize)}, "page": {strconv.Itoa(page)}}
		var list github.ArtifactList
		got, err := c.do(ctx, r, &list)
		if err != nil {
			return nil, err
		}
		for _, artifact := range list.Artifacts {
			name := strings.ToLower(artifact.GetName())
			if !strings.Contains(name, "report") && !strings.Contains(name, "junit") {
				continue
			}
			if artifact.GetID() >= newest[name].GetID() {
				newest[name] = artifact
			}
		}
		page = got.next
	}
	return slices.SortedFunc(maps.Values(newest), func(a, b *github.Artifact) int {
		return cmp.Compare(a.GetName(), b.GetName())
	}), nil
}

// reportIn is the report inside an artifact.
func (c *Client) reportIn(ctx context.Context, repo string, artifact *github.Artifact) (Report, error) {
	if artifact.GetExpired() {
		return Report{}, errors.New("GitHub has deleted it, because its time was over")
	}
	if size := artifact.GetSizeInBytes(); size > maxArchive {
		return Report{}, fmt.Errorf("it is too large (%d MiB; at most %d)", size>>20, maxArchive>>20)
	}
	at, err := repoPath("reading a report", repo)
	if err != nil {
		return Report{}, err
	}
	archive, err := c.download(ctx, request{
		doing: "downloading it", path: at + "artifacts/" + strconv.FormatInt(artifact.GetID(), 10) + "/zip",
		about: "such artifact", repo: repo, check: "how long artifacts are kept", needs: "actions: read",
	}, maxArchive)
	if err != nil {
		return Report{}, err
	}
	return c.unpack(archive, usualBounds())
}

// unpack is the report of all JUnit files in a zip archive.
func (c *Client) unpack(archive []byte, most bounds) (Report, error) {
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return Report{}, errors.New("it is no zip archive")
	}
	var whole Report
	files, found, left := 0, false, most.whole
	for _, file := range reader.File {
		if !strings.HasSuffix(strings.ToLower(file.Name), ".xml") {
			continue
		}
		if files++; files > most.files {
			return Report{}, fmt.Errorf("it has more than %d files", most.files)
		}
		report, read, err := c.unpackFile(file, min(most.file, left))
		if left -= read; errors.Is(err, errOtherXML) {
			continue
		}
		if err != nil {
			return Report{}, fmt.Errorf("%s %w", c.shown(file.Name, longest/3), err)
		}
		found = true
		whole.add(report)
	}
	if !found {
		return Report{}, errors.New("it holds no JUnit file")
	}
	return whole, nil
}

// unpackFile is the report of one file, and how many bytes of it were unpacked.
func (c *Client) unpackFile(file *zip.File, limit int64) (report Report, read int64, err error) {
	if file.UncompressedSize64 > uint64(limit) {
		return Report{}, 0, errTooLarge
	}
	content, err := file.Open()
	if err != nil {
		return Report{}, 0, errors.New("cannot be unpacked")
	}
	defer content.Close()
	counted := &counter{from: content, left: limit}
	report, err = c.readJUnit(counted)
	return report, limit - counted.left, err
}

// counter reads no more than is left to it.
type counter struct {
	from io.Reader
	left int64
}

// errTooLarge is a file that did not end within the limit.
var errTooLarge = errors.New("is too large")

// Read fails with errTooLarge once the limit is reached before the end.
func (c *counter) Read(p []byte) (int, error) {
	if c.left <= 0 {
		var one [1]byte
		if n, err := c.from.Read(one[:]); n == 0 && err != nil {
			return 0, err
		}
		return 0, errTooLarge
	}
	n, err := c.from.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// add is both reports together.
func (r *Report) add(other Report) {
	r.Tests += other.Tests
	r.Failures += other.Failures
	r.Errors += other.Errors
	r.Skipped += other.Skipped
	r.More += other.More
	for _, one := range other.Cases {
		r.keep(one)
	}
}

// keep notes a failed test, or only that there is one more.
func (r *Report) keep(failed Case) {
	if len(r.Cases) == mostCases {
		r.More++
		return
	}
	r.Cases = append(r.Cases, failed)
}
