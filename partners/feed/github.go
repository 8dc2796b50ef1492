package feed

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
	"sparky/partners"
)

// release is one of GitHub's releases (REST API, GET /repos/{owner}/{repo}/releases).
type release struct {
	ID         int64  `json:"id"`
	HTMLURL    string `json:"html_url"`
	Tag        string `json:"tag_name"`
	Name       string `json:"name"`
	Body       string `json:"body"`
	Draft      bool   `json:"draft"`
	Prerelease bool   `json:"prerelease"`
	Published  string `json:"published_at"`
	Created    string `json:"created_at"`
}

// readReleases reads a list of releases. A list that holds something else is an error; an empty one is a repository
// without releases.
func readReleases(body []byte, page string) (document, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return document{}, fmt.Errorf("this is no list of GitHub releases: got %s", whatCame(string(body)))
	}
	d := document{title: releasesTitle(page), format: "github-releases", items: len(raw)}
	for _, item := range raw {
		var r release
		if json.Unmarshal(item, &r) != nil || r.Tag == "" && r.Name == "" {
			d.skipped++
			continue
		}
		d.entries = append(d.entries, r.entry())
	}
	if len(raw) > 0 && len(d.entries) == 0 {
		return document{}, errors.New("this is no list of GitHub releases: got a JSON list in which no element has a tag_name")
	}
	return d, nil
}

func (r release) entry() entry {
	e := entry{
		id:    r.HTMLURL,
		title: cmp.Or(strings.TrimSpace(r.Name), r.Tag),
		body:  markdownText(r.Body),
		link:  absolute(r.HTMLURL),
	}
	if r.ID != 0 {
		// A release keeps its number when its tag is renamed.
		e.id = fmt.Sprintf("release/%d", r.ID)
	}
	if r.Tag != "" && !strings.Contains(e.title, strings.TrimPrefix(r.Tag, "v")) {
		e.title += " (" + r.Tag + ")"
	}
	e.published, _ = parseDate(cmp.Or(r.Published, r.Created))
	if r.Prerelease || r.Draft {
		e.tags = append(e.tags, "pre-release")
	}
	if r.Draft {
		e.tags = append(e.tags, "draft")
	}
	return e
}

func releasesTitle(page string) string {
	if repo := repoOf(page); repo != "" || repoName.MatchString(page) {
		repo = cmp.Or(repo, page)
		return repo + " releases"
	}
	return "GitHub releases"
}

var (
	repoName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`)
	repoInURL = regexp.MustCompile(`^https?://[^/]+/(?:api/v3/)?(?:repos/)?([A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+?)(?:\.git)?(?:/releases)?(?:\.atom)?/?(?:\?.*)?$`)
)

func repoOf(address string) string {
	if m := repoInURL.FindStringSubmatch(address); m != nil {
		return m[1]
	}
	return ""
}

// releasesRequest asks for a repository's releases: through the API, or its Atom feed where that is the address given.
func (r *Reader) releasesRequest(src partners.Source) (httpcall.Request, error) {
	if strings.HasSuffix(src.URL, ".atom") {
		return httpcall.Request{URL: src.URL}, nil
	}
	repo := cmp.Or(src.Repo, repoOf(src.URL))
	if !repoName.MatchString(repo) {
		return httpcall.Request{}, fmt.Errorf("a github-releases source needs repo: owner/name, and %q is none", plaintext.Clip(cmp.Or(src.Repo, shown(src.URL)), 100))
	}
	api, err := url.JoinPath(r.addresses.GitHubAPI, "repos", repo, "releases")
	if err != nil {
		return httpcall.Request{}, fmt.Errorf("github.api_url %q is no address: %w", r.addresses.GitHubAPI, err)
	}
	return httpcall.Request{
		URL: api + "?per_page=50",
		Header: http.Header{
			"Accept":               {"application/vnd.github+json"},
			"X-Github-Api-Version": {"2022-11-28"},
		},
	}, nil
}

// readGitHub reads the releases of a repository.
func (r *Reader) readGitHub(ctx context.Context, src partners.Source, prev partners.Validators) (partners.Reading, error) {
	req, err := r.releasesRequest(src)
	if err != nil {
		return partners.Reading{}, err
	}
	return r.conditional(ctx, req, src, prev)
}

// rawAddress turns the page of a file on GitHub into the address of its text. Every other address stays as it is. A
// folder or a repository is an error: it holds no text.
func (r *Reader) rawAddress(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || !strings.EqualFold(strings.TrimPrefix(u.Host, "www."), "github.com") {
		return address, nil //nolint:nilerr // whoever calls it says what is wrong with it
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) < 4 || parts[2] != "blob" && parts[2] != "tree" && parts[2] != "raw" {
		return address, nil
	}
	if file := parts[len(parts)-1]; len(parts) < 5 || parts[2] == "tree" && !strings.Contains(file, ".") {
		return "", fmt.Errorf("%s is a folder on GitHub: give the address of one file in it", shown(address))
	}
	raw, err := url.JoinPath(r.addresses.GitHubRaw, append(parts[:2:2], parts[3:]...)...)
	if err != nil {
		return "", fmt.Errorf("the address for raw files %q is no address: %w", r.addresses.GitHubRaw, err)
	}
	return raw, nil
}

var rawFile = regexp.MustCompile(`^https://raw\.githubusercontent\.com/([^/]+)/([^/]+)/(?:refs/heads/)?([^?#]+)`)

// pageOf is the page for people of a document: GitHub's page of a file where the address is that of its text.
func pageOf(address string) string {
	return rawFile.ReplaceAllString(address, "https://github.com/$1/$2/blob/$3")
}
