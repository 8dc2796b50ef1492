// Package feed reads the places where partners announce changes: RSS, Atom and JSON feeds, web pages by CSS selectors,
// Markdown documents, GitHub releases, and the Microsoft 365 message centre. It turns a document of whatever state into
// entries of plain text with stable keys, or into an error that says what came instead. It concludes nothing from them
// and remembers nothing: what is new, what it means and what to do are not its business.
package feed

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
	"sparky/partners"
)

// Caller makes a bounded HTTP call. It answers with whatever status came; an error is a call that got no answer.
type Caller interface {
	Do(ctx context.Context, req httpcall.Request) (httpcall.Response, error)
}

// Addresses are where the services answer that a source names without an address. An empty one is the public service.
type Addresses struct {
	GitHubAPI string // github.api_url of sparky.yaml
	GitHubRaw string // where the text of a file on github.com is served
	Graph     string // Microsoft Graph, scheme and host
}

// Reader reads sources over the network. It may be used by many goroutines at once.
type Reader struct {
	caller    Caller
	addresses Addresses

	mu   sync.Mutex
	seen map[string]*seen // by the name of the source
}

// NewReader makes a reader that calls through caller, which carries the credentials that the source needs.
func NewReader(caller Caller, addresses Addresses) *Reader {
	return &Reader{caller: caller, addresses: Addresses{
		GitHubAPI: cmp.Or(addresses.GitHubAPI, "https://api.github.com/"),
		GitHubRaw: cmp.Or(addresses.GitHubRaw, "https://raw.githubusercontent.com/"),
		Graph:     cmp.Or(addresses.Graph, "https://graph.microsoft.com/"),
	}}
}

// Read reads a source once. prev is what the last good reading returned as Validators, the zero value for the first:
// with it the server may answer that nothing has changed, and a body that is the same as then is not looked at again.
// Change.Partner is left to the caller. Errors say what came and what to mend; a source that cannot be read never
// looks like one without news. An API's description has no entries and is returned as it came, in Document. Where the channel is empty, so is Changes: whether that is good the caller knows, who
// knows what was there before.
func (r *Reader) Read(ctx context.Context, src partners.Source, prev partners.Validators) (partners.Reading, error) {
	switch src.Kind {
	case partners.SourceM365Messages:
		return r.readMessages(ctx, src, prev)
	case partners.SourceGitHubReleases:
		return r.readGitHub(ctx, src, prev)
	case partners.SourceHTML:
		if _, err := compileSelectors(src); err != nil {
			return partners.Reading{}, err
		}
	case partners.SourceFeed, partners.SourceMarkdown, partners.SourceOpenAPI, "":
	default:
		return partners.Reading{}, fmt.Errorf("kind %q is none that a changelog is read by: feed, html, markdown, github-releases, m365-messages", src.Kind)
	}
	address, err := r.rawAddress(src.URL)
	if err != nil {
		return partners.Reading{}, err
	}
	return r.conditional(ctx, httpcall.Request{URL: address, Header: http.Header{"Accept": {accepted(src.Kind)}}}, src, prev)
}

// seenOf is what was seen of a source.
func (r *Reader) seenOf(src partners.Source) *seen {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[string]*seen{}
	}
	if r.seen[src.Name()] == nil {
		r.seen[src.Name()] = &seen{}
	}
	return r.seen[src.Name()]
}

func accepted(kind partners.SourceKind) string {
	switch kind {
	case partners.SourceHTML:
		return "text/html, application/xhtml+xml, */*;q=0.5"
	case partners.SourceOpenAPI:
		return "application/vnd.oai.openapi+json, application/json, application/yaml;q=0.9, text/yaml;q=0.9, */*;q=0.5"
	case partners.SourceMarkdown:
		return "text/markdown, text/plain, */*;q=0.5"
	default:
		return "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, application/json;q=0.9, */*;q=0.5"
	}
}

// conditional makes the request only worth a body if the source has changed, and reads the body that comes.
func (r *Reader) conditional(ctx context.Context, req httpcall.Request, src partners.Source, prev partners.Validators) (partners.Reading, error) {
	if req.Header == nil {
		req.Header = http.Header{}
	}
	if prev.ETag != "" {
		req.Header.Set("If-None-Match", prev.ETag)
	}
	if prev.LastModified != "" {
		req.Header.Set("If-Modified-Since", prev.LastModified)
	}
	resp, err := r.call(ctx, req)
	if err != nil {
		return partners.Reading{}, err
	}
	if resp.Status == http.StatusNotModified {
		if prev == (partners.Validators{}) {
			return partners.Reading{}, fmt.Errorf("%s says that nothing has changed since the last reading, but this is the first: its cache is broken", shown(req.URL))
		}
		return partners.Reading{NotModified: true, Validators: prev, Moved: resp.Moved}, nil
	}
	validators := partners.Validators{
		ETag:         resp.Header.Get("ETag"),
		LastModified: resp.Header.Get("Last-Modified"),
		BodyHash:     bodyHash(resp.Body),
	}
	if validators.BodyHash == prev.BodyHash {
		return partners.Reading{NotModified: true, Validators: validators, Moved: resp.Moved}, nil
	}
	if src.Kind == partners.SourceOpenAPI {
		return partners.Reading{Validators: validators, Moved: resp.Moved, Document: resp.Body, Format: string(src.Kind)}, nil
	}
	found, err := documentOf(resp.Body, resp.Header.Get("Content-Type"), src, cmp.Or(resp.URL, req.URL), r.seenOf(src))
	if err != nil {
		return partners.Reading{}, fmt.Errorf("reading %s: %w", shown(cmp.Or(resp.URL, req.URL)), err)
	}
	reading := found.unhalved().reading(src.Name())
	reading.Validators, reading.Moved = validators, resp.Moved
	return reading, nil
}

func bodyHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// call makes a request and turns a refusing status into an error. It answers 304 only if the request allowed for it.
func (r *Reader) call(ctx context.Context, req httpcall.Request) (httpcall.Response, error) {
	req.MaxBody = maxDocument
	if strings.TrimSpace(req.URL) == "" {
		return httpcall.Response{}, fmt.Errorf("the source has no url")
	}
	resp, err := r.caller.Do(ctx, req)
	if err != nil {
		return httpcall.Response{}, fmt.Errorf("reading %s: %w", shown(req.URL), err)
	}
	if err := refusal(resp); err != nil {
		return httpcall.Response{}, fmt.Errorf("reading %s: %w", shown(cmp.Or(resp.URL, req.URL)), err)
	}
	return resp, nil
}

// passing is a refusal that nobody here can mend, and that may be gone at the next turn.
type passing string

func (p passing) Error() string { return string(p) }

// Temporary tells that it may be gone at the next turn.
func (passing) Temporary() bool { return true }

// refusal is what an answer's status has to say, nil where it brings the document or says that it is the same.
func refusal(resp httpcall.Response) error {
	switch code := resp.Status; {
	case code == http.StatusOK, code == http.StatusNonAuthoritativeInfo, code == http.StatusNotModified:
		return nil
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		if resp.Header.Get("X-RateLimit-Remaining") == "0" {
			return passing(fmt.Sprintf("it refused us for calling too often (%d)%s", code, wait(resp.Header)))
		}
		return fmt.Errorf("it refused us (%d): check that the address is public, or the credentials of this source", code)
	case code == http.StatusNotFound, code == http.StatusGone:
		return fmt.Errorf("it is moved or gone (%d): look for its new address and put that into sparky.yaml", code)
	case code == http.StatusTooManyRequests:
		return passing(fmt.Sprintf("it asks us to call less often (%d)%s", code, wait(resp.Header)))
	case code >= 500:
		return passing(fmt.Sprintf("its server failed (%d): nothing to mend here, it is read again at the next turn", code))
	case code >= 300 && code < 400:
		return fmt.Errorf("it redirects (%d) to %s, which was not followed: put the right address into sparky.yaml", code, shown(resp.Header.Get("Location")))
	case code >= 400:
		return fmt.Errorf("it refused the request (%d): %s", code, whatCame(string(resp.Body)))
	default:
		return fmt.Errorf("it answered with status %d instead of a document", code)
	}
}

func wait(header http.Header) string {
	if after := header.Get("Retry-After"); after != "" {
		if len(after) < 8 && strings.Trim(after, "0123456789.") == "" {
			return "; it asks to wait " + after + " seconds"
		}
		return "; it asks to wait until " + plaintext.Clip(after, 40)
	}
	return "; it is read again at the next turn"
}
