package githubactions

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/go-github/v60/github"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// Client speaks to one GitHub, github.com or an Enterprise Server. It keeps to the limits that GitHub tells: while one is
// reached, calls fail at once and say how long. It is safe for use by several goroutines.
type Client struct {
	http     *httpcall.Client
	api      *github.Client
	base     *url.URL // nil where the configured address is none
	app      bool     // the credential is a GitHub App's
	now      func() time.Time
	redactor setting.Redactor
	// older is set once the server has said that it does not know return_run_details.
	older atomic.Bool
	// quiet is until when GitHub asked to be left alone, in nanoseconds of Unix time.
	quiet atomic.Int64
}

// New is the client of the GitHub at the configuration's address. The calls of the given HTTP client must carry the
// credential of Config.Auth already. now is for telling how long to wait. Where the address is none, every call says so.
func New(config Config, client *httpcall.Client, now func() time.Time) *Client {
	c := &Client{http: client, app: config.App != nil, now: now, redactor: setting.NewRedactor(secrets(config)...)}
	c.api = github.NewClient(client.HTTP())
	// Left empty it is ours: the HTTP client sets what is missing.
	c.api.UserAgent = ""
	base, err := url.Parse(address(config.APIURL))
	if err != nil || base.Host == "" {
		return c
	}
	c.base, c.api.BaseURL = base, base
	return c
}

// address is the address of an API with the slash at its end that paths are put behind.
func address(apiURL string) string { return strings.TrimRight(strings.TrimSpace(apiURL), "/") + "/" }

func secrets(config Config) []setting.Secret {
	if config.App != nil {
		return []setting.Secret{config.App.PrivateKey}
	}
	return []setting.Secret{config.Token}
}

// request is one call of the API.
type request struct {
	doing  string // what for, as the beginning of a sentence: "looking at run 12 of acme/integrations"
	method string // GET where empty
	path   string // below the address of the API
	query  url.Values
	body   any
	about  string // what a 404 is about: "run 12 of acme/integrations"
	repo   string
	check  string // the settings to look at where there is no such thing
	needs  string // the permission that it takes, as GitHub writes it: "actions: write"
	etag   string // of the answer that is known already
	writes bool   // it changes something, so that a lost answer leaves it unknown whether it happened
}

// answer is what of an answer is looked at besides its content.
type answer struct {
	unchanged bool // it is what the request's etag stands for, and out is as it was
	etag      string
	next      int // the number of the page that follows; 0 where there is none
}

// ready tells why a call cannot be made now; nil where it can.
func (c *Client) ready(r request) error {
	if c.base == nil {
		return &httpcall.Failure{Doing: r.doing, Lasts: true, Problem: "the address of GitHub's API cannot be used; check github.api_url"}
	}
	if wait := time.Unix(0, c.quiet.Load()).Sub(c.now()); wait > 0 {
		return limited(r, 0, wait)
	}
	return nil
}

// heed notes how long an answer asks for no calls, of whatever kind.
func (c *Client) heed(err error) error {
	var f *httpcall.Failure
	if errors.As(err, &f) && f.Wait > 0 {
		if until := c.now().Add(f.Wait).UnixNano(); until > c.quiet.Load() {
			c.quiet.Store(until)
		}
	}
	return err
}

// do makes a call and decodes its answer into out. An answer without content leaves out as it is.
func (c *Client) do(ctx context.Context, r request, out any) (answer, error) {
	if err := c.ready(r); err != nil {
		return answer{}, err
	}
	if r.method == "" {
		r.method = http.MethodGet
	}
	path := r.path
	if len(r.query) > 0 {
		path += "?" + r.query.Encode()
	}
	req, err := c.api.NewRequest(r.method, path, r.body)
	if err != nil {
		return answer{}, &httpcall.Failure{Doing: r.doing, Unsent: true, Problem: "the request cannot be made: " + c.shown(err.Error(), longest)}
	}
	if r.etag != "" {
		req.Header.Set("If-None-Match", r.etag)
	}
	resp, err := c.api.BareDo(ctx, req)
	if resp != nil && resp.StatusCode == http.StatusNotModified && r.etag != "" {
		return answer{unchanged: true, etag: r.etag}, nil
	}
	if err != nil {
		return answer{}, c.heed(c.failed(r, resp, err))
	}
	defer resp.Body.Close()
	// The content is decoded here and not by the library, which takes an empty answer for a good one.
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, c.unanswered(r, err)
	}
	if resp.StatusCode == http.StatusNoContent {
		return answer{}, nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return answer{}, c.unreadable(r, resp.StatusCode, resp.Header)
	}
	return answer{etag: resp.Header.Get("ETag"), next: resp.NextPage}, nil
}

// download is the content behind a path that redirects to where it is kept, on a host of its own, which does not get the
// credential. Content of more bytes than the limit is a failure.
func (c *Client) download(ctx context.Context, r request, limit int64) ([]byte, error) {
	if err := c.ready(r); err != nil {
		return nil, err
	}
	got, err := c.http.Do(ctx, httpcall.Request{
		URL:     c.base.String() + r.path,
		Header:  http.Header{"Accept": {"application/vnd.github+json"}, "X-Github-Api-Version": {apiVersion}},
		MaxBody: limit,
	})
	if err != nil {
		return nil, c.unanswered(r, err)
	}
	if got.Status != http.StatusOK {
		return nil, c.heed(c.refusal(r, got.Status, got.Header, got.Body))
	}
	return got.Body, nil
}

// apiVersion is the version of GitHub's REST API that go-github v60 asks for too.
const apiVersion = "2022-11-28"

// repoForm is the form of a repository's full name.
var repoForm = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_.-]*/[A-Za-z0-9_.-]+$`)

// repoPath is the beginning of the paths of a repository. It keeps what is no name out of them.
func repoPath(doing, repo string) (string, error) {
	if _, name, _ := strings.Cut(repo, "/"); !repoForm.MatchString(repo) || name == "." || name == ".." {
		return "", &httpcall.Failure{Doing: doing, Lasts: true, Unsent: true,
			Problem: strconv.Quote(cut(repo, 60)) + " is not a repository; write compat.repo as owner/name"}
	}
	return "repos/" + repo + "/actions/", nil
}

// workflowPath is the beginning of the paths of a workflow, which may be given with the folder that all of them are in.
func workflowPath(doing, repo, workflow string) (string, error) {
	at, err := repoPath(doing, repo)
	if err != nil {
		return "", err
	}
	file := strings.TrimPrefix(workflow, ".github/workflows/")
	if file == "" || file == "." || file == ".." || strings.Contains(file, "/") {
		return "", &httpcall.Failure{Doing: doing, Lasts: true, Unsent: true,
			Problem: strconv.Quote(cut(workflow, 60)) + " is not a workflow; write compat.workflow as the name of its file, like compat.yml"}
	}
	return at + "workflows/" + url.PathEscape(file) + "/", nil
}
